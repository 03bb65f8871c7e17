#!/usr/bin/env python3
"""Tries the built command on a folder of raw arrays, as a user would.

    tests/trial.py FOLDER [--paginum target/release/paginum] [--ranges 100] [--level 8]

Every file called NAME.TYPE.bin (TYPE as Rust spells it: f64, u8, ...) is compressed and decompressed, the bytes are compared,
and random row ranges (seeded by the file's name) are read and compared, from a file with a trailer, from one with row indexes
and from a plain one as another program would write it. Prints a row a file; ends with 1 at the first difference.
"""

import argparse
import pathlib
import random
import subprocess
import sys
import tempfile

SIZES = {"u8": 1, "i8": 1, "u16": 2, "i16": 2, "f16": 2, "u32": 4, "i32": 4, "f32": 4, "u64": 8, "i64": 8, "f64": 8}


def run(*arguments):
    done = subprocess.run([str(a) for a in arguments], capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments))} ended with {done.returncode}: {done.stderr.decode()}")
    return done.stdout


def trial(paginum, path, number_type, n_ranges, level, folder):
    original = path.read_bytes()
    item = SIZES[number_type]
    n = len(original) // item
    variants = {"trailer": [], "row-index": ["--row-index"], "plain": ["--plain"]}
    sizes = []
    for name, options in variants.items():
        packed = folder / f"{name}.pco"
        run(paginum, "compress", path, "--dtype", number_type, "-o", packed, "--level", level, "--force", *options)
        run(paginum, "verify", packed)
        if run(paginum, "decompress", packed, "--raw", "-o", "-") != original:
            sys.exit(f"{path}: {name}: the bytes differ")
        sizes.append(packed.stat().st_size)
    chooser = random.Random(path.name)
    for i in range(n_ranges):
        start = chooser.randrange(n + 1)
        # Single rows, short and long ranges alike.
        length = chooser.choice([1, 10, 1000, n])
        end = min(n, start + chooser.randrange(length + 1))
        name = list(variants)[i % 3]
        rows = run(paginum, "cat", folder / f"{name}.pco", "--rows", f"{start}..{end}", "--raw", "-o", "-")
        if rows != original[start * item : end * item]:
            sys.exit(f"{path}: {name}: rows {start}..{end} differ")
    return len(original), sizes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--paginum", default="target/release/paginum")
    parser.add_argument("--ranges", type=int, default=100)
    parser.add_argument("--level", type=int, default=8)
    options = parser.parse_args()
    files = sorted(options.folder.glob("*.*.bin"))
    if not files:
        sys.exit(f"{options.folder} holds no NAME.TYPE.bin")
    print(f"{'file':34} {'bytes':>9} {'trailer':>9} {'row index':>9} {'plain':>9} {'ratio':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for path in files:
            number_type = path.name.split(".")[-2]
            n_bytes, sizes = trial(
                options.paginum, path, number_type, options.ranges, options.level, pathlib.Path(folder)
            )
            print(f"{path.name:34} {n_bytes:9} {sizes[0]:9} {sizes[1]:9} {sizes[2]:9} {n_bytes / sizes[2]:8.3f}")
    print(f"{len(files)} passed, 0 failed")


if __name__ == "__main__":
    main()
