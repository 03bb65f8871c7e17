"""A file as a page that a browser shows."""

from __future__ import annotations

import html
import io
import json
import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from ._array import Array, size, table
from ._bars import bars
from ._errors import Error
from ._file import File, open_source
from ._save import save

#: Of larger arrays so many bytes are read to draw and to measure.
_SAMPLE_BYTES = 8 << 20
#: What is smaller takes no time that says anything.
_LEAST_BYTES = 64 << 10
#: More bars than that are one for several pages.
_MAX_BARS = 128
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #222; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .3rem; border-top: 1px solid #ccc; padding-top: 1rem; overflow-wrap: anywhere; }
h3 { font-size: .95rem; margin: 1rem 0 .2rem; font-weight: 600; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .15rem .9rem .15rem 0; font-weight: normal; }
th { color: #666; } svg { display: block; max-width: 100%; height: auto; } svg text { font-size: 11px; fill: #555; }
p.note { color: #666; margin: .2rem 0; }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd; } svg text { fill: #aaa; } h2 { border-color: #444; } }
"""


def report(file: Any, to: str | os.PathLike[str] | None = None, *, measure: bool = True) -> str:
    """Draw a file: for each array its ratio and filter, how its values are spread over the bins that code them, how large its
    pages are, and how it compares with zstd.

    Parameters
    ----------
    file : as of `open`, or File
        The file.
    to : str or os.PathLike, optional
        Where to write the page.
    measure : bool
        Whether to store up to 8 MiB of each array as it is, by zstd and by zstd behind a shuffle of bytes, and to say how fast
        that was, with one thread. Times differ from run to run; without them the page is the same every time.

    Returns
    -------
    str
        One page of HTML, which needs nothing else.

    Examples
    --------
    >>> import numpy as np, paginum
    >>> paginum.save(folder / "heat.pv", {"heat": np.arange(50_000) % 1000 / 8}, filter="numeric")
    >>> page = paginum.report(folder / "heat.pv", folder / "heat.html")
    >>> "numeric" in page and "<svg" in page
    True
    """
    if not isinstance(file, File):
        with open_source(file, None, None) as opened:
            return report(opened, to, measure=measure)
    page = "\n".join(_page(file, measure))
    if to is not None:
        pathlib.Path(to).write_text(page, encoding="utf-8")
    return page


def _page(file: File, measure: bool) -> Iterator[str]:
    arrays = list(_arrays(file))
    raw = sum(array.nbytes for _, array in arrays if isinstance(array, Array))
    stored = sum(array.stored_bytes for _, array in arrays if isinstance(array, Array))
    name = html.escape(file.name)
    yield f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
    yield f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
    yield f"<h1>{name}</h1>"
    count = "1 array" if len(arrays) == 1 else f"{len(arrays)} arrays"
    yield f"<p>{file.format}, {count}, {size(raw)} in {size(stored)}{_times(raw, stored)}</p>"
    chunks = _chunks(file)
    for called, array in arrays:
        yield f"<h2>{html.escape(called)}</h2>"
        if isinstance(array, Array):
            yield from _section(array, chunks.get(array.path, []), measure)
        else:
            yield f'<p class="note">{html.escape(array)}</p>'
    yield "</body></html>"


def _arrays(file: File) -> Iterator[tuple[str, Array | str]]:
    """Each array; of one that cannot be read what is wrong with it."""
    for name in file:
        try:
            yield name, file[name]
        except Error as error:
            yield name, str(error)


def _times(raw: int, stored: int) -> str:
    return f", {raw / stored:.2f} times smaller" if stored else ""


def _section(array: Array, chunks: list[dict[str, Any]], measure: bool) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [
        ("dtype, shape", f"{array.dtype}, {array.shape}"),
        ("size", f"{size(array.nbytes)} in {size(array.stored_bytes)}{_times(array.nbytes, array.stored_bytes)}"),
        ("filter", array.filter),
    ]
    if chunks:
        rows.append(("how numbers are split", ", ".join(dict.fromkeys(chunk["mode"] for chunk in chunks))))
        rows.append(("differences", ", ".join(dict.fromkeys(chunk["delta"] for chunk in chunks))))
    yield table(rows)
    try:
        sample = _sample(array)
    except Error as error:
        yield f'<p class="note">{html.escape(str(error))}</p>'
        return
    yield from _bins(chunks) if chunks else _values(sample)
    yield from _pages(array)
    if measure and sample.nbytes >= _LEAST_BYTES:
        yield "<h3>Beside zstd</h3>"
        yield table(_measured(sample, array.filter), head=True)


def _sample(array: Array) -> np.ndarray:
    """The first rows."""
    if array.ndim == 0:
        return np.atleast_1d(np.ma.getdata(array.read()))
    row_bytes = max(1, array.nbytes // max(1, len(array)))
    return np.ma.getdata(array[: max(1, _SAMPLE_BYTES // row_bytes)])


def _chunks(file: File) -> dict[str, list[dict[str, Any]]]:
    """What the command says of the chunks of numeric arrays, by path. Only of files that lie where it finds them."""
    if not sys.executable or not os.path.exists(file.name):
        return {}
    call = [sys.executable, "-c", "from paginum._command import main; main()", "inspect", "--json", "--", file.name]
    done = subprocess.run(call, capture_output=True, check=False)
    try:
        found = json.loads(done.stdout)["arrays"]
    except (ValueError, KeyError):
        return {}
    return {array["path"]: array["chunks"] for array in found if array.get("chunks")}


def _bins(chunks: list[dict[str, Any]]) -> Iterator[str]:
    """The bins of the first chunk: how often a number lies in each."""
    chunk = chunks[0]
    of = f" (chunk 1 of {len(chunks)})" if len(chunks) > 1 else ""
    for variable in chunk["latent_variables"]:
        found = variable["bins"]
        if not found:
            continue
        weights = [one["weight"] for one in found]
        total = sum(weights)
        titles = [
            f"{one['lower']} to {one['upper']}: {100 * one['weight'] / total:.1f} %, {one['offset_bits']} bits behind the bin"
            for one in found
        ]
        unit = f": {variable['unit']}" if variable.get("unit") else ""
        yield f"<h3>Bins, {html.escape(variable['name'])}{html.escape(unit)}{of}</h3>"
        yield bars(
            weights,
            titles=titles,
            ends=(f"{found[0]['lower']:.6g}", f"{found[-1]['upper']:.6g}"),
            top=f"{100 * max(weights) / total:.3g} %",
            colour="#4472a8",
        )
        count = "1 bin" if len(found) == 1 else f"{len(found)} bins"
        yield f'<p class="note">{count}, {variable["mean_bits"]:.2f} bits a number in the mean</p>'


def _values(sample: np.ndarray) -> Iterator[str]:
    """The values themselves, where no bins code them."""
    if sample.dtype.kind not in "biufmM" or not sample.size:
        return
    numbers = sample.reshape(-1)
    numbers = numbers.view(np.int64) if sample.dtype.kind in "mM" else numbers
    numbers = numbers[np.isfinite(numbers)].astype(np.float64)
    if not numbers.size:
        return
    counts, edges = np.histogram(numbers, 64)
    yield "<h3>Values</h3>"
    yield bars(
        counts.tolist(),
        titles=[f"{edges[i]:.6g} to {edges[i + 1]:.6g}: {n}" for i, n in enumerate(counts)],
        ends=(f"{edges[0]:.6g}", f"{edges[-1]:.6g}"),
        top=str(counts.max()),
        colour="#4472a8",
    )


def _pages(array: Array) -> Iterator[str]:
    """The bytes of each page, or of some together."""
    if array.ndim == 0 or not array.nbytes:
        return
    rows, page = len(array), max(1, array.chunks[0])
    n_pages = -(-rows // page)
    together = -(-n_pages // _MAX_BARS)
    step = page * together
    heights, titles = [], []
    counted: set[tuple[int, int]] = set()  # what several pages need stands with the first of them
    for start in range(0, rows, step):
        stop = min(start + step, rows)
        ranges = [found for found in array.ranges(start, stop) if found not in counted]
        counted.update(ranges)
        n_bytes = sum(last - first for first, last in ranges)
        heights.append(n_bytes)
        titles.append(f"rows {start} to {stop - 1}: {size(n_bytes)}")
    if len(heights) < 2:
        return
    what = "page" if together == 1 else f"{together} pages"
    yield f"<h3>Bytes of each {what} ({page} rows a page)</h3>"
    yield bars(heights, titles=titles, ends=("row 0", f"row {rows - 1}"), top=size(max(heights)), colour="#6a9a52")


def _measured(sample: np.ndarray, chosen: str) -> list[tuple[str, ...]]:
    """Ratio and speeds of the sample by some filters."""
    rows: list[tuple[str, ...]] = [("", "ratio", "write", "read")]
    others = {"none": "zstd 3", "shuffle": "shuffle, zstd 3"}
    own = chosen if chosen in ("dense", "fast", "delta", "byte-delta", "palette", "gradient") else "numeric"
    filters = {} if chosen in others else {own: own}
    for name, called in {**filters, **others}.items():
        try:
            content, wrote = _timed(lambda name=name: _stored(sample, name))
            with open_source(content, None, None) as file:
                array = file["array"]
                _, read = _timed(lambda array=array: array.read(n_threads=1))
                ratio = sample.nbytes / max(1, array.stored_bytes)
        except (Error, TypeError):
            continue
        speed = [f"{sample.nbytes / seconds / 1e6:.0f} MB/s" for seconds in (wrote, read)]
        rows.append((f"{called} (as stored)" if name == chosen else called, f"{ratio:.2f}", *speed))
    return rows


def _stored(sample: np.ndarray, filter: str) -> bytes:
    target = io.BytesIO()
    save(target, {"array": sample}, filter=filter, n_threads=1)
    return target.getvalue()


def _timed(work: Any) -> tuple[Any, float]:
    """The fastest of three."""
    best, result = float("inf"), None
    for _ in range(3):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return result, max(best, 1e-9)
