"""Columns of tables as arrays: of a DataFrame of pandas or polars, a Table of pyarrow and what they consist of.

No such package is imported here: whoever gives us such an object has done that.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ._errors import InvalidArgumentError


def columns(value: Any) -> dict[str, Any] | None:
    """The columns of a table by their names, as `array_of` makes them; None for what is no table."""
    if _is_of("pandas", value, "DataFrame"):
        pairs = [(name, value.iloc[:, i]) for i, name in enumerate(value.columns)]
    elif _is_of("polars", value, "DataFrame"):
        pairs = [(column.name, column) for column in value.get_columns()]
    elif _is_of("polars", value, "LazyFrame"):
        raise TypeError("a LazyFrame has no columns yet: .collect() makes a DataFrame of it")
    elif _is_of("pyarrow", value, "Table", "RecordBatch"):
        pairs = list(zip(value.schema.names, value.columns, strict=True))
    else:
        return None
    found: dict[str, Any] = {}
    for name, column in pairs:
        if not isinstance(name, str):
            raise TypeError(f"the column {name!r} has no str for a name: .rename(columns=str) makes one of each")
        if name in found:
            raise InvalidArgumentError(f"two columns named {name!r}")
        try:
            found[name] = array_of(column)
        except TypeError as error:
            raise TypeError(f"column {name!r}: {error}") from None
    return found


def array_of(value: Any) -> Any:
    """A column as an array of numpy, masked where rows have no value; anything else as it is."""
    if _is_of("pandas", value, "Series", "Index"):
        return _of_pandas(value)
    if _is_of("polars", value, "Series"):
        return _of_polars(value)
    if _is_of("pyarrow", value, "Array", "ChunkedArray"):
        return _of_arrow(value)
    return value


def _is_of(package: str, value: Any, *names: str) -> bool:
    module = sys.modules.get(package)
    kinds = tuple(kind for name in names if (kind := getattr(module, name, None)) is not None)
    return isinstance(value, kinds)


def _of_pandas(series: Any) -> Any:
    dtype = series.dtype
    if isinstance(dtype, np.dtype) and not dtype.hasobject:
        return series.to_numpy()
    if hasattr(dtype, "categories"):
        # The values that its categories are.
        return _of_pandas(series.astype(dtype.categories.dtype))
    if getattr(dtype, "tz", None) is not None:
        raise TypeError(f"{dtype} has a time zone, which files have no place for: .dt.tz_convert(None) gives UTC without it")
    missing = np.asarray(series.isna())
    # Nullable numbers: a value in each row, and a mask.
    known = getattr(dtype, "numpy_dtype", None)
    if isinstance(known, np.dtype) and known.kind in "biuf":
        return _masked(series.to_numpy(dtype=known, na_value=known.type(0)), missing)
    if isinstance(known, np.dtype) and known.kind in "mM":
        return series.to_numpy(dtype=known, na_value=known.type("NaT"))
    return _of_texts(series.tolist(), missing, dtype, ".astype(float) or .astype(str)")


def _of_polars(series: Any) -> Any:
    import polars as pl

    kind = series.dtype
    if isinstance(kind, (pl.Categorical, pl.Enum)):
        return _of_polars(series.cast(pl.String))
    if getattr(kind, "time_zone", None) is not None:
        raise TypeError(
            f"{kind} has a time zone, which files have no place for: "
            '.dt.convert_time_zone("UTC").dt.replace_time_zone(None) gives UTC without it'
        )
    missing = series.is_null().to_numpy()
    # Integers of 128 bits are there in newer releases, and are none of numpy's.
    is_wide = kind in (getattr(pl, "Int128", None), getattr(pl, "UInt128", None))
    if (kind.is_integer() and not is_wide) or kind.is_float() or kind == pl.Boolean:
        whole = series.fill_null(False if kind == pl.Boolean else 0) if missing.any() else series
        return _masked(whole.to_numpy(), missing)
    if kind.is_temporal() or (isinstance(kind, pl.Array) and _is_full(series)):
        # Times without a value are NaT. What has lists of one length for values is an array of more axes.
        values = series.to_numpy()
        if values.dtype.kind in "mM" or (isinstance(kind, pl.Array) and values.dtype.kind in "biuf"):
            return values
    return _of_texts(series.to_list(), missing, kind, ".cast(pl.Float64) or .cast(pl.String)")


def _is_full(series: Any) -> bool:
    """Whether no row of a Series of polars, and nothing in it, lacks a value."""
    while not series.null_count() and hasattr(series.dtype, "inner"):
        series = series.explode()
    return not series.null_count()


def _of_arrow(array: Any) -> Any:
    import pyarrow as pa

    kind = array.type
    if pa.types.is_dictionary(kind):
        return _of_arrow(array.cast(kind.value_type))
    if getattr(kind, "tz", None) is not None:
        raise TypeError(f"{kind} has a time zone, which files have no place for: cast it to one without")
    missing = np.asarray(array.is_null())
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        zero = pa.scalar(False if pa.types.is_boolean(kind) else 0, kind)
        whole = array.fill_null(zero) if missing.any() else array
        return _masked(np.asarray(whole.to_numpy(zero_copy_only=False)), missing)
    if pa.types.is_temporal(kind):
        times = np.asarray(array.to_numpy(zero_copy_only=False))
        if times.dtype.kind in "mM":
            return times
    return _of_texts(array.to_pylist(), missing, kind, '.cast("float64") or .cast("string")')


def _masked(values: np.ndarray, missing: np.ndarray) -> np.ndarray:
    return np.ma.MaskedArray(values, missing) if missing.any() else values


def _of_texts(values: list[Any], missing: np.ndarray, kind: Any, cast: str) -> np.ndarray:
    """Texts, each as wide as the longest; empty where there is none. `cast` is what makes others into numbers or texts."""
    texts = ["" if is_missing else value for value, is_missing in zip(values, missing, strict=True)]
    other = next((text for text in texts if not isinstance(text, str)), None)
    if other is not None:
        raise TypeError(
            f"{kind} is no type of numbers, times or texts: it holds a {type(other).__name__}. "
            f"{cast} makes an array of what can be one"
        )
    return _masked(np.array(texts, dtype=np.str_), missing)
