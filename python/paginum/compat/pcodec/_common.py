"""What both halves of pcodec share: its configuration, its types of numbers, its errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..._config import DeltaSpec, ModeSpec, PagingSpec, options_of
from ..._errors import (
    CorruptDataError,
    Error,
    InvalidArgumentError,
    LimitExceededError,
    TruncatedError,
    UnsupportedError,
)

TYPES = ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8")


@dataclass(unsafe_hash=True)
class ChunkConfig:
    """How numbers are compressed.

    Parameters
    ----------
    compression_level : int
        0 (fastest) to 12 (smallest).
    mode_spec, delta_spec, paging_spec
        How numbers are split, subtracted and paged.
    enable_8_bit : bool
        Whether types of 8 bits may be compressed.
    """

    compression_level: int = 8
    mode_spec: ModeSpec = field(default_factory=ModeSpec)
    delta_spec: DeltaSpec = field(default_factory=DeltaSpec)
    paging_spec: PagingSpec = field(default_factory=PagingSpec)
    enable_8_bit: bool = False

    def options(self) -> dict[str, Any]:
        """What the extension is told."""
        return options_of(self.compression_level, self.mode_spec, self.delta_spec, self.paging_spec)


#: What pcodec calls the kinds of errors.
_KINDS: list[tuple[type[Error], str]] = [
    (TruncatedError, "InsufficientData"),
    (CorruptDataError, "Corruption"),
    (UnsupportedError, "Compatibility"),
    (InvalidArgumentError, "InvalidArgument"),
    (LimitExceededError, "InvalidArgument"),
]


def as_pcodecs(error: Error) -> RuntimeError:
    """Our error as pcodec's."""
    kind = next((words for kind, words in _KINDS if isinstance(error, kind)), "Error")
    return RuntimeError(f"pco error: pco {kind} error: {error}")


@contextmanager
def errors() -> Iterator[None]:
    """Our errors as pcodec's."""
    try:
        yield
    except Error as error:
        raise as_pcodecs(error) from error


def name_of(dtype: np.dtype) -> str:
    """pco's name of a type of numbers, such as ``F32``."""
    return f"{dtype.kind.upper()}{8 * dtype.itemsize}"


def flat(array: Any) -> np.ndarray:
    """The array, which must be one of numbers in a row."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"argument must be a numpy array, not {type(array).__name__}")
    if array.dtype.str[1:] not in TYPES or not array.dtype.isnative:
        raise TypeError(f"Unsupported data type: {array.dtype}")
    if array.ndim != 1:
        raise TypeError(f"{array.ndim}D {array.dtype} numpy array could not be cast to 1D {array.dtype} array")
    if not array.flags.c_contiguous:
        raise TypeError("The given array is not contiguous")
    return array


def check_8_bit(array: np.ndarray, config: ChunkConfig) -> None:
    """Refuse types of 8 bits unless they are allowed."""
    if array.dtype.itemsize == 1 and not config.enable_8_bit:
        raise RuntimeError(
            "pco error: pco InvalidArgument error: compression of 8-bit data types is off; enable_8_bit allows it"
        )
