"""Bar charts as SVG, to stand in a page by themselves."""

from __future__ import annotations

import html
from collections.abc import Sequence

_WIDTH, _HEIGHT = 640, 120
_LEFT, _BELOW, _ABOVE = 64, 22, 8


def bars(
    heights: Sequence[float],
    *,
    titles: Sequence[str],
    ends: tuple[str, str],
    top: str,
    colour: str,
    widths: Sequence[float] | None = None,
) -> str:
    """Bars side by side.

    Parameters
    ----------
    heights : sequence of float
        One a bar.
    titles : sequence of str
        What a reader is shown who points at a bar.
    ends : (str, str)
        What stands below the first and the last one.
    top : str
        What the highest one stands for.
    colour : str
        Of the bars.
    widths : sequence of float, optional
        How wide each is beside the others; all the same by default.
    """
    highest = max(heights, default=0) or 1
    shares = widths or [1.0] * len(heights)
    total = sum(shares) or 1
    room_x, room_y = _WIDTH - _LEFT, _HEIGHT - _BELOW - _ABOVE
    parts = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" role="img">']
    x = float(_LEFT)
    for height, share, title in zip(heights, shares, titles, strict=True):
        width, tall = room_x * share / total, room_y * height / highest
        gap = 0.5 if width > 3 else 0
        parts.append(
            f'<rect x="{x:.2f}" y="{_ABOVE + room_y - tall:.2f}" width="{max(width - gap, 0.4):.2f}" '
            f'height="{max(tall, 0.4):.2f}" fill="{colour}"><title>{html.escape(title)}</title></rect>'
        )
        x += width
    base = _ABOVE + room_y
    parts.append(f'<path d="M{_LEFT} {_ABOVE}V{base}H{_WIDTH}" fill="none" stroke="#888"/>')
    for where, anchor, y, words in (
        (_LEFT - 6, "end", _ABOVE + 10, top),
        (_LEFT - 6, "end", base, "0"),
        (_LEFT, "start", _HEIGHT - 6, ends[0]),
        (_WIDTH, "end", _HEIGHT - 6, ends[1]),
    ):
        parts.append(f'<text x="{where}" y="{y}" text-anchor="{anchor}">{html.escape(words)}</text>')
    return "".join([*parts, "</svg>"])
