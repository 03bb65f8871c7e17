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

from ._core import __version__
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
from ._versions import show_versions

try:
    from ._array import Array
    from ._compress import compress, decompress
    from ._draft import Draft
    from ._file import File, open
    from ._report import report
    from ._save import append, convert, remove, save
except ModuleNotFoundError as error:
    if error.name != "numpy":
        raise

    # The command, errors and `paginum.compat.pzp` do without numpy.
    def __getattr__(name: str) -> object:
        if name in __all__:
            raise ModuleNotFoundError(f"paginum.{name} needs numpy: pip install numpy", name="numpy")
        raise AttributeError(f"module 'paginum' has no attribute {name!r}")


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
