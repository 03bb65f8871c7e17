"""Meshes: as they were, and as pyvista-zstd reads and writes them."""

import gc
import sys

import numpy as np
import paginum
import pytest

pv = pytest.importorskip("pyvista")
import paginum.pyvista  # noqa: E402
from paginum.compat import pyvista_zstd as door  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


def sphere():
    mesh = pv.Sphere()
    mesh["v"] = np.arange(mesh.n_points)
    mesh["flag"] = np.arange(mesh.n_points) % 2 == 0
    mesh.cell_data["c"] = np.arange(mesh.n_cells) / 4
    mesh.field_data["f"] = [1, 2, 3]
    mesh.field_data["words"] = ["a", "bcd"]
    mesh.set_active_scalars("c", preference="cell")
    return mesh


def image():
    mesh = pv.ImageData(dimensions=(3, 4, 5), spacing=(1, 2, 3), origin=(4, 5, 6))
    mesh["b"] = np.arange(60.0)
    return mesh


def structured():
    return pv.StructuredGrid(*np.meshgrid([0.0, 1, 2], [0.0, 1], [0.0, 1, 2], indexing="ij"))


MESHES = {
    "sphere": sphere,
    "image": image,
    "structured": structured,
    "rectilinear": lambda: pv.RectilinearGrid([0.0, 1, 2], [0.0, 1], [0.0, 3, 4]),
    "hexahedron": pv.examples.cells.Hexahedron,
    "polyhedron": pv.examples.cells.Polyhedron,
    "mixed": lambda: pv.merge([pv.examples.cells.Hexahedron(), pv.examples.cells.Tetrahedron()]),
    "lines": pv.Line,
    "vertices": lambda: pv.PolyData(np.random.default_rng(0).random((5, 3))),
    "strips": lambda: pv.Sphere().strip(),
    "nothing": pv.PolyData,
    "no cells": pv.UnstructuredGrid,
    "explicit": lambda: pv.ImageData(dimensions=(3, 4, 5)).cast_to_structured_grid().cast_to_explicit_structured_grid(),
    "points": lambda: pv.PointSet(np.random.default_rng(0).random((10, 3))),
}


def check(found, mesh):
    assert type(found) is type(mesh) and found == mesh
    for ours, theirs in ((found.point_data, mesh.point_data), (found.cell_data, mesh.cell_data)):
        assert ours.keys() == theirs.keys()
        assert ours.active_scalars_name == theirs.active_scalars_name
        assert ours.active_vectors_name == theirs.active_vectors_name
        for key in ours:
            assert ours[key].dtype == theirs[key].dtype
    assert list(found.field_data) == list(mesh.field_data)


@pytest.mark.parametrize("compat", ["native", "0.7", "0.4"])
@pytest.mark.parametrize("name", MESHES)
def test_there_and_back(name, compat, folder):
    mesh = MESHES[name]()
    if name == "explicit" and compat == "0.4":
        with pytest.raises(paginum.InvalidArgumentError, match="ExplicitStructuredGrid"):
            paginum.pyvista.write(mesh, folder / "m.pv", compat=compat)
        return
    paginum.pyvista.write(mesh, folder / "m.pv", compat=compat)
    check(paginum.pyvista.read(folder / "m.pv"), mesh)


@pytest.mark.parametrize("name", MESHES)
def test_pyvista_zstd_both_ways(name, folder):
    theirs = pytest.importorskip("pyvista_zstd")
    mesh = MESHES[name]()
    theirs.write(mesh, folder / "theirs.pv")
    check(paginum.pyvista.read(folder / "theirs.pv"), mesh)
    paginum.pyvista.write(mesh, folder / "ours.pv")
    check(theirs.read(folder / "ours.pv"), mesh)


def test_blocks_of_pyvista_zstd(folder):
    theirs = pytest.importorskip("pyvista_zstd")
    blocks = pv.MultiBlock({"a": sphere(), "none": None, "inner": pv.MultiBlock({"d": pv.Cube()})})
    blocks.field_data["f"] = [5]
    theirs.write(blocks, folder / "b.pv")
    found = paginum.pyvista.read(folder / "b.pv")
    assert found == blocks and found.keys() == blocks.keys() and found.field_data["f"][0] == 5


def explicit():
    return pv.ImageData(dimensions=(3, 4, 5)).cast_to_structured_grid().cast_to_explicit_structured_grid()


def tree():
    shared = sphere()
    inner = pv.MultiBlock({"d": pv.Cube(), "grid": explicit(), "again": shared, "nothing": None})
    inner.field_data["g"] = [1.5]
    blocks = pv.MultiBlock({"a": shared, "none": None, "inner": inner})
    blocks.field_data["f"] = [5]
    blocks.user_dict["run"] = 7
    return blocks


def same_trees(found, blocks):
    assert found.keys() == blocks.keys() and list(found.field_data) == list(blocks.field_data)
    for ours, theirs in zip(found, blocks, strict=True):
        if isinstance(theirs, pv.MultiBlock):
            same_trees(ours, theirs)
        else:
            assert type(ours) is type(theirs) and ours == theirs


def test_blocks_there_and_back(folder):
    blocks = tree()
    paginum.pyvista.write(blocks, folder / "b.pv")
    found = paginum.pyvista.read(folder / "b.pv")
    same_trees(found, blocks)
    assert found["inner"]["again"] is found["a"]
    assert found.user_dict == {"run": 7}
    with paginum.open(folder / "b.pv") as file:
        assert sum(name.endswith("point_data/v") for name in file) == 2  # two paths
        file.verify()


def test_blocks_are_read_by_pyvista_zstd(folder):
    theirs = pytest.importorskip("pyvista_zstd")
    paginum.pyvista.write(tree(), folder / "b.pv")
    same_trees(theirs.read(folder / "b.pv"), tree())


def test_blocks_that_older_readers_would_lose_are_refused(folder):
    for compat in ("0.2", "0.4"):
        with pytest.raises(paginum.InvalidArgumentError, match="field data of a MultiBlock"):
            paginum.pyvista.write(tree(), folder / "b.pv", compat=compat)
    assert not (folder / "b.pv").exists()


def test_arrays_that_do_not_fit_their_mesh_are_not_written(folder):
    mesh = pv.Sphere()
    short = pv.convert_array(np.zeros(10), name="short")
    mesh.GetPointData().AddArray(short)
    for what in (mesh, pv.MultiBlock({"a": pv.Cube(), "b": mesh})):
        with pytest.raises(paginum.InvalidArgumentError, match="short"):
            paginum.pyvista.write(what, folder / "m.pv")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("shuffle", [False, True, "auto"])
@pytest.mark.parametrize("name", [*MESHES, "tree"])
def test_the_door_writes_the_bytes_of_pyvista_zstd(name, shuffle, folder):
    theirs = pytest.importorskip("pyvista_zstd")
    from paginum.compat import pyvista_zstd as ours

    for package, path in ((theirs, "theirs.pv"), (ours, "ours.pv")):
        mesh = tree() if name == "tree" else MESHES[name]()
        package.write(mesh, folder / path, n_threads=0, shuffle=shuffle)
    assert (folder / "theirs.pv").read_bytes() == (folder / "ours.pv").read_bytes()


def test_the_dictionary_of_a_user(folder):
    mesh = sphere()
    mesh.user_dict["a"] = 1
    paginum.pyvista.write(mesh, folder / "u.pv")
    assert dict(paginum.pyvista.read(folder / "u.pv").user_dict) == {"a": 1}


def test_some_arrays_and_a_reader_of_pyvista(folder):
    paginum.pyvista.write(sphere(), folder / "s.pv", compat="native", filter="numeric")
    assert list(paginum.pyvista.read(folder / "s.pv", arrays=["c"]).point_data) == []
    paginum.pyvista.register(override=True)
    check(pv.read(folder / "s.pv"), sphere())
    pv.Cube().save(folder / "t.pv", level=9)
    check(paginum.pyvista.read(folder / "t.pv"), pv.Cube())
    with paginum.open(folder / "t.pv") as file:
        assert file.attrs["compression_level"] == 9


def test_damaged_meshes_are_errors(folder):
    mesh = pv.Sphere()
    paginum.pyvista.write(mesh, folder / "s.pv", compat="native")
    wrong = mesh.regular_faces.ravel() + 10_000
    with pytest.raises(paginum.Error):
        paginum.append(folder / "s.pv", {"polys/connectivity": wrong}, into="", replace=True)
        paginum.pyvista.read(folder / "s.pv")
    paginum.save(folder / "n.npy", [1])
    with pytest.raises(paginum.UnsupportedError, match="mesh"):
        paginum.pyvista.read(folder / "n.npy")


def test_thumbnails(folder):
    from paginum import _core

    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (7).to_bytes(4, "big") + (5).to_bytes(4, "big") + b"rest"
    paginum.pyvista.write(pv.Sphere(), folder / "t.pv", thumbnail=png)
    assert _core.read_thumbnail(folder / "t.pv") == (7, 5, png, False)
    assert _core.read_thumbnail_of_bytes((folder / "t.pv").read_bytes())[:2] == (7, 5)
    with pytest.raises(paginum.InvalidArgumentError, match="PNG"):
        paginum.pyvista.write(pv.Sphere(), folder / "u.pv", thumbnail=b"no picture")


@pytest.mark.parametrize(
    "kind, dimensions",
    [("explicit", d) for d in ((10, 10, 10), (2, 2, 2), (1, 1), (-1, -1, 2), (0, 0, 10), (2**31, 2, 2))]
    + [("rectilinear", (4, 2, 3)), ("rectilinear", (3, 2))],
)
def test_dimensions_that_are_not_those_of_the_arrays_are_refused(kind, dimensions, folder, monkeypatch):
    theirs = pytest.importorskip("pyvista_zstd")
    mesh = MESHES[kind]()
    with monkeypatch.context() as patch:
        patch.setattr(type(mesh), "dimensions", property(lambda _: dimensions))
        theirs.write(mesh, folder / "lies.pv")
    with pytest.raises(paginum.CorruptDataError):
        paginum.pyvista.read(folder / "lies.pv")
    with pytest.raises(RuntimeError):
        door.read(folder / "lies.pv")


def test_a_file_that_another_program_changes_is_busy(folder):
    door.write(sphere(), folder / "a.pv")
    before = (folder / "a.pv").read_bytes()
    lock = folder / "a.pv.append.lock"
    lock.touch()
    for append in (door.append_arrays, paginum.append):
        with pytest.raises(BlockingIOError, match="append.lock"):
            append(folder / "a.pv", {"new": [1]})
    with pytest.raises(RuntimeError) as caught:
        door.append_arrays(folder / "a.pv", {"new": [1]})
    assert caught.value.status == 11 and (folder / "a.pv").read_bytes() == before
    lock.unlink()
    door.append_arrays(folder / "a.pv", {"new": [1]})


def test_a_file_that_states_more_than_it_can_hold_is_no_container(folder):
    door.write(sphere(), folder / "a.pv")
    content = bytearray((folder / "a.pv").read_bytes())
    content[-16:-8] = (2**63).to_bytes(8, "little")
    (folder / "a.pv").write_bytes(content)
    with pytest.raises(RuntimeError) as caught:
        door.append_arrays(folder / "a.pv", {"new": [1]})
    assert caught.value.status == 2 and (folder / "a.pv").read_bytes() == content


def test_a_closed_reader_of_memory_lets_go_of_the_bytes(folder):
    door.write(sphere(), folder / "a.pv")
    content = (folder / "a.pv").read_bytes()
    before = sys.getrefcount(content)
    reader = door.Reader(buffer=content)
    reader.read()
    assert sys.getrefcount(content) > before
    reader.close()
    gc.collect()
    assert sys.getrefcount(content) == before
    with pytest.raises(ValueError, match="closed Reader"):
        reader.thumbnail


@pytest.mark.parametrize("at, byte", [(95, 0x88), (87, 0)])
def test_a_picture_that_is_no_png_is_none(at, byte, folder):
    png = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + b"IHDR" + bytes([0, 0, 0, 2, 0, 0, 0, 3, 8, 6, 0, 0, 0]) + bytes(40)
    door.write(sphere(), folder / "a.pv", thumbnail=png)
    assert door.read_thumbnail(folder / "a.pv") == png
    content = bytearray((folder / "a.pv").read_bytes())
    assert content[95:103] == png[:8]
    content[at] = byte
    (folder / "a.pv").write_bytes(content)
    assert door.read_thumbnail(folder / "a.pv") is None
    assert door.Reader(folder / "a.pv").thumbnail is None and door.read(folder / "a.pv").n_points == 842


def test_a_mesh_is_written_to_a_pv_alone(folder):
    for name in ("a.npz", "a.vtk", "a"):
        with pytest.raises(paginum.InvalidArgumentError, match="meshes are written to .pv"):
            paginum.pyvista.write(sphere(), folder / name)
        assert not (folder / name).exists()
    paginum.pyvista.write(sphere(), folder / "a.zvtk")
    assert paginum.pyvista.read(folder / "a.zvtk").n_points == 842
    with pytest.raises(TypeError, match="paginum.pyvista.write"):
        paginum.save(folder / "a.pv", sphere())
