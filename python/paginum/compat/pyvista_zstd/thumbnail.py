"""The picture of a file."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyvista

from ... import _core
from ..._elements import bytes_of
from ..._errors import Error
from ..._given import given_of
from ..._sources import path_like

__all__ = ["THUMBNAIL_MAX_BYTES", "THUMBNAIL_SIZE", "ThumbnailInfo", "read_thumbnail"]

#: Width and height of a picture that is drawn.
THUMBNAIL_SIZE = (512, 512)
THUMBNAIL_MAX_BYTES = 8 << 20
#: A picture is drawn so much larger, and made small again.
_SCALE = 2
#: Of each side, what stays free around the mesh.
_MARGIN = 0.04
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class ThumbnailInfo:
    """Width and height in pixels, and whether the file was changed since."""

    width: int
    height: int
    stale: bool


def read_thumbnail(path: Any) -> bytes | None:
    """The PNG in a file; ``None`` where it has none, or is no such file."""
    try:
        found = _core.read_thumbnail(path_like(path))
    except Error:
        return None
    return None if found is None else found[2]


def png_of(mesh: Any, thumbnail: bytes | bool | None) -> bytes | None:
    """What is stored for what a caller gave.

    Raises
    ------
    TypeError
        For anything but bytes and truth values.
    ValueError
        For bytes that are no PNG, or too many.
    RuntimeError
        Where nothing can be drawn.
    """
    if thumbnail is None or thumbnail is False:
        return None
    if thumbnail is True:
        return _drawn(mesh)
    if not isinstance(thumbnail, (bytes, bytearray, memoryview)):
        raise TypeError(f"thumbnail takes PNG bytes or True, not {type(thumbnail).__name__}")
    png = bytes(thumbnail)
    if len(png) > THUMBNAIL_MAX_BYTES:
        raise ValueError(f"a thumbnail has at most {THUMBNAIL_MAX_BYTES} bytes, not {len(png)}")
    head = struct.unpack(">I4sII", png[8:24]) if len(png) >= 45 and png[:8] == _SIGNATURE else (0, b"", 0, 0)
    if head[:2] != (13, b"IHDR") or 0 in head[2:]:
        raise ValueError("thumbnail takes the bytes of a PNG file")
    return png


def _drawn(mesh: Any) -> bytes:
    width, height = (side * _SCALE for side in THUMBNAIL_SIZE)
    try:
        plotter = pyvista.Plotter(off_screen=True, window_size=(width, height))
        try:
            plotter.add_mesh(mesh, show_scalar_bar=False)
            # At an edge VTK mixes light, not numbers; over black, what comes out is the mesh's own, darkened.
            plotter.set_background("black")
            plotter.reset_camera()
            shot = plotter.screenshot(transparent_background=True, return_img=True)
        finally:
            plotter.close()
        picture = _fitted(np.asarray(shot))
    except Exception as error:
        raise RuntimeError("Could not render a thumbnail of this dataset") from error
    return _png(picture)


def _fitted(shot: np.ndarray) -> np.ndarray:
    """What was drawn, as large as fits, in the middle."""
    rows, columns = np.nonzero(shot[..., 3])
    if not len(rows):
        raise ValueError("nothing was drawn")
    part = shot[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] / 255
    part[..., :3] = _light(part[..., :3])
    width, height = THUMBNAIL_SIZE
    room = 1 - 2 * _MARGIN
    scale = min(width * room / part.shape[1], height * room / part.shape[0])
    small = _resized(part, max(1, round(part.shape[0] * scale)), max(1, round(part.shape[1] * scale)))
    picture = np.zeros((height, width, 4))
    top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    picture[top : top + small.shape[0], left : left + small.shape[1]] = small
    alpha = picture[..., 3:]
    light = np.divide(picture[..., :3], alpha, out=np.zeros_like(picture[..., :3]), where=alpha > 0)
    picture[..., :3] = _shown(np.clip(light, 0, 1))
    return np.clip(np.rint(255 * picture), 0, 255).astype(np.uint8)


def _light(shown: np.ndarray) -> np.ndarray:
    """Light of values of sRGB (IEC 61966-2-1)."""
    return np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)


def _shown(light: np.ndarray) -> np.ndarray:
    """The inverse of `_light`."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def _resized(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Each pixel the mean of those that it covers."""
    for axis, size in ((0, height), (1, width)):
        ends = np.linspace(0, picture.shape[axis], size + 1)
        sums = np.concatenate([np.zeros_like(picture.take([0], axis)), picture.cumsum(axis)], axis)
        whole = np.minimum(ends.astype(int), picture.shape[axis] - 1)
        shape = [1, 1, 1]
        shape[axis] = -1
        part = (ends - whole).reshape(shape)
        at = sums.take(whole, axis) + part * picture.take(whole, axis)
        picture = np.diff(at, axis=axis) / np.diff(ends).reshape(shape)
    return picture


def _png(picture: np.ndarray) -> bytes:
    given = given_of("thumbnail", "|u1", picture.shape, bytes_of(np.ascontiguousarray(picture)))
    content, _, _ = _core.save(None, [given], {}, may_replace=True, format="png", n_threads=1, progress=None)
    assert content is not None
    return content
