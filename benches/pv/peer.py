"""The other side of the bench: pyvista-zstd, told what to do line by line on standard input. See worker.rs."""

import resource
import sys
import time
import warnings

warnings.simplefilter("ignore")

import numpy as np  # noqa: E402
import pyvista  # noqa: E402
import pyvista_zstd  # noqa: E402

THREADS = int(sys.argv[1])
# What the library calls a single thread.
N_THREADS = 0 if THREADS == 1 else THREADS
SHUFFLE = {"none": False, "shuffle": True, "auto": "auto"}

arrays = {}
meshes = {}


def load(name, path, dtype, shape):
    shape = tuple(int(axis) for axis in shape.split(","))
    arrays[name] = np.fromfile(path, dtype=dtype).reshape(shape)


def mesh_of(names):
    if names not in meshes:
        mesh = pyvista.PolyData()
        for name in names.split(","):
            mesh.field_data[name] = arrays[name]
        meshes[names] = mesh
    return meshes[names]


def prepare(verb, words):
    """What is not timed: returns a function that is."""
    if verb == "write":
        path, shuffle, names = words
        mesh = mesh_of(names)
        return lambda: pyvista_zstd.write(mesh, path, level=3, n_threads=N_THREADS, shuffle=SHUFFLE[shuffle])
    if verb == "read":
        path, name = words
        return lambda: pyvista_zstd.Reader(path).read_array(name, association="field")
    if verb == "read_all":
        (path,) = words
        return lambda: pyvista_zstd.read(path, n_threads=N_THREADS)
    if verb == "open":
        (path,) = words
        return lambda: pyvista_zstd.Reader(path)
    if verb == "append":
        path, name, source, _durability = words
        return lambda: pyvista_zstd.append_arrays(path, {name: arrays[source]})
    raise ValueError(verb)


def check(verb, words, result):
    if verb == "read" and words[1] in arrays:
        assert np.array_equal(result, arrays[words[1]]), words
    if verb == "read_all":
        for name in result.field_data:
            if name in arrays:
                assert np.array_equal(result.field_data[name], arrays[name]), name


def memory(field):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field))


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure(verb, words):
    run = prepare(verb, words)
    with open("/proc/self/clear_refs", "w") as reset:
        reset.write("5")
    memory_before, cpu_before, start = memory("VmRSS"), cpu(), time.perf_counter()
    result = run()
    seconds = time.perf_counter() - start
    cpu_seconds = cpu() - cpu_before
    extra = max(memory("VmHWM") - memory_before, 0)
    check(verb, words, result)
    return f"{seconds} {cpu_seconds} {extra}"


for line in sys.stdin:
    verb, *words = line.rstrip("\n").split("\t")
    try:
        if verb == "load":
            load(*words)
            answer = "0 0 0"
        elif verb == "forget":
            arrays.clear()
            meshes.clear()
            answer = "0 0 0"
        else:
            answer = measure(verb, words)
    except Exception as error:  # the bench says what failed and goes on
        answer = "error " + repr(error).replace("\n", " ")
    print(answer, flush=True)
