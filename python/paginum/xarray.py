"""A backend of xarray: ``xarray.open_dataset(path, engine="paginum")``.

Variables are read when they are needed, and chunks of Dask are whole groups of pages. Files of arrays know no names of dimensions,
so that these are made: the rows of the arrays that most of a file's arrays share are ``row``, and so are those of every file of
`xarray.open_mfdataset`; other axes are called by their place and length. ``dims=`` gives others.

Examples
--------
>>> import numpy as np, paginum, xarray
>>> paginum.save(folder / "a.pv", {"rain": np.arange(6.0), "wind": np.ones((6, 2))})
>>> from paginum.xarray import Backend  # installed, it is also engine="paginum"
>>> data = xarray.open_dataset(folder / "a.pv", engine=Backend, dims={"wind": ("row", "component")})
>>> dict(data.sizes)
{'row': 6, 'component': 2}
>>> float(data.rain[2:4].sum())
5.0
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import xarray
from xarray.backends import BackendArray, BackendEntrypoint
from xarray.core import indexing

from . import _file
from ._array import Array

__all__ = ["Backend"]

#: What a chunk of Dask has at least, where the array has that many bytes.
_CHUNK_BYTES = 8 << 20
#: What a `.pv` says of itself for its readers alone.
_OF_PV = ("frame_names", "compression_level", "compression", "file_version")


class Backend(BackendEntrypoint):
    """Files of this package as datasets."""

    description = "Arrays in pages: .pv, .npz, .npy, .pco"
    open_dataset_parameters = ("filename_or_obj", "drop_variables", "dims", "storage_options")

    def open_dataset(
        self,
        filename_or_obj: Any,
        *,
        drop_variables: str | Iterable[str] | None = None,
        dims: Mapping[str, tuple[Hashable, ...]] | None = None,
        storage_options: dict[str, Any] | None = None,
    ) -> xarray.Dataset:
        """Open a file.

        Parameters
        ----------
        filename_or_obj
            As of `paginum.open`.
        drop_variables : str or iterable of str, optional
            Names of arrays that are left out.
        dims : mapping of str to tuple of str, optional
            The dimensions of arrays by their names.
        storage_options : dict, optional
            What fsspec is told of the store.
        """
        file = _file.open(filename_or_obj, storage_options=storage_options)
        dropped = {drop_variables} if isinstance(drop_variables, str) else set(drop_variables or ())
        arrays = {name: array for name, array in file.items() if name not in dropped}
        lengths = Counter(array.shape[0] for array in arrays.values() if array.ndim)
        n_rows = lengths.most_common(1)[0][0] if lengths else 0
        variables = {}
        for name, array in arrays.items():
            names = tuple((dims or {}).get(name) or _names(array, n_rows))
            lazy = indexing.LazilyIndexedArray(_Lazy(array))
            encoding = {"preferred_chunks": dict(zip(names, _chunks(array), strict=True))}
            variables[name] = xarray.Variable(names, lazy, array.attrs, encoding)
        attrs = {name: value for name, value in file.attrs.items() if file.format != "pv" or name not in _OF_PV}
        dataset = xarray.Dataset(variables, attrs=attrs)
        dataset.set_close(file.close)
        return dataset

    def guess_can_open(self, filename_or_obj: Any) -> bool:
        """Whether the name is one of files that nobody else reads."""
        try:
            name = os.fspath(filename_or_obj)
        except TypeError:
            return False
        return str(name).endswith((".pv", ".gnz", ".fits", ".npz", ".pco"))


def _names(array: Array, n_rows: int) -> list[str]:
    names = [f"axis_{axis}_{length}" for axis, length in enumerate(array.shape)]
    if array.ndim:
        names[0] = "row" if array.shape[0] == n_rows else f"row_{array.shape[0]}"
    return names


def _chunks(array: Array) -> tuple[int, ...]:
    """Whole pages, and as many as are worth a task."""
    if not array.shape:
        return ()
    page = array.chunks[0]
    page_bytes = max(1, page * array.nbytes // max(1, array.shape[0]))
    rows = page * max(1, _CHUNK_BYTES // page_bytes)
    return (min(rows, max(1, array.shape[0])), *array.shape[1:])


class _Lazy(BackendArray):
    """An array of a file as xarray's backends have them."""

    def __init__(self, array: Array) -> None:
        self.array = array
        self.shape = array.shape
        dtype = array.dtype.newbyteorder("=") if array.dtype.names is None else array.dtype
        if array.has_nulls and dtype.kind not in "fcmM":
            dtype = np.dtype("f8")
        self.dtype = dtype

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(
            key, self.shape, indexing.IndexingSupport.OUTER, self._outer
        )

    def _outer(self, key: tuple[Any, ...]) -> np.ndarray:
        """Of each axis an index, a slice, or an array of indices that is taken on its own."""
        first = tuple(_kept(part) if i == 0 or not _is_array(part) else slice(None) for i, part in enumerate(key))
        values = self.array[first]
        if isinstance(values, np.ma.MaskedArray):
            missing = np.array("NaT", self.dtype) if self.dtype.kind in "mM" else np.nan
            values = values.astype(self.dtype).filled(missing)
        for axis, part in enumerate(key):
            if axis > 0 and _is_array(part):
                values = np.take(values, part, axis=axis)
        dropped = tuple(axis for axis, part in enumerate(key) if isinstance(part, (int, np.integer)))
        return np.asarray(values, self.dtype).squeeze(axis=dropped)


def _is_array(part: Any) -> bool:
    return isinstance(part, np.ndarray)


def _kept(part: Any) -> Any:
    """An index as a slice, so that its axis stays until all axes are taken."""
    if not isinstance(part, (int, np.integer)):
        return part
    return slice(part, part + 1 or None)
