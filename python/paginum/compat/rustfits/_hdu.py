"""HDUs: what a header stands before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from ..._array import Array
from ..._errors import CorruptDataError, UnsupportedError
from ._cards import chains, value_cards
from ._header import FITSHeader
from ._parts import Kept, Read, kind_of, values_of
from ._scales import Scale

if TYPE_CHECKING:
    from ._fits import FITS


class HDU:
    """A header and its data. What is not read (tables of text, compressed tables, random groups) has no method `read`.

    Attributes
    ----------
    index : int
        Its place in the file, from 0.
    """

    def __init__(self, fits: FITS, index: int, part: Read | Kept) -> None:
        self._fits = fits
        self._part = part
        self.index = index

    def _opened(self) -> Read | Kept:
        self._fits._check_is_open()
        return self._part

    def _said(self) -> dict[str, Any]:
        return values_of(self._opened().entries)

    def _count(self, keyword: str) -> int:
        """The whole number of a keyword that must be there."""
        value = self._said().get(keyword)
        if not isinstance(value, (int, float)) or value != int(value):
            raise CorruptDataError(f"HDU {self.index}: {keyword} is no whole number", file=self._fits.filename)
        return int(value)

    @property
    def header(self) -> FITSHeader:
        """What the header says."""
        return FITSHeader(self._opened(), self._fits._touch)

    @property
    def extname(self) -> str | None:
        """Its name, where it has one."""
        return self._said().get("EXTNAME") or None

    @property
    def extver(self) -> int:
        """Which one it is of those of its name."""
        return int(self._said().get("EXTVER") or 1)

    @property
    def has_data(self) -> bool:
        """Whether there is anything to read."""
        said = self._said()
        axes = [said.get(f"NAXIS{i + 1}") for i in range(int(said.get("NAXIS", 0)))]
        return bool(axes) and all(axes)

    def _changeable(self) -> Kept:
        part = self._opened()
        if not isinstance(part, Kept):
            raise OSError(f"{self._fits.filename}: open to be read; mode 'r+' changes it")
        return part

    def __repr__(self) -> str:
        name = f" {self.extname!r}" if self.extname else ""
        return f"<{type(self).__name__} {self.index}{name}{self._about()}>"

    def _about(self) -> str:
        return ""


class ImageHDU(HDU):
    """An image. ``hdu[100:200, ::2]`` reads what is wanted and no more; ``hdu[100:200] = values`` changes it in a file that is
    open to be changed."""

    _prefix = ""

    def _scale(self) -> Scale:
        return Scale.of_image(self.bitpix, self._said(), is_in_tiles=bool(self._prefix))

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape, the slowest axis first."""
        key = f"{self._prefix}NAXIS"
        return tuple(self._count(f"{key}{i}") for i in range(self._count(key), 0, -1))

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self.shape)) if self.shape else 0

    @property
    def bitpix(self) -> int:
        """How numbers are stored, in the words of the format."""
        return self._count(f"{self._prefix}BITPIX")

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of values."""
        return self._scale().dtype

    @property
    def unit(self) -> str | None:
        """``BUNIT``, where the header has it."""
        return self._said().get("BUNIT")

    def __len__(self) -> int:
        return self.shape[0] if self.shape else 0

    def read(self, *, scale: bool = True, mask_blank: bool = False) -> Any:
        """Read all of it.

        Parameters
        ----------
        scale : bool
            Whether ``BSCALE`` and ``BZERO`` are applied. Without, numbers come as they are stored.
        mask_blank : bool
            Whether numbers that are ``BLANK`` are masked. Only whole numbers have such.

        Returns
        -------
        ndarray or MaskedArray

        Raises
        ------
        ValueError
            For `mask_blank` of an image of floats, and for damaged files.
        """
        return self._take(..., scale, mask_blank)

    def __getitem__(self, key: Any) -> Any:
        return self._take(key, True, False)

    def _take(self, key: Any, scale: bool, mask_blank: bool) -> Any:
        of = self._scale()
        if mask_blank and of.stored.kind == "f":
            raise ValueError("mask_blank is of whole numbers: in others NaN is what has no value")
        part = self._opened()
        # Blank numbers are NaN to the library, and numbers like others here.
        is_stored = not scale or of.blank is not None
        arrays = part.arrays(is_stored)
        if not arrays:
            raise ValueError(f"HDU {self.index} has no data")
        found = arrays[0][key]
        numbers = np.asarray(found)
        values = of.values(numbers) if is_stored and scale else found
        if not mask_blank:
            return values
        mask = numbers == of.blank if of.blank is not None else np.zeros(numbers.shape, bool)
        return np.ma.MaskedArray(values, mask)

    def _elements(self) -> np.ndarray:
        """The stored numbers, to be changed where they are."""
        part = self._changeable()
        return np.frombuffer(part.data, self._scale().stored).reshape(self.shape)

    def write(self, data: Any) -> None:
        """Let it hold other values, of the same shape."""
        data = np.asanyarray(data)
        if data.shape != self.shape:
            raise ValueError(f"data of the shape {data.shape} for an image of {self.shape}")
        self[...] = data

    def extend(self, data: Any) -> None:
        """Add rows behind the last: values of the shape of the image but for its first axis."""
        data = np.asanyarray(data)
        part, shape = self._changeable(), self.shape
        if data.ndim != len(shape) or data.shape[1:] != shape[1:]:
            raise ValueError(f"rows of the shape {data.shape} for an image of {shape}")
        numbers = self._scale().numbers(data)
        self._fits._touch()
        part.data += numbers.tobytes()
        keyword = f"NAXIS{len(shape)}"
        cards = part.cards()
        at = next(at for known, at in chains(cards) if known == keyword)
        cards[at.start : at.stop] = value_cards(keyword, shape[0] + len(data))
        part.set_cards(cards)

    @contextmanager
    def extending(self) -> Iterator[ImageHDU]:
        """A block in which rows are added; each is added at once."""
        self._changeable()
        yield self

    def __setitem__(self, key: Any, value: Any) -> None:
        numbers = self._scale().numbers(np.asanyarray(value))
        elements = self._elements()
        self._fits._touch()
        elements[key] = numbers
        self._changeable().changed()

    def _about(self) -> str:
        return f" {self.dtype} {self.shape}"


class CompressedImageHDU(ImageHDU):
    """An image that is compressed in tiles. It is read, and not changed."""

    _prefix = "Z"

    def __setitem__(self, key: Any, value: Any) -> None:
        raise UnsupportedError("images in tiles are read, and not written")

    def extend(self, data: Any) -> None:
        """Raises `UnsupportedError`."""
        raise UnsupportedError("images in tiles are read, and not written")


class TableHDU(HDU):
    """A table. ``hdu[10:20]`` reads rows, ``hdu["x"][10:20]`` those of a column, ``hdu[["x", "y"]][:]`` of several."""

    def _columns(self, is_stored: bool) -> dict[str, Array]:
        """Columns by name: of numbers those that are stored, where they are wanted."""
        columns = dict(zip(self.colnames, self._opened().arrays(), strict=True))
        if is_stored:
            stored = zip(self.colnames, self._opened().arrays(True), strict=True)
            columns.update({name: array for name, array in stored if columns[name].dtype.kind in "iuf"})
        return columns

    @property
    def colnames(self) -> tuple[str, ...]:
        """The names of its columns."""
        said = self._said()
        return tuple(str(said.get(f"TTYPE{i}") or f"col{i}") for i in range(1, self.ncols + 1))

    @property
    def ncols(self) -> int:
        """The number of its columns."""
        return self._count("TFIELDS")

    @property
    def nrows(self) -> int:
        """The number of its rows."""
        return self._count("NAXIS2")

    @property
    def shape(self) -> tuple[int]:
        """The number of its rows, as a shape."""
        return (self.nrows,)

    @property
    def units(self) -> dict[str, str]:
        """The units of columns that have one."""
        said = self._said()
        units = {name: said.get(f"TUNIT{i}") for i, name in enumerate(self.colnames, 1)}
        return {name: unit for name, unit in units.items() if unit}

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of a row."""
        return self._rows(slice(0, 0), self.colnames, False).dtype

    def __len__(self) -> int:
        return self.nrows

    def read(
        self,
        *,
        rows: slice | Sequence[int] | None = None,
        columns: Sequence[str] | None = None,
        scale: bool = True,
        mask_null: bool = False,
    ) -> Any:
        """Read rows as records.

        Parameters
        ----------
        rows : slice or sequence of int, optional
            Which rows; all by default. Each of a list comes once.
        columns : sequence of str, optional
            Which columns, in which order; all by default.
        scale : bool
            Whether ``TSCAL`` and ``TZERO`` are applied. Without, numbers come as they are stored.
        mask_null : bool
            Whether numbers that are ``TNULL`` are masked.

        Raises
        ------
        ValueError
            For columns that are not there, and for damaged files.
        IndexError
            For rows that are not there.
        UnsupportedError
            For columns whose rows have arrays of any length.
        """
        if rows is not None and not isinstance(rows, slice):
            rows = list(dict.fromkeys(int(row) for row in rows))
        names = self.colnames if columns is None else tuple(self._name(column) for column in columns)
        if mask_null and not scale:
            raise ValueError("mask_null is of values, and scale=False gives stored numbers")
        found = self._rows(slice(None) if rows is None else rows, names, not scale)
        return found if mask_null else np.ma.getdata(found)

    def read_column(self, name: str, *, rows: slice | Sequence[int] | None = None, scale: bool = True) -> np.ndarray:
        """Read one column."""
        return self.read(rows=rows, columns=[name], scale=scale)[self._name(name)]

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return ColumnSubset(self, (self._name(key),), True)
        if isinstance(key, (list, tuple)) and key and all(isinstance(name, str) for name in key):
            return ColumnSubset(self, tuple(self._name(name) for name in key), False)
        if isinstance(key, (int, np.integer)):
            row = key + self.nrows if key < 0 else key
            if not 0 <= row < self.nrows:
                raise IndexError(f"row {key} of {self.nrows}")
            return self.read(rows=[int(row)])[0]
        return self.read(rows=None if key is Ellipsis else key)

    def _name(self, name: str) -> str:
        """A column, whatever the case of its name."""
        for known in self.colnames:
            if known.casefold() == name.casefold():
                return known
        raise ValueError(f"there is no column {name!r}")

    def _rows(self, rows: slice | list[int], names: Sequence[str], is_stored: bool) -> np.ndarray:
        columns = self._columns(is_stored)
        found = {name: _text_of(columns[name][rows]) for name in names}
        fields = [(name, values.dtype, values.shape[1:]) for name, values in found.items()]
        n = len(next(iter(found.values()))) if found else 0
        has_nulls = any(isinstance(values, np.ma.MaskedArray) for values in found.values())
        records = np.ma.zeros(n, fields) if has_nulls else np.zeros(n, fields)
        for name, values in found.items():
            records[name] = values
        return records

    def _about(self) -> str:
        return f" {self.ncols} columns of {self.nrows} rows"


class ColumnSubset:
    """Some columns of a table, whose rows are read when they are asked for."""

    def __init__(self, hdu: TableHDU, names: tuple[str, ...], is_one: bool) -> None:
        self._hdu = hdu
        self._names = names
        self._is_one = is_one

    def read(self, *, rows: slice | Sequence[int] | None = None) -> np.ndarray:
        """Read their rows: records, or the values of one column."""
        found = self._hdu.read(rows=rows, columns=self._names)
        return found[self._names[0]] if self._is_one else found

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, (int, np.integer)):
            return self.read(rows=[int(key)])[0]
        return self.read(rows=None if key is Ellipsis else key)

    def __len__(self) -> int:
        return self._hdu.nrows


def _text_of(values: np.ndarray) -> np.ndarray:
    """Text as text, without the blanks that fill it up."""
    if values.dtype.kind != "S" or values.dtype.itemsize == 0:
        return values.astype("U1") if values.dtype.kind == "S" else values
    width = values.dtype.itemsize
    return np.char.rstrip(np.char.decode(np.ma.getdata(values), "latin-1")).astype(f"U{width}")


def hdu_of(fits: FITS, index: int, part: Read | Kept) -> HDU:
    """The HDU of a part, by its kind."""
    classes = {"image": ImageHDU, "tiles": CompressedImageHDU, "table": TableHDU}
    return classes.get(kind_of(part.entries), HDU)(fits, index, part)
