"""Exceptions. All of them are `Error`, which is a `ValueError`; where Python has its own (no such file, no permission, a file
that is there already, a failing disk) that one is raised."""

from __future__ import annotations

from typing import Any

__all__ = [
    "ChangedError",
    "ChecksumError",
    "CorruptDataError",
    "Error",
    "InvalidArgumentError",
    "LimitExceededError",
    "TruncatedError",
    "UnsupportedError",
]


def short(name: str) -> str:
    """A name of a file's in a message: it may have 64 KiB, and ends that tell it from others."""
    return name if len(name) <= 200 else f"{name[:100]}…{name[-99:]}"


class Error(ValueError):
    """Any failure of this package.

    Attributes
    ----------
    file : str or None
        What the file is called.
    array : str or None
        The path of the array in it.
    page : int or None
        The number of the page in its array.
    offset : int or None
        The byte of the file.
    """

    def __init__(
        self,
        message: str = "",
        *,
        file: str | None = None,
        array: str | None = None,
        page: int | None = None,
        offset: int | None = None,
    ) -> None:
        super().__init__(message)
        self.file = file
        self.array = array
        self.page = page
        self.offset = offset

    def _keywords(self) -> dict[str, object]:
        return {"file": self.file, "array": self.array, "page": self.page, "offset": self.offset}

    def __reduce__(self) -> tuple[object, ...]:
        return (_of, (type(self), self.args[0] if self.args else "", self._keywords()))


def _of(kind: type[Error], message: str, keywords: dict[str, object]) -> Error:
    return kind(message, **keywords)  # type: ignore[arg-type]


class CorruptDataError(Error):
    """The bytes are damaged or hostile."""


class ChecksumError(CorruptDataError):
    """The bytes are not those that their checksum was made of."""


class TruncatedError(CorruptDataError):
    """The bytes end before the data does."""


class UnsupportedError(Error):
    """The bytes may be valid, and need a newer version or a missing filter; or a format cannot hold what was given.

    Attributes
    ----------
    file_version : int or None
        The version of the file, where that is what is not known.
    filter : int or None
        The number of the filter, where that is what is not known.
    """

    def __init__(
        self, message: str = "", *, file_version: int | None = None, filter: int | None = None, **place: Any
    ) -> None:
        super().__init__(message, **place)
        self.file_version = file_version
        self.filter = filter

    def _keywords(self) -> dict[str, object]:
        return {**super()._keywords(), "file_version": self.file_version, "filter": self.filter}


class LimitExceededError(Error):
    """A limit of the caller (``max_bytes``) was reached."""


class ChangedError(Error):
    """Another program changed the file while it was read."""


class InvalidArgumentError(Error):
    """The caller asked for something that cannot be done."""
