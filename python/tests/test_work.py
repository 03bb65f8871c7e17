"""Threads, signals, progress, pickles, processes."""

import concurrent.futures
import copy
import multiprocessing
import os
import pathlib
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import paginum
import pytest

VALUES = np.arange(400_000).reshape(100_000, 4) % 1013


@pytest.fixture
def path(folder):
    paginum.save(folder / "a.pv", {"x": VALUES, "y": VALUES[:, 0]}, filter="numeric")
    return folder / "a.pv"


def test_threads_share_a_reader(path):
    with paginum.open(path) as file, concurrent.futures.ThreadPoolExecutor(16) as pool:

        def read(i):
            rows = slice(i * 997 % 90_000, i * 997 % 90_000 + 5000)
            np.testing.assert_array_equal(file["x"][rows], VALUES[rows])

        list(pool.map(read, range(64)))


@pytest.mark.parametrize("n_threads", [1, 2, 3, 0, None])
def test_any_number_of_threads_gives_the_same(path, folder, n_threads):
    paginum.save(folder / "b.pv", {"x": VALUES, "y": VALUES[:, 0]}, filter="numeric", n_threads=n_threads)
    assert (folder / "b.pv").read_bytes() == path.read_bytes()
    with paginum.open(path) as file:
        np.testing.assert_array_equal(file["x"].read(n_threads=n_threads), VALUES)
    with pytest.raises(ValueError):
        paginum.compress([1], n_threads=-1)


def test_the_interpreter_is_free_meanwhile():
    counted = 0
    is_done = threading.Event()

    def count():
        nonlocal counted
        while not is_done.is_set():
            counted += 1
            time.sleep(0)

    other = threading.Thread(target=count)
    other.start()
    before = counted
    paginum.compress(np.random.default_rng(0).random(2_000_000), n_threads=1)
    during = counted - before
    is_done.set()
    other.join()
    assert during > 10


def test_progress_ends_at_all_bytes(path, folder):
    told = []
    with paginum.open(path) as file:
        file["x"].read(progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (VALUES.nbytes, VALUES.nbytes) and told == sorted(told)
    told.clear()
    paginum.save(folder / "b.pv", {"x": VALUES}, progress=lambda *both: told.append(both))
    assert told[-1] == (VALUES.nbytes, VALUES.nbytes)
    told.clear()
    paginum.convert(path, folder / "c.npz", progress=lambda *both: told.append(both))
    assert told[-1][0] == told[-1][1]


def test_an_exception_of_the_progress_ends_the_work(folder):
    def stop(done, total):
        raise KeyError("stop")

    values = np.random.default_rng(0).random(8_000_000)
    with pytest.raises(KeyError, match="stop"):
        paginum.save(folder / "b.pv", {"x": values}, filter="numeric:12", n_threads=1, progress=stop)
    assert not list(folder.glob("b.pv*"))


INTERRUPTED = """
import numpy as np, paginum, pathlib, signal, sys
# Whoever runs the tests in the background lets their children ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
values = np.random.default_rng(0).random(20_000_000)
print("ready", flush=True)
try:
    paginum.save(pathlib.Path(sys.argv[1]), {"x": values}, filter="numeric:12", n_threads=1)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_ctrl_c_ends_a_write_and_leaves_nothing(folder):
    command = [sys.executable, "-c", INTERRUPTED, str(folder / "a.pv")]
    environment = {**os.environ, "PYTHONPATH": str(pathlib.Path(paginum.__file__).parents[1])}
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert child.stdout.readline() == "ready\n"
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=60)
    assert out == "interrupted\n"
    assert not list(folder.iterdir())


def test_pickled_readers_read_on(path):
    with paginum.open(path) as file:
        for thing in (file, file["x"]):
            other = pickle.loads(pickle.dumps(thing))
            array = other["x"] if isinstance(other, paginum.File) else other
            np.testing.assert_array_equal(array[7:9], VALUES[7:9])
            array._file.close()
        twin = copy.copy(file["x"])
        np.testing.assert_array_equal(twin[3], VALUES[3])


def test_pickled_readers_notice_another_file(path):
    with paginum.open(path) as file:
        pickled = pickle.dumps(file)
    paginum.save(path, {"x": VALUES[:10]})
    with pytest.raises(paginum.ChangedError, match=r"a\.pv"):
        pickle.loads(pickled)


def test_what_cannot_be_pickled_says_so(path):
    with open(path, "rb") as source, paginum.open(source) as file, pytest.raises(TypeError, match="path"):
        pickle.dumps(file)


def _sum(array):
    return int(array[...].sum())


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes_read(path, method):
    if method == "fork" and sys.version_info >= (3, 12):
        pytest.skip("a process with threads should not fork")
    with paginum.open(path) as file:
        file["x"].read(n_threads=2)
        context = multiprocessing.get_context(method)
        with context.Pool(2) as pool:
            assert pool.map(_sum, [file["x"]] * 4, chunksize=1) == [int(VALUES.sum())] * 4


def test_reprs(path):
    with paginum.open(path) as file:
        assert "a.pv" in repr(file) and "2 arrays" in repr(file)
        assert "int64" in repr(file["x"]) and "x)" in repr(file["x"])
        assert file._repr_html_().count("<tr>") == 3 and "<table>" in file["x"]._repr_html_()
    hostile = paginum.open(paginum.compress([1]))
    hostile["array"].name
    buffer = folder_name(path, "<b>&")
    with paginum.open(buffer) as file:
        assert "<b>" not in file._repr_html_() and "&lt;b&gt;" in file._repr_html_()


def folder_name(path, name):
    other = path.parent / "h.pv"
    paginum.save(other, {name: [1]})
    return other


def test_the_command(capfd):
    from paginum import _command

    old = sys.argv
    try:
        sys.argv = ["paginum", "--version"]
        assert _command.main() == 0
        sys.argv = ["paginum", "no-such-verb"]
        assert _command.main() == 2
    finally:
        sys.argv = old
    assert capfd.readouterr().out.startswith("paginum ")


def test_versions(capsys):
    paginum.show_versions()
    assert paginum.__version__ in capsys.readouterr().out

