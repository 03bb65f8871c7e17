"""A file, and what is done with one in a line."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import numpy as np

from ... import _core
from ..._errors import CorruptDataError, UnsupportedError
from . import _build
from ._cards import BLOCK_BYTES
from ._hdu import HDU, ImageHDU, TableHDU, hdu_of
from ._header import FITSHeader
from ._parts import Kept, Opened, Read, kept_of
from ._place import Place, Remote

_Name = str | os.PathLike[str]


class NoHDUError(IndexError, ValueError):
    """There is no such HDU."""


class UnreadableFileError(CorruptDataError, OSError):
    """What is there is no such file, a damaged one, or one of a server that does not do what it was asked for."""


@contextmanager
def _opening() -> Iterator[None]:
    """Errors of a file that is opened are of the kind `OSError`, too."""
    try:
        yield
    except OSError:
        raise
    except (CorruptDataError, UnsupportedError) as error:
        raise UnreadableFileError(*error.args, file=error.file, array=error.array, offset=error.offset) from error


class FITS:
    """A file, open to be read or to be changed.

    Parameters
    ----------
    filename : str or os.PathLike
        A path, ``file://``, ``mem://`` or ``memkeep://`` (empty memory), ``http(s)://``, ``ftp(s)://`` where the build has it.
        What gzip compressed is read as what it holds.
    mode : str
        ``"r"`` to read. ``"r+"`` to change a file that is there, ``"w+"`` to write one anew: both keep the file in memory, and
        `sync` and `close` put it in its place, whole.
    lenient : bool
        Taken, and of no effect: what a header has beside printable ASCII is no error.
    remote : Remote or str, optional
        How a web server is asked. ``"ranged"`` refuses one that sends no ranges.

    Raises
    ------
    OSError
        For files that are not there or have nothing in them, and for addresses that are to be written.
    ValueError
        For another mode; `CorruptDataError` for what is no such file.
    """

    def __init__(
        self, filename: _Name, mode: str = "r", *, lenient: bool = False, remote: Remote | str | None = None
    ) -> None:
        self.closed = True
        self._place = Place.of(filename, remote)
        self._start(mode)
        self._hdus: dict[int, HDU] = {}
        if self._place.kind == "memory":
            if mode != "w+":
                raise OSError(f"{self.filename}: empty (0 bytes)")
        elif mode == "r":
            with _opening():
                self._read(Opened(self.filename, self._place.open) if self._has_block() else None)
        elif self._place.kind == "address":
            raise OSError(f"{self.filename}: files of servers are read-only")
        else:
            self._place.claim(mode == "w+")
            if mode == "r+":
                with _opening():
                    self._keep(self._place.read())
            else:
                self._is_dirty = os.path.getsize(self.filename) > 0
        self.closed = False

    def _start(self, mode: str) -> None:
        if mode not in ("r", "r+", "w+"):
            raise OSError(f"mode {mode!r}: there are 'r', 'r+' and 'w+'")
        self.mode = mode
        self._parts: list[Read | Kept] = []
        self._opened: Opened | None = None
        self._is_dirty = False

    def _has_block(self) -> bool:
        return self._place.kind != "path" or os.path.getsize(self.filename) > 0

    def _read(self, opened: Opened | None) -> None:
        if opened is None:
            raise OSError(f"{self.filename}: the file is empty")
        self._opened = opened
        self._parts = [Read(opened, i) for i in range(len(opened.headers))]

    def _keep(self, content: bytes) -> None:
        if len(content) < BLOCK_BYTES:
            raise OSError(f"{self.filename}: a file of {len(content)} bytes, less than a header has")
        self._parts = list(kept_of(content, self.filename))

    @classmethod
    def from_bytes(cls, data: bytes | bytearray | memoryview, mode: str = "r", *, lenient: bool = False) -> FITS:
        """Open the bytes of a file. They are copied, and mode ``"r+"`` changes the copy.

        Raises
        ------
        ValueError
            For another mode, for less than a header, and for what is no such file.
        """
        if mode not in ("r", "r+"):
            raise ValueError(f"mode {mode!r}: bytes are opened as 'r' or 'r+'")
        content = bytes(data)
        if len(content) < BLOCK_BYTES:
            raise CorruptDataError(f"{len(content)} bytes, less than a header has")
        fits = cls.__new__(cls)
        fits.closed, fits._hdus = True, {}
        fits._place = Place("mem://", "memory")
        fits._start(mode)
        if mode == "r+":
            fits._keep(content)
        else:
            options = {True: {"stored_values": True}, False: None}
            fits._content = content
            fits._read(Opened("mem://", lambda stored: _core.File.open_bytes(content, None, None, options[stored])))
        fits.closed = False
        return fits

    _content: bytes | None = None

    @property
    def filename(self) -> str:
        """The path or the address."""
        return self._place.name

    @property
    def hdus(self) -> list[HDU]:
        """Its HDUs."""
        self._check_is_open()
        for i in range(len(self._hdus), len(self._parts)):
            self._hdus[i] = hdu_of(self, i, self._parts[i])
        return [self._hdus[i] for i in range(len(self._parts))]

    def _check_is_open(self) -> None:
        if self.closed:
            raise OSError("the file is closed")

    def _touch(self) -> None:
        """Something is about to change."""
        self._check_is_open()
        if self.mode == "r":
            raise OSError(f"{self.filename}: open to be read; mode 'r+' changes it")
        self._is_dirty = True

    def __len__(self) -> int:
        return len(self.hdus)

    def __iter__(self) -> Iterator[HDU]:
        return iter(self.hdus)

    def __getitem__(self, key: int | str) -> HDU:
        hdus = self.hdus
        if isinstance(key, (str, bytes)):
            found = self._named(key)
            if found is None:
                raise NoHDUError(f"{self.filename}: no HDU is called {key!r}")
            return found
        if not _is_place(key):
            raise ValueError(f"{key!r} is neither the place of an HDU nor the name of one")
        if not -len(hdus) <= key < len(hdus):
            raise NoHDUError(f"{self.filename}: HDU {key} of {len(hdus)}")
        return hdus[key]

    def _named(self, name: str | bytes) -> HDU | None:
        wanted = name.decode("ascii") if isinstance(name, bytes) else name
        same = (hdu for hdu in self.hdus if (hdu.extname or "").strip().casefold() == wanted.strip().casefold())
        return next(same, None) if wanted.strip() else None

    def __contains__(self, key: object) -> bool:
        if isinstance(key, (str, bytes)):
            return self._named(key) is not None
        if _is_place(key):
            return -len(self) <= key < len(self)  # type: ignore[operator]
        raise ValueError(f"{key!r} is neither the place of an HDU nor the name of one")

    def create_image_hdu(
        self,
        dtype: Any,
        dims: Sequence[int],
        *,
        extname: str | None = None,
        extver: int | None = None,
        blank: int | None = None,
        compress: Any = None,
        quantize: Any = None,
    ) -> ImageHDU:
        """Add an image of zeroes.

        Parameters
        ----------
        dtype : dtype-like
            Whole numbers of 8 to 64 bits, or floats of 32 or 64.
        dims : sequence of int
            Its shape. The first axis may be empty.
        extname, extver : str, int, optional
            Its name, and which one it is of that name.
        blank : int, optional
            The number that is none.
        compress, quantize : optional
            Images in tiles are not written.
        """
        if compress is not None or quantize is not None:
            raise UnsupportedError("images in tiles are read, and not written")
        self._touch()
        shape = tuple(int(n) for n in dims)
        is_first = not self._parts
        part = _build.image(np.dtype(dtype), shape, is_first=is_first, name=extname, version=extver, blank=blank)
        return self._add(part)  # type: ignore[return-value]

    def _add(self, part: Kept) -> HDU:
        self._parts.append(part)
        return self[len(self._parts) - 1]

    def write_image(self, data: Any, *, header: Any = None, **keywords: Any) -> ImageHDU:
        """Add an image. Keywords are those of `create_image_hdu`; `header` is what its header says beside."""
        data = np.asanyarray(data)
        hdu = self.create_image_hdu(data.dtype, data.shape, **keywords)
        return self._filled(hdu, header, data)  # type: ignore[return-value]

    def _filled(self, hdu: HDU, header: Any, data: Any = None) -> HDU:
        """Fills an HDU that was added; it is gone where that fails."""
        try:
            if data is not None:
                hdu.write(data)  # type: ignore[attr-defined]
            if header is not None:
                hdu.header.update(header)
        except BaseException:
            self._hdus.pop(len(self._parts) - 1, None)
            self._parts.pop()
            raise
        return hdu

    def write_table(
        self,
        data: Any,
        *,
        names: Sequence[str] | None = None,
        extname: str | None = None,
        extver: int | None = None,
        units: Any = None,
        header: Any = None,
        **others: Any,
    ) -> TableHDU:
        """Add a table.

        Parameters
        ----------
        data : structured ndarray, dict of arrays, or sequence of arrays
            Its columns.
        names : sequence of str, optional
            The names of a sequence's columns.
        extname, extver : str, int, optional
            Its name, and which one it is of that name.
        units : dict or sequence of str, optional
            The units of columns.
        header : FITSHeader or dict, optional
            What its header says beside.
        """
        if any(value is not None for value in others.values()):
            raise UnsupportedError(f"{', '.join(others)}: columns of any length, of bits and in tiles are not written")
        self._touch()
        part = _build.table(data, names, name=extname, version=extver, units=units)
        if not self._parts:
            self._parts.append(_build.nothing())
        return self._filled(self._add(part), header)  # type: ignore[return-value]

    def write(self, data: Any, *, extname: str | None = None, header: Any = None) -> HDU:
        """Add an image, or a table where `data` is an array of records or a dict of arrays."""
        if isinstance(data, Mapping) or (isinstance(data, np.ndarray) and data.dtype.names is not None):
            return self.write_table(data, extname=extname, header=header)
        if not isinstance(data, np.ndarray):
            raise ValueError("an array is an image, a dict or an array of records a table")
        return self.write_image(data, extname=extname, header=header)

    def _content_parts(self) -> list[bytes]:
        return [piece for part in self._parts if isinstance(part, Kept) for piece in part.parts()]

    def to_bytes(self) -> bytes:
        """The bytes of the file as it is now; of a compressed one, what it holds.

        Raises
        ------
        OSError
            Where the file is closed, or read by ranges.
        """
        self._check_is_open()
        if self.mode != "r":
            return b"".join(self._content_parts())
        if self._content is not None:
            return self._content
        if self._place.remote is not None and self._place.remote.ranged:
            raise OSError(f"{self.filename}: read by ranges; without ranged=True it is read whole")
        return self._place.read()

    def sync(self) -> None:
        """Put the file in its place as it is now, on the medium. Nothing happens where nothing changed."""
        if not self.closed and self._is_dirty:
            if self._place.kind != "memory":
                self._place.write(self._content_parts())
            self._is_dirty = False

    def close(self) -> None:
        """Put the file in its place, and close it. Where that fails, the old one stays."""
        if self.closed:
            return
        try:
            self.sync()
        finally:
            self.closed = True
            self._parts, self._hdus = [], {}
            if self._opened is not None:
                self._opened.close()

    def __enter__(self) -> FITS:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __del__(self) -> None:
        if not getattr(self, "closed", True):
            if self._is_dirty and self._place.kind != "memory":
                warnings.warn(f"unclosed file {self.filename!r}", ResourceWarning, stacklevel=2, source=self)
            self.close()

    def __repr__(self) -> str:
        if self.closed:
            return f"<FITS {self.filename!r} closed>"
        return "\n".join([f"<FITS {self.filename!r} {self.mode} {len(self)} HDUs>", *map(repr, self.hdus)])


def _is_place(key: object) -> bool:
    return isinstance(key, (int, np.integer)) and not isinstance(key, (bool, np.bool_))


def read(filename: _Name, ext: int | str | None = None, *, header: bool = False) -> Any:
    """Read an HDU: the first that has data, or the one of a place or a name.

    Parameters
    ----------
    filename : str or os.PathLike
        Anything that `FITS` opens.
    ext : int or str, optional
        Which HDU.
    header : bool
        Whether its header is wanted, too.

    Returns
    -------
    ndarray or (ndarray, FITSHeader)

    Raises
    ------
    ValueError
        Where no HDU has data, or there is none of that name.
    """
    with FITS(filename) as fits:
        chosen = fits[ext] if ext is not None else next((hdu for hdu in fits if hdu.has_data), None)
        if chosen is None:
            raise ValueError(f"{filename}: no HDU has data")
        if not isinstance(chosen, (ImageHDU, TableHDU)):
            raise UnsupportedError(f"{filename}: HDU {chosen.index} is neither an image nor a table of numbers")
        data = chosen.read()
        return (data, chosen.header) if header else data


def read_header(filename: _Name, ext: int | str = 0) -> FITSHeader:
    """Read a header. It stays when the file is closed."""
    with FITS(filename) as fits:
        return fits[ext].header


def write(
    filename: _Name, data: Any, *, mode: str = "w+", extname: str | None = None, header: FITSHeader | dict[str, Any] | None = None
) -> None:
    """Write a file of one image or table; mode ``"r+"`` adds it to a file that is there."""
    if mode not in ("w+", "r+"):
        raise ValueError(f"mode {mode!r}: there are 'w+' and 'r+'")
    with FITS(filename, mode) as fits:
        fits.write(data, extname=extname, header=header)
