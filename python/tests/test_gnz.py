"""The door for GNZ: what its pages say of files, and the corpus where it is there."""

import csv
import gzip
import hashlib
import json
import os
import pathlib
import struct
import threading

import numpy as np
import paginum
import pytest
from paginum.compat.gnz import ALIGNMENT, GNZ_MAGIC, GnzReader, GnzWriter

# Files of other writers, where a folder has them: `PAGINUM_CORPUS`.
CORPUS = pathlib.Path(os.environ.get("PAGINUM_CORPUS", "no corpus")) / "gnz"


def written(path, arrays, metadata=None, **keywords):
    writer = GnzWriter(path, **keywords)
    writer.metadata.update(metadata or {})
    for name, array in arrays.items():
        writer.add_array(name, array)
    writer.write()
    return path


def test_a_file_is_laid_out_as_the_format_says(tmp_path):
    path = written(tmp_path / "a.gnz", {"b": np.arange(3, dtype="<f4"), "a": np.arange(2, dtype="|u1")}, {"né": [1, None]})
    content = path.read_bytes()
    assert content[:4] == GNZ_MAGIC and len(content) == 3 * ALIGNMENT
    (n,) = struct.unpack("<I", content[4:8])
    described = {
        "arrays": {
            "b": {"dtype": "<f4", "offset": 4096, "order": "C", "shape": [3]},
            "a": {"dtype": "|u1", "offset": 8192, "order": "C", "shape": [2]},
        },
        "metadata": {"né": [1, None]},
        "version": 1,
    }
    assert content[8 : 8 + n] == json.dumps(described, sort_keys=True).encode()
    assert np.frombuffer(content, "<f4", 3, 4096).tolist() == [0, 1, 2]


@pytest.mark.parametrize("dtype", ["f8", ">i2", "?", "M8[ns]", "U3", "S5", "c16", "f2"])
def test_dtypes_come_back_as_maps(tmp_path, dtype):
    array = np.zeros((2, 3), dtype) if dtype[0] in "US" else np.arange(6).reshape(2, 3).astype(dtype)
    with GnzReader(written(tmp_path / "a.gnz", {"x": array})) as reader:
        found = reader.get_array("x")
        assert isinstance(found, np.memmap) and found.dtype == np.dtype(dtype)
        assert (found == array).all() and not found.flags.writeable


def test_shapes_without_axes_and_without_elements(tmp_path):
    arrays = {"scalar": np.float32(7), "none": np.empty((0, 4)), "columns": np.asfortranarray(np.arange(6).reshape(2, 3))}
    with GnzReader(written(tmp_path / "a.gnz", arrays)) as reader:
        assert reader["scalar"].shape == () and reader["scalar"][()] == 7
        assert reader["none"].shape == (0, 4)
        assert (reader["columns"] == arrays["columns"]).all()
        assert list(reader) == ["columns", "none", "scalar"] and "none" in reader and len(reader) == 3


def test_reserved_arrays_are_filled_by_threads(tmp_path):
    path = tmp_path / "a.gnz"
    writer = GnzWriter(path)
    writer.add_array("there", [1, 2], "u1")
    writer.init_streaming_array("rows", (4, 1000), "<i4")
    writer.init_streaming_array("empty", (0, 3), "f8")
    writer.write()
    assert not path.exists()
    rows = writer.get_array_writable("rows")

    def fill(i):
        rows[i] = i

    threads = [threading.Thread(target=fill, args=(i,)) for i in (3, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.finalize()
    with GnzReader(path) as reader:
        assert reader["rows"].sum(axis=1).tolist() == [0, 1000, 0, 3000]
        assert reader["there"].dtype == "u1"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.gnz"]


def test_what_is_not_finalised_is_not_there(tmp_path):
    old = written(tmp_path / "a.gnz", {"x": [1]})
    before = old.read_bytes()
    writer = GnzWriter(old, overwrite=True)
    writer.init_streaming_array("x", 2, "f8")
    writer.write()
    assert old.read_bytes() == before
    with pytest.raises(FileExistsError):
        again = GnzWriter(old, overwrite=True)
        again.init_streaming_array("x", 2, "f8")
        again.write()
    writer.finalize()
    assert GnzReader(old)["x"].tolist() == [0, 0]
    with pytest.raises(FileExistsError):
        GnzWriter(old)


def test_a_map_for_changes_changes_the_file(tmp_path):
    path = written(tmp_path / "a.gnz", {"x": np.arange(3)})
    with GnzReader(path, "r+") as reader:
        reader["x"][1] = 9
    assert GnzReader(path)["x"].tolist() == [0, 9, 2]


def test_what_the_format_cannot_hold_is_refused_and_leaves_nothing(tmp_path):
    writer = GnzWriter(tmp_path / "a.gnz")
    for array in ([object()], np.zeros(2, [("a", "f4")])):
        with pytest.raises(TypeError):
            writer.add_array(f"x{array!r}", array)
    writer.add_array("x", [1])
    with pytest.raises(ValueError, match="'x'"):
        writer.init_streaming_array("x", (1,), "f4")
    with pytest.raises(ValueError, match="call write"):
        writer.get_array_writable("x")
    writer.metadata["bad"] = object()
    with pytest.raises(TypeError):
        writer.write()
    assert list(tmp_path.iterdir()) == []


def test_no_file_of_the_format_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        GnzReader(tmp_path / "none.gnz")
    paginum.save(tmp_path / "a.npy", [1])
    with pytest.raises(paginum.CorruptDataError, match="no .gnz file"):
        GnzReader(tmp_path / "a.npy")
    path = written(tmp_path / "a.gnz", {"x": np.arange(4)})
    content = bytearray(path.read_bytes())
    path.write_bytes(content.replace(b'"offset": 4096', b'"offset": 9999'))
    with pytest.raises(paginum.Error):
        GnzReader(path)["x"]


def test_nothing_is_mapped_twice_or_kept_open(tmp_path):
    reader = GnzReader(written(tmp_path / "a.gnz", {"x": np.arange(4)}))
    found = reader["x"]
    reader.close()
    assert found.tolist() == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="closed"):
        reader.keys()


def test_compressed_files_are_not_mapped(tmp_path):
    path = written(tmp_path / "a.gnz", {"x": np.arange(4)})
    (tmp_path / "b.gnz").write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(paginum.CorruptDataError, match="no .gnz file"):
        GnzReader(tmp_path / "b.gnz")
    with pytest.raises(ValueError, match="compressed"):
        GnzWriter(tmp_path / "c.gnz.gz")


def test_the_end_of_a_block_writes_what_was_added(tmp_path):
    with GnzWriter(tmp_path / "a.gnz") as writer:
        writer.add_array("x", [1, 2])
    with GnzReader(tmp_path / "a.gnz") as reader:
        assert reader["x"].tolist() == [1, 2]
    with GnzWriter(tmp_path / "b.gnz") as writer:
        writer.add_array("x", [1, 2])
        writer.write()
        writer.finalize()
    with pytest.raises(KeyError), GnzWriter(tmp_path / "c.gnz") as writer:
        writer.init_streaming_array("x", (2,), "u1")
        writer.write()
        raise KeyError("x")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.gnz", "b.gnz"]
    with GnzWriter(tmp_path / "c.gnz") as writer:
        writer.init_streaming_array("x", (2,), "u1")
        writer.write()
        writer.get_array_writable("x")[:] = 7
    with GnzReader(tmp_path / "c.gnz") as reader:
        assert reader["x"].tolist() == [7, 7]


@pytest.mark.skipif(not CORPUS.exists(), reason="no corpus here")
def test_the_corpus_is_read():
    n = 0
    for row in csv.DictReader((CORPUS / "manifest.csv").open()):
        with GnzReader(CORPUS / row["file"]) as reader:
            found = reader.get_array(row["name"])
            assert found.dtype.str == row["dtype"] and list(found.shape) == json.loads(row["shape"])
            assert hashlib.sha256(found.tobytes("C")).hexdigest() == row["sha256_c_order_bytes"], row
            if found.size:
                assert found.offset == int(row["offset"])
        n += 1
    assert n > 50
