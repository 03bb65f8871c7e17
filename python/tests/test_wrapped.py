"""The engine, and the door for code of pcodec: the same names, the same bytes, both ways."""

import copy
import pickle

import numpy as np
import paginum
import pytest
from paginum import wrapped
from paginum.compat import pcodec as door

RANDOM = np.random.default_rng(9)
DTYPES = ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"]


def numbers(dtype, n):
    return (RANDOM.normal(size=n) * 50).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_pages_into_any_destination(dtype):
    values = numbers(dtype, 10_000)
    paging = wrapped.PagingSpec.exact_page_sizes([4000, 6000])
    chunk = wrapped.FileCompressor().chunk_compressor(values, wrapped.ChunkConfig(level=6, paging_spec=paging))
    assert chunk.n_per_page() == [4000, 6000]
    meta, (page, index) = chunk.write_meta(), chunk.write_page_indexed(1)
    assert page == chunk.write_page(1)
    reader, n = wrapped.FileDecompressor.new(wrapped.FileCompressor().write_header() + b"more")
    assert n == len(wrapped.FileCompressor().write_header())
    decompressor, n = reader.chunk_decompressor(memoryview(meta), dtype)
    assert n == len(meta)
    for length in (0, 1, 100, 6000, 7000):
        for dst in (np.zeros(length, dtype), np.zeros(2 * length, dtype)[::2], np.zeros(length, np.dtype(dtype).newbyteorder())):
            progress, n_bytes = decompressor.read_page_into(bytearray(page), 6000, dst)
            n = min(length, 6000)
            assert progress == wrapped.Progress(n, n == 6000)
            np.testing.assert_array_equal(dst[:n], values[4000:][:n])
            assert (dst[n:] == 0).all()
            if n == 6000:
                assert n_bytes == len(page)
    for known in (index, decompressor.index_page(page, 6000), pickle.loads(pickle.dumps(index))):
        rows = np.zeros(50, dtype)
        decompressor.read_rows_into(page, 6000, known, 5555 - 4000, rows)
        np.testing.assert_array_equal(rows, values[5555:5605])
    with pytest.raises(TypeError):
        decompressor.read_page_into(page, 6000, np.zeros(5, "c16"))
    with pytest.raises(paginum.CorruptDataError):
        decompressor.read_page_into(page[:50], 6000, np.zeros(6000, dtype))
    with pytest.raises(paginum.InvalidArgumentError):
        chunk.write_page(2)
    with pytest.raises(paginum.InvalidArgumentError):
        decompressor.read_rows_into(page, 6000, index, 5990, np.zeros(50, dtype))


def test_what_is_refused():
    file = wrapped.FileCompressor()
    with pytest.raises(paginum.InvalidArgumentError):
        file.chunk_compressor([])
    with pytest.raises(paginum.UnsupportedError):
        file.chunk_compressor(["a"])
    with pytest.raises(paginum.TruncatedError):
        wrapped.FileDecompressor.new(b"")
    with pytest.raises(paginum.UnsupportedError):
        wrapped.FileDecompressor.new(b"\xff\xff\xff")


def test_configurations_are_values():
    config = wrapped.ChunkConfig(3, wrapped.ModeSpec.try_int_mult(5), wrapped.DeltaSpec.try_conv1(2))
    assert pickle.loads(pickle.dumps(config)) == config == copy.deepcopy(config)
    assert hash(config) == hash(copy.copy(config)) and "int-mult:5" in repr(config)
    theirs = door.ChunkConfig(compression_level=3)
    assert pickle.loads(pickle.dumps(theirs)) == theirs and theirs.paging_spec == door.PagingSpec.equal_pages_up_to(1 << 18)


def test_bytes_of_pcodec_both_ways():
    pcodec = pytest.importorskip("pcodec")
    for dtype in DTYPES:
        values = numbers(dtype, 5000)
        wide = np.dtype(dtype).itemsize == 1
        ours = door.standalone.simple_compress(values, door.ChunkConfig(enable_8_bit=wide))
        theirs = pcodec.standalone.simple_compress(values, pcodec.ChunkConfig(enable_8_bit=wide))
        np.testing.assert_array_equal(pcodec.standalone.simple_decompress(ours), values)
        np.testing.assert_array_equal(door.standalone.simple_decompress(theirs), values)
        np.testing.assert_array_equal(paginum.decompress(theirs), values)
        np.testing.assert_array_equal(pcodec.standalone.simple_decompress(paginum.compress(values)), values)
    names = {name for name in dir(pcodec) if not name.startswith("_") or name == "__version__"}
    assert names - {"pcodec"} <= set(dir(door))
    for module in ("standalone", "wrapped"):
        theirs = {name for name in dir(getattr(pcodec, module)) if not name.startswith("_")}
        assert theirs <= set(dir(getattr(door, module)))


def test_errors_of_pcodec():
    with pytest.raises(TypeError, match="2D float64 numpy array could not be cast to 1D"):
        door.standalone.simple_compress(np.zeros((2, 2)), door.ChunkConfig())
    with pytest.raises(TypeError, match="not contiguous"):
        door.standalone.simple_compress(np.zeros(20)[::2], door.ChunkConfig())
    with pytest.raises(TypeError, match="Unsupported data type"):
        door.standalone.simple_compress(np.zeros(3, bool), door.ChunkConfig())
    with pytest.raises(RuntimeError, match="8-bit"):
        door.standalone.simple_compress(np.zeros(3, "u1"), door.ChunkConfig())
    with pytest.raises(RuntimeError, match="InvalidArgument"):
        door.standalone.simple_compress(np.zeros(3), door.ChunkConfig(compression_level=77))
    packed = door.standalone.simple_compress(np.zeros(3), door.ChunkConfig())
    with pytest.raises(RuntimeError, match="InsufficientData"):
        door.standalone.simple_decompress(packed[:9])
    with pytest.raises(RuntimeError, match="does not match chunk's number type of F64"):
        door.standalone.simple_decompress_into(packed, np.zeros(3, "f4"))
    reader, _ = door.wrapped.FileDecompressor.new(door.wrapped.FileCompressor().write_header())
    with pytest.raises(RuntimeError, match="unknown data type"):
        reader.chunk_decompressor(b"", "f128")
