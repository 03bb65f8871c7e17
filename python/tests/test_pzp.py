"""The door for PZP: there and back, and the corpus where it is there."""

import csv
import hashlib
import json
import os
import pathlib

import numpy as np
import paginum
import pytest
from paginum.compat import pzp

# Files of other writers, where a folder has them: `PAGINUM_CORPUS`.
CORPUS = pathlib.Path(os.environ.get("PAGINUM_CORPUS", "no corpus")) / "pzp"
RANDOM = np.random.default_rng(5)
PICTURES = {
    "gray": RANDOM.integers(0, 256, (7, 5), dtype=np.uint8),
    "colours": RANDOM.integers(0, 9, (6, 4, 3), dtype=np.uint8),
    "depth": RANDOM.integers(0, 65536, (5, 9), dtype=np.uint16),
    "two of 16 bits": RANDOM.integers(0, 65536, (3, 4, 2), dtype=np.uint16),
    "one": np.array([[7]], np.uint8),
}
WAVE = b"RIFF" + bytes(40)


@pytest.mark.parametrize("flags", [(), ("use_rle",), ("use_palette",), ("use_lz4",), ("use_rle", "use_palette", "use_lz4")])
@pytest.mark.parametrize("name", PICTURES)
def test_pictures_there_and_back(tmp_path, name, flags):
    picture = PICTURES[name]
    path = tmp_path / "p.pzp"
    chosen = {flag: flag in flags for flag in ("use_rle", "use_palette", "use_lz4")}
    pzp.write(path, picture, **chosen)
    found, bits = pzp.read(path, return_flags=True)
    assert found.dtype == picture.dtype and np.array_equal(found, picture)
    assert bits == pzp.USE_COMPRESSION + sum(getattr(pzp, flag.upper()) for flag in flags)
    height, width, *channels = picture.shape
    assert pzp.info(path) == {
        "width": width,
        "height": height,
        "channels": channels[0] if channels else 1,
        "bpp": 8 * picture.itemsize,
        "configuration": bits,
        "flags": bits,
        "frame_count": 1,
    }


def test_a_channel_of_its_own_is_left_off(tmp_path):
    pzp.write(tmp_path / "p.pzp", PICTURES["gray"][..., None])
    assert pzp.read(tmp_path / "p.pzp").shape == (7, 5)


def test_bytes_need_their_sizes(tmp_path):
    picture = PICTURES["colours"]
    pzp.write(tmp_path / "p.pzp", picture.tobytes(), width=4, height=6, bpp=8, channels=3)
    assert np.array_equal(pzp.read(tmp_path / "p.pzp"), picture)
    with pytest.raises(TypeError, match="width"):
        pzp.write(tmp_path / "p.pzp", picture.tobytes())
    with pytest.raises(ValueError, match="12 bits"):
        pzp.write(tmp_path / "p.pzp", picture.tobytes(), 4, 6, 12, 3)


@pytest.mark.parametrize("inter", [False, True])
def test_animations_there_and_back(tmp_path, inter):
    frames = [RANDOM.integers(0, 256, (4, 6, 3), dtype=np.uint8) for _ in range(5)]
    path = tmp_path / "m.pzp"
    pzp.write_container(
        path, frames, [0, 40, 50, 60, 2**32 - 1], 3, use_inter_delta=inter, metadata="{}", audio=WAVE,
        audio_format=pzp.AUDIO_WAVE,
    )
    assert pzp.frame_count(path) == 5 and pzp.get_loop_count(path) == 3
    assert pzp.get_delays(path) == [0, 40, 50, 60, 2**32 - 1]
    assert pzp.get_metadata(path) == b"{}" and pzp.get_audio(path) == (WAVE, "WAVE")
    for i in (4, 0, 2):
        assert np.array_equal(pzp.read_frame(path, i), frames[i])
    for i in (5, -1):
        with pytest.raises(IndexError):
            pzp.read_frame(path, i)


def test_the_published_keywords(tmp_path):
    path = tmp_path / "p.pzp"
    pzp.write(path, PICTURES["gray"])
    assert pzp.read(path, return_flags=True)[1] == pzp.USE_COMPRESSION
    pzp.write(path, PICTURES["gray"], configuration=pzp.USE_COMPRESSION | pzp.USE_RLE, use_lz4=True)
    assert pzp.info(path)["configuration"] == pzp.USE_COMPRESSION | pzp.USE_RLE | pzp.USE_LZ4
    sounds = {"WAVE": WAVE, "FLAC": b"fLaC" + bytes(40), "OGG": b"OggS" + bytes(40), "MPEG": b"ID3" + bytes(40)}
    for kind, sound in sounds.items():
        pzp.write_container(path, [PICTURES["gray"]], audio=sound, audio_format=kind)
        assert pzp.get_audio(path) == (sound, kind)
    for keywords in ({"configuration": 32}, {"configuration": -1}, {"audio": WAVE, "audio_format": "AIFF"}):
        with pytest.raises(ValueError):
            pzp.write_container(path, [PICTURES["gray"]], **keywords)


def test_frames_of_several_sizes_keep_their_order(tmp_path):
    frames = [PICTURES[name] for name in ("gray", "gray", "depth", "colours", "gray")]
    pzp.write_container(tmp_path / "m.pzp", frames)
    assert pzp.frame_count(tmp_path / "m.pzp") == 5
    for i, frame in enumerate(frames):
        assert np.array_equal(pzp.read_frame(tmp_path / "m.pzp", i), frame)


def test_a_picture_says_nothing_beside_itself(tmp_path):
    pzp.write(tmp_path / "p.pzp", PICTURES["gray"])
    assert pzp.get_audio(tmp_path / "p.pzp") == (None, None)
    assert pzp.get_metadata(tmp_path / "p.pzp") is None
    assert pzp.get_loop_count(tmp_path / "p.pzp") == 1 and pzp.get_delays(tmp_path / "p.pzp") == [0]
    pzp.thread_init()
    pzp.thread_cleanup()


def test_what_is_no_picture_is_refused(tmp_path):
    path = tmp_path / "p.pzp"
    for picture, error in (
        (np.zeros((2, 2)), TypeError),
        (np.zeros((2, 2), ">u2"), TypeError),
        (np.zeros(4, np.uint8), ValueError),
        (np.zeros((0, 2), np.uint8), ValueError),
    ):
        with pytest.raises(error):
            pzp.write(path, picture)
    for frames, keywords in (([], {}), ([PICTURES["gray"]], {"delays": [1, 2]}), ([PICTURES["gray"]], {"audio": b"noise"})):
        with pytest.raises(ValueError):
            pzp.write_container(path, frames, **keywords)
    assert not path.exists()


def test_damaged_and_foreign_files_are_errors(tmp_path):
    path = tmp_path / "p.pzp"
    pzp.write(path, PICTURES["gray"])
    content = bytearray(path.read_bytes())
    content[-3] ^= 0x40
    path.write_bytes(content)
    with pytest.raises(paginum.CorruptDataError):
        pzp.read(path)
    paginum.save(tmp_path / "a.npy", [1])
    with pytest.raises(paginum.UnsupportedError, match="npy"):
        pzp.info(tmp_path / "a.npy")
    with pytest.raises(FileNotFoundError):
        pzp.read(tmp_path / "none.pzp")


@pytest.mark.skipif(not CORPUS.exists(), reason="no corpus here")
def test_the_corpus_is_read():
    n = 0
    for row in csv.DictReader((CORPUS / "manifest.csv").open()):
        path, frame = CORPUS / row["file"], int(row["frame"])
        if frame not in (0, 1, 7, 100):
            continue
        found = pzp.read_frame(path, frame)
        assert list(found.shape) == json.loads(row["shape"])
        little = found.astype(found.dtype.newbyteorder("<"))
        assert hashlib.sha256(little.tobytes()).hexdigest() == row["sha256_le_c_order_pixels"], row
        if row["delay_ms"]:
            assert pzp.get_delays(path)[frame] == int(row["delay_ms"])
        if row["loop"]:
            assert pzp.get_loop_count(path) == int(row["loop"])
        if row["sha256_meta"]:
            assert hashlib.sha256(pzp.get_metadata(path)).hexdigest() == row["sha256_meta"]
        if row["sha256_audio"]:
            assert hashlib.sha256(pzp.get_audio(path)[0]).hexdigest() == row["sha256_audio"]
        n += 1
    assert n > 100
