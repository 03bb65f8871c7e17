"""Pictures that are to be written, as the extension takes them."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ._stored import np


def of_numbers(name: str, numbers: Sequence[int]) -> bytes:
    """What delays and counts are stored as."""
    numbers = [int(number) for number in numbers]
    for number in numbers:
        if not 0 <= number < 1 << 32:
            raise ValueError(f"{name} of {number}: there are 0 to 4294967295")
    return struct.pack(f"<{len(numbers)}I", *numbers)


@dataclass(frozen=True)
class Picture:
    """A picture that can be written."""

    #: Rows of pixels of samples, one after another.
    data: bytes | memoryview
    dtype: str
    #: Height, width, channels.
    shape: tuple[int, ...]


def checked(frame: Any) -> Picture:
    """A picture of an array, a dictionary, or a buffer."""
    if isinstance(frame, Mapping):
        return _of_bytes(frame)
    if np is not None:
        frame = np.asarray(frame)
        if frame.dtype not in (np.uint8, np.uint16) or not frame.dtype.isnative:
            raise TypeError(f"samples of {frame.dtype}: there are uint8 and uint16")
    try:
        samples = memoryview(frame)
    except TypeError as error:
        raise TypeError(f"{error}: without numpy a picture is a dictionary, as read gives it, or a buffer") from error
    if samples.format not in ("B", "H"):
        raise TypeError(f"samples of the format {samples.format!r} of buffers: there are 'B' and 'H'")
    if samples.ndim not in (2, 3) or 0 in samples.shape:
        raise ValueError(f"shape {samples.shape}: a picture is (height, width) or (height, width, channels)")
    native = "<u2" if sys.byteorder == "little" else ">u2"
    height, width, *channels = samples.shape
    return Picture(
        samples.cast("B") if samples.c_contiguous else samples.tobytes(),
        "|u1" if samples.format == "B" else native,
        (height, width, channels[0] if channels else 1),
    )


def _of_bytes(picture: Mapping[str, Any]) -> Picture:
    """A picture of a dictionary as `read` gives it."""
    named = ("data", "height", "width", "channels", "bpp")
    data, height, width, channels, bpp = (picture.get(name) for name in named)
    if None in (data, height, width, channels, bpp):
        raise TypeError("bytes of a picture need width, height, bpp and channels")
    if bpp not in (8, 16):
        raise ValueError(f"samples of {bpp} bits: there are 8 and 16")
    shape = (int(height), int(width), int(channels))
    if min(shape) < 1:
        raise ValueError(f"shape {shape}: a picture is (height, width, channels)")
    samples = bytes(data)
    n_bytes = shape[0] * shape[1] * shape[2] * bpp // 8
    if len(samples) != n_bytes:
        raise ValueError(f"{len(samples)} bytes for a picture of {n_bytes}")
    return Picture(samples, "|u1" if bpp == 8 else "<u2", shape)


def equal_runs(pictures: list[Picture]) -> Iterator[list[Picture]]:
    """Pictures of one geometry that follow one another."""
    run: list[Picture] = []
    for picture in pictures:
        if run and (picture.shape, picture.dtype) != (run[0].shape, run[0].dtype):
            yield run
            run = []
        run.append(picture)
    yield run
