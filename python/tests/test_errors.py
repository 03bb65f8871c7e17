"""Each failure is an exception that says what and where, and none is a panic."""

import os
import pickle

import numpy as np
import paginum
import pytest


@pytest.fixture
def packed(folder):
    paginum.save(folder / "a.pv", {"x": np.arange(100_000) ** 2 % 9973}, filter="numeric")
    return folder / "a.pv"


def test_all_have_one_base():
    for name in paginum.__all__:
        kind = getattr(paginum, name)
        if isinstance(kind, type) and issubclass(kind, Exception):
            assert issubclass(kind, paginum.Error) and issubclass(kind, ValueError)


def test_a_file_that_is_not_there(folder):
    with pytest.raises(FileNotFoundError) as raised:
        paginum.open(folder / "no.pv")
    assert raised.value.filename == str(folder / "no.pv")
    with pytest.raises(FileNotFoundError):
        paginum.open(str(folder / "no.pv"))
    with pytest.raises(FileNotFoundError):
        paginum.save(folder / "no" / "a.pv", {"x": [1]})


def test_a_file_that_is_there(packed):
    before = packed.read_bytes()
    with pytest.raises(FileExistsError):
        paginum.save(packed, {"x": [1]}, overwrite=False)
    assert packed.read_bytes() == before
    paginum.save(packed, {"x": [1]})
    assert packed.read_bytes() != before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(packed):
    packed.chmod(0)
    with pytest.raises(PermissionError):
        paginum.open(packed)


def test_damage_names_its_place(packed):
    content = bytearray(packed.read_bytes())
    with paginum.open(packed) as file:
        start, stop = max(file["x"].ranges(50_000, 50_001), key=lambda range: range[0])
    content[(start + stop) // 2] ^= 0x10
    packed.write_bytes(content)
    with paginum.open(packed) as file:
        assert file["x"][0] == 0
        with pytest.raises(paginum.ChecksumError) as raised:
            file["x"][50_000]
        error = raised.value
        assert error.file == str(packed) or error.file is None
        assert error.array == "field_data/x" and error.page is not None and error.offset is not None
        assert "page" in str(error) and "field_data/x" in str(error)
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), again.page) == (type(error), str(error), error.page)
        with pytest.raises(paginum.CorruptDataError):
            file.verify()


def test_faults_are_all_that_is_damaged(folder):
    place = folder / "several.pv"
    paginum.save(place, {name: np.arange(3000) ** 2 for name in "abcd"}, filter="none")
    with paginum.open(place) as file:
        assert file.faults() == []
        middles = {name: sum(file[name].ranges()[0]) // 2 for name in "bd"}
    content = bytearray(place.read_bytes())
    for middle in middles.values():
        content[middle] ^= 0x10
    place.write_bytes(content)
    with paginum.open(place) as file:
        faults = file.faults(n_threads=2)
        assert all(isinstance(fault, paginum.CorruptDataError) for fault in faults)
        assert [fault.array for fault in faults] == ["field_data/b", "field_data/d"]
        assert all(fault.offset is not None for fault in faults)
        with pytest.raises(paginum.CorruptDataError) as raised:
            file.verify()
        assert str(raised.value) == str(faults[0])
        with pytest.raises(paginum.CorruptDataError):
            raise faults[1]


def test_every_truncation_is_an_error(packed):
    content = packed.read_bytes()
    for n in [*range(0, 64), *range(64, len(content), max(1, len(content) // 97))]:
        with pytest.raises(paginum.Error):
            paginum.open(content[:n])["x"].read()


def test_random_damage_is_an_error_or_other_values_nobody_checks(packed):
    random = np.random.default_rng(5)
    for source in (packed.read_bytes(), paginum.compress(np.arange(5000) ** 2 % 977)):
        for _ in range(150):
            content = bytearray(source)
            for at in random.integers(0, len(content), random.integers(1, 4)):
                content[at] = random.integers(256)
            try:
                for array in paginum.open(bytes(content)).values():
                    array.read()
            except (paginum.Error, MemoryError):
                pass


def test_limits(packed):
    with paginum.open(packed, max_bytes=1000) as file, pytest.raises(paginum.LimitExceededError, match="1000"):
        file["x"].read()
    with pytest.raises(paginum.LimitExceededError):
        paginum.decompress(paginum.compress(np.zeros(10_000)), max_bytes=100)


def test_what_cannot_be_asked_for(packed, folder):
    with paginum.open(packed) as file:
        with pytest.raises(KeyError):
            file["y"]
        with pytest.raises(ValueError):
            file["x"].read(out=np.empty(3))
        with pytest.raises(ValueError):
            np.array(file["x"], copy=False)
    with pytest.raises(paginum.InvalidArgumentError):
        paginum.compress([1], level=99)
    with pytest.raises(paginum.InvalidArgumentError, match="int-mult"):
        paginum.compress([1], mode="no such")
    with pytest.raises(paginum.InvalidArgumentError):
        paginum.save(folder / "a.xyz", {"x": [1]})
    with pytest.raises(paginum.InvalidArgumentError):
        paginum.save(folder / "b.pv", {"x": [1]}, filter="no such")
    with pytest.raises(ValueError):
        paginum.open(packed, "rw")
    with pytest.raises(TypeError, match="path"):
        paginum.open(packed.read_bytes(), "w")
    with pytest.raises(TypeError):
        paginum.open(5)


def test_what_is_no_file_of_ours():
    for content in (b"", b"x", b"hello, world" * 10, os.urandom(1000)):
        with pytest.raises(paginum.Error):
            paginum.open(content)["x"].read()


def test_an_exception_of_a_file_object_comes_back():
    class Broken:
        def seek(self, position, whence=0):
            return 1000

        def read(self, n):
            raise ZeroDivisionError("the file object's own")

    with pytest.raises(ZeroDivisionError, match="own"):
        paginum.open(Broken())


def test_a_closed_file(packed):
    file = paginum.open(packed)
    array = file["x"]
    file.close()
    file.close()
    assert file.closed and "closed" in repr(file)
    with pytest.raises(ValueError, match="closed"):
        array[0]


def test_a_leaked_file_is_a_warning(packed):
    with pytest.warns(ResourceWarning, match=r"a\.pv"):
        paginum.open(packed)


def test_the_check_of_many_arrays_far_away_is_a_few_calls(folder):
    rng = np.random.default_rng(1)
    arrays = {f"a{i}": rng.random(20_000) for i in range(40)}
    paginum.save(folder / "many.pv", arrays)
    content = (folder / "many.pv").read_bytes()
    calls = []

    def fetch(ranges):
        calls.append(ranges)
        return [content[start:stop] for start, stop in ranges]

    from paginum import _core

    file = _core.File.open_ranges(fetch, len(content), True, None, "x", None)
    calls.clear()
    file.verify(None, n_threads=2)
    # Headers lie far apart, a call each, many under way at once; the arrays come in pieces of some megabytes.
    assert len(calls) <= len(arrays) + 8, len(calls)
    assert sum(stop - start for ranges in calls for start, stop in ranges) < 1.1 * len(content)
    damaged = bytearray(content)
    damaged[len(content) // 2] ^= 1
    content = bytes(damaged)
    file = _core.File.open_ranges(fetch, len(content), True, None, "x", None)
    with pytest.raises(paginum.CorruptDataError) as raised:
        file.verify(None, n_threads=2)
    assert raised.value.array
