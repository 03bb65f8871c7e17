"""A header as a mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any

from ._cards import COMMENTARY, chains, is_protected_key, line_cards, value_cards
from ._parts import Entry, Kept, Read


class FITSHeader:
    """What a header says, by keyword. Keywords are found whatever their case.

    ``header[key]`` is the value; of ``COMMENT``, ``HISTORY`` and blank cards, of which there may be many, the list of their
    texts. ``header[key] = value`` and ``header[key] = (value, comment)`` change a file that is open to be changed.
    """

    def __init__(self, hdu: Read | Kept, touch: Callable[[], None] | None = None) -> None:
        self._hdu = hdu
        self._touch = touch
        # What a file said stays when the file is closed.
        self._read = None if isinstance(hdu, Kept) else list(hdu.entries)

    def _entries(self) -> list[Entry]:
        return self._hdu.entries if self._read is None else self._read

    def _find(self, key: str) -> list[Entry]:
        wanted = key.strip().casefold()
        return [entry for entry in self._entries() if entry[0].strip().casefold() == wanted]

    def __getitem__(self, key: str) -> Any:
        found = self._find(key)
        if not found:
            raise KeyError(key)
        if found[0][0] in COMMENTARY:
            return [comment for _, _, comment in found]
        return found[0][1]

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a keyword, or `default` where there is none."""
        return self[key] if key in self else default

    def comment_of(self, key: str) -> str:
        """The comment behind a value.

        Raises
        ------
        KeyError
            Where there is no such keyword.
        ValueError
            For keywords that have no value.
        """
        if key.strip().upper() in COMMENTARY:
            raise ValueError(f"{key!r} has no value")
        found = self._find(key)
        if not found:
            raise KeyError(key)
        return found[0][2]

    def keys(self) -> list[str]:
        """The keywords, each once, in the order of the file."""
        return list(dict.fromkeys(keyword for keyword, _, _ in self._entries()))

    def values(self) -> list[Any]:
        """The values, in the order of `keys`."""
        return [self[key] for key in self.keys()]

    def items(self) -> list[tuple[str, Any]]:
        """Keywords and values, in the order of `keys`."""
        return [(key, self[key]) for key in self.keys()]

    @property
    def cards(self) -> list[str]:
        """The cards as text, without the blanks behind them. Those of a file that is only read are spelled anew."""
        return [card.rstrip() for card in self._hdu.cards()] + ["END"]

    def to_dict(self, skip_protected: bool = False) -> dict[str, Any]:
        """Values and comments, by keyword; ``skip_protected`` leaves out what says how data lie."""
        said: dict[str, Any] = {}
        for key in self.keys():
            if not (skip_protected and is_protected_key(key)):
                is_lines = key in COMMENTARY
                said[key] = self[key] if is_lines else {"value": self[key], "comment": self.comment_of(key)}
        return said

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and bool(self._find(key))

    def __setitem__(self, key: str, value: Any) -> None:
        with self.edit() as edit:
            edit[key] = value

    def __delitem__(self, key: str) -> None:
        with self.edit() as edit:
            del edit[key]

    def set_comment(self, key: str, comment: str) -> None:
        """Let a value have another comment."""
        with self.edit() as edit:
            edit.set_comment(key, comment)

    def add_comment(self, text: str) -> None:
        """Add a comment."""
        with self.edit() as edit:
            edit.add_comment(text)

    def add_history(self, text: str) -> None:
        """Add a step of the history."""
        with self.edit() as edit:
            edit.add_history(text)

    def add_blank(self, text: str = "") -> None:
        """Add a line without a keyword."""
        with self.edit() as edit:
            edit.add_blank(text)

    def update(self, other: FITSHeader | Mapping[str, Any], *, copy_commentary: bool = False) -> None:
        """Take over what another header, or a dict, says."""
        with self.edit() as edit:
            edit.update(other, copy_commentary=copy_commentary)

    def edit(self) -> FITSHeaderEdit:
        """Changes that are made all at once, when the block ends; none where it raises.

        Raises
        ------
        OSError
            For a file that is open to be read.
        """
        if not isinstance(self._hdu, Kept) or self._touch is None:
            raise OSError("the file is open to be read: mode 'r+' changes it")
        return FITSHeaderEdit(self._hdu, self._touch)

    def __repr__(self) -> str:
        return f"<FITSHeader {len(self)} keywords, {len(self.cards)} cards>"

    def __str__(self) -> str:
        return "\n".join(self.cards)


class FITSHeaderEdit:
    """Changes of a header that wait for the end of their block."""

    def __init__(self, hdu: Kept, touch: Callable[[], None]) -> None:
        self._hdu = hdu
        self._touch = touch
        self._cards = hdu.cards()

    def _where(self, key: str) -> list[tuple[str, range]]:
        wanted = key.strip().casefold()
        return [(keyword, at) for keyword, at in chains(self._cards) if keyword.casefold() == wanted]

    def _put(self, at: range, cards: list[str]) -> None:
        self._cards[at.start : at.stop] = cards

    def _said(self, key: str) -> tuple[Any, str] | None:
        """Value and comment of a keyword, as the file has them."""
        wanted = key.strip().casefold()
        return next(((value, comment) for known, value, comment in self._hdu.entries if known.casefold() == wanted), None)

    def __setitem__(self, key: str, value: Any) -> None:
        keyword = _free(key)
        if keyword.upper() in COMMENTARY:
            raise_if_no_text(value)
            self._cards += line_cards(keyword.upper(), value)
            return
        value, comment = value if isinstance(value, tuple) else (value, None)
        found = self._where(keyword)
        if comment is None:
            said = self._said(keyword) if found else None
            comment = said[1] if said else ""
        if found:
            spelled, at = found[0]
            self._put(at, value_cards(spelled, value, comment))
        else:
            self._cards += value_cards(keyword, value, comment)

    def __delitem__(self, key: str) -> None:
        keyword = _free(key)
        found = self._where(keyword)
        if not found:
            raise KeyError(key)
        for _, at in reversed(found):
            self._put(at, [])

    def set_comment(self, key: str, comment: str) -> None:
        """Let a value have another comment."""
        keyword = _free(key)
        if keyword.upper() in COMMENTARY:
            raise ValueError(f"{key!r} has no value")
        said = self._said(keyword)
        if said is None or not self._where(keyword):
            raise KeyError(key)
        self[keyword] = (said[0], comment)

    def add_comment(self, text: str) -> None:
        """Add a comment."""
        self["COMMENT"] = text

    def add_history(self, text: str) -> None:
        """Add a step of the history."""
        self["HISTORY"] = text

    def add_blank(self, text: str = "") -> None:
        """Add a line without a keyword."""
        self[""] = text

    def update(self, other: FITSHeader | Mapping[str, Any], *, copy_commentary: bool = False) -> None:
        """Take over what another header says beside how its data lie, or what a dict says.

        Raises
        ------
        ValueError
            For a dict that says how data lie, or has comments.
        """
        if not isinstance(other, FITSHeader):
            for key, value in other.items():
                if key.strip().upper() in COMMENTARY:
                    raise ValueError(f"{key!r}: comments are added by add_comment and add_history")
                self[key] = value
            return
        for key, value in other.items():
            if key in COMMENTARY:
                for text in value if copy_commentary else ():
                    self[key] = text
            elif not is_protected_key(key):
                self[key] = (value, other.comment_of(key))

    def __enter__(self) -> FITSHeaderEdit:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._touch()
            self._hdu.set_cards(self._cards)


def _free(key: str) -> str:
    """A keyword that may be changed."""
    if not isinstance(key, str):
        raise TypeError(f"a keyword of type {type(key).__name__}")
    keyword = " ".join(key.split())
    if is_protected_key(keyword):
        raise ValueError(f"{keyword} says how data lie, and is not changed by hand")
    return keyword


def raise_if_no_text(value: Any) -> None:
    """Refuses what is no text."""
    if not isinstance(value, str):
        raise ValueError(f"a comment of type {type(value).__name__}: comments are text")
