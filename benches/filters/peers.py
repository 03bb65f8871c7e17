"""The filter `fast` beside others, array by array: sizes, and speeds of one thread by processor time, in one run.

`python benches/filters/peers.py FOLDER [PART]...` takes the arrays `name.dtype.bin` of FOLDER, in flat shape. It needs the package
paginum and numpy; pcodec, vortex-data, blosc2, pyarrow and openzl take part where they are installed. Each codec compresses an
array in memory and gives it back as a new array; the least of seven rounds or more counts, and every byte is compared.
"""

import contextlib
import io
import math
import os
import pathlib
import sys
import tempfile
import time

import numpy as np

# At least so many rounds and so many seconds of each.
ROUNDS = 7
SECONDS = 0.05


class Paginum:
    """A `.pv` of one array, in the cache of the system. It is read while it is open, as an array of vortex is; reading the file and
    checksums of pages are in that."""

    def __init__(self, **options):
        os.environ["RAYON_NUM_THREADS"] = "1"
        import paginum

        self.module, self.options = paginum, options
        self.folder = tempfile.TemporaryDirectory()

    def encode(self, array):
        file = io.BytesIO()
        self.module.save(file, {"a": array}, n_threads=1, **self.options)
        return file.getvalue()

    def opened(self, stored):
        path = pathlib.Path(self.folder.name, "a.pv")
        path.write_bytes(stored)
        return self.module.open(path)["a"]

    def decode(self, opened, array):
        return opened[:]


class Pco:
    def __init__(self):
        from pcodec import ChunkConfig, standalone

        self.standalone, self.config = standalone, ChunkConfig(compression_level=8, enable_8_bit=True)

    def encode(self, array):
        return self.standalone.simple_compress(array, self.config)

    def decode(self, stored, array):
        return self.standalone.simple_decompress(stored)


class Vortex:
    """An array of its default compressor, in memory: without a file around it."""

    def __init__(self):
        import pyarrow
        import vortex

        self.arrow, self.vortex = pyarrow, vortex
        if hasattr(vortex, "set_worker_threads"):
            vortex.set_worker_threads(1)

    def encode(self, array):
        return self.vortex.compress(self.vortex.array(self.arrow.array(array)))

    def size(self, stored):
        return stored.nbytes

    def decode(self, stored, array):
        return stored.to_arrow_array().to_numpy(zero_copy_only=False)


class Blosc:
    def __init__(self, codec, filters):
        import blosc2

        blosc2.set_nthreads(1)
        self.blosc, self.codec, self.filter = blosc2, getattr(blosc2.Codec, codec), getattr(blosc2.Filter, filters)

    def encode(self, array):
        return self.blosc.compress2(array, codec=self.codec, clevel=5, filters=[self.filter], typesize=array.itemsize, nthreads=1)

    def decode(self, stored, array):
        out = np.empty_like(array)
        self.blosc.decompress2(stored, dst=out, nthreads=1)
        return out


class Parquet:
    """A file of one column, bytes of the same significance together, zstd 3."""

    def __init__(self):
        import pyarrow
        import pyarrow.parquet

        self.arrow, self.parquet = pyarrow, pyarrow.parquet

    def encode(self, array):
        file = io.BytesIO()
        table = self.arrow.table({"a": array})
        # Parquet stores short numbers as 32 bits.
        encoding = "BYTE_STREAM_SPLIT" if array.itemsize >= 4 else "PLAIN"
        options = {"compression": "zstd", "compression_level": 3, "use_dictionary": False}
        self.parquet.write_table(table, file, column_encoding={"a": encoding}, **options)
        return file.getvalue()

    def decode(self, stored, array):
        table = self.parquet.read_table(self.arrow.BufferReader(stored), use_threads=False)
        return table.column("a").to_numpy()


class OpenZl:
    """Its general graph for numbers, untrained."""

    def __init__(self):
        import openzl.ext as zl

        self.zl = zl
        self.compressor = zl.Compressor()
        self.compressor.set_parameter(zl.CParam.FormatVersion, zl.MAX_FORMAT_VERSION)
        self.compressor.select_starting_graph(zl.graphs.Compress()(self.compressor))

    def encode(self, array):
        context = self.zl.CCtx()
        context.ref_compressor(self.compressor)
        numbers = array.view(f"u{array.itemsize}")
        return context.compress([self.zl.Input(self.zl.Type.Numeric, numbers)])

    def decode(self, stored, array):
        (output,) = self.zl.DCtx().decompress(stored)
        return output.content.as_nparray().view(array.dtype)


CODECS = {
    "fast": lambda: Paginum(filter="fast"),
    "numeric": lambda: Paginum(filter="numeric"),
    "pco 8": Pco,
    "vortex": Vortex,
    "blosc2 lz4 shuffle 5": lambda: Blosc("LZ4", "SHUFFLE"),
    "blosc2 zstd bitshuffle 5": lambda: Blosc("ZSTD", "BITSHUFFLE"),
    "Parquet split zstd 3": Parquet,
    "OpenZL": OpenZl,
}


def least(work):
    """The least seconds of several rounds, and what the work gave."""
    best, total, n = math.inf, 0, 0
    while n < ROUNDS or total < SECONDS:
        start = time.process_time()
        result = work()
        spent = time.process_time() - start
        best, total, n = min(best, spent), total + spent, n + 1
    return best, result


def measure(codec, array):
    """Bytes, seconds of encoding and of decoding."""
    encode, stored = least(lambda: codec.encode(array))
    opened = codec.opened(stored) if hasattr(codec, "opened") else stored
    decode, back = least(lambda: codec.decode(opened, array))
    if np.ascontiguousarray(back).tobytes() != array.tobytes():
        raise ValueError("other numbers came back")
    size = codec.size(stored) if hasattr(codec, "size") else len(stored)
    return size, encode, decode


def mean(numbers):
    return math.exp(sum(map(math.log, numbers)) / len(numbers)) if numbers else math.nan


def main():
    folder, parts = pathlib.Path(sys.argv[1]), sys.argv[2:]
    codecs = {}
    for name, make in CODECS.items():
        with contextlib.suppress(ImportError):
            codecs[name] = make()
    print("| array | " + " | ".join(codecs) + " |\n|---" + "|---" * len(codecs) + "|")
    all_measured = {name: {} for name in codecs}
    for path in sorted(folder.glob("*.bin")):
        name, dtype = path.name.removesuffix(".bin").rsplit(".", 1)
        if parts and not any(part in path.name for part in parts):
            continue
        array = np.fromfile(path, f"<{dtype[0]}{int(dtype[1:]) // 8}")
        cells = []
        for codec, own in codecs.items():
            try:
                size, encode, decode = measure(own, array)
            except Exception as error:
                print(f"{path.name}, {codec}: {error}", file=sys.stderr)
                cells.append("-")
                continue
            all_measured[codec][name] = array.nbytes / size, array.nbytes / encode / 1e9, array.nbytes / decode / 1e9
            cells.append("{:.2f}, {:.2f}, {:.2f}".format(*all_measured[codec][name]))
        print(f"| {name}.{dtype} | " + " | ".join(cells) + " |", flush=True)
    all_measured = {codec: own for codec, own in all_measured.items() if own}
    print("\n| geometric mean | arrays | ratio | of fast's on the same | encode GB/s | decode GB/s | decode of fast on the same |\n" + "|---" * 7 + "|")
    for codec, own in all_measured.items():
        fast = all_measured["fast"]
        ratio, encode, decode = (mean([row[i] for row in own.values()]) for i in range(3))
        beside, speed = (mean([fast[name][i] for name in own]) for i in (0, 2))
        print(f"| {codec} | {len(own)} | {ratio:.3f} | {ratio / beside:.3f} | {encode:.2f} | {decode:.2f} | {speed:.2f} |")


main()
