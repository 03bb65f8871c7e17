"""The page that a file is drawn as."""

import html.parser
import shutil
import subprocess

import numpy as np
import paginum
import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Checked(html.parser.HTMLParser):
    """Collects what a page is made of, and that each tag is closed."""

    VOID = ("meta", "rect", "path")

    def __init__(self):
        super().__init__()
        self.stack, self.texts, self.refers, self.n = [], [], [], {}

    def handle_starttag(self, tag, attributes):
        self.n[tag] = self.n.get(tag, 0) + 1
        self.refers += [value for name, value in attributes if name in ("src", "href")]
        if tag not in self.VOID or tag == "rect":
            self.stack.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.n[tag] = self.n.get(tag, 0) + 1

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, text):
        self.texts.append(text)


@pytest.fixture
def path(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "drawn <b>.pv"
    arrays = {
        "price": np.round(rng.normal(size=100_000).cumsum() + 300, 2),
        "<script>": np.arange(50),
        "words": np.array(["a", "b"] * 20),
        "nothing": np.empty((0, 3)),
        "one": np.float32(1.5),
        "nan": np.full(4000, np.nan),
        "when": np.arange("2024-01-01", "2024-03-01", dtype="M8[h]"),
    }
    paginum.save(path, arrays, filter={"price": "numeric", "nan": "none", "when": "shuffle"})
    return path


def test_a_page_is_whole_and_needs_nothing_else(path, tmp_path):
    page = paginum.report(path, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page
    checked = Checked()
    checked.feed(page)
    assert checked.stack == [] and checked.refers == []
    assert "script" not in checked.n and "b" not in checked.n
    words = " ".join(checked.texts)
    assert "<script>" in words and "Consecutive(1)" in words and "Beside zstd" in words
    assert checked.n["svg"] >= 4 and checked.n["h2"] == 7


def test_without_measuring_a_page_is_the_same_every_time(path):
    assert paginum.report(path, measure=False) == paginum.report(path, measure=False)
    assert "MB/s" not in paginum.report(path, measure=False)


def test_bytes_in_memory_are_drawn_too():
    page = paginum.report(paginum.compress(np.arange(1000) % 7))
    assert "1 array" in page and "<svg" in page


@pytest.mark.skipif(BROWSER is None, reason="no browser here")
def test_a_browser_shows_it(path, tmp_path):
    paginum.report(path, tmp_path / "page.html")
    picture = tmp_path / "page.png"
    call = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1000,1400"]
    call += [f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={picture}", (tmp_path / "page.html").as_uri()]
    subprocess.run(call, check=True, capture_output=True, timeout=120)
    with paginum.open(picture) as file:
        pixels = next(iter(file.values())).read()
    blue = (pixels[..., :3] == (0x44, 0x72, 0xA8)).all(axis=2)
    green = (pixels[..., :3] == (0x6A, 0x9A, 0x52)).all(axis=2)
    assert blue.sum() > 1000 and green.sum() > 1000


def test_html_of_files_and_arrays_escapes_names(path):
    with paginum.open(path) as file:
        for shown in (file._repr_html_(), file["<script>"]._repr_html_()):
            checked = Checked()
            checked.feed(shown)
            assert "script" not in checked.n and checked.stack == []
