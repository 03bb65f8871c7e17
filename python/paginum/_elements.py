"""What an array-like is: its bytes in C order, its dtype, its shape, and which rows have a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from . import _tables
from ._errors import UnsupportedError
from ._given import Given, given_of


def bytes_of(array: np.ndarray) -> np.ndarray:
    """The bytes of a C-ordered array as an array of ``uint8``, without a copy."""
    if array.dtype.itemsize == 0 or array.size == 0:
        return np.empty(0, np.uint8)
    return array.reshape(-1).view(np.uint8)


def bytes_like(data: Any) -> np.ndarray:
    """Any bytes-like object as an array of ``uint8``, without a copy where it is contiguous."""
    if isinstance(data, np.ndarray):
        return bytes_of(np.ascontiguousarray(data))
    view = memoryview(data)
    if view.nbytes == 0:
        return np.empty(0, np.uint8)
    return np.frombuffer(view if view.contiguous else view.tobytes(), np.uint8)


def as_array(value: Any) -> np.ndarray:
    """An array of any array-like: ndarray, list, number, buffer, ``__array__``, DLPack. Bytes are an array of ``uint8``.

    Raises
    ------
    TypeError
        For objects that are no numbers, times, texts or records of these.
    """
    if isinstance(value, np.ndarray):
        array = value
    elif isinstance(value, (bytes, bytearray)):
        array = np.frombuffer(value, np.uint8) if value else np.empty(0, np.uint8)
    elif hasattr(value, "__array__") or not hasattr(value, "__dlpack__"):
        array = np.asarray(value)
    else:
        array = np.from_dlpack(value)
    if array.dtype.hasobject and hasattr(value, "GetClassName"):
        raise TypeError(f"a {value.GetClassName()} is no array: paginum.pyvista.write stores meshes")
    check_dtype(array.dtype)
    return array


def check_dtype(dtype: np.dtype) -> None:
    """Refuses dtypes whose elements are no plain bytes of a known meaning."""
    if dtype.kind == "T":
        raise TypeError(f"dtype {dtype} has no fixed width: use .astype('U') or .astype('S')")
    if dtype.hasobject:
        raise TypeError(f"elements of dtype {dtype} are Python objects, not data")
    if dtype.kind == "V" and dtype.names is None and dtype.type is not np.void:
        raise TypeError(f"dtype {dtype} is not known to files: store a view as an unsigned integer")


def given(name: str, value: Any, *, keeps_records: bool) -> Iterator[Given]:
    """What the extension is told of an array: one description, or one a column of a table, or one a field where the format knows
    no records."""
    if not isinstance(name, str):
        raise TypeError(f"the name of an array is a str, not {type(name).__name__}: {name!r}")
    columns = _tables.columns(value)
    if columns is not None:
        for column, array in columns.items():
            yield from given(f"{name}/{column}", array, keeps_records=keeps_records)
        return
    value = _tables.array_of(value)
    if not isinstance(value, np.ma.MaskedArray):
        yield from _given(name, as_array(value), None, keeps_records)
        return
    check_dtype(value.dtype)
    if value.dtype.names is not None:
        raise TypeError("masked arrays of records: store the fields")
    yield from _given(name, np.ma.getdata(value), _validity(value), keeps_records)


def _given(
    name: str, array: np.ndarray, validity: np.ndarray | None, keeps_records: bool
) -> Iterator[Given]:
    dtype = array.dtype
    if dtype.names is not None and not keeps_records:
        for field in dtype.names:
            yield from _given(f"{name}/{field}", array[field], validity, keeps_records)
        return
    record = None
    spelled = dtype.str
    if dtype.names is not None:
        record = np.lib.format.dtype_to_descr(dtype)
        spelled = f"|V{dtype.itemsize}"
        if isinstance(record, str):
            raise TypeError(f"dtype {dtype} has fields that overlap or lie in no order")
    is_fortran = array.ndim > 1 and array.flags.f_contiguous and not array.flags.c_contiguous
    rows = np.ascontiguousarray(array)
    yield given_of(
        name, spelled, array.shape, bytes_of(rows), is_fortran=is_fortran, validity=validity, record=record
    )


def _validity(array: np.ma.MaskedArray) -> np.ndarray | None:
    """Arrow's bits, where some rows are masked."""
    mask = np.ma.getmaskarray(array)
    if not mask.any():
        return None
    if array.ndim == 0:
        raise UnsupportedError("a masked array without axes: a row is what has no value")
    by_row = mask.reshape(len(mask), -1)
    if not (by_row.all(axis=1) == by_row.any(axis=1)).all():
        raise UnsupportedError("a row has a value or none: this array has rows that are masked in part")
    return np.packbits(~by_row[:, 0], bitorder="little")


def dtype_of(spelled: str, record: Any) -> np.dtype:
    """The dtype that a file states."""
    try:
        return np.dtype(spelled) if record is None else np.lib.format.descr_to_dtype(record)
    except (TypeError, ValueError) as error:
        raise UnsupportedError(f"this numpy knows no dtype {record or spelled!r}") from error
