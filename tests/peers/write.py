"""Writes a dataset of every type with the release of pyvista-zstd on PYTHONPATH, and beside each what it holds."""

import inspect
import json
import pathlib
import sys
import warnings

warnings.simplefilter("ignore")

import numpy as np  # noqa: E402
import pyvista  # noqa: E402
import pyvista_zstd  # noqa: E402
from describe import describe  # noqa: E402


def fill(mesh, seed):
    random = np.random.default_rng(seed)
    for dtype in ["f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
        mesh.point_data[f"p_{dtype}"] = (random.normal(size=mesh.n_points) * 50).astype("i1").astype(dtype)
    if mesh.n_cells:
        mesh.cell_data["c_vector"] = random.normal(size=(mesh.n_cells, 3))
        mesh.cell_data["c_flag"] = random.normal(size=mesh.n_cells) > 0
    mesh.field_data["f_numbers"] = np.arange(7, dtype="i4")
    mesh.field_data["f_text"] = ["alpha", "b"]
    return mesh


def datasets():
    image = pyvista.ImageData(dimensions=(4, 5, 6), spacing=(0.1, 0.2, 0.3), origin=(1, 2, 3))
    yield "image", fill(image.copy(), 1)
    yield "rectilinear", fill(pyvista.RectilinearGrid(np.arange(3.0), np.arange(4.0) ** 2, [0.0, 5.0]), 2)
    yield "structured", fill(image.cast_to_structured_grid(), 3)
    yield "polydata", fill(pyvista.Sphere(theta_resolution=12, phi_resolution=12), 4)
    mixed = pyvista.PolyData(np.random.default_rng(5).normal(size=(9, 3)))
    mixed.verts = [1, 0, 2, 1, 2]
    mixed.lines = [2, 0, 1, 3, 2, 3, 4]
    mixed.faces = [3, 0, 1, 2, 4, 3, 4, 5, 6]
    yield "polydata_mixed", fill(mixed, 5)
    yield "polydata_empty", pyvista.PolyData()
    grid = image.cast_to_unstructured_grid()
    yield "unstructured", fill(grid, 6)
    yield "unstructured_mixed", fill(pyvista.Sphere(theta_resolution=6, phi_resolution=6).cast_to_unstructured_grid() + grid, 7)
    yield "pointset", fill(pyvista.PointSet(np.random.default_rng(8).normal(size=(20, 3))), 8)
    blocks = pyvista.MultiBlock()
    shared = fill(pyvista.Plane(i_resolution=3, j_resolution=4), 9)
    inner = pyvista.MultiBlock([fill(image.copy(), 10), None])
    for name, block in [("a", shared), ("nothing", None), ("inner", inner), ("again", shared)]:
        blocks.append(block, name)
    yield "multiblock", blocks


folder = pathlib.Path(sys.argv[1])
for name, mesh in datasets():
    for shuffle in [False, True]:
        if shuffle and "shuffle" not in inspect.signature(pyvista_zstd.write).parameters:
            continue  # releases before 0.2.4
        path = folder / f"{name}{'_shuffle' if shuffle else ''}.pv"
        pyvista_zstd.write(mesh, path, **({"shuffle": True} if shuffle else {}))
        (folder / f"{path.stem}.json").write_text(json.dumps(describe(mesh)))
