"""Where the bytes of a file are, by its name."""

from __future__ import annotations

import os
import pathlib
import urllib.parse
from dataclasses import dataclass
from typing import Any

from ... import _core
from ..._errors import UnsupportedError

_MEMORY = ("mem://", "memkeep://")
_RANGED = ("http", "https")


class Remote:
    """How a web server is asked.

    Parameters
    ----------
    ranged : bool
        Whether a server that sends no ranges is an error. Ranges are asked for in any case, and a server that sends none is
        read whole without this.
    headers : dict, optional
        Headers of each request. They go to the host of the address alone.
    timeout : float, optional
        Seconds that an answer may keep one waiting.
    block_bytes : int, optional
        Taken, and of no effect: what is read is known before, and is fetched as it is.
    cache_bytes : int, optional
        Bytes that are kept in memory.
    """

    def __init__(
        self,
        *,
        ranged: bool = False,
        headers: dict[str, str] | None = None,
        timeout: float | None = None,
        block_bytes: int | None = None,
        cache_bytes: int | None = None,
    ) -> None:
        if not ranged and (block_bytes is not None or cache_bytes is not None):
            raise ValueError("block_bytes and cache_bytes are of ranged=True")
        if timeout is not None and not timeout > 0:
            raise ValueError(f"a timeout of {timeout} seconds")
        if block_bytes is not None and block_bytes <= 0:
            raise ValueError(f"blocks of {block_bytes} bytes")
        if cache_bytes is not None and cache_bytes < 0:
            raise ValueError(f"a cache of {cache_bytes} bytes")
        self.ranged = bool(ranged)
        self.headers = dict(headers) if headers else headers
        self.timeout = timeout
        self.block_bytes = (1 << 20) if block_bytes is None else block_bytes
        self.cache_bytes = (32 << 20) if cache_bytes is None else cache_bytes

    def __repr__(self) -> str:
        said = ("ranged", "headers", "timeout", "block_bytes", "cache_bytes")
        shown = {name: sorted(self.headers) if name == "headers" and self.headers else getattr(self, name) for name in said}
        return f"Remote({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    def options(self) -> dict[str, Any]:
        """The same in the words of the library."""
        options: dict[str, Any] = {"timeout": self.timeout, "cache_bytes": self.cache_bytes}
        if self.headers:
            options["headers"] = list(self.headers.items())
        if self.ranged:
            options["max_download_bytes"] = 0
        return options


@dataclass(frozen=True)
class Place:
    """A path, an address, or memory."""

    name: str
    kind: str
    remote: Remote | None = None

    @classmethod
    def of(cls, filename: Any, remote: Any) -> Place:
        """The place of a name.

        Raises
        ------
        TypeError
            For what is neither text nor a path.
        ValueError
            For ways to ask a server where there is none.
        """
        name = filename if isinstance(filename, str) else os.fspath(filename)
        if not isinstance(name, str):
            raise TypeError(f"a file name of type {type(name).__name__}")
        if remote is not None and not isinstance(remote, Remote):
            if remote != "ranged":
                raise ValueError(f"remote={remote!r}: there are 'ranged' and Remote(...)")
            remote = Remote(ranged=True)
        if isinstance(filename, str) and name in _MEMORY:
            place = cls(name, "memory")
        elif isinstance(filename, str) and name[:7].lower() == "file://":
            place = cls(_local(name), "path")
        elif isinstance(filename, str) and "://" in name:
            place = cls(name, "address", remote)
        else:
            place = cls(name, "path")
        if remote is not None:
            place._check_remote(remote)
        return place

    def _check_remote(self, remote: Remote) -> None:
        scheme = self.name.partition("://")[0].lower()
        if self.kind != "address":
            raise ValueError(f"{self.name}: remote= is of addresses")
        if scheme not in _RANGED:
            raise ValueError(f"{scheme}:// has no headers and no ranges to ask for")
        if remote.ranged and urllib.parse.urlsplit(self.name).path.lower().endswith(".gz"):
            raise ValueError("a compressed file has no ranges: it is read whole")

    def _where(self) -> str | pathlib.Path:
        return pathlib.Path(self.name) if self.kind == "path" else self.name

    def _options(self) -> dict[str, Any]:
        return self.remote.options() if self.remote else {}

    def open(self, is_stored: bool) -> _core.File:
        """Open it to be read."""
        options = {**self._options(), "stored_values": is_stored}
        if self.kind == "path":
            return _core.File.open_path(pathlib.Path(self.name), None, options)
        return _core.File.open_url(self.name, None, options)

    def read(self) -> bytes:
        """All of its bytes; of what is compressed, what it holds."""
        return _core.store_read(self._where(), None, self._options())

    def write(self, parts: list[bytes]) -> None:
        """Let it be these bytes, whole or not at all."""
        if self.kind == "address":
            raise UnsupportedError(f"{self.name}: written as a file, and by paginum.save")
        _core.store_write(self._where(), parts)

    def claim(self, may_create: bool) -> None:
        """See that it can be written, before anything is put into it.

        Raises
        ------
        OSError
            Where it cannot.
        """
        if may_create and not os.path.exists(self.name):
            with open(self.name, "xb"):
                return
        with open(self.name, "r+b"):
            pass


def _local(address: str) -> str:
    """The path of a ``file://``."""
    host, slash, path = address[7:].partition("/")
    if host.lower() not in ("", "localhost") or not slash:
        raise ValueError(f"{address}: a file of this machine is file:///path")
    for i, character in enumerate(path):
        if character == "%" and not all(digit in "0123456789abcdefABCDEF" for digit in path[i + 1 : i + 3].ljust(2)):
            raise ValueError(f"{address}: a percent sign stands before two digits")
    decoded = urllib.parse.unquote(path, errors="strict")
    if "\0" in decoded:
        raise ValueError(f"{address}: a path with a zero in it")
    return "/" + decoded
