"""New HDUs, of arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..._errors import UnsupportedError
from ._cards import value_cards
from ._parts import Kept
from ._scales import STORED, stored_of

#: Forms of the columns of a table, by type.
_FORMS = {"b1": "L", "u1": "B", "i2": "I", "i4": "J", "i8": "K", "f4": "E", "f8": "D", "c8": "C", "c16": "M"}


def image(
    dtype: np.dtype[Any],
    shape: tuple[int, ...],
    *,
    is_first: bool,
    name: str | None,
    version: int | None,
    blank: int | None,
) -> Kept:
    """An image of zeroes."""
    if any(n <= 0 for n in shape[1:]) or (shape and shape[0] < 0):
        raise ValueError(f"an image of the shape {shape}: only the first axis may be empty")
    stored, zero = stored_of(dtype)
    bitpix = next(bits for bits, code in STORED.items() if np.dtype(code) == stored)
    cards = _first("IMAGE", is_first)
    cards += value_cards("BITPIX", bitpix, "type of the stored numbers")
    cards += _axes(shape)
    cards += value_cards("EXTEND", True) if is_first else _counts()
    cards += _named(name, version)
    if zero is not None:
        cards += [*value_cards("BSCALE", 1), *value_cards("BZERO", zero, "makes stored numbers those of the other sign")]
    if blank is not None:
        if stored.kind == "f":
            raise ValueError("BLANK is of whole numbers: in others NaN is what has no value")
        cards += value_cards("BLANK", blank - (zero or 0), "what has no value")
    return Kept(cards, bytearray(int(np.prod(shape)) * stored.itemsize if shape else 0), is_first)


def nothing() -> Kept:
    """What stands before the first table."""
    cards = [*_first("IMAGE", True), *value_cards("BITPIX", 8), *value_cards("NAXIS", 0), *value_cards("EXTEND", True)]
    return Kept(cards, bytearray(), True)


def table(data: Any, names: Sequence[str] | None, *, name: str | None, version: int | None, units: Any) -> Kept:
    """A table of columns."""
    columns = {column: np.ma.getdata(values) for column, values in _columns(data, names).items()}
    if not columns:
        raise ValueError("a table without columns")
    n_rows = {len(values) for values in columns.values()}
    if len(n_rows) != 1:
        raise ValueError(f"columns of {sorted(n_rows)} rows")
    stored = {column: _stored(column, values) for column, values in columns.items()}
    widths = [values.dtype.itemsize * int(np.prod(values.shape[1:])) for values, _, _ in stored.values()]
    rows = np.zeros((n_rows.pop(), sum(widths)), np.uint8)
    start = 0
    for (values, _, _), width in zip(stored.values(), widths, strict=True):
        flat = np.ascontiguousarray(values).reshape(len(rows), -1)
        if width and len(rows):
            rows[:, start : start + width] = flat.view(np.uint8).reshape(len(rows), width)
        start += width
    cards = [*_first("BINTABLE", False), *value_cards("BITPIX", 8), *_axes(rows.shape), *_counts()]
    cards += [*value_cards("TFIELDS", len(columns)), *_named(name, version)]
    for i, (column, (values, form, zero)) in enumerate(stored.items(), 1):
        cards += _column(i, column, values, form, zero, _unit(units, column, i))
    return Kept(cards, bytearray(rows.tobytes()), False)


def _columns(data: Any, names: Sequence[str] | None) -> dict[str, np.ndarray]:
    if names is not None and not isinstance(data, (list, tuple)):
        raise ValueError("names= is of a list of columns: others have theirs")
    if isinstance(data, Mapping):
        return {str(name): np.asanyarray(values) for name, values in data.items()}
    if isinstance(data, (list, tuple)):
        if names is None or len(names) != len(data):
            raise ValueError("a list of columns needs as many names")
        return {name: np.asanyarray(values) for name, values in zip(names, data, strict=True)}
    data = np.asanyarray(data)
    if data.dtype.names is None:
        raise ValueError("a table is an array of records, a dict of columns, or a list of them with names")
    return {name: np.atleast_1d(data)[name] for name in data.dtype.names}


def _stored(column: str, values: np.ndarray) -> tuple[np.ndarray, str, int | None]:
    """What is stored of a column, the form of an element, and the zero that goes with it."""
    if values.ndim == 0:
        raise ValueError(f"column {column!r} has no rows")
    if values.dtype.kind == "U":
        values = np.char.encode(values, "ascii")
    if values.dtype.kind == "S":
        width = max(values.dtype.itemsize, 1)
        return np.char.ljust(values, width).astype(f"S{width}") if values.size else values, "A", None
    code = f"{values.dtype.kind}{values.dtype.itemsize}"
    if code == "b1":
        return np.where(values, np.uint8(ord("T")), np.uint8(ord("F"))), "L", None
    if values.dtype.kind == "c" and code in _FORMS:
        return values.astype(f">{code}"), _FORMS[code], None
    try:
        stored, zero = stored_of(values.dtype)
    except UnsupportedError as error:
        raise UnsupportedError(f"column {column!r}: {error}") from None
    if zero is None:
        return values.astype(stored), _FORMS[code], None
    high = np.array(1 << (8 * stored.itemsize - 1), f"u{stored.itemsize}")
    native = values.astype(values.dtype.newbyteorder("=")).view(f"u{stored.itemsize}") ^ high
    native = native.view(stored.newbyteorder("="))
    return native.astype(stored), _FORMS[f"{stored.kind}{stored.itemsize}"], zero


def _column(i: int, name: str, values: np.ndarray, form: str, zero: int | None, unit: str | None) -> list[str]:
    width = values.dtype.itemsize if form == "A" else 1
    n = int(np.prod(values.shape[1:])) * width
    cards = [*value_cards(f"TTYPE{i}", name), *value_cards(f"TFORM{i}", f"{n}{form}")]
    axes = ([width] if form == "A" else []) + list(values.shape[:0:-1])
    if len(axes) > 1:
        cards += value_cards(f"TDIM{i}", f"({','.join(map(str, axes))})")
    if zero is not None:
        cards += [*value_cards(f"TSCAL{i}", 1), *value_cards(f"TZERO{i}", zero)]
    return cards + (value_cards(f"TUNIT{i}", unit) if unit else [])


def _unit(units: Any, column: str, i: int) -> str | None:
    if units is None:
        return None
    return units.get(column) if isinstance(units, Mapping) else units[i - 1]


def _first(kind: str, is_first: bool) -> list[str]:
    return value_cards("SIMPLE", True, "the FITS standard") if is_first else value_cards("XTENSION", kind)


def _axes(shape: Sequence[int]) -> list[str]:
    cards = value_cards("NAXIS", len(shape), "axes")
    for i, n in enumerate(reversed(shape), 1):
        cards += value_cards(f"NAXIS{i}", int(n))
    return cards


def _counts() -> list[str]:
    return [*value_cards("PCOUNT", 0), *value_cards("GCOUNT", 1)]


def _named(name: str | None, version: int | None) -> list[str]:
    cards = value_cards("EXTNAME", name) if name is not None else []
    return cards + (value_cards("EXTVER", int(version)) if version is not None else [])
