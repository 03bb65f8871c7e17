"""References to the arrays of files, read through fsspec by zarr."""

import numpy as np
import paginum
import pytest

fsspec = pytest.importorskip("fsspec")
zarr = pytest.importorskip("zarr", minversion="3")

import paginum.zarr  # noqa: E402

RNG = np.random.default_rng(0)
ARRAYS = {
    "line": np.arange(6.0),
    "large": RNG.normal(size=(3000, 400)),
    "columns": np.asfortranarray(RNG.integers(0, 9, (5, 7))),
    "swapped": np.arange(5, dtype=">i4"),
    "flags": np.array([True, False]),
    "scalar": np.float32(2),
    "days": np.arange("2024-01-01", "2024-02-01", dtype="M8[D]"),
}


def group(references):
    fs = fsspec.filesystem("reference", fo=references, asynchronous=True)
    return zarr.open_group(zarr.storage.FsspecStore(fs, read_only=True), mode="r")


@pytest.mark.parametrize("extension", ["gnz", "pv"])
def test_zarr_reads_arrays_where_they_are(tmp_path, extension):
    path = tmp_path / f"far.{extension}"
    paginum.save(path, ARRAYS)
    found = group(paginum.zarr.references(path))
    assert sorted(found.keys()) == sorted(ARRAYS)
    for name, array in ARRAYS.items():
        assert np.array_equal(found[name][...], array), name
    assert np.array_equal(found["large"][700:705, 3], ARRAYS["large"][700:705, 3])
    assert np.array_equal(found["columns"].oindex[[0, 3], [1, 6]], ARRAYS["columns"][np.ix_([0, 3], [1, 6])])


@pytest.mark.parametrize("order", ["C", "F"])
def test_zarr_reads_npy_of_both_orders(tmp_path, order):
    np.save(tmp_path / "far.npy", np.asarray(ARRAYS["large"], order=order))
    found = group(paginum.zarr.references(tmp_path / "far.npy"))["array"]
    assert np.array_equal(found[10:12], ARRAYS["large"][10:12])
    assert (found.chunks[0] < 3000) == (order == "C")


@pytest.mark.parametrize("filter", ["none", "shuffle", "delta", "numeric"])
def test_every_filter_of_a_pv_is_read(tmp_path, filter):
    values = np.round(RNG.normal(size=40_000).cumsum(), 1)
    paginum.save(tmp_path / "far.pv", {"x": values}, filter=filter)
    found = group(paginum.zarr.references(tmp_path / "far.pv"))["x"]
    assert np.array_equal(found[:], values)
    assert np.array_equal(found[39_990:], values[39_990:])


def test_a_slice_fetches_its_pages_alone(tmp_path):
    values = RNG.normal(size=400_000)
    paginum.save(tmp_path / "far.pv", {"x": values}, filter="numeric")
    references = paginum.zarr.references(tmp_path / "far.pv", url="memory://far.pv")
    content = (tmp_path / "far.pv").read_bytes()
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/far.pv", content)
    fetched = []

    class Counted(type(memory)):
        def cat_file(self, path, start=None, end=None, **keywords):
            data = super().cat_file(path, start=start, end=end, **keywords)
            fetched.append(len(data))
            return data

    from fsspec.implementations.asyn_wrapper import AsyncFileSystemWrapper
    from fsspec.implementations.reference import ReferenceFileSystem

    remote = AsyncFileSystemWrapper(Counted(skip_instance_cache=True), asynchronous=True)
    fs = ReferenceFileSystem(fo=references, fs=remote, asynchronous=True, skip_instance_cache=True)
    found = zarr.open_group(zarr.storage.FsspecStore(fs, read_only=True), mode="r")["x"]
    assert np.array_equal(found[200_000:200_010], values[200_000:200_010])
    assert 0 < sum(fetched) < len(content) / 4, (sum(fetched), len(content))


def test_a_damaged_page_is_an_error(tmp_path):
    path = tmp_path / "far.pv"
    paginum.save(path, {"x": RNG.normal(size=100_000)}, filter="numeric")
    references = paginum.zarr.references(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(paginum.CorruptDataError):
        group(references)["x"][:]


def test_references_are_json_and_formats_without_them_are_refused(tmp_path):
    import json

    paginum.save(tmp_path / "a.pv", {"x": [1, 2]})
    found = paginum.zarr.references(tmp_path / "a.pv", url="https://example.org/a.pv")
    assert json.loads(json.dumps(found))["refs"]["x/c/0"][0] == "https://example.org/a.pv"
    np.savez(tmp_path / "a.npz", x=np.arange(3))
    with pytest.raises(paginum.UnsupportedError, match="npz"):
        paginum.zarr.references(tmp_path / "a.npz")


@pytest.mark.parametrize("name", ["a.npy", "a.gnz", "a.pv"])
def test_compressed_files_have_no_references(tmp_path, name):
    import gzip

    paginum.save(tmp_path / name, {"a": np.arange(3)})
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / name).write_bytes(gzip.compress((tmp_path / name).read_bytes()))
    with pytest.raises(paginum.UnsupportedError, match="compressed"):
        paginum.zarr.references(tmp_path / "b" / name)


def test_arrays_with_nulls_are_left_out(tmp_path):
    masked = np.ma.MaskedArray(np.arange(4.0), mask=[0, 1, 0, 0])
    paginum.save(tmp_path / "a.pv", {"nulls": masked, "x": [1]})
    assert list(group(paginum.zarr.references(tmp_path / "a.pv")).keys()) == ["x"]


def image(path, **arrays):
    """A `.fits` of images."""
    paginum.save(path, arrays)
    return path


def test_zarr_reads_images_of_fits_where_they_are(tmp_path):
    images = {"sky": RNG.normal(size=(30, 40)), "counts": np.arange(12, dtype="i2").reshape(3, 4), "u": np.arange(4, dtype="u1")}
    path = image(tmp_path / "far.fits", **images, other_sign=np.arange(4, dtype="u2"))
    found = group(paginum.zarr.references(path))
    assert sorted(found.keys()) == sorted(images), "what a zero turns over does not lie there as it is"
    for name, values in images.items():
        assert np.array_equal(found[name][...], values), name
        assert found[name].dtype == values.dtype
    assert np.array_equal(found["sky"][7, 3:5], images["sky"][7, 3:5])


def test_columns_between_others_are_no_references(tmp_path):
    path = image(tmp_path / "far.fits", **{"T/a": np.arange(5.0), "T/b": np.arange(5), "V/alone": np.arange(5.0)})
    references = paginum.zarr.references(path)
    assert not [key for key in references["refs"] if key.startswith("T")]
    assert np.array_equal(group(references)["V/alone"][1:3], [1.0, 2.0])
