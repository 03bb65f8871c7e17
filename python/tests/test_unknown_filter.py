"""An array by a filter that this build does not have: what it is can be told, and reading it is an error."""

import struct

import numpy as np
import paginum
import pytest
from paginum import _core

NUMBER = 0x55


@pytest.fixture
def path(folder):
    """Two arrays, of which the filter of `x` is one that nobody knows."""
    path = folder / "newer.pv"
    paginum.save(path, {"x": np.arange(12.0).reshape(4, 3), "y": [1, 2]}, compat="0.7", filter="none")
    pair = dict(_core.pv_layout(path)[3])["field_data/x"]
    name = _core.pv_layout(path)[0][pair].encode()
    header = struct.pack("<I", len(name)) + name + struct.pack("<IQQ", 2, 4, 3) + b"<f8".ljust(16) + bytes([NUMBER])
    # One raw block, so that this needs no zstd.
    frame = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(header)) + struct.pack("<I", 1 | len(header) << 3)[:3] + header
    content = path.read_bytes()
    (n_frames,) = struct.unpack("<Q", content[-8:])
    index = [struct.unpack_from("<QQ", content, len(content) - 8 - 16 * (n_frames - i)) for i in range(n_frames)]
    frames = [content[start:end] for start, (end, _) in zip([0, *(end for end, _ in index)], index)]
    frames[2 * pair] = frame
    sizes = [size for _, size in index]
    sizes[2 * pair] = len(header)
    out, ends = b"".join(frames), np.cumsum([len(frame) for frame in frames]).tolist()
    entries = b"".join(struct.pack("<QQ", end, size) for end, size in zip(ends, sizes))
    path.write_bytes(out + entries + struct.pack("<Q", n_frames))
    return path


def test_what_it_is_can_be_told(path):
    with paginum.open(path) as file:
        array = file["x"]
        assert (array.shape, array.dtype, array.nbytes, array.filter) == ((4, 3), np.dtype("f8"), 96, str(NUMBER))
        assert "(4, 3)" in repr(array) and "(4, 3)" in file._repr_html_()
        assert f"filter {NUMBER}" in array._repr_html_()
        assert [each.shape for each in file.values()] == [(4, 3), (2,)]
        assert file["y"][:].tolist() == [1, 2]


@pytest.mark.parametrize(
    "use",
    [
        lambda array: array.read(),
        lambda array: array[1:3],
        lambda array: array[[0, 2]],
        lambda array: array[0:0],
        lambda array: np.asarray(array),
        lambda array: list(array),
        lambda array: array.verify(),
        lambda array: array.chunks,
        lambda array: array.ranges(),
    ],
)
def test_reading_it_is_an_error(path, use):
    with paginum.open(path) as file, pytest.raises(paginum.UnsupportedError, match="filter") as caught:
        use(file["x"])
    assert caught.value.filter == NUMBER and caught.value.array == "field_data/x"


def test_other_faults_are_told_at_once(path):
    content = bytearray(path.read_bytes())
    at = content.index(struct.pack("<QQ", 4, 3))
    content[at] = 5
    path.write_bytes(content)
    with paginum.open(path) as file:
        with pytest.raises(paginum.CorruptDataError):
            file["x"]
        assert file["y"][:].tolist() == [1, 2]


def test_the_others_are_converted(path, folder):
    paginum.convert(path, folder / "y.npz", arrays=["y"])
    assert list(paginum.open(folder / "y.npz")) == ["y"]
    with pytest.raises(paginum.UnsupportedError, match="filter"):
        paginum.convert(path, folder / "all.npz")
    assert not (folder / "all.npz").exists()
