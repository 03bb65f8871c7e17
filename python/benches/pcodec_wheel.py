"""This package beside the wheel of pcodec on a folder of NAME.TYPE.bin files, by CPU time, with one thread.

    python python/benches/pcodec_wheel.py FOLDER [LEVEL]

Each array is compressed and read by both in turns, through the same calls (`standalone.simple_compress` and
`simple_decompress_into`), and the fastest of some rounds counts. Ratios are pcodec's time over ours: above 1 we are faster.
"""

import os
import pathlib
import sys
import time

os.environ["PAGINUM_THREADS"] = "1"

import numpy as np  # noqa: E402
import pcodec as theirs  # noqa: E402
from paginum.compat import pcodec as ours  # noqa: E402

ROUNDS = 5


def seconds(work):
    # Of the process: our chunks are encoded on a thread of a pool.
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def measured(values, level):
    """Sizes, and for encoding and decoding the seconds of both."""
    packages, times, sizes = (ours, theirs), {}, {}
    packed = {}
    for _ in range(ROUNDS):
        for package in packages:
            config = package.ChunkConfig(compression_level=level, enable_8_bit=True)
            spent, packed[package] = seconds(lambda: package.standalone.simple_compress(values, config))
            times[package, "encode"] = min(spent, times.get((package, "encode"), spent))
            sizes[package] = len(packed[package])
            out = np.empty_like(values)
            # What is short is done several times, so that the clock has something to count.
            n = max(1, (1 << 20) // values.nbytes)
            spent, _ = seconds(
                lambda: [package.standalone.simple_decompress_into(packed[package], out) for _ in range(n)]
            )
            times[package, "decode"] = min(spent / n, times.get((package, "decode"), spent / n))
            assert out.tobytes() == values.tobytes()
        # The same bytes read by both: what is left is the engines alone.
        spent, _ = seconds(lambda: [ours.standalone.simple_decompress_into(packed[theirs], out) for _ in range(n)])
        times[ours, "same"] = min(spent / n, times.get((ours, "same"), spent / n))
    times[theirs, "same"] = times[theirs, "decode"]
    return sizes, times


def show(name, size, decode, same, encode):
    print(f"{name:32} size {size:.3f}  decode {decode:.2f}x, pcodec's bytes {same:.2f}x  encode {encode:.2f}x")


def main():
    folder = pathlib.Path(sys.argv[1])
    level = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    rows = []
    for path in sorted(folder.glob("*.bin")):
        dtype = path.name.split(".")[-2]
        values = np.fromfile(path, f"{dtype[0]}{int(dtype[1:]) // 8}")
        sizes, times = measured(values, level)
        ratio = {what: times[theirs, what] / times[ours, what] for what in ("decode", "same", "encode")}
        rows.append((path.name, sizes[ours] / sizes[theirs], *ratio.values()))
        show(*rows[-1])
    means = [np.exp(np.mean(np.log([row[i] for row in rows]))) for i in range(1, 5)]
    show(f"geometric mean of {len(rows)}", *means)
    for i, what in ((2, "decode"), (3, "decode pcodec's bytes"), (4, "encode")):
        slower = [row[0] for row in rows if row[i] < 1]
        print(f"{what}: slower on {len(slower)}: {', '.join(slower)}")


main()
