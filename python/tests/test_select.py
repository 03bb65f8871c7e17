"""Whatever a key is, it gives what numpy gives, and reads no page that it does not need."""

import numpy as np
import paginum
import pytest

ARRAY = np.arange(6 * 50 * 4).reshape(50, 6, 4)[:, ::-1] % 97
MASK = ARRAY[:, 0, 0] % 3 == 0
KEYS = [
    *(..., (), slice(None), 3, -1, np.int64(7), slice(3, 40, 7), slice(None, None, -1), slice(40, 3, -5)),
    *(slice(10, 5), slice(60, 80), slice(-5, None), None, (None, 3), (3, ..., 1), (..., 2), (slice(2, 4), None, 1)),
    *((slice(None), slice(None, None, -2), slice(1, 3)), (5, 2, 1), (5, 2, 1, ...), (slice(None), 0)),
    *([3, 1, 1, -2], np.array([[0, 1], [2, 3]]), [], MASK, ~MASK, np.zeros(50, bool), ([1, 2], [3, 4])),
    *(([1, 2], slice(None), [0, 3]), (slice(5, 9), [0, 2]), (slice(9, 5, -1), [0, 2], 1), (3, [0, 2])),
    *(ARRAY % 2 == 0, (slice(None), np.array([True, False] * 3)), (MASK, 1), (MASK, [0] * int(MASK.sum()), 2)),
    *((np.arange(3)[:, None], np.arange(2)), (None, [1, 2]), (..., [1, 2]), (ARRAY[:, :, 0] > 50, 1)),
    *(True, False, np.array(True), np.array(4), np.uint8([1, 2]), np.int8([-1, 3]), (ARRAY[:, :, 0] > 50,)),
]


@pytest.fixture(scope="module", params=["pv", "npy", "pco"])
def file(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("select") / f"a.{request.param}"
    paginum.save(path, {"a": ARRAY}, page_numbers=48)
    with paginum.open(path) as file:
        yield next(iter(file.values()))


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_keys_of_numpy(file, key):
    expected = ARRAY[key]
    found = file[key]
    assert type(found) is type(expected)
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == expected.dtype


@pytest.mark.parametrize(
    "key", [50, -51, (0, 6), (0, 0, 0, 0), [50], [-51], 1.5, "a", ([0.5],), np.zeros(49, bool), (..., ...)], ids=repr
)
def test_what_numpy_refuses_is_refused(file, key):
    with pytest.raises(IndexError):
        ARRAY[key]
    with pytest.raises(IndexError):
        file[key]


def test_random_keys(file):
    random = np.random.default_rng(3)

    def part(length):
        kind = random.integers(5)
        if kind == 0:
            return int(random.integers(-length, length))
        if kind == 1:
            return random.integers(-length, length, 3)
        if kind == 2:
            return random.random(length) < 0.3
        bounds = [None if random.random() < 0.3 else int(x) for x in random.integers(-length - 2, length + 2, 2)]
        step = int(random.integers(1, 4)) * (1 if random.random() < 0.6 else -1)
        return slice(*bounds, step)

    for _ in range(300):
        key = tuple(part(length) for length in ARRAY.shape[: random.integers(1, 4)])
        try:
            expected = ARRAY[key]
        except IndexError:
            with pytest.raises(IndexError):
                file[key]
            continue
        np.testing.assert_array_equal(file[key], expected)


def test_axes_lengths_and_iteration(file):
    assert len(file) == 50 and file.chunks[1:] == (6, 4) and 1 <= file.chunks[0] <= 50
    for row, expected in zip(file, ARRAY, strict=True):
        np.testing.assert_array_equal(row, expected)
    zero = paginum.open(paginum.compress(5))["array"]
    assert zero[()] == 5 and zero[...].shape == () and zero.chunks == ()
    with pytest.raises(TypeError):
        len(zero)


class Counting:
    """A file object that counts the bytes that are read."""

    def __init__(self, content):
        self.content, self.position, self.n_read = content, 0, 0

    def seek(self, position, whence=0):
        self.position = position if whence == 0 else len(self.content) + position
        return self.position

    def read(self, n):
        part = self.content[self.position : self.position + n]
        self.position += len(part)
        self.n_read += len(part)
        return part


@pytest.mark.parametrize("key", [slice(500_000, 500_010), [500_000, 500_007], 500_000, (slice(500_000, 500_010, 3),)])
def test_only_pages_that_are_needed_are_read(tmp_path, key):
    values = np.random.default_rng(1).integers(0, 1 << 40, 1_000_000)
    paginum.save(tmp_path / "a.pv", {"x": values}, filter="numeric")
    counting = Counting((tmp_path / "a.pv").read_bytes())
    array = paginum.open(counting)["x"]
    n_before = counting.n_read
    np.testing.assert_array_equal(array[key], values[key])
    assert counting.n_read - n_before < len(counting.content) / 5
    assert array.chunks == (8192,)
    assert sum(stop - start for start, stop in array.ranges(500_000, 500_010)) < len(counting.content) / 5


def test_a_distant_file_is_fetched_once(tmp_path):
    from paginum import _core

    values = np.random.default_rng(1).integers(0, 1 << 40, 1_000_000)
    paginum.save(tmp_path / "a.pv", {"x": values}, filter="numeric")
    content = (tmp_path / "a.pv").read_bytes()
    fetched = []

    def fetch(ranges):
        fetched.extend(stop - start for start, stop in ranges)
        return [content[start:stop] for start, stop in ranges]

    file = _core.File.open_ranges(fetch, len(content), True, None, "x", None)
    out = np.empty_like(values)
    file.select_into(file.find("x"), [(0, len(values), 1)], out.view(np.uint8), n_threads=2, progress=None)
    np.testing.assert_array_equal(out, values)
    assert sum(fetched) < 1.1 * len(content) + (128 << 10) and len(fetched) < 10, (len(fetched), sum(fetched))
