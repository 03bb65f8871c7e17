"""What the arguments of the door mean: paths, threads, and choices that are none any more."""

from __future__ import annotations

import pathlib
import warnings
from typing import Any

from ..._sources import path_like
from ..._work import threads

FILE_SUFFIX = ".pv"
LEGACY_FILE_SUFFIX = ".zvtk"
SUPPORTED_READ_SUFFIXES = (FILE_SUFFIX, LEGACY_FILE_SUFFIX)


def path_of(filename: Any, *, check_extension: bool = True) -> pathlib.Path:
    """A path whose name says that it is such a file."""
    path = pathlib.Path(path_like(filename)).expanduser()
    if check_extension and path.suffix not in SUPPORTED_READ_SUFFIXES:
        raise ValueError(f"Filename must end in one of {SUPPORTED_READ_SUFFIXES}, not {path.suffix!r}")
    return path


def no_backend(backend: str | None) -> None:
    """Says that a choice has no effect any more."""
    if backend is not None:
        warnings.warn("'backend' no longer has any effect: there is one implementation", DeprecationWarning, stacklevel=3)


def warn_of_legacy(path: Any) -> None:
    """Says of a file that its name is from before."""
    if isinstance(path, pathlib.Path) and path.suffix == LEGACY_FILE_SUFFIX:
        warnings.warn(
            f"{str(path)!r} is a legacy zvtk file: write it anew with the extension {FILE_SUFFIX}",
            FutureWarning,
            stacklevel=3,
        )


def n_workers(n_threads: int | None) -> int:
    """The threads of a call: all for ``None`` and -1, and 0 is the caller's alone."""
    if n_threads is None or n_threads < 0:
        return threads(None)
    return max(1, n_threads)
