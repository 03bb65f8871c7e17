"""Pictures of a file, and what stands beside them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ... import _core, _sources
from ..._errors import UnsupportedError
from ..._work import threads

try:
    import numpy as np  # the one place of this module that asks whether it is there
except ModuleNotFoundError as error:
    if error.name != "numpy":
        raise
    np = None  # type: ignore[assignment]

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
STEPS = {USE_RLE: "byte-delta", USE_PALETTE: "palette", USE_INTER_DELTA: "inter-delta", USE_LZ4: "lz4"}
#: What kinds of sound are called, and by which extension this package knows their files.
KINDS = {"WAVE": AUDIO_WAVE, "MPEG": AUDIO_MPEG, "OGG": AUDIO_OGG, "FLAC": AUDIO_FLAC}
EXTENSIONS = {"wav": "WAVE", "mp3": "MPEG", "ogg": "OGG", "flac": "FLAC"}

#: Arrays of a file that are no pictures.
BESIDE = ("delays", "loop_count", "metadata", "audio")


@dataclass(frozen=True)
class Stored:
    """An array of a file."""

    file: _core.File
    index: int
    entry: dict[str, Any]

    @property
    def axes(self) -> list[tuple[int, int, int]]:
        return [(0, length, 1) for length in self.entry["shape"]]

    @property
    def data(self) -> bytes:
        return self.file.select_bytes(self.index, self.axes, n_threads=threads(None))


class Run(Stored):
    """Frames of one geometry: an array of them, or a picture alone."""

    @property
    def is_many(self) -> bool:
        return len(self.entry["shape"]) == 4

    @property
    def n_frames(self) -> int:
        return self.entry["shape"][0] if self.is_many else 1

    @property
    def geometry(self) -> tuple[int, int, int]:
        """Height, width, channels."""
        height, width, *channels = self.entry["shape"][1 if self.is_many else 0 :]
        return height, width, channels[0] if channels else 1

    @property
    def bpp(self) -> int:
        """Bits of a sample."""
        return 16 if self.entry["dtype"].endswith("u2") else 8

    @property
    def flags(self) -> int:
        steps = self.entry["filter"].split("+")
        return USE_COMPRESSION | sum(bit for bit, step in STEPS.items() if step in steps)

    @property
    def sizes(self) -> dict[str, int]:
        height, width, channels = self.geometry
        return {"width": width, "height": height, "channels": channels, "bpp": self.bpp, "configuration": self.flags}

    def picture(self, frame: int) -> Any:
        axes = self.axes
        if self.is_many:
            axes[0] = (frame, frame + 1, 1)
        if np is None:
            return {"data": self.file.select_bytes(self.index, axes, n_threads=threads(None)), **self.sizes}
        height, width, channels = self.geometry
        shape = (height, width) if channels == 1 else (height, width, channels)
        self.file.check_bytes(height * width * channels * self.bpp // 8)
        out = np.empty(shape, self.entry["dtype"])
        samples = out.reshape(-1).view(np.uint8)
        self.file.select_into(self.index, axes, samples, n_threads=threads(None), progress=None)
        return out


def opened(path: Any) -> _core.File:
    """Opens a file that must be a `.pzp`."""
    source = _sources.of(_sources.path_like(path), None, None)
    file = source.open()
    if file.format != "pzp":
        raise UnsupportedError(f"{source.name}: no .pzp file but a .{file.format}", file=source.name)
    return file


def runs(file: _core.File) -> Iterator[Run]:
    """The pictures of a file."""
    for index, name in enumerate(file.names()):
        if name not in BESIDE:
            yield Run(file, index, file.entry(index))


def beside(file: _core.File, name: str) -> Stored | None:
    """What stands beside the pictures of a file, where it does."""
    names = file.names()
    if name not in names:
        return None
    index = names.index(name)
    return Stored(file, index, file.entry(index))


def numbers(data: bytes) -> list[int]:
    """What delays and counts are stored as."""
    return list(struct.unpack(f"<{len(data) // 4}I", data))
