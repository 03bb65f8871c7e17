"""Where numpy is not installed: pictures are dictionaries, and everything else says what is missing."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from paginum.compat import pzp

# An import hook stands for an environment without numpy.
WITHOUT = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "numpy":
            raise ModuleNotFoundError("No module named 'numpy'", name="numpy")

sys.meta_path.insert(0, Hidden())
"""


def run(program, *arguments):
    """What a program prints that finds no numpy."""
    call = [sys.executable, "-c", WITHOUT + program, *map(str, arguments)]
    done = subprocess.run(call, capture_output=True, text=True, env={**os.environ, "PYTHONWARNINGS": "error"})
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 3)])
@pytest.mark.parametrize("dtype", ["u1", "<u2"])
def test_a_picture_is_a_dictionary(tmp_path, shape, dtype):
    picture = np.random.default_rng(1).integers(0, 200 if dtype == "u1" else 60_000, shape).astype(dtype)
    pzp.write(tmp_path / "a.pzp", picture, use_rle=True, use_lz4=True)
    printed = run(
        """
from paginum.compat import pzp
picture, flags = pzp.read(sys.argv[1], return_flags=True)
assert type(picture.pop("data")) is bytes and "numpy" not in sys.modules
assert pzp.read_frame(sys.argv[1], 0) == pzp.read(sys.argv[1])
pzp.write(sys.argv[2], pzp.read(sys.argv[1]), use_palette=True)
data = pzp.read(sys.argv[1])["data"]
pzp.write(sys.argv[3], data, picture["width"], picture["height"], picture["bpp"], picture["channels"])
import json
print(json.dumps([picture, flags, pzp.info(sys.argv[1])]))
""",
        *(tmp_path / name for name in ("a.pzp", "dict.pzp", "bytes.pzp")),
    )
    found, flags, info = json.loads(printed)
    assert flags == pzp.USE_COMPRESSION | pzp.USE_RLE | pzp.USE_LZ4
    channels = shape[2] if len(shape) == 3 else 1
    assert found == {"width": 4, "height": 5, "channels": channels, "bpp": 8 * picture.itemsize, "configuration": flags}
    assert info == pzp.info(tmp_path / "a.pzp")
    for name in ("dict.pzp", "bytes.pzp"):
        np.testing.assert_array_equal(pzp.read(tmp_path / name), picture)


def test_animations_need_none(tmp_path):
    run(
        """
from paginum.compat import pzp
frames = [{"data": bytes(range(i, i + 12)), "width": 4, "height": 3, "channels": 1, "bpp": 8} for i in range(3)]
deep = memoryview(bytes(range(24))).cast("H", (2, 3, 2))
sound = b"RIFF" + bytes(40)
pzp.write_container(sys.argv[1], [*frames, deep], [1, 2, 3, 4], 5, metadata="{}", audio=sound)
assert pzp.frame_count(sys.argv[1]) == 4 and pzp.get_loop_count(sys.argv[1]) == 5
assert pzp.get_delays(sys.argv[1]) == [1, 2, 3, 4] and pzp.get_metadata(sys.argv[1]) == b"{}"
assert pzp.get_audio(sys.argv[1])[0] == sound
assert pzp.read_frame(sys.argv[1], 2)["data"] == frames[2]["data"]
assert pzp.read_frame(sys.argv[1], 3)["data"] == deep.tobytes()
for wrong, error in (
    ([[[1]]], TypeError),
    ([memoryview(bytes(8)).cast("d", (1, 1))], TypeError),
    ([memoryview(bytes(8))], ValueError),
    ([{"data": b"1234"}], TypeError),
    ([{**frames[0], "width": 5}], ValueError),
    ([{**frames[0], "height": -3, "width": -4}], ValueError),
):
    try:
        pzp.write_container(sys.argv[2], wrong)
    except error:
        continue
    raise AssertionError(wrong)
""",
        tmp_path / "m.pzp",
        tmp_path / "none.pzp",
    )
    assert not (tmp_path / "none.pzp").exists()
    assert pzp.read_frame(tmp_path / "m.pzp", 1).tolist() == np.arange(1, 13).reshape(3, 4).tolist()


def test_errors_are_those_of_the_package(tmp_path):
    pzp.write(tmp_path / "a.pzp", np.zeros((9, 9), np.uint8))
    content = bytearray((tmp_path / "a.pzp").read_bytes())
    content[-3] ^= 0x40
    (tmp_path / "a.pzp").write_bytes(content)
    run(
        """
import paginum
from paginum.compat import pzp
try:
    pzp.read(sys.argv[1])
except paginum.CorruptDataError as error:
    assert error.file == sys.argv[1]
else:
    raise AssertionError
""",
        tmp_path / "a.pzp",
    )


def test_what_needs_numpy_says_so(tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n2\n")
    printed = run(
        """
import paginum
for name in ("open", "save", "compress", "Array"):
    try:
        getattr(paginum, name)
    except ModuleNotFoundError as error:
        assert str(error) == f"paginum.{name} needs numpy: pip install numpy", error
    else:
        raise AssertionError(name)
try:
    from paginum import open
except ImportError as error:
    assert "needs numpy" in str(error)
assert not hasattr(paginum, "nonsense") and issubclass(paginum.ChecksumError, ValueError) and paginum.__version__
paginum.show_versions()
sys.stdout.flush()
from paginum import _command
sys.argv = ["paginum", "cat", sys.argv[1]]
raise SystemExit(_command.main())
""",
        tmp_path / "a.csv",
    )
    assert "numpy" in printed and printed.endswith("1\n2\n")
