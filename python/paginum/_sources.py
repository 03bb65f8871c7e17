"""Where the bytes of a file are: a path, an address, memory, a file object, a file system of fsspec."""

from __future__ import annotations

import io
import os
import pathlib
import threading
from dataclasses import dataclass, field
from typing import Any, Protocol

from . import _core

#: Schemes that the library reads itself.
OWN_SCHEMES = {"file", "http", "https", "mem", "memkeep", "shmem"}


class Source(Protocol):
    """Bytes that can be opened, again where it was pickled."""

    name: str
    is_open_file: bool

    def open(self) -> _core.File: ...

    def close(self) -> None: ...

    def to_pickle(self) -> Source: ...


@dataclass(frozen=True)
class Address:
    """A path, or an address that the library reads itself."""

    name: str
    is_path: bool
    max_bytes: int | None = None
    is_open_file = True

    def open(self) -> _core.File:
        if self.is_path:
            return _core.File.open_path(pathlib.Path(self.name), self.max_bytes)
        return _core.File.open_url(self.name, self.max_bytes)

    def close(self) -> None:
        pass

    def to_pickle(self) -> Source:
        # Another process may stand in another folder.
        return Address(os.path.abspath(self.name), True, self.max_bytes) if self.is_path else self


@dataclass(frozen=True)
class Memory:
    """The bytes of a file."""

    content: bytes = field(repr=False)
    max_bytes: int | None = None
    name = "(memory)"
    is_open_file = False

    def open(self) -> _core.File:
        return _core.File.open_bytes(self.content, None, self.max_bytes)

    def close(self) -> None:
        pass

    def to_pickle(self) -> Source:
        return self


class FileObject:
    """A binary file object that can seek. It stays open, and its position moves."""

    is_open_file = False

    def __init__(self, file: Any, max_bytes: int | None) -> None:
        self.name = str(getattr(file, "name", None) or "(file object)")
        self._file = file
        self._max_bytes = max_bytes
        self._lock = threading.Lock()

    def open(self) -> _core.File:
        with self._lock:
            n_bytes = self._file.seek(0, os.SEEK_END)
        if n_bytes is None:
            n_bytes = self._file.tell()
        return _core.File.open_ranges(self._fetch, n_bytes, False, None, self.name, self._max_bytes)

    def _fetch(self, ranges: list[tuple[int, int]]) -> list[bytes]:
        out = []
        with self._lock:
            for start, stop in ranges:
                self._file.seek(start)
                parts = []
                left = stop - start
                while left > 0:
                    part = self._file.read(left)
                    if not part:
                        break
                    parts.append(part)
                    left -= len(part)
                out.append(parts[0] if len(parts) == 1 else b"".join(parts))
        return out

    def close(self) -> None:
        pass

    def to_pickle(self) -> Source:
        raise TypeError(f"{self.name}: a file object cannot be pickled; open it by its path")


@dataclass(frozen=True)
class FileSystem:
    """A file of a file system of fsspec. Ranges are fetched past its buffers."""

    fs: Any
    path: str
    max_bytes: int | None = None
    is_open_file = True

    @property
    def name(self) -> str:  # type: ignore[override]
        return str(self.fs.unstrip_protocol(self.path))

    def open(self) -> _core.File:
        info = self.fs.info(self.path)
        if info.get("size") is None:
            content = self.fs.cat_file(self.path)
            return _core.File.open_bytes(content, self.name, self.max_bytes)
        marks = (info.get("ETag") or info.get("etag"), info.get("mtime"), info.get("LastModified"), info["size"])
        version = "|".join(str(mark) for mark in marks)
        return _core.File.open_ranges(self._fetch, info["size"], True, version, self.name, self.max_bytes)

    def _fetch(self, ranges: list[tuple[int, int]]) -> list[bytes]:
        return [self.fs.cat_file(self.path, start=start, end=stop) for start, stop in ranges]

    def close(self) -> None:
        pass

    def to_pickle(self) -> Source:
        return self


def of(file: Any, max_bytes: int | None, storage_options: dict[str, Any] | None) -> Source:
    """Where the bytes of what `open` was given are."""
    if isinstance(file, (bytes, bytearray, memoryview)):
        return Memory(bytes(file), max_bytes)
    if isinstance(file, str):
        if is_of_fsspec(file):
            fs, path = file_system(file, storage_options)
            return FileSystem(fs, path, max_bytes)
        return Address(file, "://" not in file and file != "-", max_bytes)
    if hasattr(file, "fs") and hasattr(file, "path"):
        return FileSystem(file.fs, file.path, max_bytes)
    if hasattr(file, "__fspath__"):
        return Address(os.fsdecode(os.fspath(file)), True, max_bytes)
    check_binary(file)
    if hasattr(file, "read") and hasattr(file, "seek"):
        return FileObject(file, max_bytes)
    raise TypeError(f"cannot open an object of type {type(file).__name__}")


def check_binary(file: Any) -> None:
    """Refuses file objects in text mode."""
    if isinstance(file, io.TextIOBase):
        raise TypeError("a file object in text mode: files of arrays are bytes, open it in a binary mode")


def is_of_fsspec(address: str) -> bool:
    """Whether text is an address of a scheme that fsspec may know and the library does not read itself."""
    scheme, separator, _ = address.partition("://")
    scheme = scheme.split("::")[0]
    return bool(separator) and scheme not in OWN_SCHEMES and scheme.replace("+", "").isalnum()


def file_system(address: str, storage_options: dict[str, Any] | None) -> tuple[Any, str]:
    """The file system of an address, and the path in it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        scheme = address.partition("://")[0]
        raise ImportError(f"{scheme}:// needs fsspec: pip install fsspec") from error
    return url_to_fs(address, **(storage_options or {}))


def path_like(file: Any) -> Any:
    """A path as the extension takes it: addresses are text, and text is one unless it says otherwise."""
    if isinstance(file, str):
        return file
    path = os.fspath(file)
    return os.fsdecode(path) if isinstance(path, bytes) else path
