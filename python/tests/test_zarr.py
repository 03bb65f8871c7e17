"""Codecs of zarr: every selection equals numpy's, stock zarr reads our chunks and we read its."""

import asyncio
import warnings

import numpy as np
import paginum
import pytest

zarr = pytest.importorskip("zarr")
import paginum.numcodecs  # noqa: E402
import paginum.zarr  # noqa: E402
from zarr.storage import MemoryStore  # noqa: E402

warnings.filterwarnings("ignore", category=UserWarning)
pytestmark = pytest.mark.filterwarnings("ignore")

RANDOM = np.random.default_rng(11)
VALUES = RANDOM.integers(0, 1000, (200, 30)).astype("f4") / 4
DTYPES = ["u1", "i1", "u2", "i4", "i8", "u8", "f2", "f4", "f8", "?", "c8", "c16", ">f8", ">i4"]
CODECS = [paginum.zarr.PCodec(level=3), paginum.zarr.Numeric(level=3, page_numbers=512)]
PLAIN = ["u2", "u4", "u8", "i2", "i4", "i8", "f2", "f4", "f8"]


def create(codec, values, chunks, store=None, **keywords):
    array = zarr.create_array(
        MemoryStore() if store is None else store,
        shape=values.shape,
        chunks=chunks,
        dtype=values.dtype,
        serializer=codec,
        compressors=None,
        **keywords,
    )
    array[...] = values
    return array


@pytest.fixture(params=CODECS, ids=lambda codec: codec.codec_name)
def codec(request):
    return request.param


@pytest.mark.parametrize("dtype", DTYPES)
def test_types(codec, dtype):
    values = (VALUES[:50] % 2 == 0) if dtype == "?" else VALUES[:50].astype(dtype)
    array = create(codec, values, (20, 30))
    reopened = zarr.open_array(array.store_path.store, mode="r")
    np.testing.assert_array_equal(reopened[...], values)
    # zarr's metadata has no byte order: what is opened anew is in this machine's.
    assert array[...].dtype == values.dtype and reopened[...].dtype == values.dtype.newbyteorder("=")
    np.testing.assert_array_equal(reopened[13:35:3, 5], values[13:35:3, 5])


def test_times(codec):
    values = np.arange("2024-01-01", "2024-02-01", dtype="M8[h]")
    array = create(codec, values, (100,))
    np.testing.assert_array_equal(array[95:105], values[95:105])


@pytest.mark.parametrize("chunks", [(200, 30), (64, 7), (1, 30)])
def test_every_selection(codec, chunks):
    array = create(codec, VALUES, chunks)
    for key in (
        *(..., 100, -1, (100, 5), slice(3, 150, 7), slice(None, None, 4), (slice(10, 20), slice(2, 30, 3))),
        *((slice(None), 4), (slice(190, 200), ...), slice(5, 5)),
    ):
        np.testing.assert_array_equal(array[key], VALUES[key])
    rows, columns = [3, 7, 150, 199], [0, 29, 4]
    np.testing.assert_array_equal(array.oindex[rows, columns], VALUES[np.ix_(rows, columns)])
    np.testing.assert_array_equal(array.oindex[rows, 2:9], VALUES[rows][:, 2:9])
    np.testing.assert_array_equal(array.oindex[[9, 2, 2]], VALUES[[9, 2, 2]])
    np.testing.assert_array_equal(array.vindex[rows, [1, 2, 3, 4]], VALUES[rows, [1, 2, 3, 4]])
    mask = VALUES > 200
    np.testing.assert_array_equal(array.vindex[mask], VALUES[mask])
    np.testing.assert_array_equal(array.blocks[0, 0], VALUES[: chunks[0], : chunks[1]])
    array[5:9] = 1
    assert (array[4:10] == np.where((np.arange(4, 10) < 5) | (np.arange(4, 10) > 8), VALUES[4:10].T, 1).T).all()


def test_inside_shards(codec):
    array = create(codec, VALUES, (20, 30), shards=(100, 30))
    np.testing.assert_array_equal(array[...], VALUES)
    np.testing.assert_array_equal(array[37:141:9, 3:5], VALUES[37:141:9, 3:5])


def test_behind_other_codecs_and_with_fills(codec):
    array = zarr.create_array(MemoryStore(), shape=(50,), chunks=(10,), dtype="f8", serializer=codec, fill_value=7.5)
    array[10:15] = 1
    np.testing.assert_array_equal(array[...], np.r_[[7.5] * 10, [1] * 5, [7.5] * 35])


def test_metadata_keeps_only_what_was_said(codec):
    metadata = create(codec, VALUES, (200, 30)).metadata.to_dict()["codecs"][0]
    assert metadata["name"] == codec.codec_name and metadata["configuration"]["level"] == 3
    assert type(codec).from_dict(metadata) == codec
    assert type(codec)().to_dict()["configuration"] == {}


@pytest.mark.parametrize("dtype", PLAIN)
def test_stock_zarr_and_ours_read_one_another(dtype):
    pytest.importorskip("pcodec")
    from zarr.codecs.numcodecs import PCodec as Stock

    values = VALUES.astype(dtype)
    theirs = create(Stock(level=8), values, (64, 30))
    ours = create(paginum.zarr.NumcodecsPCodec(level=8), values, (64, 30))
    store = theirs.store_path.store
    try:
        with zarr.config.set({"codecs": {"numcodecs.pcodec": "paginum.zarr.NumcodecsPCodec"}}):
            paginum.zarr.register()
            read = zarr.open_array(store, mode="r")
            assert isinstance(read.metadata.codecs[0], paginum.zarr.NumcodecsPCodec)
            np.testing.assert_array_equal(read[...], values)
            np.testing.assert_array_equal(read[7:100:5, 3], values[7:100:5, 3])
    finally:
        zarr.config.reset()
    # Stock reads ours: the same names and bytes under its own class.
    chunk = asyncio.run(ours.store_path.store.get("c/0/0", zarr.core.buffer.default_buffer_prototype()))
    np.testing.assert_array_equal(Stock()._codec.decode(chunk.to_bytes()).reshape(64, 30), values[:64])


def test_numcodecs_both_ways():
    theirs = pytest.importorskip("numcodecs.pcodec").PCodec
    for values in (VALUES.astype("f8"), np.arange(1000, dtype="u2"), np.asfortranarray(VALUES)):
        for keywords in ({}, {"level": 2, "delta_encoding_order": 1}, {"equal_pages_up_to": 300}):
            ours, other = paginum.numcodecs.PCodec(**keywords), theirs(**keywords)
            assert ours.get_config() == other.get_config()
            np.testing.assert_array_equal(other.decode(ours.encode(values)), ours.decode(other.encode(values)))
            out = np.empty_like(values)
            ours.decode(other.encode(values), out=out)
            np.testing.assert_array_equal(out, values)


class Counting(MemoryStore):
    """A store that counts what is fetched."""

    n_bytes = n_requests = 0

    async def get(self, key, prototype, byte_range=None):
        found = await super().get(key, prototype, byte_range)
        if key.startswith("c/") and found is not None:
            self.n_bytes += len(found)
            self.n_requests += 1
        return found


def test_a_slice_of_a_large_chunk_fetches_its_pages_alone():
    values = RANDOM.integers(0, 1 << 40, 1_000_000)
    store = Counting()
    array = create(paginum.zarr.Numeric(), values, values.shape, store)
    n_chunk = len(asyncio.run(store.get("c/0", zarr.core.buffer.default_buffer_prototype())))
    store.n_bytes = store.n_requests = 0
    np.testing.assert_array_equal(array[500_000:500_010], values[500_000:500_010])
    assert store.n_bytes < n_chunk / 10 and store.n_requests <= 6, (store.n_bytes, n_chunk, store.n_requests)


def damaged(array, change):
    store = array.store_path.store
    prototype = zarr.core.buffer.default_buffer_prototype()
    content = asyncio.run(store.get("c/1/0", prototype)).to_bytes()
    asyncio.run(store.set("c/1/0", prototype.buffer.from_bytes(change(content))))


def test_a_truncated_chunk_is_an_error_that_names_it(codec):
    array = create(codec, VALUES, (64, 30))
    damaged(array, lambda content: content[: len(content) // 2])
    np.testing.assert_array_equal(array[:64], VALUES[:64])
    for key in (..., slice(100, 110)):
        with pytest.raises(paginum.CorruptDataError, match="c/1/0"):
            array[key]


def test_a_damaged_chunk_of_numeric_is_an_error():
    array = create(paginum.zarr.Numeric(page_numbers=512), VALUES, (64, 30))

    def flip(content):
        at = len(content) // 3
        return content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]

    damaged(array, flip)
    with pytest.raises(paginum.CorruptDataError, match="c/1/0"):
        array[...]


def test_the_fused_pipeline_has_its_methods(codec):
    from zarr.abc import codec as abc

    if not hasattr(abc, "SupportsSyncCodec"):
        pytest.skip("this zarr has no such pipeline")
    assert isinstance(codec, abc.SupportsSyncCodec)
