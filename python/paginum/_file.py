"""An open file: a mapping from names to arrays."""

from __future__ import annotations

import html
import json
import os
import uuid
import warnings
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, overload

from . import _core, _sources
from ._array import Array, size, table
from ._errors import ChangedError, Error, UnsupportedError, short
from ._work import threads

if TYPE_CHECKING:
    from ._draft import Draft


#: As many names are told where another one was asked for.
_SHOWN = 8
#: What files of one array without a name call it.
_ALONE = "array"


class File(Mapping[str, Array]):
    """An open file of named arrays. `paginum.open` makes one.

    Threads may read from one file at once. A pickled file is opened again where it is unpickled, and is an error there if the
    bytes are not the same any more.

    Examples
    --------
    >>> import numpy as np, paginum
    >>> path = folder / "weather.pv"
    >>> paginum.save(path, {"rain": np.zeros(5), "wind": np.arange(3)})
    >>> with paginum.open(path) as file:
    ...     sorted(file), file["wind"][1:]
    (['rain', 'wind'], array([1, 2]))
    """

    def __init__(self, source: _sources.Source) -> None:
        self._source: _sources.Source | None = source
        self._opened: _core.File | None = None
        self._opened = source.open()
        self._names: dict[str, int] | None = None

    @property
    def _core(self) -> _core.File:
        if self._opened is None:
            raise ValueError("the file is closed")
        return self._opened

    @property
    def name(self) -> str:
        """What the file is called."""
        return self._source.name if self._source else "(closed)"

    @property
    def format(self) -> str:
        """The name of its format, as ``pv`` or ``fits``."""
        return self._core.format

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._opened is None

    @property
    def notes(self) -> list[str]:
        """What there is to know of the file that is no error."""
        return self._core.notes()

    @property
    def attrs(self) -> dict[str, Any]:
        """What the file says of itself beside its arrays."""
        return self._attrs_of("")

    def _attrs_of(self, path: str) -> dict[str, Any]:
        for about, text in self._core.documents():
            if about == path:
                document = json.loads(text)
                return document if isinstance(document, dict) else {"value": document}
        return {}

    def _by_name(self) -> dict[str, int]:
        if self._names is None:
            self._names = {}
            for index, name in enumerate(self._core.names()):
                self._names.setdefault(name, index)
        return self._names

    def __getitem__(self, name: str) -> Array:
        index = self._by_name().get(name)
        if index is None:
            if not isinstance(name, str):
                raise KeyError(f"arrays are known by their names, not by an object of type {type(name).__name__}")
            try:
                index = self._core.find(self._bare(name))
            except ValueError as error:
                raise KeyError(f"{error}{_there(list(self)) if len(self) != 1 else ''}") from error
        return Array(self, index, name)

    def _bare(self, name: str) -> str:
        """The array of a file of one is also called like the file, as the command line has it."""
        is_stem = name == os.path.basename(self.name).partition(".")[0]
        return _ALONE if is_stem and list(self) == [_ALONE] else name

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name())

    def __len__(self) -> int:
        return len(self._by_name())

    def verify(self, *, n_threads: int | None = None) -> None:
        """Check every byte: the structure, and all arrays.

        Raises
        ------
        CorruptDataError, TruncatedError, ChecksumError
            At the first fault; `faults` lists all.
        """
        self._core.verify(None, n_threads=threads(n_threads))

    def faults(self, *, n_threads: int | None = None) -> list[Error]:
        """All that is wrong with the file, each thing once: what `verify` would raise, and what it would meet behind that.

        They are exceptions, not raised, that say where they are: ``array``, ``page`` and ``offset`` as far as these are known.
        Where every byte is as it should be, there are none.

        Raises
        ------
        OSError, ChangedError
            Where the storage fails: behind that nothing can be checked.

        Examples
        --------
        >>> import paginum
        >>> paginum.save(folder / "whole.pv", {"x": [1, 2, 3]})
        >>> with paginum.open(folder / "whole.pv") as file:
        ...     file.faults()
        []
        """
        return self._core.faults(n_threads=threads(n_threads))

    def close(self) -> None:
        """Close it. Its arrays cannot be read any more."""
        if self._opened is not None and self._source is not None:
            self._opened = None
            self._source.close()

    def __enter__(self) -> File:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_opened", None) is not None and self._source and self._source.is_open_file:
            warnings.warn(f"unclosed file {self.name!r}", ResourceWarning, stacklevel=2, source=self)
            self.close()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __dask_tokenize__(self) -> Any:
        version, source = self._core.version, self._source
        if source is None or (version is None and not isinstance(source, _sources.Memory)):
            return uuid.uuid4().hex  # nobody can tell whether these bytes are those of another time
        return ("paginum.File", source.to_pickle(), version)

    def __reduce__(self) -> tuple[Any, ...]:
        version = self._core.version
        assert self._source is not None
        return (_reopened, (self._source.to_pickle(), version))

    def __repr__(self) -> str:
        if self.closed:
            return "<paginum.File closed>"
        count = "1 array" if len(self) == 1 else f"{len(self)} arrays"
        return f"<paginum.File {self.name!r} {self.format} {count}>"

    def _repr_html_(self) -> str:
        rows: list[tuple[str, ...]] = [("array", "dtype", "shape", "bytes", "in the file", "filter")]
        core = self._core
        core.prefetch_entries()
        for name, index in self._by_name().items():
            try:
                found = core.entry(index)
            except ValueError as error:
                rows.append((name, str(error), "", "", "", ""))
                continue
            shape = str(found["shape"])
            sizes = size(found["nbytes"]), size(found["stored_bytes"])
            rows.append((name, found["dtype"], shape, *sizes, found["filter"]))
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{table(rows, head=True)}"


def _there(names: list[str]) -> str:
    """The names that there are, as far as there is room for them."""
    shown = ", ".join(f'"{short(name)}"' for name in names[:_SHOWN])
    return f"; there are {shown}{' and others' if len(names) > _SHOWN else ''}" if names else "; there are none"


def _reopened(source: _sources.Source, version: str | None) -> File:
    file = File(source)
    if version is not None and file._core.version != version:
        file.close()
        raise ChangedError(f"{source.name}: changed since it was pickled", file=source.name)
    return file


def open_source(file: Any, max_bytes: int | None, storage_options: dict[str, Any] | None) -> File:
    """Opens a file for reading."""
    return File(_sources.of(file, max_bytes, storage_options))


@overload
def open(
    file: Any,
    mode: Literal["r"] = "r",
    *,
    max_bytes: int | None = None,
    storage_options: dict[str, Any] | None = None,
) -> File: ...
@overload
def open(
    file: Any,
    mode: Literal["a", "w", "x"],
    *,
    max_bytes: int | None = None,
    storage_options: dict[str, Any] | None = None,
    **options: Any,
) -> Draft: ...
def open(
    file: Any,
    mode: str = "r",
    *,
    max_bytes: int | None = None,
    storage_options: dict[str, Any] | None = None,
    **options: Any,
) -> File | Draft:
    """Open a file of arrays.

    Parameters
    ----------
    file : str, os.PathLike, bytes, file object or fsspec.core.OpenFile
        A path; an address (``https://``, ``mem://``; with fsspec its own: ``s3://``, ``gs://``, ``memory://``); the bytes of a
        file; a binary file object that can seek. A path alone where arrays are to be written.
    mode : str
        ``"r"`` to read; ``"a"`` to add arrays to a `.pv`, replace or remove them (a file that is not there is made); ``"w"``
        for a new file in place of one that may be there; ``"x"`` for a new one.
    max_bytes : int, optional
        The most bytes of one array, and of all together in one call; 8 GiB and 16 GiB by default.
    storage_options : dict, optional
        What fsspec is told of the store.
    **options
        How arrays are written, as of `save`: ``filter``, ``level``, ``compat``, ``n_threads`` and others.

    Returns
    -------
    File or Draft
        A mapping from names to arrays, which are read when they are indexed. One that is to be written takes arrays as a
        dictionary does, and writes them when it is closed.

    Raises
    ------
    FileNotFoundError, FileExistsError, PermissionError
        As from the built-in `open`.
    CorruptDataError, TruncatedError, UnsupportedError
        For bytes that are no such file.

    Examples
    --------
    >>> import numpy as np, paginum
    >>> packed = paginum.compress(np.arange(1_000_000))
    >>> with paginum.open(packed) as file:
    ...     file["array"][500_000:500_003]
    array([500000, 500001, 500002])
    """
    if mode == "r":
        if options:
            raise TypeError(f"open got {sorted(options)}, which say how files are written, for reading")
        return open_source(file, max_bytes, storage_options)
    if mode not in ("a", "w", "x"):
        raise ValueError(f"mode {mode!r}: there are 'r', 'a', 'w' and 'x'")
    from ._draft import Draft  # it imports this module

    return Draft(file, mode, options, max_bytes)


def no_pv(file: Any, format: str) -> UnsupportedError:
    """The error of changing a file of another format."""
    return UnsupportedError(f"{file}: a .{format} gets no arrays once it is written; convert it to .pv")


def open_as(file: Any, format: str) -> File:
    """Open a file that must be of one format.

    Raises
    ------
    UnsupportedError
        For a file of another one.
    """
    opened = open_source(file, None, None)
    if opened.format != format:
        name, found = opened.name, opened.format
        opened.close()
        raise UnsupportedError(f"{name}: no .{format} file but a .{found}", file=name)
    return opened
