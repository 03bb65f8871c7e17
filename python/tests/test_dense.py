"""The filter ``dense`` beside a decoder that was written from ``docs/FORMAT.md`` alone."""

import numpy as np
import pytest

import paginum

pytest.importorskip("pcodec")
import dense_decoder  # noqa: E402


def repeats(r):
    stretch = r.integers(0, 1 << 31, 700)
    return np.concatenate([stretch[a : a + 90] for a in r.integers(0, 600, 250)]).astype("i4")


def repeated_steps(r):
    steps = r.integers(0, 1 << 20, 300)
    return np.cumsum(np.concatenate([steps[a : a + 90] for a in r.integers(0, 200, 250)])).astype("i8")


def grid(r):
    x, y = np.arange(310), np.arange(90)[:, None]
    return (r.integers(0, 4000, 310)[x] + 17 * y + r.integers(0, 3, (90, 310))).astype("u2").ravel()


def grid_of_values(r):
    values = np.sort(r.normal(size=900))
    return values[(r.integers(0, 600, 310) + np.arange(120)[:, None] + r.integers(0, 3, (120, 310)))].ravel()


def points(r):
    return np.cumsum(r.normal(size=(9001, 3)).round(2) * [1, 50, 9000], axis=0).astype("f4").ravel()


@pytest.mark.parametrize("make", [repeats, repeated_steps, grid, grid_of_values, points])
@pytest.mark.parametrize("page_numbers", [1000, 8192])
def test_pages_are_what_the_format_says(tmp_path, make, page_numbers):
    array = make(np.random.default_rng(1))
    paginum.save(tmp_path / "a.pv", {"a": array}, filter="dense", page_numbers=page_numbers)
    (payload,) = dense_decoder.payloads((tmp_path / "a.pv").read_bytes())
    found = dense_decoder.decode(payload)
    assert found.dtype == array.dtype
    assert found.tobytes() == array.tobytes()
