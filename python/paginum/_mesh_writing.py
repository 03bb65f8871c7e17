"""Meshes of pyvista as documents and arrays, in the order of a `.pv` file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyvista

from . import _elements
from ._errors import UnsupportedError

#: What an array can be active as, and VTK's word for it.
ACTIVE = {"scalars": "Scalars", "vectors": "Vectors", "texture_coordinates": "TCoords", "normals": "Normals"}
#: The uid of a block that is not there.
NO_BLOCK = "EMPTY_DS________"
_LISTS = {"polys": "Polys", "lines": "Lines", "strips": "Strips", "verts": "Verts"}
_STRUCTURED = ("ImageData", "RectilinearGrid", "StructuredGrid", "ExplicitStructuredGrid")
_WITH_POINTS = ("PolyData", "UnstructuredGrid", "StructuredGrid", "PointSet", "ExplicitStructuredGrid")
TYPES = ("PolyData", "UnstructuredGrid", "PointSet", *_STRUCTURED)
_INT32 = np.iinfo(np.int32).max

Step = dict[str, Any]


@dataclass
class Tree:
    """What is written of a mesh or a tree of them, step by step.

    `widths`: state the width of cells that all have the same, instead of their offsets. `narrow`: store ids in 32 bits where
    they fit.
    """

    widths: bool
    narrow: bool
    steps: list[Step] = field(default_factory=list)
    _uids: dict[str, str] = field(default_factory=dict)
    #: What an address of VTK stands for must live as long as the address is remembered.
    _alive: list[Any] = field(default_factory=list)

    def add(self, mesh: Any) -> str:
        """Adds a mesh, and what it holds, once; returns its uid."""
        if mesh is None:
            return NO_BLOCK
        address = mesh.GetAddressAsString("")
        if address in self._uids:
            return self._uids[address]
        uid = f"{len(self._uids):016x}"
        self._uids[address] = uid
        self._alive.append(mesh)
        if isinstance(mesh, pyvista.MultiBlock):
            self._add_blocks(uid, mesh)
        else:
            self._add_dataset(uid, mesh)
        return uid

    def _add_blocks(self, uid: str, blocks: Any) -> None:
        fields = list(_data("field", blocks.field_data))
        document: dict[str, Any] = {"uid": uid}
        step = {"uid": uid, "document": "", "is_block": True, "arrays": []}
        self.steps.append(step)
        document["children"] = [self.add(block) for block in blocks]
        document["children_keys"] = [blocks.get_block_name(i) for i in range(blocks.n_blocks)]
        document["children_ds"] = None
        if fields:
            document["field_data_keys"] = {
                path.partition("/")[2]: {"shape": values.shape, "dtype": str(values.dtype)} for path, values in fields
            }
            self.steps.append({"uid": uid, "document": None, "is_block": True, "arrays": _given(fields)})
        step["document"] = _text(document)

    def _add_dataset(self, uid: str, mesh: Any) -> None:
        kind = type(mesh).__name__
        if kind not in TYPES:
            raise UnsupportedError(f"a dataset of type {kind} is not written")
        document = _document(mesh, kind)
        arrays = _given(self._arrays(mesh, kind, document["fixed_cell_sizes"]))
        self.steps.append({"uid": uid, "document": _text(document), "is_block": False, "arrays": arrays})

    def _arrays(self, mesh: Any, kind: str, widths: dict[str, int]) -> Iterator[tuple[str, np.ndarray]]:
        """The arrays by their paths."""
        if kind in _WITH_POINTS and not (kind in _STRUCTURED and mesh.n_points == 0):
            yield "points", np.asarray(mesh.points)
        if kind == "PolyData":
            for name, vtk in _LISTS.items():
                cells = getattr(mesh, f"Get{vtk}")()
                if cells is not None and cells.GetNumberOfCells():
                    yield from self._cells(name, name, cells, mesh.n_points - 1, widths)
        if kind == "UnstructuredGrid":
            yield from self._unstructured(mesh, widths)
        if kind == "ExplicitStructuredGrid" and mesh.n_points:
            cells = mesh.GetCells()
            if cells is not None and cells.GetNumberOfCells():
                yield from self._cells("cells", "cells", cells, mesh.n_points - 1, widths)
        if kind == "RectilinearGrid" and mesh.n_points:
            for axis in "xyz":
                yield f"coordinates/{axis}", np.asarray(getattr(mesh, axis))
        yield from _data("point", mesh.point_data)
        if not (kind in _STRUCTURED and mesh.n_points == 0):
            # Without points such a grid has no cells, whatever its extent says.
            yield from _data("cell", mesh.cell_data)
        yield from _data("field", mesh.field_data)

    def _unstructured(self, mesh: Any, widths: dict[str, int]) -> Iterator[tuple[str, np.ndarray]]:
        yield "celltypes", np.asarray(mesh.celltypes, np.uint8)
        if mesh.n_cells:
            yield from self._cells("cells", "cells", mesh.GetCells(), mesh.n_points - 1, widths)
        else:  # other readers want the arrays of a grid of nothing, too
            yield "cells/offset", np.zeros(1, np.int32)
            yield "cells/connectivity", np.zeros(0, np.int32)
        faces = mesh.GetPolyhedronFaces()
        if faces is not None and faces.GetNumberOfCells():
            yield from self._cells("polyhedron", "polyhedron", faces, mesh.n_points - 1, widths)
            locations = mesh.GetPolyhedronFaceLocations()
            n_faces = faces.GetNumberOfCells()
            yield from self._cells("polyhedron_location", "polyhedron_locaction", locations, n_faces - 1, widths)

    def _cells(
        self, name: str, stored: str, cells: Any, last: int, widths: dict[str, int]
    ) -> Iterator[tuple[str, np.ndarray]]:
        """A list of cells, of ids up to `last`."""
        width = cells.IsHomogeneous() if self.widths else 0
        connectivity = _values(cells.GetConnectivityArray())
        if width > 0 and len(connectivity):
            widths[stored] = int(width)
        else:
            yield f"{name}/offset", self._narrowed(_values(cells.GetOffsetsArray()), len(connectivity))
        yield f"{name}/connectivity", self._narrowed(connectivity, last)

    def _narrowed(self, ids: np.ndarray, last: int) -> np.ndarray:
        if self.narrow and ids.dtype != np.int32 and last <= _INT32 and (not len(ids) or ids.max() <= _INT32):
            return ids.astype(np.int32)
        return ids


def _values(array: Any) -> np.ndarray:
    return np.asarray(pyvista.convert_array(array))


def _given(arrays: Iterable[tuple[str, np.ndarray]]) -> list[_elements.Given]:
    return [given for path, values in arrays for given in _elements.given(path, values, keeps_records=False)]


def _data(which: str, data: Any) -> Iterator[tuple[str, np.ndarray]]:
    for name in data.keys():
        # A text of one value comes as such.
        yield f"{which}_data/{name}", np.atleast_1d(np.asarray(data[name]))


def _document(mesh: Any, kind: str) -> dict[str, Any]:
    """What is not in arrays. Lists of arrays are the writer's to fill."""
    is_empty = kind in _STRUCTURED and mesh.n_points == 0
    document: dict[str, Any] = {"ds_type": kind, "uid": "", "n_points": mesh.n_points}
    document["points_dtype"] = str(np.asarray(mesh.points).dtype) if kind in _WITH_POINTS and mesh.n_points else None
    document["n_cells"] = 0 if is_empty else mesh.n_cells
    document["celltypes_dtype"] = "uint8" if kind == "UnstructuredGrid" else None
    document.update({f"{which}_data_keys": {} for which in ("point", "cell", "field")})
    document["fixed_cell_sizes"] = {}
    for which, attributes in (("point", mesh.GetPointData()), ("cell", mesh.GetCellData())):
        for what, vtk in ACTIVE.items():
            active = getattr(attributes, f"Get{vtk}")()
            document[f"{which}_data_active_{what}_name"] = None if active is None else active.GetName()
    document.update(dict.fromkeys(("dimensions", "origin", "spacing", "direction_matrix", "offset")))
    if kind in _STRUCTURED:
        document["dimensions"] = [0, 0, 0] if is_empty else list(mesh.dimensions)
        document["offset"] = [0, 0, 0] if is_empty else list(mesh.GetExtent()[::2])
    if kind == "ImageData":
        document["origin"] = list(mesh.origin)
        document["spacing"] = list(mesh.spacing)
        document["direction_matrix"] = np.asarray(mesh.direction_matrix).tolist()
    if kind == "ExplicitStructuredGrid" and mesh.GetFacesConnectivityFlagsArrayName() is not None:
        document["faces_connectivity_flags_array_name"] = mesh.GetFacesConnectivityFlagsArrayName()
    return document


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"))
