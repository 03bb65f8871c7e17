"""One array of an open file, read when it is asked for."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _select
from ._elements import bytes_of, dtype_of
from ._errors import Error
from ._work import Progress, threads, told

if TYPE_CHECKING:
    from ._file import File

#: Rows that are gone through one by one are read in pieces of so many bytes.
_PIECE_BYTES = 4 << 20


class Array:
    """An array of an open file. Nothing is read before it is indexed, and then only the pages that hold what is wanted.

    Indexing takes what numpy takes: slices with steps of either sign on every axis, integers, ``...``, ``None``, masks and
    arrays of indices. What comes back is a new array of numpy, or an element. Rows without a value make it a masked array.

    Examples
    --------
    >>> import numpy as np, paginum
    >>> file = paginum.open(paginum.compress(np.arange(12).reshape(4, 3)))
    >>> array = file["array"]
    >>> array.shape, array.dtype
    ((4, 3), dtype('int64'))
    >>> array[1:3, ::2]
    array([[3, 5],
           [6, 8]])
    >>> array[[0, -1], 1]
    array([ 1, 10])
    """

    __slots__ = ("_chunk_rows", "_entry", "_file", "_index", "_mask", "dtype", "name", "shape")

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def __init__(self, file: File, index: int, name: str) -> None:
        self._file = file
        self._index = index
        self._entry = file._core.entry(index)
        self.name = name
        self.shape = self._entry["shape"]
        self.dtype = dtype_of(self._entry["dtype"], self._entry["record"])
        self._mask: np.ndarray | None | bool = False
        self._chunk_rows: int | None = None

    @property
    def path(self) -> str:
        """Where it is in its file."""
        return self._entry["path"]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of all elements in memory."""
        return self.size * self.dtype.itemsize

    @property
    def stored_bytes(self) -> int:
        """Bytes in the file."""
        return self._entry["stored_bytes"]

    @property
    def filter(self) -> str:
        """How it is stored: ``numeric``, ``shuffle``, ``delta``, ``none``, ``pco``."""
        return self._entry["filter"]

    @property
    def order(self) -> str:
        """``F`` where the file says that it was in Fortran order, else ``C``."""
        return "F" if self._entry["is_fortran"] else "C"

    @property
    def has_nulls(self) -> bool:
        """Whether rows may have no value."""
        return self._entry["has_nulls"]

    @property
    def chunks(self) -> tuple[int, ...]:
        """The shape of what is decoded together: some rows, all of each."""
        if not self.shape:
            return ()
        if self._chunk_rows is None:
            self._chunk_rows = max(1, self._file._core.page_rows(self._index))
        return (min(self._chunk_rows, max(1, self.shape[0])), *self.shape[1:])

    @property
    def attrs(self) -> dict[str, Any]:
        """What the file says of the array beside its elements."""
        return self._file._attrs_of(self.path)

    def read(
        self,
        *,
        out: np.ndarray | None = None,
        n_threads: int | None = None,
        progress: Progress | bool | None = None,
    ) -> np.ndarray:
        """Read all of it.

        Parameters
        ----------
        out : ndarray, optional
            Where to put it: of the same shape and dtype, in any order.
        n_threads : int, optional
            How many threads decode; by default as many as there are cores.
        progress : callable or bool, optional
            Called with the bytes that are done and those in all. ``True`` shows a bar by tqdm.

        Returns
        -------
        ndarray
            ``out``, or a new array: masked where rows have no value, in Fortran order where the array was.

        Raises
        ------
        CorruptDataError, TruncatedError, ChecksumError
            For damaged files.
        LimitExceededError
            For more bytes than `open` was told to allow.
        """
        axes = [(0, length, 1) for length in self.shape]
        if out is None:
            values = self._select(axes, n_threads=n_threads, progress=progress)
            values = self._masked(values, slice(None)) if self.shape else values
            return np.asfortranarray(values) if self.order == "F" else values
        if not isinstance(out, np.ndarray) or out.shape != self.shape or out.dtype != self.dtype:
            raise ValueError(f"out must be an array of shape {self.shape} and dtype {self.dtype}")
        if not out.flags.writeable:
            raise ValueError("out is read-only")
        target = np.ma.getdata(out)
        if target.flags.c_contiguous:
            self._select(axes, out=target, n_threads=n_threads, progress=progress)
        else:
            target[...] = self._select(axes, n_threads=n_threads, progress=progress)
        return out

    def verify(self, *, n_threads: int | None = None) -> None:
        """Check everything that is stored of it.

        Raises
        ------
        CorruptDataError, TruncatedError, ChecksumError
            At the first fault.
        """
        self._file._core.verify(self._index, n_threads=threads(n_threads))

    def ranges(self, start: int = 0, stop: int | None = None) -> list[tuple[int, int]]:
        """The bytes of the file, from and to, that some rows need."""
        stop = (self.shape[0] if self.shape else 1) if stop is None else stop
        return self._file._core.ranges(self._index, start, stop)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str) or (isinstance(key, list) and key and isinstance(key[0], str)):
            return self.read()[key]
        wanted = _select.parse(key, self.shape)
        if wanted is None:
            return self.read()[key]
        if isinstance(wanted, _select.Rows):
            values = self._rows(wanted.rows)
            return self._masked(values, wanted.rows)[wanted.rest]
        values = self._select(wanted.axes)
        if wanted.axes:
            start, stop, step = wanted.axes[0]
            values = self._masked(values, slice(start, stop, step))
        return values[wanted.rest]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError("the array is in a file: an array of numpy is always a copy")
        values = np.ma.getdata(self.read())
        return values if dtype is None else values.astype(dtype, copy=False)

    def __dlpack__(self, **keywords: Any) -> Any:
        return np.asarray(self).__dlpack__(**keywords)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        from ._arrow import array_of

        return array_of(self).__arrow_c_array__(requested_schema)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        from ._arrow import chunks_of

        return chunks_of(self).__arrow_c_stream__(requested_schema)

    def __getattr__(self, name: str) -> Any:
        words = f"{type(self).__name__!r} object has no attribute {name!r}"
        if hasattr(np.ndarray, name) and not name.startswith("_"):
            words += f": it lies in a file. Read it first: array[:].{name}"
        raise AttributeError(words, name=name, obj=self)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of an array without axes")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        n_rows = len(self)
        piece = max(1, _PIECE_BYTES * max(1, n_rows) // max(1, self.nbytes))
        for start in range(0, n_rows, piece):
            yield from self[start : start + piece]

    def __dask_tokenize__(self) -> Any:
        return (type(self).__name__, self._file.__dask_tokenize__(), self._index)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_of_file, (self._file, self._index, self.name))

    def __repr__(self) -> str:
        return f"<paginum.Array {self.name!r} {self.dtype} {self.shape} {_sizes(self)}>"

    def _repr_html_(self) -> str:
        try:
            chunks = str(self.chunks)
        except Error as error:  # it cannot be read
            chunks = str(error)
        rows = [
            ("dtype", str(self.dtype)),
            ("shape", str(self.shape)),
            ("chunks", chunks),
            ("filter", self.filter),
            ("size", _sizes(self)),
        ]
        return table([("array", self.name), *rows])

    def _select(
        self,
        axes: list[_select.Axis],
        *,
        out: np.ndarray | None = None,
        n_threads: int | None = None,
        progress: Progress | bool | None = None,
    ) -> np.ndarray:
        shape = tuple(len(range(*axis)) for axis in axes)
        if out is None:
            self._file._core.check_bytes(math.prod(shape) * self.dtype.itemsize)
            out = np.ndarray(shape, self.dtype)  # `empty` makes texts of no characters wider
        self._file._core.select_into(
            self._index, axes, bytes_of(out), n_threads=threads(n_threads), progress=told(progress)
        )
        return out

    def _rows(self, rows: np.ndarray) -> np.ndarray:
        shape = (len(rows), *self.shape[1:])
        self._file._core.check_bytes(math.prod(shape) * self.dtype.itemsize)
        out = np.ndarray(shape, self.dtype)
        self._file._core.rows_into(self._index, rows, bytes_of(out), n_threads=threads(None))
        return out

    def _masked(self, values: np.ndarray, rows: Any) -> np.ndarray:
        """The values as a masked array, where rows have none."""
        if not self.has_nulls:
            return values
        if self._mask is False:
            bits = self._file._core.validity(self._index)
            self._mask = None
            if bits is not None:
                valid = np.unpackbits(np.frombuffer(bits, np.uint8), count=self.shape[0], bitorder="little")
                self._mask = valid == 0
        if self._mask is None:
            return values
        mask = self._mask[rows]
        mask = mask.reshape(mask.shape + (1,) * (values.ndim - 1))
        return np.ma.MaskedArray(values, np.broadcast_to(mask, values.shape).copy())


def _of_file(file: File, index: int, name: str) -> Array:
    return Array(file, index, name)


def size(n_bytes: int) -> str:
    """So many bytes, for people."""
    if n_bytes < 1000:
        return f"{n_bytes} B"
    for unit in ("kB", "MB", "GB", "TB"):
        n_bytes /= 1000  # type: ignore[assignment]
        if n_bytes < 1000:
            break
    return f"{n_bytes:.3g} {unit}"


def _sizes(array: Array) -> str:
    return sizes(array.nbytes, array.stored_bytes)


def sizes(n_bytes: int, stored_bytes: int) -> str:
    """Bytes in memory and in a file, and how many times the one is the other."""
    ratio = f" ({n_bytes / stored_bytes:.3g}x)" if stored_bytes else ""
    return f"{size(n_bytes)} -> {size(stored_bytes)}{ratio}"


def table(rows: list[tuple[str, ...]], head: bool = False) -> str:
    """Rows as a table of HTML."""
    lines = []
    for i, row in enumerate(rows):
        cells = []
        for j, cell in enumerate(row):
            tag = "th" if (head and i == 0) or (not head and j == 0) else "td"
            cells.append(f'<{tag} style="text-align:left;padding-right:1em">{html.escape(cell)}</{tag}>')
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(lines)}</table>"
