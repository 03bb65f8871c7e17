"""One array in one piece."""

from __future__ import annotations

import re

import numpy as np

from ... import _core
from ..._config import Progress
from ..._elements import bytes_like, bytes_of
from ..._errors import CorruptDataError, Error
from ..._work import threads
from ._common import ChunkConfig, as_pcodecs, check_8_bit, errors, flat, name_of

__all__ = ["simple_compress", "simple_decompress", "simple_decompress_into"]


def simple_compress(src: np.ndarray, config: ChunkConfig) -> bytes:
    """Compress an array.

    Parameters
    ----------
    src : ndarray
        Contiguous numbers of one axis.
    config : ChunkConfig
        How.

    Raises
    ------
    TypeError
        For an array of another kind.
    RuntimeError
        For a configuration that does not fit.
    """
    array = flat(src)
    check_8_bit(array, config)
    with errors():
        return _core.standalone_compress(
            bytes_of(array), array.dtype.str, config.options(), n_threads=threads(None)
        )


def simple_decompress_into(src: bytes, dst: np.ndarray) -> Progress:
    """Decompress into an array: its length or all numbers, whichever is less.

    Raises
    ------
    TypeError
        For an array that is no contiguous one of numbers of one axis.
    RuntimeError
        For damaged bytes, or numbers of another type.
    """
    if type(src) is bytes:  # what looks at everything else takes longer than a small array
        try:
            done = _core.standalone_fill(src, dst)
        except Error as error:
            raise as_pcodecs(error) from error
        if done is not None:
            return Progress(*done)
    array = flat(dst)
    packed = bytes_like(src)
    with errors():
        dtype, _ = _core.standalone_info(packed)
        if dtype is not None and np.dtype(dtype) != array.dtype:
            raise RuntimeError(
                f"pco error: pco InvalidArgument error: data type of {name_of(array.dtype)} does not match "
                f"chunk's number type of {name_of(np.dtype(dtype))}"
            )
        return Progress(*_core.standalone_read(packed, array.dtype.str, bytes_of(array)))


def simple_decompress(src: bytes) -> np.ndarray | None:
    """Decompress into a new array; ``None`` where there are no numbers and no type is known.

    Raises
    ------
    RuntimeError
        For damaged bytes.
    """
    packed = bytes_like(src)
    with errors():
        dtype, _ = _core.standalone_info(packed)
        if dtype is None:
            return None
        try:
            return _core.standalone_read(packed, dtype)
        except CorruptDataError as error:
            unknown = re.search(r"number type (\d+)", str(error))
            if unknown is None:
                raise
            raise CorruptDataError(
                f"chunk's number type of {unknown[1]} does not match file's uniform number type of "
                f"{name_of(np.dtype(dtype))}",
                offset=error.offset,
            ) from error
