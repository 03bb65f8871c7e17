"""Errors as pyvista-zstd raises them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..._errors import ChangedError, CorruptDataError, LimitExceededError, UnsupportedError
from ._metadata import FILE_VERSION


class PvzstdError(RuntimeError):
    """A failure of a file or of its bytes. `status` is its number in pyvista-zstd."""

    status = 7


class ContainerFormatError(PvzstdError, ValueError):
    """The bytes are no such file, or a damaged one. (Where arrays do not fit each other, pyvista-zstd raises a `ValueError`.)"""

    status = 2


class ContainerChangedError(PvzstdError):
    """Another program changed the file."""

    status = 12


class ContainerIOError(PvzstdError, OSError):
    """The file cannot be read or written."""

    status = 1


class ContainerBusyError(ContainerIOError, BlockingIOError):
    """Another program is changing the file. The same call works once it is done."""

    status = 11


class ContainerLimitError(PvzstdError, ValueError):
    """The file states more bytes than are read."""

    status = 5


class ContainerShapeError(PvzstdError, NotImplementedError):
    """The file is a tree of blocks, which cannot do what was asked for."""

    status = 8


class ArrayExistsError(PvzstdError, ValueError):
    """An array of that name is there."""

    status = 9


class UnsupportedFilterError(PvzstdError, ValueError):
    """An array is stored by a filter that is not known."""

    status = 6


class UnsupportedFileVersionError(PvzstdError, ValueError):
    """The file uses what only newer readers know. `found` is its version."""

    status = 10

    def __init__(self, message: str, found: int) -> None:
        super().__init__(message)
        self.found = found


@contextmanager
def errors(name: Any, frames: Mapping[str, str] | None = None, *, opens: bool = False) -> Iterator[None]:
    """Our errors as those of pyvista-zstd. `frames`: the names of frames by the paths of arrays; `opens`: whether what is not
    known is no file of the format."""
    try:
        yield
    except PvzstdError:
        raise
    except BlockingIOError as error:
        raise ContainerBusyError(str(error)) from error
    except OSError as error:
        raise ContainerIOError(error.errno, f"I/O error: {error.strerror or error}", str(name)) from error
    except ChangedError as error:
        raise ContainerChangedError(str(error)) from error
    except LimitExceededError as error:
        raise ContainerLimitError(str(error)) from error
    except CorruptDataError as error:
        raise ContainerFormatError(f"no readable container: {error}. File may be corrupted.") from error
    except UnsupportedError as error:
        raise _unsupported(name, error, frames or {}, opens) from error


def _unsupported(name: Any, error: UnsupportedError, frames: Mapping[str, str], opens: bool) -> Exception:
    if error.file_version is not None:
        words = f"{name}: file version {error.file_version} is newer than the version supported, {FILE_VERSION}"
        return UnsupportedFileVersionError(words, error.file_version)
    if error.filter is not None:
        array = frames.get(error.array or "", error.array)
        return UnsupportedFilterError(f"Unsupported per-array filter id {error.filter} of array {array!r}: {error}")
    if opens:
        return ContainerFormatError(f"no readable container: {error}. File may be corrupted.")
    return error
