"""Reads `.npy` files, and saves what they hold in every way that numpy has; saves arrays of its own as well.

    npy.py OURS THEIRS

For each file of the folder OURS, and each array of its own, prints NAME, dtype, shape and the digest of the elements in C
order, separated by tabs, and leaves NAME.WAY.npy in THEIRS. A file of OURS must be what numpy writes, byte by byte.
"""

import hashlib
import io
import pathlib
import sys
import warnings

import numpy as np

warnings.simplefilter("ignore")  # that versions 2 and 3 are new

ours, theirs = map(pathlib.Path, sys.argv[1:])


def own_arrays():
    random = np.random.default_rng(1)
    for code in np.typecodes["All"].replace("O", ""):
        dtype = np.dtype(code)
        if dtype.kind in "SUV":
            dtype = np.dtype((code, 5))
        if dtype.kind in "mM":
            dtype = np.dtype(code + "8[us]")
        for order in "<>":
            dtype = dtype.newbyteorder(order)
            for shape in [(), (0,), (7,), (3, 5), (2, 3, 4), (3, 0, 2)]:
                n = int(np.prod(shape)) * dtype.itemsize
                elements = np.frombuffer(random.bytes(n), "u1")
                if dtype.kind in "bU":
                    elements = elements & 1  # texts of code points that there are
                if dtype.kind == "U":
                    elements = elements.reshape(-1, 4) * ([0, 0, 0, 1] if order == ">" else [1, 0, 0, 0])
                array = np.frombuffer(elements.astype("u1").tobytes(), dtype).reshape(shape)
                yield f"own-{code}{'lb'[order == '>']}-{'x'.join(map(str, shape))}", array


def describe(name, array):
    dtype = f"|V{array.dtype.itemsize}" if array.dtype.fields else array.dtype.str
    shape = ",".join(map(str, array.shape))
    print(name, dtype, shape, hashlib.sha256(array.tobytes()).hexdigest(), sep="\t")
    for way, kept, version in [
        ("c", array, None),
        ("fortran", np.array(array, order="F"), None),
        ("reversed", array[::-1] if array.ndim else array, None),
        # Names beyond Latin-1 are for version 3 alone.
        ("two", array, (3, 0) if not str(array.dtype).isascii() else (2, 0)),
        ("three", array, (3, 0)),
    ]:
        with open(theirs / f"{name}.{way}.npy", "wb") as file:
            np.lib.format.write_array(file, kept, version=version)


for path in sorted(ours.iterdir()):
    array = np.load(path)
    again = io.BytesIO()
    np.save(again, array)  # arrays in Fortran order as such
    assert again.getvalue() == path.read_bytes(), f"{path}: numpy writes other bytes"
    describe(path.stem, array)
for name, array in own_arrays():
    describe(name, array)
