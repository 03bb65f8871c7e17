"""Meshes of pyvista in `.pv` files.

The files are those of pyvista-zstd, in either direction. With ``compat="native"`` arrays are stored by the filters of this
package, which are smaller and read in part, and which pyvista-zstd does not read.

Examples
--------
>>> import pyvista, paginum.pyvista
>>> mesh = pyvista.Sphere()
>>> paginum.pyvista.write(mesh, folder / "sphere.pv", compat="native")
>>> paginum.pyvista.read(folder / "sphere.pv") == mesh
True
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pyvista
from pyvista.core.cell import CellArray

from . import _core, _elements, _file
from ._errors import CorruptDataError, UnsupportedError
from ._file import File
from ._save import Filter, _options, _say, _target
from ._work import Progress, threads, told

__all__ = ["read", "register", "write"]

_ACTIVE = {"scalars": "SetActiveScalars", "vectors": "SetActiveVectors", "texture_coordinates": "SetActiveTCoords", "normals": "SetActiveNormals"}
_LISTS = {"verts": "Verts", "lines": "Lines", "strips": "Strips", "polys": "Polys"}


def read(source: Any, *, arrays: Iterable[str] | None = None, n_threads: int | None = None) -> Any:
    """Read a mesh, or a tree of them.

    Parameters
    ----------
    source : as of `paginum.open`, or File
        The file.
    arrays : iterable of str, optional
        Names of the point and cell data that are read; all by default.
    n_threads : int, optional
        How many threads decode.

    Returns
    -------
    pyvista.DataSet or pyvista.MultiBlock
        As it was written: geometry, data, and which data are active.

    Raises
    ------
    CorruptDataError
        For a file whose arrays do not fit together.
    UnsupportedError
        For a type of dataset that pyvista does not have.
    """
    if not isinstance(source, File):
        with _file.open(source) as file:
            return read(file, arrays=arrays, n_threads=n_threads)
    documents = {}
    for path, text in source._core.documents()[1:]:
        documents.setdefault(path, json.loads(text))
    if "" not in documents:
        raise UnsupportedError(f"{source.name}: a file without a mesh", file=source.name)
    reading = _Reading(source, documents, None if arrays is None else set(arrays), n_threads)
    return reading.node("")


class _Reading:
    """A file on its way to becoming meshes."""

    def __init__(self, file: File, documents: dict[str, Any], chosen: set[str] | None, n_threads: int | None) -> None:
        self.file = file
        self.documents = documents
        self.chosen = chosen
        self.n_threads = n_threads

    def node(self, prefix: str) -> Any:
        document = self.documents[prefix]
        if "children" in document:
            return self.tree(prefix, document)
        kind = document["ds_type"]
        build = _BUILDERS.get(kind)
        if build is None:
            raise UnsupportedError(f"{self.file.name}: a dataset of type {kind}")
        try:
            mesh = build(self, prefix, document)
            self.add_data(mesh, prefix, document)
        except (TypeError, KeyError, IndexError) as error:
            raise CorruptDataError(f"{self.file.name}: the arrays of a {kind} do not fit: {error}") from error
        return mesh

    def tree(self, prefix: str, document: dict[str, Any]) -> pyvista.MultiBlock:
        blocks = pyvista.MultiBlock()
        names = document.get("children_keys") or []
        for i, _ in enumerate(document["children"]):
            inner = f"{prefix}blocks/{i}/"
            name = names[i] if i < len(names) else None
            blocks.append(self.node(inner) if inner in self.documents else None, name)
        for key in document.get("field_data_keys") or {}:
            blocks.field_data[key] = self.array(f"{prefix}field_data/{key}")
        return blocks

    def array(self, path: str) -> Any:
        """The array at a path; ``None`` where there is none."""
        core = self.file._core
        try:
            index = core.find(path)
        except ValueError:
            return None
        if index >= len(core) and path.endswith("/offset"):
            return None  # not in the file: it follows from the width of the cells
        return np.ma.getdata(_file.Array(self.file, index, path).read(n_threads=self.n_threads))

    def needed(self, path: str) -> np.ndarray:
        found = self.array(path)
        if found is None:
            raise CorruptDataError(f"{self.file.name}: there is no {path}", file=self.file.name, array=path)
        return found

    def cells(self, prefix: str, name: str, stored: str, document: dict[str, Any]) -> CellArray | None:
        """A list of cells, whose offsets follow from their width where that is stated."""
        connectivity = self.array(f"{prefix}{name}/connectivity")
        if connectivity is None or not len(connectivity):
            return None
        offset = self.array(f"{prefix}{name}/offset")
        if offset is None:
            width = (document.get("fixed_cell_sizes") or {}).get(stored)
            if not width:
                raise CorruptDataError(f"{self.file.name}: cells without offsets", array=f"{prefix}{name}")
            offset = np.arange(0, len(connectivity) + 1, width, dtype=connectivity.dtype)
        if len(offset) == 0 or offset[0] != 0 or offset[-1] != len(connectivity) or (np.diff(offset) < 0).any():
            raise CorruptDataError(f"{self.file.name}: offsets of cells that do not fit", array=f"{prefix}{name}")
        return CellArray.from_arrays(offset, connectivity, deep=True)

    def add_data(self, mesh: Any, prefix: str, document: dict[str, Any]) -> None:
        for kind, data in (("point", mesh.point_data), ("cell", mesh.cell_data), ("field", mesh.field_data)):
            for key in document.get(f"{kind}_data_keys") or {}:
                if kind == "field" or self.chosen is None or key in self.chosen:
                    data.set_array(self.needed(f"{prefix}{kind}_data/{key}"), key)
        for kind, attributes in (("point", mesh.GetPointData()), ("cell", mesh.GetCellData())):
            for what, setter in _ACTIVE.items():
                name = document.get(f"{kind}_data_active_{what}_name")
                getattr(attributes, setter)(name if name is not None and attributes.HasArray(name) else None)


def _poly_data(reading: _Reading, prefix: str, document: dict[str, Any]) -> pyvista.PolyData:
    mesh = pyvista.PolyData()
    mesh.points = reading.needed(f"{prefix}points")
    for name, vtk in _LISTS.items():
        cells = reading.cells(prefix, name, name, document)
        _check_points(reading, cells, mesh.n_points)
        getattr(mesh, f"Set{vtk}")(cells if cells is not None else CellArray())
    return mesh


def _unstructured(reading: _Reading, prefix: str, document: dict[str, Any]) -> pyvista.UnstructuredGrid:
    mesh = pyvista.UnstructuredGrid()
    mesh.points = reading.needed(f"{prefix}points")
    cells = reading.cells(prefix, "cells", "cells", document)
    if cells is None:
        return mesh
    _check_points(reading, cells, mesh.n_points)
    types = pyvista.convert_array(reading.needed(f"{prefix}celltypes"), deep=True)
    if types.GetNumberOfTuples() != cells.n_cells:
        raise CorruptDataError(f"{reading.file.name}: another number of cells than of their types")
    faces = reading.cells(prefix, "polyhedron", "polyhedron", document)
    if faces is None:
        mesh.SetCells(types, cells)
    else:
        locations = reading.cells(prefix, "polyhedron_location", "polyhedron_locaction", document)
        mesh.SetPolyhedralCells(types, cells, locations, faces)
    return mesh


def _check_points(reading: _Reading, cells: CellArray | None, n_points: int) -> None:
    """VTK follows indices without a look."""
    if cells is None or cells.n_cells == 0:
        return
    points = pyvista.convert_array(cells.GetConnectivityArray())
    if points.size and (points.min() < 0 or points.max() >= n_points):
        raise CorruptDataError(f"{reading.file.name}: a cell of points that there are not")


def _extent(document: dict[str, Any]) -> tuple[int, ...]:
    offset = document.get("offset") or (0, 0, 0)
    return tuple(
        bound
        for start, n in zip(offset, document["dimensions"], strict=True)
        for bound in (int(start), int(start) + int(n) - 1)
    )


def _image(reading: _Reading, prefix: str, document: dict[str, Any]) -> pyvista.ImageData:
    mesh = pyvista.ImageData(spacing=document["spacing"], origin=document["origin"])
    mesh.extent = _extent(document)
    if document.get("direction_matrix") is not None:
        mesh.direction_matrix = document["direction_matrix"]
    return mesh


def _rectilinear(reading: _Reading, prefix: str, document: dict[str, Any]) -> pyvista.RectilinearGrid:
    mesh = pyvista.RectilinearGrid(*(reading.needed(f"{prefix}coordinates/{axis}") for axis in "xyz"))
    mesh.SetExtent(_extent(document))
    return mesh


def _structured(reading: _Reading, prefix: str, document: dict[str, Any]) -> pyvista.StructuredGrid:
    mesh = pyvista.StructuredGrid()
    points = reading.needed(f"{prefix}points")
    if len(points) != np.prod(document["dimensions"]):
        raise CorruptDataError(f"{reading.file.name}: another number of points than the dimensions say")
    mesh.SetExtent(_extent(document))
    mesh.points = points
    return mesh


def _point_set(reading: _Reading, prefix: str, document: dict[str, Any]) -> pyvista.PointSet:
    return pyvista.PointSet(reading.needed(f"{prefix}points"))


_BUILDERS: dict[str, Callable[[_Reading, str, dict[str, Any]], Any]] = {
    "PolyData": _poly_data,
    "UnstructuredGrid": _unstructured,
    "ImageData": _image,
    "RectilinearGrid": _rectilinear,
    "StructuredGrid": _structured,
    "PointSet": _point_set,
}


def write(
    mesh: Any,
    file: Any,
    *,
    compat: str = "0.7",
    overwrite: bool = True,
    filter: Filter | None = None,
    level: int | None = None,
    zstd_level: int | None = None,
    page_numbers: int | None = None,
    thumbnail: bytes | None = None,
    storage_options: dict[str, Any] | None = None,
    n_threads: int | None = None,
    progress: Progress | bool | None = None,
) -> None:
    """Write a mesh.

    Parameters
    ----------
    mesh : pyvista.DataSet
        PolyData, UnstructuredGrid, ImageData, RectilinearGrid, StructuredGrid or PointSet.
    file : as of `paginum.save`
        Where to.
    compat : str
        Who is to read it: ``0.7``, ``0.4``, ``0.2`` (that pyvista-zstd) or ``native`` (this package alone).
    overwrite, filter, level, zstd_level, page_numbers, storage_options, n_threads, progress
        As of `paginum.save`.
    thumbnail : bytes, optional
        A picture of it: a PNG file.

    Raises
    ------
    UnsupportedError
        For other types, a tree of blocks among them.
    """
    kind = type(mesh).__name__
    if kind not in _BUILDERS:
        raise UnsupportedError(f"a dataset of type {kind} is not written yet")
    document = _document(mesh, kind)
    described = []
    for path, values in _parts(mesh, kind):
        described.extend(_elements.given(path, values, keeps_records=False))
    place, sink, _ = _target(file, storage_options)
    content, notes = _core.save_dataset(
        place,
        json.dumps(document),
        described,
        _options(filter, level, zstd_level, page_numbers, compat),
        thumbnail=thumbnail,
        may_replace=overwrite,
        n_threads=threads(n_threads),
        progress=told(progress),
    )
    if sink is not None:
        sink(content, overwrite)
    _say(notes)


def _document(mesh: Any, kind: str) -> dict[str, Any]:
    """What is not in arrays."""
    document: dict[str, Any] = {"ds_type": kind, "n_points": mesh.n_points, "n_cells": mesh.n_cells}
    document["points_dtype"] = str(mesh.points.dtype) if kind not in ("ImageData", "RectilinearGrid") else None
    document["celltypes_dtype"] = "uint8" if kind == "UnstructuredGrid" else None
    document["fixed_cell_sizes"] = {}
    for which, attributes in (("point", mesh.GetPointData()), ("cell", mesh.GetCellData())):
        for what in _ACTIVE:
            vtk = {"texture_coordinates": "TCoords"}.get(what, what.capitalize())
            active = getattr(attributes, f"Get{vtk}")()
            document[f"{which}_data_active_{what}_name"] = None if active is None else active.GetName()
    document.update(dict.fromkeys(("dimensions", "origin", "spacing", "direction_matrix", "offset")))
    if kind in ("ImageData", "RectilinearGrid", "StructuredGrid"):
        extent = mesh.GetExtent()
        document["dimensions"] = list(mesh.dimensions)
        document["offset"] = list(extent[::2])
    if kind == "ImageData":
        document["origin"] = list(mesh.origin)
        document["spacing"] = list(mesh.spacing)
        document["direction_matrix"] = np.asarray(mesh.direction_matrix).tolist()
    return document


def _parts(mesh: Any, kind: str) -> Iterable[tuple[str, np.ndarray]]:
    """The arrays of a mesh by their paths, in the order of a file."""
    if kind in ("PolyData", "UnstructuredGrid", "StructuredGrid", "PointSet"):
        yield "points", np.asarray(mesh.points)
    if kind == "PolyData":
        for name, vtk in (("polys", "Polys"), ("lines", "Lines"), ("strips", "Strips"), ("verts", "Verts")):
            yield from _cells(name, getattr(mesh, f"Get{vtk}")())
    if kind == "UnstructuredGrid":
        yield "celltypes", np.asarray(mesh.celltypes, np.uint8)
        if mesh.n_cells:
            yield from _cells("cells", mesh.GetCells())
        else:  # other readers want the arrays of a grid of nothing, too
            yield "cells/offset", np.zeros(1, np.int32)
            yield "cells/connectivity", np.zeros(0, np.int32)
        if mesh.GetPolyhedronFaces() is not None:
            yield from _cells("polyhedron", mesh.GetPolyhedronFaces())
            yield from _cells("polyhedron_location", mesh.GetPolyhedronFaceLocations())
    if kind == "RectilinearGrid":
        for axis in "xyz":
            yield f"coordinates/{axis}", np.asarray(getattr(mesh, axis))
    for which, data in (("point", mesh.point_data), ("cell", mesh.cell_data), ("field", mesh.field_data)):
        for name in data:
            yield f"{which}_data/{name}", np.asarray(data[name])


def _cells(name: str, cells: Any) -> Iterable[tuple[str, np.ndarray]]:
    if cells is None or cells.GetNumberOfCells() == 0:
        return
    yield f"{name}/offset", pyvista.convert_array(cells.GetOffsetsArray())
    yield f"{name}/connectivity", pyvista.convert_array(cells.GetConnectivityArray())


def register(override: bool = False) -> None:
    """Let `pyvista.read` read `.pv` files by this package.

    Parameters
    ----------
    override : bool
        Whether a reader of that extension that is there, as pyvista-zstd's, is replaced.
    """
    pyvista.register_reader(".pv", lambda path, **keywords: read(os.fspath(path)), override=override)
