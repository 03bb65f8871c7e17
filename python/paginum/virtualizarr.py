"""A parser for VirtualiZarr: arrays of ``.gnz``, ``.npy``, ``.fits`` and ``.pv`` as virtual datasets, over the bytes where they are.

Bytes are referred to as `paginum.zarr.references` says. Elements of the first three formats need nothing but zarr to be read;
those of a ``.pv`` need this package. Icechunk keeps the codec of a ``.pv``. VirtualiZarr's writer of kerchunk's references writes
metadata of zarr 2, which leave that codec out, and by which xarray takes zeroes among whole numbers for missing unless it is
told ``mask_and_scale=False``: `paginum.zarr.references` writes such references itself, with metadata of zarr 3.
Arrays of several ``.pv`` cannot be concatenated: the codec of each names its array.

Examples
--------
>>> import numpy as np, paginum, virtualizarr, xarray
>>> from obspec_utils.registry import ObjectStoreRegistry
>>> from obstore.store import LocalStore
>>> from paginum.virtualizarr import Parser
>>> paginum.save(folder / "far.pv", {"rain": np.arange(5.0)})
>>> url, registry = (folder / "far.pv").as_uri(), ObjectStoreRegistry({"file://": LocalStore()})
>>> virtualizarr.open_virtual_dataset(url, registry=registry, parser=Parser(), loadable_variables=[]).sizes["row"]
5
>>> xarray.open_zarr(Parser()(url, registry), consolidated=False, zarr_format=3)["rain"][1:3].values
array([1., 2.])
"""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from virtualizarr.manifests import ChunkManifest, ManifestArray, ManifestGroup, ManifestStore
from zarr.core.metadata.v3 import ArrayV3Metadata

from ._references import references

__all__ = ["Parser"]


class Parser:
    """Makes the store of a file, for `virtualizarr.open_virtual_dataset`.

    Parameters
    ----------
    skip_variables : iterable of str, optional
        Names of arrays that are left out.
    dims : mapping of str to tuple of str, optional
        The dimensions of arrays by their names. Without, the first axis is called ``row`` where it has the length that most
        arrays have, as the backend for xarray calls it.
    storage_options : dict, optional
        What fsspec is told of the store, for addresses that this package reads through it.
    """

    def __init__(
        self,
        skip_variables: Iterable[str] = (),
        *,
        dims: Mapping[str, tuple[str, ...]] | None = None,
        storage_options: dict[str, Any] | None = None,
    ) -> None:
        self.skip_variables = frozenset(skip_variables)
        self.dims = dict(dims or {})
        self.storage_options = storage_options

    def __call__(self, url: str, registry: Any) -> ManifestStore:
        """The store of the file at an address. Its headers are read by this package, its arrays through `registry`.

        Raises
        ------
        UnsupportedError
            For files of other formats, and for those in gzip.
        """
        parts = urllib.parse.urlsplit(url)
        file = urllib.request.url2pathname(parts.path) if parts.scheme == "file" else url
        found = references(file, url=url, storage_options=self.storage_options)["refs"]
        ends = "/zarr.json"
        nodes = {key[: -len(ends)]: json.loads(text) for key, text in found.items() if key.endswith(ends)}
        arrays = {
            name: node
            for name, node in nodes.items()
            if node["node_type"] == "array" and name not in self.skip_variables
        }
        lengths = Counter(node["shape"][0] for node in arrays.values() if node["shape"])
        n_rows = lengths.most_common(1)[0][0] if lengths else 0
        places: dict[str, dict[str, Any]] = {name: {} for name in arrays}
        for key, place in found.items():
            name, _, chunk = key.rpartition("/c") if isinstance(place, list) else ("", "", "")
            if name in places:
                path, offset, length = place
                places[name][chunk.lstrip("/") or "0"] = {"path": path, "offset": offset, "length": length}
        made = {name: self._array(name, node, places[name], n_rows) for name, node in arrays.items()}
        attributes = json.loads(found["zarr.json"]).get("attributes", {})
        return ManifestStore(group=_group(made, attributes), registry=registry)

    def _array(self, name: str, node: dict[str, Any], chunks: dict[str, Any], n_rows: int) -> ManifestArray:
        shape = node["shape"]
        names = [f"axis_{axis}_{length}" for axis, length in enumerate(shape)]
        if shape:
            names[0] = "row" if shape[0] == n_rows else f"row_{shape[0]}"
        described = {**node, "dimension_names": list(self.dims.get(name, names))}
        if node["data_type"] in ("float32", "float64"):
            described["fill_value"] = "NaN"  # no chunk is missing, and readers of zarr 2 take what this is for missing
        metadata = ArrayV3Metadata.from_dict(described)
        grid = tuple(-(-n // chunk) for n, chunk in zip(shape, metadata.chunk_grid.chunk_shape, strict=True))
        return ManifestArray(metadata=metadata, chunkmanifest=ChunkManifest(chunks, shape=grid, separator="/"))


def _group(arrays: dict[str, ManifestArray], attributes: dict[str, Any]) -> ManifestGroup:
    """Arrays as a group, those whose names have folders in groups of their own."""
    here = {name: array for name, array in arrays.items() if "/" not in name}
    below: dict[str, dict[str, ManifestArray]] = {}
    for name, array in arrays.items():
        folder, separator, rest = name.partition("/")
        if separator:
            below.setdefault(folder, {})[rest] = array
    groups = {folder: _group(inside, {}) for folder, inside in below.items()}
    return ManifestGroup(arrays=here, groups=groups, attributes=attributes)
