"""Dask, xarray, fsspec and Arrow."""

import subprocess
import sys

import numpy as np
import paginum
import pytest

pytestmark = pytest.mark.filterwarnings("ignore")
VALUES = np.round(np.random.default_rng(2).normal(size=(40_000, 3)), 2)


@pytest.fixture
def paths(folder):
    for i in range(3):
        paginum.save(folder / f"{i}.pv", {"x": VALUES + i, "time": np.arange(40_000) + i * 40_000})
    return [folder / f"{i}.pv" for i in range(3)]


def test_dask_reads_many_files(paths):
    pytest.importorskip("dask.array")
    import paginum.dask

    array = paginum.dask.from_pv(paths, "x", block_bytes=100_000)
    expected = np.concatenate([VALUES, VALUES + 1, VALUES + 2])
    assert array.shape == expected.shape and array.numblocks[0] > 9
    np.testing.assert_array_equal(array.compute(), expected)
    np.testing.assert_array_equal(array[39_990:40_010, 1].compute(), expected[39_990:40_010, 1])
    assert paginum.dask.from_pv(paths, "x").name == paginum.dask.from_pv(paths, "x").name
    late = paginum.dask.from_pv(paths, "x")
    paginum.save(paths[1], {"x": VALUES[:5]})
    paginum.dask._opened.cache_clear()  # as a worker that has not opened the file yet
    with pytest.raises(paginum.ChangedError, match=r"1\.pv"):
        late.compute()


def test_dask_writes_blocks_and_a_manifest_last(folder):
    da = pytest.importorskip("dask.array")
    import paginum.dask

    array = da.from_array(VALUES, chunks=(15_000, 2))
    later = paginum.dask.to_pv(array, str(folder / "b-{}.pv"), compute=False)
    assert not list(folder.iterdir())
    manifest = later.compute()
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(first) == 7
    paginum.dask.to_pv(array, str(folder / "b-{}.pv"))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    again = paginum.dask.from_pv(manifest)
    assert again.chunks == array.chunks and again.dtype == array.dtype
    np.testing.assert_array_equal(again.compute(), VALUES)
    (folder / "b-2.pv").write_bytes(first["b-2.pv"][:-300])
    with pytest.raises(paginum.CorruptDataError, match=r"b-2\.pv"):
        again.compute()

    def broken(block):
        raise ArithmeticError("in the middle")

    other = folder / "other"
    other.mkdir()
    with pytest.raises(ArithmeticError):
        paginum.dask.to_pv(array.map_blocks(broken, dtype="f8", meta=np.empty((0, 0))), str(other / "{}.pv"))
    assert not (other / "manifest.json").exists()


def test_xarray_is_lazy(paths):
    xarray = pytest.importorskip("xarray")
    from paginum.xarray import Backend

    with xarray.open_dataset(paths[0], engine=Backend) as data:
        assert data.x.dims == ("row", "axis_1_3") and data.time.dims == ("row",)
        np.testing.assert_array_equal(data.x[::7, 1], VALUES[::7, 1])
        np.testing.assert_array_equal(data.x.isel(row=[5, 3, 9], axis_1_3=[2, 0]), VALUES[np.ix_([5, 3, 9], [2, 0])])
        np.testing.assert_array_equal(data.x.isel(row=-1, axis_1_3=2), VALUES[-1, 2])
        np.testing.assert_array_equal(data.x.isel(row=3), VALUES[3])
        rows, columns = xarray.DataArray([1, 5], dims="p"), xarray.DataArray([2, 0], dims="p")
        np.testing.assert_array_equal(data.x.isel(row=rows, axis_1_3=columns), VALUES[[1, 5], [2, 0]])
    pytest.importorskip("dask.array")
    with xarray.open_mfdataset(
        paths, engine=Backend, combine="nested", concat_dim="row", drop_variables="time"
    ) as data:
        assert data.x.chunks is not None and data.x.shape == (120_000, 3)
        assert float(data.x.sum()) == pytest.approx(float(3 * VALUES.sum() + 3 * VALUES.size))


def test_xarray_fills_nulls(folder):
    xarray = pytest.importorskip("xarray")
    from paginum.xarray import Backend

    paginum.save(folder / "n.pv", {"n": np.ma.MaskedArray([1, 2, 3], [0, 1, 0])})
    with xarray.open_dataset(folder / "n.pv", engine=Backend) as data:
        np.testing.assert_array_equal(data.n, [1, np.nan, 3])


def test_fsspec_addresses_and_handles():
    fsspec = pytest.importorskip("fsspec")
    import pickle

    paginum.save("memory://folder/a.pv", {"x": VALUES})
    with pytest.raises(FileExistsError):
        paginum.save("memory://folder/a.pv", {"x": [1]}, overwrite=False)
    with paginum.open("memory://folder/a.pv") as file:
        np.testing.assert_array_equal(file["x"][100:110], VALUES[100:110])
        again = pickle.loads(pickle.dumps(file["x"]))
        np.testing.assert_array_equal(again[5], VALUES[5])
    handle = fsspec.open("memory://folder/a.pv", "rb")
    np.testing.assert_array_equal(paginum.open(handle)["x"].read(), VALUES)
    with pytest.raises(FileNotFoundError):
        paginum.open("memory://folder/no.pv")
    paginum.convert("memory://folder/a.pv", "memory://folder/a.npy", arrays=["x"])
    assert paginum.open("memory://folder/a.npy").format == "npy"
    np.testing.assert_array_equal(next(iter(paginum.open("memory://folder/a.npy").values())).read(), VALUES)


def test_arrow_with_nulls(folder):
    pa = pytest.importorskip("pyarrow")
    array = np.ma.MaskedArray(np.arange(200_000), np.arange(200_000) % 5 == 0)
    paginum.save(folder / "a.pv", {"x": array, "t": np.array(["2024-01-01"], "M8[ns]"), "two": VALUES})
    with paginum.open(folder / "a.pv") as file:
        whole = pa.array(file["x"])
        assert whole.null_count == 40_000 and whole[1].as_py() == 1 and not whole[0].is_valid
        stream = pa.chunked_array(file["x"])
        assert stream.num_chunks > 1 and stream.combine_chunks().equals(whole)
        assert pa.array(file["t"]).type == pa.timestamp("ns")
        with pytest.raises(paginum.UnsupportedError):
            pa.array(file["two"])
        try:
            import polars
        except ImportError:
            return
        series = polars.Series(file["x"])
        assert series.null_count() == 40_000 and series[199_999] == 199_999


def test_the_base_needs_numpy_alone():
    code = """
import sys
import paginum
loaded = {name.split(".")[0] for name in sys.modules}
assert not loaded & {"zarr", "numcodecs", "xarray", "dask", "distributed", "fsspec", "pyarrow", "pyvista", "tqdm"}, loaded
"""
    subprocess.run([sys.executable, "-c", code], check=True)
