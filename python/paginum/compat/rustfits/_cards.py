"""Cards of a header: 80 characters each, a keyword, a value and a comment. Read by the library, written here."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

CARD_BYTES = 80
BLOCK_BYTES = 2880
#: Keywords whose cards are text, and of which there may be many.
COMMENTARY = ("COMMENT", "HISTORY", "")

_PROTECTED = re.compile(
    r"(SIMPLE|XTENSION|EXTEND|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|GROUPS|END|CONTINUE|TFIELDS|THEAP"
    r"|(TFORM|TDIM|TTYPE|TSCAL|TZERO|TNULL|TBCOL)\d+|CHECKSUM|DATASUM|ZHECKSUM|ZDATASUM"
    r"|ZIMAGE|ZTABLE|ZCMPTYPE|ZBITPIX|ZNAXIS\d*|ZTILE\d+|ZTILELEN|ZNAME\d+|ZVAL\d+|ZMASKCMP|ZQUANTIZ|ZDITHER0"
    r"|ZSIMPLE|ZEXTEND|ZTENSION|ZPCOUNT|ZGCOUNT|ZTHEAP|ZBLANK|ZSCALE|ZZERO|(ZFORM|ZCTYP)\d+)"
)


def is_protected_key(key: str) -> bool:
    """Whether a keyword says how data lie, which is not the caller's to change."""
    return _PROTECTED.fullmatch(key.strip().upper()) is not None


def keyword_of(card: str) -> str:
    """The keyword of a card, as it is spelled there."""
    if card.startswith("HIERARCH ") and "=" in card:
        return " ".join(card[9:].split("=", 1)[0].split())
    return card[:8].rstrip()


def chains(cards: Sequence[str]) -> list[tuple[str, range]]:
    """The keyword of each value or line, and which cards are of it: long texts have several."""
    found: list[tuple[str, range]] = []
    for i, card in enumerate(cards):
        if found and card.startswith("CONTINUE") and "&'" in cards[i - 1]:
            keyword, at = found[-1]
            found[-1] = (keyword, range(at.start, i + 1))
        else:
            found.append((keyword_of(card), range(i, i + 1)))
    return found


def value_cards(keyword: str, value: object, comment: str = "") -> list[str]:
    """The cards of a keyword with a value.

    Raises
    ------
    ValueError
        For what a header cannot hold.
    """
    _check_text(keyword)
    _check_text(comment)
    is_short = re.fullmatch(r"[A-Z0-9_-]{1,8}", keyword.upper()) is not None
    if not is_short and ("=" in keyword or not keyword.strip()):
        raise ValueError(f"{keyword!r} is no keyword")
    lead = f"{keyword.upper():8}= " if is_short else f"HIERARCH {keyword} = "
    if isinstance(value, (str, bytes)):
        return _text_cards(lead, value if isinstance(value, str) else value.decode("ascii"), comment)
    written = f"{_number(value):>20}" if is_short else _number(value)
    return [_with_comment(lead + written, comment)]


def line_cards(keyword: str, text: str) -> list[str]:
    """The cards of a comment or of a step of a history."""
    _check_text(text)
    width = CARD_BYTES - 8
    lines = [text[i : i + width] for i in range(0, len(text), width)] or [""]
    return [f"{keyword:8}{line}".ljust(CARD_BYTES) for line in lines]


def header_bytes(cards: Sequence[str]) -> bytes:
    """A header of these cards, to the end of its last block."""
    text = "".join([*cards, "END".ljust(CARD_BYTES)])
    return text.ljust(-(-len(text) // BLOCK_BYTES) * BLOCK_BYTES).encode("latin-1")


def cards_of(header: bytes) -> list[str]:
    """The cards of a header before its end, without blank ones behind the last."""
    text = header.decode("latin-1")
    cards = [text[i : i + CARD_BYTES] for i in range(0, len(text), CARD_BYTES)]
    cards = cards[: next(i for i, card in enumerate(cards) if card.rstrip() == "END")]
    while cards and not cards[-1].strip():
        cards.pop()
    return cards


def _check_text(text: str) -> None:
    if not all(" " <= character <= "~" for character in text):
        raise ValueError(f"{text!r}: headers hold printable ASCII")


def _with_comment(card: str, comment: str) -> str:
    if len(card) > CARD_BYTES:
        raise ValueError(f"{card.strip()!r} does not fit on a card")
    if comment and len(card) + 3 < CARD_BYTES:
        card = f"{card} / {comment}"
    return card[:CARD_BYTES].ljust(CARD_BYTES)


def _number(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "T" if value else "F"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        if not math.isfinite(value):
            raise ValueError(f"{value} is no number that a header holds")
        return repr(float(value)).upper()
    raise ValueError(f"a value of type {type(value).__name__}: headers hold truths, numbers and text")


def _text_cards(lead: str, text: str, comment: str) -> list[str]:
    _check_text(text)
    quoted = text.replace("'", "''")
    whole = f"{lead}'{quoted:8}'"
    if len(whole) <= CARD_BYTES:
        return [_with_comment(whole if not comment else f"{lead}{whole[len(lead):]:20}", comment)]
    cards, part = [], ""
    for character in text:
        character = character.replace("'", "''")
        # Two quotes, and the sign that more follows.
        if len(lead) + len(part) + len(character) + 3 > CARD_BYTES:
            cards.append(f"{lead}'{part}&'".ljust(CARD_BYTES))
            lead, part = "CONTINUE  ", ""
        part += character
    return [*cards, _with_comment(f"{lead}'{part}'", comment)]
