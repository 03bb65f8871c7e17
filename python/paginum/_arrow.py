"""Arrays of one axis as Arrow's, whose validity bits are those of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._errors import UnsupportedError

if TYPE_CHECKING:
    from ._array import Array


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError("Arrow arrays need pyarrow: pip install pyarrow") from error
    return pyarrow


def array_of(array: Array) -> Any:
    """All of an array."""
    return _of(array, 0, len(array))


def chunks_of(array: Array) -> Any:
    """An array chunk by chunk: each is read when all of those before it were."""
    pa = _pyarrow()
    rows = max(array.chunks[0], 1 << 16)
    parts = [_of(array, start, min(start + rows, len(array))) for start in range(0, len(array), rows)]
    return pa.chunked_array(parts, type=_of(array, 0, 0).type)


def _of(array: Array, start: int, stop: int) -> Any:
    pa = _pyarrow()
    if array.ndim != 1 or array.dtype.names is not None:
        raise UnsupportedError(f"Arrow's arrays have one axis and no records: {array!r}")
    values = array[start:stop]
    mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
    values = np.ma.getdata(values)
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    if values.dtype.kind == "c":
        raise UnsupportedError("Arrow has no complex numbers")
    return pa.array(values, mask=mask)
