"""The functions of the Python module of PZP, over this package's reader and writer of ``.pzp``.

Everything that a file states is checked before memory is reserved for it, checksums are verified, and files appear whole or
not at all. ``use_rle`` is the format's own word for differences from the pixel before.

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
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .. import _core, _elements
from .._array import Array
from .._file import File, open_as, path_like

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

#: Bits of how a frame is stored.
USE_COMPRESSION = 1
USE_RLE = 2
USE_PALETTE = 4
USE_INTER_DELTA = 8
USE_LZ4 = 16

#: Kinds of sound.
AUDIO_WAVE = 0x57415645
AUDIO_MPEG = 0x4D504547
AUDIO_OGG = 0x4F474758
AUDIO_FLAC = 0x464C4143

#: What the steps of a frame are called in this package.
_STEPS = {USE_RLE: "byte-delta", USE_PALETTE: "palette", USE_INTER_DELTA: "inter-delta", USE_LZ4: "lz4"}
_KINDS = {"wav": AUDIO_WAVE, "mp3": AUDIO_MPEG, "ogg": AUDIO_OGG, "flac": AUDIO_FLAC}

Path = str | os.PathLike[str]


def _open(path: Path) -> File:
    return open_as(path_like(path), "pzp")


def _runs(file: File) -> Iterator[Array]:
    """The arrays of pictures: one for each run of frames of a geometry."""
    beside = ("delays", "loop_count", "metadata", "audio")
    return (array for name, array in file.items() if name not in beside)


def _n_frames(array: Array) -> int:
    return array.shape[0] if array.ndim == 4 else 1


def _picture(array: Array, frame: int) -> np.ndarray:
    picture = array[frame] if array.ndim == 4 else array.read()
    return picture[..., 0] if picture.ndim == 3 and picture.shape[2] == 1 else picture


def _flags(array: Array) -> int:
    steps = array.filter.split("+")
    return USE_COMPRESSION | sum(bit for bit, step in _STEPS.items() if step in steps)


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
        Samples of 8 or 16 bits, (height, width) or (height, width, channels); and bits as `USE_RLE`.

    Raises
    ------
    CorruptDataError
        For damaged bytes.
    """
    with _open(path) as file:
        first = next(_runs(file))
        picture = _picture(first, 0)
        return (picture, _flags(first)) if return_flags else picture


def info(path: Path) -> dict[str, int]:
    """What a picture is: ``width``, ``height``, ``channels``, ``bpp`` (bits of a sample), ``flags``, ``frame_count``. No pixel
    is decoded."""
    with _open(path) as file:
        runs = list(_runs(file))
        first = runs[0]
        shape = first.shape[1:] if first.ndim == 4 else first.shape
        return {
            "width": shape[1],
            "height": shape[0],
            "channels": shape[2] if len(shape) == 3 else 1,
            "bpp": 8 * first.dtype.itemsize,
            "flags": _flags(first),
            "frame_count": sum(_n_frames(run) for run in runs),
        }


def frame_count(path: Path) -> int:
    """How many pictures a file has."""
    with _open(path) as file:
        return sum(_n_frames(run) for run in _runs(file))


def read_frame(path: Path, index: int) -> np.ndarray:
    """Read one picture of an animation.

    Raises
    ------
    IndexError
        Where there is none of this number.
    """
    with _open(path) as file:
        left = index
        for run in _runs(file):
            n = _n_frames(run)
            if 0 <= left < n:
                return _picture(run, left)
            left -= n
        raise IndexError(f"{path}: no frame {index}")


def get_loop_count(path: Path) -> int:
    """How often an animation is shown; 0 is for ever."""
    with _open(path) as file:
        return int(file["loop_count"].read()) if "loop_count" in file else 1


def get_delays(path: Path) -> list[int]:
    """The milliseconds that each picture is shown."""
    with _open(path) as file:
        if "delays" in file:
            return [int(delay) for delay in file["delays"].read()]
        return [0] * sum(_n_frames(run) for run in _runs(file))


def get_audio(path: Path) -> tuple[bytes | None, int | None]:
    """The sound of a file and its kind, as `AUDIO_WAVE`; ``(None, None)`` where it has none."""
    with _open(path) as file:
        if "audio" not in file:
            return None, None
        sound = file["audio"]
        return sound.read().tobytes(), _KINDS.get(sound._entry["file_extension"] or "")


def get_metadata(path: Path) -> bytes | None:
    """What a file says of itself; ``None`` where it says nothing."""
    with _open(path) as file:
        return file["metadata"].read().tobytes() if "metadata" in file else None


def write(
    path: Path,
    image: Any,
    width: int | None = None,
    height: int | None = None,
    bpp: int | None = None,
    channels: int | None = None,
    *,
    use_rle: bool = True,
    use_palette: bool = False,
    use_lz4: bool = False,
    use_compression: bool = True,
) -> None:
    """Write a picture.

    Parameters
    ----------
    path : str or os.PathLike
        Where to.
    image : ndarray or bytes
        Samples of 8 or 16 bits, (height, width) or (height, width, channels); or their bytes, in which case the four numbers
        after it are needed.
    width, height, bpp, channels : int, optional
        Of bytes: the size, the bits of a sample, the samples of a pixel.
    use_rle : bool
        Store differences from the pixel before.
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
    if isinstance(image, (bytes, bytearray, memoryview)):
        image = _of_bytes(image, width, height, bpp, channels)
    write_container(path, [image], loop_count=1, use_rle=use_rle, use_palette=use_palette, use_lz4=use_lz4)


def _of_bytes(image: Any, width: Any, height: Any, bpp: Any, channels: Any) -> np.ndarray:
    if None in (width, height, bpp, channels):
        raise TypeError("bytes of a picture need width, height, bpp and channels")
    if bpp not in (8, 16):
        raise ValueError(f"samples of {bpp} bits: there are 8 and 16")
    samples = np.frombuffer(image, np.uint8 if bpp == 8 else np.uint16)
    return samples.reshape(height, width, channels)


def write_container(
    path: Path,
    frames: Sequence[Any],
    delays: Sequence[int] | None = None,
    loop_count: int = 0,
    *,
    use_rle: bool = True,
    use_palette: bool = False,
    use_inter_delta: bool = False,
    use_lz4: bool = False,
    use_compression: bool = True,
    metadata: bytes | str | None = None,
    audio: bytes | None = None,
    audio_format: int | None = None,
) -> None:
    """Write an animation.

    Parameters
    ----------
    path : str or os.PathLike
        Where to.
    frames : sequence of ndarray
        The pictures, each as of `write`.
    delays : sequence of int, optional
        The milliseconds that each is shown; 0 by default.
    loop_count : int
        How often all are shown; 0 is for ever.
    use_rle, use_palette, use_lz4, use_compression : bool
        As of `write`.
    use_inter_delta : bool
        Store differences from the picture before. A picture alone then costs all before it.
    metadata : bytes or str, optional
        What the file says of itself.
    audio : bytes, optional
        Sound: WAVE, MPEG, OGG or FLAC.
    audio_format : int, optional
        Its kind, as `AUDIO_WAVE`; the bytes say it as well, and are believed.

    Raises
    ------
    TypeError, ValueError
        For what are no pictures, for another number of delays, for sound of another kind.
    """
    pictures = [_checked(frame) for frame in frames]
    if not pictures:
        raise ValueError("an animation has a frame")
    if delays is not None and len(delays) != len(pictures):
        raise ValueError(f"{len(delays)} delays for {len(pictures)} frames")
    if audio is not None and audio_format not in (None, 0, *_KINDS.values()):
        raise ValueError(f"audio_format {audio_format:#x}: no kind of sound that the format has")
    arrays: dict[str, np.ndarray] = {}
    for number, run in enumerate(_equal_runs(pictures)):
        arrays[f"frames{number}"] = np.stack(run)
    arrays["delays"] = np.array(delays if delays is not None else [0] * len(pictures), "<u4")
    arrays["loop_count"] = np.array(loop_count, "<u4")
    for name, blob in (("metadata", metadata), ("audio", audio)):
        if blob:
            arrays[name] = np.frombuffer(blob.encode() if isinstance(blob, str) else blob, np.uint8)
    given = [g for name, values in arrays.items() for g in _elements.given(name, values, keeps_records=False)]
    on = {USE_RLE: use_rle, USE_PALETTE: use_palette, USE_INTER_DELTA: use_inter_delta, USE_LZ4: use_lz4}
    _core.save(
        path_like(path),
        given,
        {"frames": [step for bit, step in _STEPS.items() if on[bit]]},
        may_replace=True,
        format="pzp",
        n_threads=1,
        progress=None,
    )


def _checked(frame: Any) -> np.ndarray:
    picture = np.asarray(frame)
    if picture.dtype not in (np.uint8, np.uint16) or not picture.dtype.isnative:
        raise TypeError(f"samples of {picture.dtype}: there are uint8 and uint16")
    if picture.ndim not in (2, 3) or 0 in picture.shape:
        raise ValueError(f"shape {picture.shape}: a picture is (height, width) or (height, width, channels)")
    return picture.reshape(*picture.shape[:2], -1)


def _equal_runs(pictures: list[np.ndarray]) -> Iterator[list[np.ndarray]]:
    run: list[np.ndarray] = []
    for picture in pictures:
        if run and (picture.shape, picture.dtype) != (run[0].shape, run[0].dtype):
            yield run
            run = []
        run.append(picture)
    yield run


def thread_init() -> None:
    """Does nothing: calls from several threads need no preparation here."""


def thread_cleanup() -> None:
    """Does nothing."""
