"""Typed numeric arrays, in pages: files smaller than byte shuffling with zstd makes them, and any rows without the rest.

Examples
--------
>>> import numpy as np, paginum
>>> paginum.save(folder / "weather.pv", {"rain": np.arange(100_000) % 7, "wind": np.linspace(0, 9, 100_000)})
>>> with paginum.open(folder / "weather.pv") as file:
...     file["rain"][50_000:50_004]
array([6, 0, 1, 2])
"""

from __future__ import annotations

from ._array import Array
from ._core import __version__
from ._draft import Draft
from ._errors import (
    ChangedError,
    ChecksumError,
    CorruptDataError,
    Error,
    InvalidArgumentError,
    LimitExceededError,
    TruncatedError,
    UnsupportedError,
)
from ._file import File, open
from ._report import report
from ._save import append, compress, convert, decompress, remove, save
from ._versions import show_versions

__all__ = [
    "Array",
    "ChangedError",
    "ChecksumError",
    "CorruptDataError",
    "Draft",
    "Error",
    "File",
    "InvalidArgumentError",
    "LimitExceededError",
    "TruncatedError",
    "UnsupportedError",
    "__version__",
    "append",
    "compress",
    "convert",
    "decompress",
    "open",
    "remove",
    "report",
    "save",
    "show_versions",
]
