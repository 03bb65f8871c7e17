"""Arrays of every kind come back as they were, from every format that can hold them."""

import io

import numpy as np
import paginum
import pytest

RANDOM = np.random.default_rng(7)
DTYPES = [
    *("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8", "c8", "c16", "?"),
    *(">u2", ">i4", ">i8", ">f4", ">f8", ">c16"),
    *("M8[ns]", "m8[3D]", ">M8[s]", "S5", "U3", ">U3", "V7"),
]
SHAPES = [(), (0,), (1,), (1000,), (7, 5), (3, 0, 2), (2, 3, 4)]


def array_of(dtype, shape):
    dtype = np.dtype(dtype)
    n = int(np.prod(shape))
    raw = RANDOM.integers(0, 256, n * dtype.itemsize).astype(np.uint8)
    if dtype.kind == "b":
        raw &= 1
    if dtype.kind == "U":
        return np.array(["abc"] * n, dtype).reshape(shape)
    return np.frombuffer(raw.tobytes(), dtype, count=n).reshape(shape) if n else np.empty(shape, dtype)


def same(a, b):
    """Bit by bit: NaN payloads and -0.0 count."""
    assert a.dtype == b.dtype and a.shape == b.shape
    assert np.ascontiguousarray(a).tobytes() == np.ascontiguousarray(b).tobytes()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_pv_and_npz(dtype, shape, folder):
    array = array_of(dtype, shape)
    for name in ("a.pv", "a.npz", "a.npy"):
        paginum.save(folder / name, {"x": array})
        with paginum.open(folder / name) as file:
            found = file["x"] if "x" in file else file[next(iter(file))]
            assert found.dtype == array.dtype and found.shape == array.shape
            assert found.ndim == array.ndim and found.size == array.size and found.nbytes == array.nbytes
            same(found.read(), array)
            same(np.asarray(found), array)
            file.verify()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [dtype for dtype in DTYPES if np.dtype(dtype).kind not in "SUV"])
def test_one_shot(dtype, shape):
    array = array_of(dtype, shape)
    packed = paginum.compress(array)
    assert isinstance(packed, bytes)
    same(paginum.decompress(packed), array)
    out = np.empty(shape, array.dtype)
    assert paginum.decompress(memoryview(packed), out=out) is out
    same(out, array)


@pytest.mark.parametrize(
    "value",
    [
        [1, 2, 3],
        [[1.5, 2.5]],
        (True, False),
        5,
        2.5,
        range(9),
        memoryview(b"abc"),
        bytearray(b"xyz"),
        memoryview(np.arange(6.0).reshape(2, 3)),
    ],
)
def test_array_likes(value):
    expected = np.asarray(value) if not isinstance(value, (bytes, bytearray)) else np.frombuffer(value, np.uint8)
    same(paginum.decompress(paginum.compress(value)), expected)


def test_objects_with_array_and_dlpack():
    class WithArray:
        def __array__(self, dtype=None, copy=None):
            return np.arange(4.0)

    class WithDlpack:
        def __dlpack__(self, **keywords):
            return np.arange(4.0).__dlpack__(**keywords)

        def __dlpack_device__(self):
            return (1, 0)

    for value in (WithArray(), WithDlpack()):
        same(paginum.decompress(paginum.compress(value)), np.arange(4.0))


def test_strides_orders_and_alignment():
    base = RANDOM.integers(0, 100, (60, 40))
    odd = np.frombuffer(b"x" + base.tobytes(), np.uint8)[1:].view(base.dtype)
    for array in (base[::3, ::-2], base.T, base[:, 5], np.asfortranarray(base), odd, base[:0]):
        same(paginum.decompress(paginum.compress(array)), array)
    read_only = base.copy()
    read_only.flags.writeable = False
    same(paginum.decompress(paginum.compress(read_only)), base)


def test_fortran_order_is_kept(folder):
    array = np.asfortranarray(RANDOM.random((30, 20)))
    assert paginum.decompress(paginum.compress(array)).flags.f_contiguous
    paginum.save(folder / "f.pv", {"x": array})
    found = paginum.open(folder / "f.pv")["x"]
    assert found.order == "F" and found.read().flags.f_contiguous
    same(found.read(), array)
    out = np.zeros((30, 20), order="F")
    found.read(out=out)
    same(out, array)


@pytest.mark.parametrize("name", ["m.pv"])
def test_masked_arrays_are_nulls(name, folder):
    array = np.ma.MaskedArray(np.arange(20_000.0), np.arange(20_000) % 3 == 0)
    rows = np.ma.MaskedArray(np.arange(12).reshape(4, 3), [[True] * 3, [False] * 3, [False] * 3, [True] * 3])
    paginum.save(folder / name, {"x": array, "rows": rows, "whole": np.ma.MaskedArray([1, 2])})
    with paginum.open(folder / name) as file:
        found = file["x"][...]
        assert isinstance(found, np.ma.MaskedArray) and file["x"].has_nulls
        np.testing.assert_array_equal(found.mask, array.mask)
        np.testing.assert_array_equal(found.filled(-1), array.filled(-1))
        for key in (slice(5, 900, 7), slice(None, None, -1), [3, 1, -1], 4, 3, (..., None)):
            np.testing.assert_array_equal(np.ma.filled(file["x"][key], -1), np.ma.filled(array[key], -1))
        np.testing.assert_array_equal(file["rows"][:, 1].mask, rows[:, 1].mask)
        assert not isinstance(file["whole"][...], np.ma.MaskedArray)


def test_what_nulls_cannot_be_is_refused(folder):
    partly = np.ma.MaskedArray(np.zeros((2, 2)), [[True, False], [False, False]])
    with pytest.raises(paginum.UnsupportedError, match="row"):
        paginum.save(folder / "a.pv", {"x": partly})
    with pytest.raises(ValueError, match="no place"):
        paginum.save(folder / "a.npz", {"x": np.ma.MaskedArray([1, 2], [True, False])})
    assert not list(folder.iterdir())


RECORD = np.dtype([("id", "<u4"), ("at", ">f8", (2,)), ("in", [("a", "u1"), ("b", "<i2")])])


def test_records(folder):
    array = np.zeros(50, RECORD)
    array["id"] = np.arange(50)
    array["at"] = RANDOM.random((50, 2))
    array["in"]["b"] = -np.arange(50)
    paginum.save(folder / "r.npz", {"r": array})
    with paginum.open(folder / "r.npz") as file:
        same(file["r"].read(), array)
        same(file["r"]["at"], array["at"])
    paginum.save(folder / "r.pv", {"r": array})
    with paginum.open(folder / "r.pv") as file:
        assert sorted(file) == ["r/at", "r/id", "r/in/a", "r/in/b"]
        same(file["r/in/b"].read(), np.ascontiguousarray(array["in"]["b"]))
    with pytest.raises(paginum.UnsupportedError):
        paginum.compress(array)


def test_what_is_no_data_is_a_type_error(folder):
    for value in (np.array([object()]), [None, "a"], {"a": 1}):
        with pytest.raises(TypeError):
            paginum.save(folder / "a.pv", {"x": value})
    with pytest.raises(paginum.UnsupportedError, match="<U3|S3|numbers"):
        paginum.compress(np.array(["abc"]))
    assert not list(folder.iterdir())


def test_file_objects(folder):
    buffer = io.BytesIO()
    paginum.save(buffer, {"x": np.arange(100_000)}, filter="numeric")
    with paginum.open(buffer) as file:
        assert file["x"][77_777] == 77_777
    with open(folder / "b.npz", "wb") as out:
        paginum.save(out, {"x": [1]}, format="npz")
    with open(folder / "b.npz", "rb") as source:
        same(paginum.open(source)["x"].read(), np.array([1]))


def test_convert_and_append(folder):
    x = np.arange(30_000).reshape(10_000, 3)
    paginum.save(folder / "a.npz", {"x": x, "y": x[:, 0] / 8})
    paginum.convert(folder / "a.npz", folder / "a.pv", filter={"x": "shuffle"})
    paginum.convert(folder / "a.pv", folder / "x.npy", arrays=["x"])
    same(np.load(folder / "x.npy"), x)
    with paginum.open(folder / "a.pv") as file:
        assert file["x"].filter == "shuffle"
        same(file["y"].read(), x[:, 0] / 8)
    paginum.append(folder / "a.pv", {"z": [1, 2]})
    with pytest.raises(paginum.Error):
        paginum.append(folder / "a.pv", {"z": [3]})
    paginum.append(folder / "a.pv", {"z": [3]}, replace=True)
    paginum.remove(folder / "a.pv", ["y"])
    with paginum.open(folder / "a.pv") as file:
        assert sorted(file) == ["x", "z"] and file["z"][0] == 3


@pytest.mark.parametrize("overwrite", [True, False])
def test_what_is_called_gz_is_compressed(tmp_path, overwrite):
    path = tmp_path / "a.npy.gz"
    paginum.save(path, {"x": np.arange(5)}, overwrite=overwrite)
    assert path.read_bytes()[:2] == b"\x1f\x8b" and paginum.open(path)["array"][2] == 2
    with pytest.raises(FileExistsError):
        paginum.save(path, {"x": np.arange(5)}, overwrite=False)
