"""This package beside the wheel of pcodec on a folder of NAME.TYPE.bin files, by CPU time of one thread.

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
    start = time.thread_time()
    result = work()
    return time.thread_time() - start, result


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
    return sizes, times


def main():
    folder = pathlib.Path(sys.argv[1])
    level = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    rows = []
    for path in sorted(folder.glob("*.bin")):
        dtype = path.name.split(".")[-2]
        values = np.fromfile(path, f"{dtype[0]}{int(dtype[1:]) // 8}")
        sizes, times = measured(values, level)
        ratio = {what: times[theirs, what] / times[ours, what] for what in ("decode", "encode")}
        rows.append((path.name, sizes[ours] / sizes[theirs], ratio["decode"], ratio["encode"]))
        print(f"{rows[-1][0]:32} size {rows[-1][1]:.3f}  decode {rows[-1][2]:.2f}x  encode {rows[-1][3]:.2f}x")
    means = [np.exp(np.mean(np.log([row[i] for row in rows]))) for i in (1, 2, 3)]
    print(f"{'geometric mean of ' + str(len(rows)):32} size {means[0]:.3f}  decode {means[1]:.2f}x  encode {means[2]:.2f}x")
    for i, what in ((2, "decode"), (3, "encode")):
        slower = [row[0] for row in rows if row[i] < 1]
        print(f"{what}: slower on {len(slower)}: {', '.join(slower)}")


main()
