"""What stored numbers mean, and what is stored of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..._errors import CorruptDataError, UnsupportedError

#: The type of stored numbers, by BITPIX.
STORED = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
#: The type that is stored of a type, and the zero that says so.
SIGNS = {"i1": ("u1", -128), "u2": (">i2", 1 << 15), "u4": (">i4", 1 << 31), "u8": (">i8", 1 << 63)}


def stored_of(dtype: np.dtype[Any]) -> tuple[np.dtype[Any], int | None]:
    """The type that is stored of a type, and the zero that goes with it.

    Raises
    ------
    UnsupportedError
        For types that images do not have.
    """
    code = f"{dtype.kind}{dtype.itemsize}"
    if code in SIGNS:
        stored, zero = SIGNS[code]
        return np.dtype(stored), zero
    known = {np.dtype(stored).newbyteorder("="): stored for stored in STORED.values()}
    if dtype.newbyteorder("=") not in known:
        raise UnsupportedError(f"numbers of type {dtype} in a .fits")
    return np.dtype(known[dtype.newbyteorder("=")]), None


@dataclass(frozen=True)
class Scale:
    """Values are ``zero + scale * number``; `blank` is the number that is none."""

    stored: np.dtype[Any]
    scale: float
    zero: float
    blank: int | None

    @classmethod
    def of_image(cls, bitpix: int, said: dict[str, Any], *, is_in_tiles: bool) -> Scale:
        """That of an image, by its header."""
        if bitpix not in STORED:
            raise CorruptDataError(f"BITPIX is {bitpix}")
        stored = np.dtype(STORED[bitpix])
        blank = said.get("BLANK", said.get("ZBLANK") if is_in_tiles else None)
        is_whole = stored.kind in "iu" and isinstance(blank, (int, float))
        return cls(
            stored, said.get("BSCALE", 1.0), said.get("BZERO", 0.0), int(blank) if is_whole and blank is not None else None
        )

    @property
    def other_sign(self) -> np.dtype[Any] | None:
        """The type of the other sign, where a zero of half the range says that numbers have it."""
        for code, (stored, zero) in SIGNS.items():
            if self.scale == 1 and self.zero == zero and self.stored == np.dtype(stored):
                return np.dtype(code)
        return None

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of values."""
        if self.other_sign is not None:
            return self.other_sign
        is_plain = self.scale == 1 and self.zero == 0
        return self.stored.newbyteorder("=") if is_plain else np.dtype("f8")

    def values(self, numbers: np.ndarray) -> np.ndarray:
        """What stored numbers mean; those that are none mean as the others do."""
        if self.other_sign is not None:
            return numbers.astype(self.stored.newbyteorder("=")).view(self.other_sign) ^ _high_bit(self.other_sign)
        if self.dtype == self.stored.newbyteorder("="):
            return numbers.astype(self.dtype)
        return numbers * self.scale + self.zero

    def numbers(self, values: Any) -> np.ndarray:
        """What is stored of values. Masked ones become the blank.

        Raises
        ------
        ValueError
            For masked values where nothing is blank, and for values that the type does not hold.
        """
        mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
        given = np.asarray(np.ma.getdata(values))
        numbers = self._numbers(given).astype(self.stored)
        if mask is None or not mask.any():
            return numbers
        if self.stored.kind == "f":
            return np.where(mask, np.nan, numbers).astype(self.stored)
        if self.blank is None:
            raise ValueError("masked values, and the header has no BLANK")
        return np.where(mask, self.blank, numbers).astype(self.stored)

    def _numbers(self, values: np.ndarray) -> np.ndarray:
        native = self.stored.newbyteorder("=")
        if values.dtype.kind not in "biuf":
            raise ValueError(f"values of type {values.dtype} in an image of {self.dtype}")
        if self.dtype == np.dtype("f8") and self.stored.kind != "f":
            # Numbers of the stored type are stored as they are.
            if values.dtype == native and (self.scale != 1 or self.zero != 0):
                return values
            values = np.rint((values - self.zero) / self.scale)
        elif self.stored.kind == "f":
            return (values.astype("f8") - self.zero) / self.scale if (self.scale, self.zero) != (1, 0) else values
        wanted = self.dtype if self.other_sign is not None else native
        if values.size and values.dtype.newbyteorder("=") != wanted:
            info, low, high = np.iinfo(wanted), values.min(), values.max()
            if not (low >= info.min and high <= info.max):
                raise ValueError(f"values from {low} to {high}: {wanted} holds {info.min} to {info.max}")
            if values.dtype.kind == "f" and not (values == np.rint(values)).all():
                raise ValueError(f"fractions in an image of {wanted}")
        numbers = values.astype(wanted)
        if self.other_sign is None:
            return numbers
        return (numbers ^ _high_bit(wanted)).view(native)


def _high_bit(dtype: np.dtype[Any]) -> Any:
    return np.array(1 << (8 * dtype.itemsize - 1), f"u{dtype.itemsize}").view(dtype)[()]
