"""Files that are open to get arrays."""

import numpy as np
import paginum
import pytest


def test_a_new_file_gets_what_is_assigned(tmp_path):
    path = tmp_path / "a.pv"
    with paginum.open(path, "w", filter="none") as file:
        file["x"] = [1, 2]
        assert not path.exists() and list(file) == ["x"]
        file["x"] = np.arange(3)
    with paginum.open(path) as file:
        assert file["x"].filter == "none"
        assert file["x"].read().tolist() == [0, 1, 2]


def test_arrays_are_added_replaced_and_removed(tmp_path):
    path = tmp_path / "a.pv"
    paginum.save(path, {"keep": [1], "change": [2], "drop": [3], "swap": [4]})
    with paginum.open(path, "a") as file:
        file["new"] = file["keep"]
        file["change"] = file["change"][:] + 10
        del file["drop"]
        del file["swap"]
        file["swap"] = [5]
        assert sorted(file) == ["change", "keep", "new", "swap"] and len(file) == 4
        with pytest.raises(KeyError):
            file["drop"]
    found = {name: array.read().tolist() for name, array in paginum.open(path).items()}
    assert found == {"keep": [1], "change": [12], "swap": [5], "new": [1]}


def test_what_raises_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "a.pv"
    paginum.save(path, {"x": [1]})
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError), paginum.open(path, "a") as file:
        file["y"] = [2]
        del file["x"]
        1 / 0
    assert path.read_bytes() == before and file.closed
    with pytest.raises(ValueError, match="closed"):
        file["y"] = [2]


def test_a_file_that_is_not_there_is_made_by_a_and_x(tmp_path):
    for mode in ("a", "x"):
        path = tmp_path / f"{mode}.pv"
        with paginum.open(path, mode) as file:
            file["x"] = [1]
        assert list(paginum.open(path)) == ["x"]
    with pytest.raises(FileExistsError):
        paginum.open(tmp_path / "x.pv", "x")
    with paginum.open(tmp_path / "late.pv", "x") as file:
        file["x"] = [1]
        paginum.save(tmp_path / "late.pv", {"theirs": [2]})
        with pytest.raises(FileExistsError):
            file.close()
    assert list(paginum.open(tmp_path / "late.pv")) == ["theirs"]


def test_other_formats_are_written_whole_alone(tmp_path):
    with paginum.open(tmp_path / "a.npz", "w") as file:
        file["x"] = np.arange(4)
    assert np.load(tmp_path / "a.npz")["x"].tolist() == [0, 1, 2, 3]
    with pytest.raises(paginum.UnsupportedError, match="npz"):
        paginum.open(tmp_path / "a.npz", "a")


def test_modes_and_options_that_make_no_sense_are_refused(tmp_path):
    paginum.save(tmp_path / "a.pv", {"x": [1]})
    with pytest.raises(ValueError, match="mode 'rw'"):
        paginum.open(tmp_path / "a.pv", "rw")
    with pytest.raises(TypeError, match="filter"):
        paginum.open(tmp_path / "a.pv", filter="none")
    with pytest.raises(TypeError, match="path"):
        paginum.open(b"PK", "a")


def test_addresses_get_new_files_alone():
    with pytest.raises(paginum.UnsupportedError, match="memory://a.pv"):
        paginum.open("memory://a.pv", "a")
    pytest.importorskip("fsspec")
    with paginum.open("memory://b.pv", "w") as file:
        file["x"] = [1, 2]
    assert paginum.open("memory://b.pv")["x"].read().tolist() == [1, 2]
    file = paginum.open("memory://b.pv", "x")
    file["x"] = [3]
    with pytest.raises(FileExistsError):
        file.close()
