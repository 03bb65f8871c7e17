"""An array as the extension takes it. Not of numpy: some modules work without it."""

from __future__ import annotations

from typing import Any

Given = dict[str, Any]


def given_of(
    name: str,
    dtype: str,
    shape: tuple[int, ...],
    data: Any,
    *,
    is_fortran: bool = False,
    validity: Any = None,
    record: Any = None,
) -> Given:
    """An array of elements in C order, which may be one in Fortran order elsewhere; of which rows have a value, where not all
    do; and of which fields, where it has records."""
    return {
        "name": name,
        "dtype": dtype,
        "shape": shape,
        "is_fortran": is_fortran,
        "data": data,
        "validity": validity,
        "record": record,
    }
