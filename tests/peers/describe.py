"""What a dataset of pyvista holds, in the words of this project: path of each array, its bytes by digest."""

import hashlib

import numpy as np
import pyvista


def array(values):
    values = np.ascontiguousarray(values)
    return {"dtype": values.dtype.str, "shape": list(values.shape), "sha256": hashlib.sha256(values.tobytes()).hexdigest()}


def cells(out, prefix, name, cell_array):
    """Connectivity and offsets as int64, whatever the file narrowed them to; nothing for no cells."""
    if cell_array is not None and cell_array.GetNumberOfCells():
        as_numpy = pyvista.convert_array
        out[f"{prefix}{name}/connectivity"] = array(as_numpy(cell_array.GetConnectivityArray()).astype("<i8"))
        out[f"{prefix}{name}/offset"] = array(as_numpy(cell_array.GetOffsetsArray()).astype("<i8"))


def describe(mesh, prefix="", out=None):
    out = {} if out is None else out
    if isinstance(mesh, pyvista.MultiBlock):
        for i, block in enumerate(mesh):
            if block is not None:
                describe(block, f"{prefix}blocks/{i}/", out)
    else:
        if isinstance(mesh, (pyvista.PolyData, pyvista.UnstructuredGrid, pyvista.StructuredGrid, pyvista.PointSet)):
            if mesh.n_points:
                out[f"{prefix}points"] = array(mesh.points)
        if isinstance(mesh, pyvista.PolyData):
            for name, get in [("polys", "GetPolys"), ("lines", "GetLines"), ("strips", "GetStrips"), ("verts", "GetVerts")]:
                cells(out, prefix, name, getattr(mesh, get)())
        if isinstance(mesh, pyvista.UnstructuredGrid):
            cells(out, prefix, "cells", mesh.GetCells())
            if mesh.n_cells:
                out[f"{prefix}celltypes"] = array(mesh.celltypes)
        if isinstance(mesh, pyvista.RectilinearGrid):
            for axis in "xyz":
                out[f"{prefix}coordinates/{axis}"] = array(getattr(mesh, axis))
        for association in ["point_data", "cell_data"]:
            data = getattr(mesh, association)
            for key in data:
                out[f"{prefix}{association}/{key}"] = array(data[key])
    for key in mesh.field_data:
        out[f"{prefix}field_data/{key}"] = array(mesh.field_data[key])
    return out
