"""The functions of the Python module of PZP, over this package's reader and writer of ``.pzp``.

Everything that a file states is checked before memory is reserved for it, checksums are verified, and files appear whole or
not at all. ``use_rle`` is the format's own word for differences from the pixel before.

This module does without numpy, where that is not installed: pictures then are dictionaries of ``data`` (bytes: rows of pixels of
samples, those of 16 bits with their low byte first), ``width``, ``height``, ``channels``, ``bpp`` (bits of a sample) and
``configuration`` (bits as `USE_RLE`). What writes takes such dictionaries wherever it takes arrays.

Examples
--------
>>> import numpy as np
>>> from paginum.compat import pzp
>>> picture = np.arange(12, dtype=np.uint8).reshape(3, 4)
>>> pzp.write(folder / "ramp.pzp", picture, use_rle=True)
>>> pzp.read(folder / "ramp.pzp")[1]
array([4, 5, 6, 7], dtype=uint8)
>>> pzp.write_container(folder / "two.pzp", [picture, picture + 1], delays=[40, 60], loop_count=0)
>>> pzp.frame_count(folder / "two.pzp"), pzp.get_delays(folder / "two.pzp")
(2, [40, 60])
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from ... import _core, _sources
from ..._given import given_of
from ._given import checked, equal_runs, of_numbers
from ._stored import (
    AUDIO_FLAC,
    AUDIO_MPEG,
    AUDIO_OGG,
    AUDIO_WAVE,
    EXTENSIONS,
    KINDS,
    STEPS,
    USE_COMPRESSION,
    USE_INTER_DELTA,
    USE_LZ4,
    USE_PALETTE,
    USE_RLE,
    beside,
    numbers,
    opened,
    runs,
)

__all__ = [
    "AUDIO_FLAC",
    "AUDIO_MPEG",
    "AUDIO_OGG",
    "AUDIO_WAVE",
    "USE_COMPRESSION",
    "USE_INTER_DELTA",
    "USE_LZ4",
    "USE_PALETTE",
    "USE_RLE",
    "frame_count",
    "get_audio",
    "get_delays",
    "get_loop_count",
    "get_metadata",
    "info",
    "read",
    "read_frame",
    "thread_cleanup",
    "thread_init",
    "write",
    "write_container",
]

Path = str | os.PathLike[str]


def read(path: Path, return_flags: bool = False) -> Any:
    """Read a picture, or the first of an animation.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    return_flags : bool
        Whether to say how it was stored.

    Returns
    -------
    ndarray or (ndarray, int)
        Samples of 8 or 16 bits, (height, width) or (height, width, channels); and bits as `USE_RLE`. Where there is no numpy, a
        dictionary stands for the array.

    Raises
    ------
    CorruptDataError
        For damaged bytes.
    """
    first = next(runs(opened(path)))
    picture = first.picture(0)
    return (picture, first.flags) if return_flags else picture


def info(path: Path) -> dict[str, int]:
    """What a picture is: ``width``, ``height``, ``channels``, ``bpp`` (bits of a sample), ``configuration`` (bits as `USE_RLE`;
    also as ``flags``), ``frame_count``. No pixel is decoded."""
    found = list(runs(opened(path)))
    n_frames = sum(run.n_frames for run in found)
    return {**found[0].sizes, "flags": found[0].flags, "frame_count": n_frames}


def frame_count(path: Path) -> int:
    """How many pictures a file has."""
    return sum(run.n_frames for run in runs(opened(path)))


def read_frame(path: Path, index: int) -> Any:
    """Read one picture of an animation, as of `read`.

    Raises
    ------
    IndexError
        Where there is none of this number.
    """
    left = index
    for run in runs(opened(path)):
        if 0 <= left < run.n_frames:
            return run.picture(left)
        left -= run.n_frames
    raise IndexError(f"{path}: no frame {index}")


def get_loop_count(path: Path) -> int:
    """How often an animation is shown; 0 is for ever."""
    count = beside(opened(path), "loop_count")
    return numbers(count.data)[0] if count else 1


def get_delays(path: Path) -> list[int]:
    """The milliseconds that each picture is shown."""
    file = opened(path)
    delays = beside(file, "delays")
    return numbers(delays.data) if delays else [0] * sum(run.n_frames for run in runs(file))


def get_audio(path: Path) -> tuple[bytes | None, str | None]:
    """The sound of a file and its kind: ``"WAVE"``, ``"MPEG"``, ``"OGG"`` or ``"FLAC"``; ``(None, None)`` where it has none."""
    sound = beside(opened(path), "audio")
    return (sound.data, EXTENSIONS.get(sound.entry["file_extension"] or "")) if sound else (None, None)


def get_metadata(path: Path) -> bytes | None:
    """What a file says of itself; ``None`` where it says nothing."""
    metadata = beside(opened(path), "metadata")
    return metadata.data if metadata else None


def write(
    path: Path,
    image: Any,
    width: int | None = None,
    height: int | None = None,
    bpp: int | None = None,
    channels: int | None = None,
    *,
    configuration: int = USE_COMPRESSION,
    use_rle: bool = False,
    use_palette: bool = False,
    use_lz4: bool = False,
    use_compression: bool = True,
) -> None:
    """Write a picture.

    Parameters
    ----------
    path : str or os.PathLike
        Where to.
    image : ndarray, dict or bytes
        Samples of 8 or 16 bits, (height, width) or (height, width, channels); a dictionary, as `read` gives it where there is no
        numpy; or the bytes of samples, in which case the four numbers after it are needed.
    width, height, bpp, channels : int, optional
        Of bytes: the size, the bits of a sample, the samples of a pixel.
    configuration : int
        Bits as `USE_RLE`, beside those that are named one by one.
    use_rle : bool
        Store differences from the pixel before: smaller, where neighbours are alike.
    use_palette : bool
        Store places in a list of the values of each channel.
    use_lz4 : bool
        Compress by LZ4 and not by zstd.
    use_compression : bool
        Has no effect: frames are always compressed.

    Raises
    ------
    TypeError, ValueError
        For what is no picture.
    """
    if isinstance(image, (bytes, bytearray)) or isinstance(image, memoryview) and image.ndim < 2:
        image = {"data": image, "width": width, "height": height, "bpp": bpp, "channels": channels}
    write_container(
        path,
        [image],
        loop_count=1,
        configuration=configuration,
        use_rle=use_rle,
        use_palette=use_palette,
        use_lz4=use_lz4,
    )


def write_container(
    path: Path,
    frames: Sequence[Any],
    delays: Sequence[int] | None = None,
    loop_count: int = 0,
    *,
    configuration: int = USE_COMPRESSION,
    use_rle: bool = False,
    use_palette: bool = False,
    use_inter_delta: bool = False,
    use_lz4: bool = False,
    use_compression: bool = True,
    metadata: bytes | str | None = None,
    audio: bytes | None = None,
    audio_format: str | int | None = None,
) -> None:
    """Write an animation.

    Parameters
    ----------
    path : str or os.PathLike
        Where to.
    frames : sequence of ndarray or dict
        The pictures, each as of `write`.
    delays : sequence of int, optional
        The milliseconds that each is shown; 0 by default.
    loop_count : int
        How often all are shown; 0 is for ever.
    configuration, use_rle, use_palette, use_lz4, use_compression
        As of `write`.
    use_inter_delta : bool
        Store differences from the picture before. A picture alone then costs all before it.
    metadata : bytes or str, optional
        What the file says of itself.
    audio : bytes, optional
        Sound: WAVE, MPEG, OGG or FLAC.
    audio_format : str or int, optional
        Its kind: ``"WAVE"``, ``"MPEG"``, ``"OGG"`` or ``"FLAC"``, or a number as `AUDIO_WAVE`. The bytes say it as well, and are
        believed.

    Raises
    ------
    TypeError, ValueError
        For what are no pictures, for another number of delays, for sound of another kind.
    """
    if not 0 <= configuration < 2 * USE_LZ4:
        raise ValueError(f"configuration {configuration}: bits that the format does not have")
    pictures = [checked(frame) for frame in frames]
    if not pictures:
        raise ValueError("an animation has a frame")
    if delays is not None and len(delays) != len(pictures):
        raise ValueError(f"{len(delays)} delays for {len(pictures)} frames")
    if audio is not None and audio_format not in (None, 0, *KINDS, *KINDS.values()):
        raise ValueError(f"audio_format {audio_format!r}: no kind of sound that the format has; there are {', '.join(KINDS)}")
    given = []
    for number, run in enumerate(equal_runs(pictures)):
        data = b"".join(picture.data for picture in run)
        given.append(given_of(f"frames{number}", run[0].dtype, (len(run), *run[0].shape), data))
    delays = [0] * len(pictures) if delays is None else delays
    given.append(given_of("delays", "<u4", (len(pictures),), of_numbers("delays", delays)))
    given.append(given_of("loop_count", "<u4", (), of_numbers("loop_count", [loop_count])))
    for name, blob in (("metadata", metadata), ("audio", audio)):
        if blob:
            blob = blob.encode() if isinstance(blob, str) else bytes(blob)
            given.append(given_of(name, "|u1", (len(blob),), blob))
    named = {USE_RLE: use_rle, USE_PALETTE: use_palette, USE_INTER_DELTA: use_inter_delta, USE_LZ4: use_lz4}
    _core.save(
        _sources.path_like(path),
        given,
        {"frames": [step for bit, step in STEPS.items() if named[bit] or configuration & bit]},
        may_replace=True,
        format="pzp",
        n_threads=1,
        progress=None,
    )


def thread_init() -> None:
    """Does nothing: calls from several threads need no preparation here."""


def thread_cleanup() -> None:
    """Does nothing."""
