"""Files of the filter `fast`, read by a decoder that knows docs/FORMAT.md alone."""

import fast_decoder
import numpy as np
import paged_decoder
import paginum
import pytest

RANDOM = np.random.default_rng(5)
N = 20_000


def kinds():
    """Numbers that each scheme is for."""
    walk = RANDOM.integers(-9, 9, N).cumsum()
    whole = {
        "walk": walk,
        "small": RANDOM.integers(0, 90, N),
        "runs": np.repeat(RANDOM.integers(0, 100, N // 40), 40),
        "steady": np.repeat(np.arange(0, 9 * N // 50, 9), 50),
        "sparse": np.where(RANDOM.random(N) < 0.02, RANDOM.integers(1, 99, N), 0),
        "strays": np.where(RANDOM.random(N) < 0.003, RANDOM.integers(0, 120, N), RANDOM.integers(0, 3, N)),
        "columns": (np.arange(3 * N // 3) % 3 * 40 + RANDOM.integers(0, 3, N)),
    }
    for dtype in ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8"]:
        for kind, numbers in whole.items():
            yield f"{dtype}-{kind}", numbers.astype(f"<{dtype}")
    values = RANDOM.integers(0, 2**63, 300, dtype="u8")
    yield "dictionary", values[RANDOM.integers(0, 300, N)]
    yield "big-endian", walk.astype(">i4")
    yield "points", np.stack([walk * 3, walk[::-1], np.arange(N)], 1).astype("<i4")
    for dtype in ["f2", "f4", "f8"]:
        cents = (walk / 100).astype(f"<{dtype}")
        yield f"{dtype}-cents", cents
        yield f"{dtype}-noise", RANDOM.normal(size=N).astype(f"<{dtype}")
        odd = cents.copy()
        odd[::97], odd[5::301], odd[7::501], odd[9::411] = np.nan, -0.0, np.inf, -np.inf
        yield f"{dtype}-odd", odd
        yield f"{dtype}-runs", np.repeat(RANDOM.normal(size=N // 50), 50).astype(f"<{dtype}")
    profile = RANDOM.integers(0, 1_000_000, 200)
    field = profile + np.arange(100)[:, None] + RANDOM.integers(0, 4, (100, 200))
    yield "field", field.astype("<u4")
    yield "float-field", field.astype("<f4") * np.float32(np.pi)
    yield "one", np.array([7], "<i8")
    yield "none", np.empty(0, "<f8")


def test_an_independent_decoder_reads_what_is_written(tmp_path):
    arrays = {name: array for name, array in kinds() if array.size}
    paginum.save(tmp_path / "a.pv", arrays, filter="fast")
    found = list(fast_decoder.payloads((tmp_path / "a.pv").read_bytes()))
    assert len(found) == len(arrays)
    used = set()
    for (name, array), payload in zip(arrays.items(), found):
        numbers = fast_decoder.decode(payload)
        assert numbers.dtype == array.dtype and numbers.tobytes() == array.tobytes(), name
        used |= schemes_of(payload)
    assert used == set(range(11)), "a scheme that no array brings about"


def schemes_of(payload):
    """The bytes that begin the schemes of a payload."""

    def kinds(scheme):
        return {scheme.kind}.union(*map(kinds, scheme.inner))

    bodies = list(paged_decoder.frames(payload).values())
    name = paged_decoder.TYPES[bodies[0][2]]
    metas = [paged_decoder.Bytes(body[5:-4]) for body in bodies if body[0] == 1]
    return set().union(*(kinds(fast_decoder.scheme(meta, name, b"\1")) for meta in metas))


def test_pages_of_other_sizes_are_read(tmp_path):
    arrays = dict(kinds())
    names = ["i4-steady", "f8-cents", "f8-noise", "points", "field", "u2-columns"]
    for page_numbers in [1000, 1025, 100_000]:
        paginum.save(tmp_path / "a.pv", {name: arrays[name] for name in names}, filter="fast", page_numbers=page_numbers)
        found = fast_decoder.payloads((tmp_path / "a.pv").read_bytes())
        for name, payload in zip(names, found, strict=True):
            assert fast_decoder.decode(payload).tobytes() == arrays[name].tobytes(), name


def test_the_example_of_the_format():
    page = bytes.fromhex("07000000 0a 0000") + b"".join((i + 993).to_bytes(4, "little") for i in range(9)) + bytes(92)
    source = fast_decoder.Bytes(page)
    words = fast_decoder.Scheme(fast_decoder.Bytes(b"\1"), 4, False, "unsigned").page(source, 10)
    source.finish()
    assert words.tolist() == [*range(1000, 1009), 7]


@pytest.mark.parametrize("goal", ["size", "balanced", "speed", None])
def test_a_goal_decides_between_room_and_time(tmp_path, goal):
    walk = RANDOM.integers(-9, 9, 100_000).cumsum().astype("<i4")
    paginum.save(tmp_path / "a.pv", {"walk": walk}, goal=goal)
    with paginum.open(tmp_path / "a.pv") as file:
        expected = {"speed": {"fast"}, "size": {"numeric", "dense"}}.get(goal, {"numeric"})
        assert file["walk"].filter in expected
        assert np.array_equal(file["walk"][:], walk)


def test_a_goal_that_there_is_not_is_refused(tmp_path):
    with pytest.raises(ValueError, match="size, balanced and speed"):
        paginum.save(tmp_path / "a.pv", {"x": np.arange(3)}, goal="small")
