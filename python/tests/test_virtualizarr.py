"""Virtual datasets over files where they are."""

import numpy as np
import paginum
import pytest

virtualizarr = pytest.importorskip("virtualizarr")
xarray = pytest.importorskip("xarray")

from obspec_utils.registry import ObjectStoreRegistry  # noqa: E402
from obstore.store import LocalStore  # noqa: E402
from paginum.virtualizarr import Parser  # noqa: E402

RNG = np.random.default_rng(0)
ARRAYS = {"line": np.arange(600.0), "plane": RNG.normal(size=(600, 40)), "few": np.arange(3, dtype="i2")}


def registry():
    return ObjectStoreRegistry({"file://": LocalStore()})


def of(path, **keywords):
    return Parser(**keywords)(path.as_uri(), registry())


@pytest.mark.parametrize("extension", ["gnz", "fits", "pv"])
def test_arrays_are_read_where_they_are(tmp_path, extension):
    path = tmp_path / f"far.{extension}"
    paginum.save(path, ARRAYS)
    data = xarray.open_zarr(of(path), consolidated=False, zarr_format=3)
    for name, values in ARRAYS.items():
        assert np.array_equal(data[name].values, values), name
    assert np.array_equal(data["plane"][5:7, 3].values, ARRAYS["plane"][5:7, 3])


@pytest.mark.parametrize("extension", ["gnz", "fits", "pv"])
def test_files_are_one_dataset_without_being_read(tmp_path, extension):
    urls = []
    for i in range(2):
        path = tmp_path / f"{i}.{extension}"
        paginum.save(path, {"a": np.arange(4.0) + 10 * i})
        urls.append(path.as_uri())
    parts = [
        virtualizarr.open_virtual_dataset(url, registry=registry(), parser=Parser(), loadable_variables=[])
        for url in urls
    ]
    if extension == "pv":  # each names its own array in its codec, so that they are other codecs to VirtualiZarr
        return
    joined = xarray.concat(parts, dim="row", coords="minimal", compat="override")
    assert joined["a"].shape == (8,) and joined["a"].data.manifest.dict()["1"]["path"] == urls[1]


def test_names_and_dimensions_are_the_callers(tmp_path):
    path = tmp_path / "far.gnz"
    paginum.save(path, ARRAYS)
    data = xarray.open_zarr(of(path, skip_variables=["few"], dims={"plane": ("t", "x")}), consolidated=False, zarr_format=3)
    assert sorted(data) == ["line", "plane"] and data["plane"].dims == ("t", "x") and data["line"].dims == ("row",)


@pytest.mark.parametrize("extension", ["gnz", "fits"])
def test_references_of_kerchunk_are_written_by_virtualizarr(tmp_path, extension):
    pytest.importorskip("kerchunk")
    path = tmp_path / f"far.{extension}"
    paginum.save(path, ARRAYS)
    parsed = virtualizarr.open_virtual_dataset(path.as_uri(), registry=registry(), parser=Parser(), loadable_variables=[])
    references = parsed.vz.to_kerchunk(format="dict")
    data = xarray.open_dataset(references, engine="kerchunk")
    assert np.array_equal(data["line"].values, ARRAYS["line"]) and np.array_equal(data["plane"].values, ARRAYS["plane"])
    data = xarray.open_dataset(references, engine="kerchunk", mask_and_scale=False)
    assert np.array_equal(data["few"].values, ARRAYS["few"])


def test_icechunk_keeps_the_codec_of_a_pv(tmp_path):
    icechunk = pytest.importorskip("icechunk")
    path = tmp_path / "far.pv"
    paginum.save(path, {"a": ARRAYS["line"]})
    parsed = virtualizarr.open_virtual_dataset(path.as_uri(), registry=registry(), parser=Parser(), loadable_variables=[])
    config = icechunk.RepositoryConfig.default()
    prefix = tmp_path.as_uri() + "/"
    config.set_virtual_chunk_container(icechunk.VirtualChunkContainer(prefix, icechunk.local_filesystem_store(str(tmp_path))))
    repository = icechunk.Repository.create(
        icechunk.in_memory_storage(), config=config, authorize_virtual_chunk_access={prefix: None}
    )
    session = repository.writable_session("main")
    parsed.vz.to_icechunk(session.store)
    session.commit("one array")
    data = xarray.open_zarr(repository.readonly_session("main").store, consolidated=False, zarr_format=3)
    assert np.array_equal(data["a"][100:110].values, ARRAYS["line"][100:110])
