"""The HDUs of a file: as they are read through the library, and as they are kept to be changed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from ... import _core
from ..._array import Array
from ..._errors import CorruptDataError, TruncatedError
from ..._file import File
from ._cards import BLOCK_BYTES, CARD_BYTES, COMMENTARY, cards_of, header_bytes, line_cards, value_cards

#: Keyword, value and comment.
Entry = tuple[str, Any, str]
#: Opens the bytes: with physical values, or with those that are stored.
Opener = Callable[[bool], _core.File]

#: What stands before an extension where that is read alone.
_STUB = header_bytes([value_cards("SIMPLE", True)[0], value_cards("BITPIX", 8)[0], value_cards("NAXIS", 0)[0]])


class _Source:
    """What a `File` is opened on."""

    is_open_file = False

    def __init__(self, name: str, open_core: Callable[[], _core.File]) -> None:
        self.name = name
        self.open = open_core

    def close(self) -> None:
        pass

    def to_pickle(self) -> Any:
        raise TypeError(f"{self.name}: pickle its address")


class Opened:
    """A file that is read: its headers, and the arrays of each HDU."""

    def __init__(self, name: str, opener: Opener) -> None:
        self._name = name
        self._opener = opener
        self._files: dict[bool, File] = {}
        documents = self._file(False)._core.documents()
        if self._file(False).format != "fits":
            raise CorruptDataError(f"{name}: no .fits file but a .{self._file(False).format}")
        self.headers: list[list[Entry]] = [[tuple(card) for card in json.loads(text)] for _, text in documents]
        self._first = self._first_arrays()

    def _file(self, is_stored: bool) -> File:
        if is_stored not in self._files:
            self._files[is_stored] = File(_Source(self._name, lambda: self._opener(is_stored)))
        return self._files[is_stored]

    def _first_arrays(self) -> list[int]:
        """The number of the first array of each HDU, and of all arrays."""
        numbers = [0]
        paths = self._file(False)._core.names()
        for i, header in enumerate(self.headers):
            said = values_of(header)
            n, at = 1, numbers[-1]
            if kind_of(header) == "table":
                # Columns, or one fault where the table has none that could be told.
                name = str(said.get("EXTNAME") or f"hdu{i}")
                path = paths[at] if at < len(paths) else ""
                has_columns = path.startswith(name) and "/" in path[len(name) :]
                n = int(said.get("TFIELDS", 0)) if has_columns or said.get("TFIELDS") == 0 else 1
            elif kind_of(header) == "image" and said.get("NAXIS") == 0:
                n = 0
            numbers.append(at + n)
        return numbers

    def arrays(self, hdu: int, is_stored: bool = False) -> list[Array]:
        """The arrays of an HDU: an image, or columns."""
        file, paths = self._file(is_stored), self._file(is_stored)._core.names()
        return [Array(file, i, paths[i]) for i in range(self._first[hdu], self._first[hdu + 1])]

    def close(self) -> None:
        for file in self._files.values():
            file.close()


class Read:
    """An HDU of a file that is read."""

    def __init__(self, opened: Opened, number: int) -> None:
        self._opened = opened
        self._number = number
        self.entries = opened.headers[number]
        self._cards: list[str] | None = None

    def arrays(self, is_stored: bool = False) -> list[Array]:
        return self._opened.arrays(self._number, is_stored)

    def cards(self) -> list[str]:
        """The header, spelled anew."""
        if self._cards is None:
            self._cards = []
            for keyword, value, comment in self.entries:
                self._cards += _spelled(keyword, value, comment)
        return list(self._cards)


def _spelled(keyword: str, value: Any, comment: str) -> list[str]:
    """What a header says, as cards. What none could say is shown as it was read."""
    try:
        is_line = value is None and keyword in COMMENTARY
        return line_cards(keyword, comment) if is_line else value_cards(keyword, value, comment)
    except ValueError:
        return [f"{keyword[:8]:8}= {value!r} / {comment}"[:CARD_BYTES].ljust(CARD_BYTES)]


class Kept:
    """An HDU that is kept in memory, to be changed: its cards as they are written, and its data."""

    def __init__(self, cards: list[str], data: bytearray, is_first: bool) -> None:
        self._cards = cards
        self.data = data
        self._is_first = is_first
        self._opened: Opened | None = None

    def _open(self) -> Opened:
        if self._opened is None:
            content = b"".join(self.parts() if self._is_first else [_STUB, *self.parts()])
            options = {True: {"stored_values": True}, False: None}
            self._opened = Opened(
                "(memory)", lambda is_stored: _core.File.open_bytes(content, None, None, options[is_stored])
            )
        return self._opened

    @property
    def entries(self) -> list[Entry]:
        return self._open().headers[-1]

    def arrays(self, is_stored: bool = False) -> list[Array]:
        opened = self._open()
        return opened.arrays(len(opened.headers) - 1, is_stored)

    def cards(self) -> list[str]:
        return list(self._cards)

    def set_cards(self, cards: list[str]) -> None:
        """Let these be the cards of the header."""
        self._cards = cards
        self.changed()

    def changed(self) -> None:
        """What was read of it is not so any more."""
        self._opened = None

    def parts(self) -> list[bytes]:
        """Its bytes in the file."""
        fill = -len(self.data) % BLOCK_BYTES
        return [header_bytes(self._cards), bytes(self.data), bytes(fill)]


def values_of(header: list[Entry]) -> dict[str, Any]:
    """The value of each keyword: the first, where several cards have one."""
    return {keyword: value for keyword, value, _ in reversed(header) if value is not None}


def kind_of(header: list[Entry]) -> str:
    """What an HDU is: ``image``, ``table``, ``tiles``, ``text`` (a table of it), ``other``."""
    said = values_of(header)
    extension = said.get("XTENSION")
    if extension in ("BINTABLE", "A3DTABLE"):
        return "tiles" if said.get("ZIMAGE") is True else "other" if said.get("ZTABLE") is True else "table"
    if extension == "TABLE":
        return "text"
    return "image" if extension in (None, "IMAGE", "IUEIMAGE") and said.get("GROUPS") is not True else "other"


def kept_of(content: bytes, name: str) -> list[Kept]:
    """The HDUs of a file that is to be changed.

    Raises
    ------
    CorruptDataError
        For what is no such file; `TruncatedError` for one that is cut.
    """
    opened = Opened(name, lambda _: _core.File.open_bytes(content, name, None))
    kept: list[Kept] = []
    start = 0
    for header in opened.headers:
        n_cards = 0
        while content[start + CARD_BYTES * n_cards : start + CARD_BYTES * (n_cards + 1)].rstrip() != b"END":
            n_cards += 1
        data = start + -(-(n_cards + 1) * CARD_BYTES // BLOCK_BYTES) * BLOCK_BYTES
        n_bytes = _data_bytes(header)
        if data + n_bytes > len(content):
            raise TruncatedError(f"{name}: {len(content) - data} of {n_bytes} bytes of data", file=name, offset=data)
        cards = cards_of(content[start:data])
        kept.append(Kept(cards, bytearray(content[data : data + n_bytes]), not kept))
        start = data + -(-n_bytes // BLOCK_BYTES) * BLOCK_BYTES
    return kept


def _data_bytes(header: list[Entry]) -> int:
    """Bytes of data behind a header, which the library found to be sound."""
    said = values_of(header)
    axes = [int(said[f"NAXIS{i + 1}"]) for i in range(int(said["NAXIS"]))]
    if not axes:
        return 0
    if said.get("GROUPS") is True and axes[0] == 0:
        axes = axes[1:]
    n = (math.prod(axes) + int(said.get("PCOUNT", 0))) * int(said.get("GCOUNT", 1))
    return n * abs(int(said["BITPIX"])) // 8

