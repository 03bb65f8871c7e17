"""What stands for the programs that pyvista-zstd builds beside its library, over our doors: ``tools.py VERB ARGUMENTS``.

* ``dump FILE`` prints each array as our reader decodes it.
* ``append FILE LEVEL SHUFFLE SPEC`` adds the arrays of a list by `paginum.append`, which knows nothing of pyvista.
* ``rewrite FILE NEW LEVEL THREADS SHUFFLE FIXED UID`` reads a mesh and writes it.
"""

import pathlib
import sys

import numpy as np
import paginum
from paginum import _core


def fnv(data):
    found = 1469598103934665603
    for byte in data:
        found = ((found ^ byte) * 1099511628211) & (1 << 64) - 1
    return found


def dump(path):
    names, _, _, pairs = _core.pv_layout(path)
    with paginum.open(path) as file:
        arrays = [(names[pair], file[inside]) for inside, pair in sorted(pairs, key=lambda pair: pair[1])]
        n_documents = len(file._core.documents()) - 1
    print(f"arrays {len(arrays)}")
    print(f"ds_metadata {min(n_documents, 1)}")
    print("file_metadata 1")
    with paginum.open(path) as file:
        for name, array in [(name, file[array.name]) for name, array in arrays]:
            values = array.read()
            shape = ",".join(map(str, array.shape))
            number = int(array.filter == "shuffle")
            words = f"{array.dtype.str} filter={number} nbytes={values.nbytes} shape=[{shape}]"
            print(f"array {name} {words} fnv={fnv(values.tobytes()):016x}")


def listed(spec):
    """The arrays of a list: name, dtype twice, shape and a file of bytes to a line."""
    arrays = {}
    for line in pathlib.Path(spec).read_text(encoding="utf-8").splitlines():
        name, dtype, _, shape, raw = line.split("\t")
        lengths = [int(length) for length in shape.split(",") if length]
        arrays[name] = np.fromfile(raw, dtype).reshape(lengths)
    return arrays


def filter_of(values, shuffle):
    """The filter of an array where shuffling is off, on, or a matter of a trial, which floats alone get."""
    if shuffle == "1":
        return "shuffle" if values.itemsize > 1 else "none"
    return "auto" if shuffle == "2" and values.dtype.kind in "fc" else "none"


def append(path, _level, shuffle, spec):
    arrays = listed(spec)
    filters = {f"field_data/{name}": filter_of(values, shuffle) for name, values in arrays.items()}
    with paginum.open(path) as file:
        level = file.attrs["compression_level"]
    paginum.append(path, arrays, stage=True, filter=filters, zstd_level=level, compat="reproduce-0.7")


def rewrite(path, new, level, _threads, shuffle, _fixed, _uid):
    from paginum.compat import pyvista_zstd

    shuffled = {"0": False, "1": True, "2": "auto"}[shuffle]
    pyvista_zstd.write(pyvista_zstd.read(path), new, level=int(level), shuffle=shuffled)


if __name__ == "__main__":
    {"dump": dump, "append": append, "rewrite": rewrite}[sys.argv[1]](*sys.argv[2:])
