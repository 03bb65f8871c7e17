"""The filters of `.pv` on a folder of NAME.TYPE.bin files: sizes, and CPU time of one thread.

    python python/benches/filters.py FOLDER
"""

import pathlib
import sys
import time
from collections import Counter

import numpy as np
import paginum

FILTERS = ("none", "shuffle", "delta", "numeric:4", "numeric", "numeric:12", "auto")


def main():
    sizes, writes, reads, chosen = {}, {}, {}, Counter()
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.bin")):
        dtype = path.name.split(".")[-2]
        values = np.fromfile(path, f"{dtype[0]}{int(dtype[1:]) // 8}")
        for name in FILTERS:
            stored = pathlib.Path("filters.pv")
            spent = []
            for _ in range(3):
                start = time.process_time()
                paginum.save(stored, {"x": values}, filter=name, n_threads=1)
                spent.append(time.process_time() - start)
            writes.setdefault(name, []).append(values.nbytes / min(spent))
            with paginum.open(stored) as file:
                array, out, spent = file["x"], np.empty_like(values), []
                for _ in range(5):
                    start = time.process_time()
                    array.read(out=out, n_threads=1)
                    spent.append(time.process_time() - start)
                reads.setdefault(name, []).append(values.nbytes / min(spent))
                sizes.setdefault(name, []).append(values.nbytes / array.stored_bytes)
                if name == "auto":
                    chosen[array.filter] += 1
            stored.unlink()
    for name in FILTERS:
        ratio, write, read = (np.exp(np.mean(np.log(table[name]))) for table in (sizes, writes, reads))
        best = sum(sizes[name][i] >= max(sizes[other][i] for other in FILTERS) * 0.999 for i in range(len(sizes[name])))
        print(f"{name:12} ratio {ratio:.2f}  write {write / 1e6:5.0f} MB/s  read {read / 1e6:5.0f} MB/s  smallest {best}")
    print("auto chose", dict(chosen))


main()
