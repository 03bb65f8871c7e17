"""Meshes of pyvista out of the documents and arrays of a `.pv` file."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import pyvista
from pyvista.core.cell import CellArray

from . import _file
from ._errors import CorruptDataError, Error, UnsupportedError
from ._file import File
from ._mesh_writing import ACTIVE, NO_BLOCK

_LISTS = {"verts": "Verts", "lines": "Lines", "strips": "Strips", "polys": "Polys"}
#: Where the cells of a grid lie, by their own data: what releases of pyvista-zstd before 0.7 went by.
PLACES = ("BLOCK_I", "BLOCK_J", "BLOCK_K")

#: Names of the point, cell and field data that are read; all of those that are not there.
Chosen = Mapping[str, Collection[str]]


class Reading:
    """A file on its way to becoming meshes."""

    def __init__(self, file: File, chosen: Chosen | None = None, n_threads: int | None = None) -> None:
        self.file = file
        self.documents: dict[str, Any] = {}
        for path, text in file._core.documents()[1:]:
            self.documents.setdefault(path, json.loads(text))
        if "" not in self.documents:
            raise UnsupportedError(f"{file.name}: a file without a mesh", file=file.name)
        self.chosen = chosen or {}
        self.n_threads = n_threads
        #: Whether of two blocks of one name the second takes the place of the first.
        self.replaces = False
        self._by_uid: dict[str, Any] = {}

    def node(self, prefix: str = "") -> Any:
        """The dataset or the blocks at a place in the tree. What stands in several is made once."""
        document = self.documents.get(prefix)
        if document is None:
            return None
        uid = document.get("uid")
        if uid is None or uid not in self._by_uid:
            made = self._blocks(prefix, document) if "children" in document else self._dataset(prefix, document)
            self._by_uid[uid or prefix] = made
            return made
        return self._by_uid[uid]

    def _dataset(self, prefix: str, document: dict[str, Any]) -> Any:
        kind = document["ds_type"]
        build = _BUILDERS.get(kind)
        if build is None:
            raise UnsupportedError(f"{self.file.name}: a dataset of type {kind}")
        try:
            mesh = build(self, prefix, document)
            self._add_data(mesh, prefix, document)
        except Error:
            raise
        except (TypeError, KeyError, IndexError, ValueError, OverflowError) as error:
            raise CorruptDataError(f"{self.file.name}: the arrays of a {kind} do not fit: {error}") from error
        return mesh

    def _blocks(self, prefix: str, document: dict[str, Any]) -> pyvista.MultiBlock:
        blocks = pyvista.MultiBlock()
        names = document.get("children_keys") or []
        taken = set()
        for i, uid in enumerate(document["children"]):
            name = names[i] if i < len(names) else None
            node = None if uid == NO_BLOCK else self.node(f"{prefix}blocks/{i}/")
            if self.replaces and name in taken:
                blocks[name] = node
            else:
                blocks.append(node, name)
                taken.add(name)
        for key in document.get("field_data_keys") or {}:
            if self._wants("field", key):
                add_array(blocks.field_data, key, self.array(f"{prefix}field_data/{key}"))
        return blocks

    def _wants(self, kind: str, key: str) -> bool:
        chosen = self.chosen.get(kind)
        return chosen is None or key in chosen

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
        """The array at a path."""
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
        return _cell_array(offset.astype(connectivity.dtype, copy=False), connectivity)

    def _add_data(self, mesh: Any, prefix: str, document: dict[str, Any]) -> None:
        for kind, data in (("point", mesh.point_data), ("cell", mesh.cell_data), ("field", mesh.field_data)):
            for key in document.get(f"{kind}_data_keys") or {}:
                if self._wants(kind, key):
                    add_array(data, key, self.needed(f"{prefix}{kind}_data/{key}"))
        for kind, attributes in (("point", mesh.GetPointData()), ("cell", mesh.GetCellData())):
            for what, vtk in ACTIVE.items():
                name = document.get(f"{kind}_data_active_{what}_name")
                has = name is not None and attributes.HasArray(name)
                getattr(attributes, f"SetActive{vtk}")(name if has else None)


def _cell_array(offset: np.ndarray, connectivity: np.ndarray) -> CellArray:
    """Cells of ids as wide as they are stored."""
    cells = CellArray()
    kind = np.int32 if connectivity.dtype.itemsize == 4 else np.int64
    parts = [pyvista.convert_array(np.ascontiguousarray(part, kind), deep=True) for part in (offset, connectivity)]
    cells.SetData(*parts)
    return cells


def add_array(data: Any, name: str, values: np.ndarray) -> None:
    """Adds values to the data of a mesh, also where pyvista takes none: of no rows, or of more than two axes."""
    if values.dtype.kind in "US" or (values.size and values.ndim <= 2):
        data.set_array(np.atleast_1d(values), name)
        return
    rows = values.reshape(len(values), int(np.prod(values.shape[1:], dtype=np.int64)))
    association = data.association.name
    if values.dtype.kind == "b":
        rows = rows.astype(np.uint8)
        _remembered(data.dataset, "bitarray")[association].add(name)
    if values.dtype.kind == "c":
        parts = np.dtype(f"f{values.dtype.itemsize // 2}")
        rows = np.ascontiguousarray(rows).view(parts) if rows.size else np.empty((len(rows), 2 * rows.shape[1]), parts)
        _remembered(data.dataset, "complex")[association].add(name)
    array = pyvista.convert_array(np.ascontiguousarray(rows), name=name, deep=True)
    array.SetNumberOfComponents(max(rows.shape[1], 1))
    data.VTKObject.AddArray(array)


def _remembered(mesh: Any, kind: str) -> Any:
    """Where pyvista notes which arrays of VTK are of a type that VTK does not have."""
    name = f"association_{kind}_names"
    return getattr(mesh, f"_{name}") if hasattr(mesh, f"_{name}") else getattr(mesh, name)


def _poly_data(reading: Reading, prefix: str, document: dict[str, Any]) -> pyvista.PolyData:
    mesh = pyvista.PolyData()
    mesh.points = reading.needed(f"{prefix}points")
    for name, vtk in _LISTS.items():
        cells = reading.cells(prefix, name, name, document)
        _check_points(reading, cells, mesh.n_points)
        getattr(mesh, f"Set{vtk}")(cells if cells is not None else CellArray())
    return mesh


def _unstructured(reading: Reading, prefix: str, document: dict[str, Any]) -> pyvista.UnstructuredGrid:
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


def _check_points(reading: Reading, cells: CellArray | None, n_points: int) -> None:
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


def _image(reading: Reading, prefix: str, document: dict[str, Any]) -> pyvista.ImageData:
    mesh = pyvista.ImageData(spacing=document["spacing"], origin=document["origin"])
    mesh.extent = _extent(document)
    if document.get("direction_matrix") is not None:
        mesh.direction_matrix = document["direction_matrix"]
    return mesh


def _rectilinear(reading: Reading, prefix: str, document: dict[str, Any]) -> pyvista.RectilinearGrid:
    if document["n_points"] == 0:
        return pyvista.RectilinearGrid()
    axes = [reading.needed(f"{prefix}coordinates/{axis}") for axis in "xyz"]
    mesh = pyvista.RectilinearGrid(*axes)
    # Releases before 0.7 state no dimensions.
    lengths = [len(axis) for axis in axes]
    stated = document.get("dimensions") or lengths
    if list(stated) != lengths:
        raise CorruptDataError(f"{reading.file.name}: other numbers of coordinates than the dimensions say")
    mesh.SetExtent(_extent({**document, "dimensions": stated}))
    return mesh


def _structured(reading: Reading, prefix: str, document: dict[str, Any]) -> pyvista.StructuredGrid:
    mesh = pyvista.StructuredGrid()
    mesh.SetExtent(_extent(document))
    if document["n_points"] == 0:
        return mesh
    points = reading.needed(f"{prefix}points")
    if len(points) != math.prod(document["dimensions"]):
        raise CorruptDataError(f"{reading.file.name}: another number of points than the dimensions say")
    mesh.points = points
    return mesh


def _explicit(reading: Reading, prefix: str, document: dict[str, Any]) -> pyvista.ExplicitStructuredGrid:
    if document.get("dimensions") is None:
        return _explicit_by_places(reading, prefix, document)
    cells = reading.cells(prefix, "cells", "cells", document)
    _check_lattice(reading, document["dimensions"], 0 if cells is None else cells.n_cells)
    mesh = pyvista.ExplicitStructuredGrid()
    mesh.SetExtent(*_extent(document))
    mesh.SetFacesConnectivityFlagsArrayName(document.get("faces_connectivity_flags_array_name"))
    if document["n_points"] == 0:
        return mesh
    mesh.points = reading.needed(f"{prefix}points")
    if cells is not None:
        _check_points(reading, cells, mesh.n_points)
        # VTK finds neighbours among ids of its own width alone.
        cells.ConvertToDefaultStorage()
        mesh.SetCells(cells)
    return mesh


def _check_lattice(reading: Reading, dimensions: list[int], n_cells: int) -> None:
    """VTK makes a cell for each place that an extent has, and looks for cells at these places."""
    is_empty = list(dimensions) == [0, 0, 0]
    is_lattice = len(dimensions) == 3 and min(dimensions) > 0
    if not (is_empty or is_lattice) or math.prod(max(n - 1, 0) for n in dimensions) != n_cells:
        raise CorruptDataError(
            f"{reading.file.name}: ExplicitStructuredGrid dimensions {tuple(dimensions)} do not match its {n_cells} cells"
        )


def _explicit_by_places(reading: Reading, prefix: str, document: dict[str, Any]) -> pyvista.ExplicitStructuredGrid:
    """A grid as pyvista-zstd before 0.7 stored it: its cells, and in their data where each lies."""
    stored = document.get("cell_data_keys") or {}
    missing = [name for name in PLACES if name not in stored]
    if missing:
        raise UnsupportedError(
            f"{reading.file.name}: an ExplicitStructuredGrid of pyvista-zstd before 0.7 is read by {list(PLACES)}; "
            f"the file does not store {missing}; rewrite it with the release that wrote it, from data that have them"
        )
    if not all(reading._wants("cell", name) for name in PLACES):
        raise UnsupportedError(
            f"{reading.file.name}: an ExplicitStructuredGrid of pyvista-zstd before 0.7 is read by its cell data. "
            f"Select {list(PLACES)} in selected_cell_arrays, too"
        )
    mesh = _unstructured(reading, prefix, document)
    for name in PLACES:
        mesh.cell_data[name] = reading.needed(f"{prefix}cell_data/{name}")
    return mesh.cast_to_explicit_structured_grid()


def _point_set(reading: Reading, prefix: str, document: dict[str, Any]) -> pyvista.PointSet:
    return pyvista.PointSet(reading.needed(f"{prefix}points"))


_BUILDERS: dict[str, Callable[[Reading, str, dict[str, Any]], Any]] = {
    "PolyData": _poly_data,
    "UnstructuredGrid": _unstructured,
    "ImageData": _image,
    "RectilinearGrid": _rectilinear,
    "StructuredGrid": _structured,
    "ExplicitStructuredGrid": _explicit,
    "PointSet": _point_set,
}
