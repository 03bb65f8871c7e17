"""Memory after a thousand rounds of each thing: as much as after a hundred."""

import gc
import io
import tracemalloc

import numpy as np
import paginum
import pytest
from paginum import wrapped
from paginum.compat import gnz, pcodec, pzp, rustfits

VALUES = np.round(np.random.default_rng(3).normal(size=2000).cumsum(), 2)
ROUNDS = 1000
#: What caches and the allocator may come to.
MAX_TRACED_BYTES = 48 << 10
MAX_RESIDENT_BYTES = 12 << 20


@pytest.fixture
def path(tmp_path):
    paginum.save(tmp_path / "a.pv", {"x": VALUES, "words": ["a", "b"]}, filter={"x": "numeric"})
    return tmp_path / "a.pv"


def open_and_read(path):
    with paginum.open(path) as file:
        file["x"][5:9]
        file["x"][[3, 1, 700]]
        file.attrs


def compress(path):
    paginum.decompress(paginum.compress(VALUES))


def save(path):
    target = io.BytesIO()
    paginum.save(target, {"x": VALUES}, filter="shuffle")
    with paginum.open(target.getvalue()) as file:
        file["x"].read(out=np.empty_like(VALUES))


def errors(path):
    for bad in (b"no file", paginum.compress(VALUES)[:50]):
        try:
            paginum.open(bad)["array"].read()
        except paginum.Error:
            pass
    with paginum.open(path) as file:
        try:
            file["none"]
        except KeyError:
            pass


def drafts(path):
    with paginum.open(path, "a") as file:
        file["y"] = VALUES[:10]
        file.discard()


def engine(path):
    compressor = wrapped.FileCompressor()
    chunk = compressor.chunk_compressor(VALUES)
    chunk.write_meta()
    chunk.write_page(0)


def pco(path):
    packed = pcodec.standalone.simple_compress(VALUES, pcodec.ChunkConfig())
    pcodec.standalone.simple_decompress_into(packed, np.empty_like(VALUES))
    pcodec.standalone.simple_decompress(packed)


def maps(path):
    target = path.with_suffix(".gnz")
    if not target.exists():
        writer = gnz.GnzWriter(target)
        writer.add_array("x", VALUES)
        writer.write()
    with gnz.GnzReader(target) as reader:
        reader.get_array("x").sum()


def pictures(path):
    target = path.with_suffix(".pzp")
    if not target.exists():
        pzp.write(target, np.zeros((8, 8), np.uint8))
    pzp.read(target)
    pzp.info(target)


def representations(path):
    with paginum.open(path) as file:
        file._repr_html_()
        repr(file["x"])


def tables(path):
    with rustfits.FITS("mem://", "w+") as fits:
        fits.write_table({"x": VALUES[:50]}, header={"N": 1})
        fits[1].header["N"] = 2
        content = fits.to_bytes()
    with rustfits.FITS.from_bytes(content) as fits:
        fits[1]["x"][3:5]


def pages(path):
    paginum.report(path, path.with_suffix(".html"), measure=False)


WORK = [open_and_read, compress, save, errors, drafts, engine, pco, maps, pictures, representations, tables, pages]
#: What takes long has fewer rounds.
FEWER = {pages: 20, tables: 100}


@pytest.mark.parametrize("work", WORK, ids=lambda work: work.__name__)
def test_memory_stays_level(path, work):
    rounds = FEWER.get(work, ROUNDS)
    for _ in range(rounds // 10):
        work(path)
    gc.collect()
    tracemalloc.start()
    traced, resident = tracemalloc.get_traced_memory()[0], resident_bytes()
    for _ in range(rounds):
        work(path)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - traced
    tracemalloc.stop()
    assert grown < MAX_TRACED_BYTES, f"{grown} bytes of Python objects in {rounds} rounds"
    assert resident_bytes() - resident < MAX_RESIDENT_BYTES, f"{resident_bytes() - resident} bytes in {rounds} rounds"


def resident_bytes():
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * 4096
    except OSError:  # not Linux: Python's own objects are still counted
        return 0
