"""One array in one piece of bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _core, _elements
from ._errors import UnsupportedError
from ._file import open
from ._work import threads


def compress(
    array: Any,
    *,
    level: int = 8,
    mode: str = "auto",
    delta: str = "auto",
    row_indexes: bool = False,
    n_threads: int | None = None,
) -> bytes:
    """Compress an array in one piece: a `.pco` file, which remembers dtype and shape, checks itself, and is read by every pco.

    Parameters
    ----------
    array : array-like
        Numbers of any shape, order, byte order and stride; booleans, times and complex numbers as well.
    level : int
        0 (fastest) to 13 (smallest).
    mode : str
        ``auto``, ``classic``, ``dict``, ``int-mult:BASE``, ``float-mult:BASE``, ``float-quant:BITS``.
    delta : str
        ``auto``, ``none``, ``lookback``, ``consecutive:ORDER``, ``conv1:ORDER``.
    row_indexes : bool
        Add about 1.5 %, so that single rows are read without the start of their chunk.
    n_threads : int, optional
        How many threads encode; by default as many as there are cores.

    Returns
    -------
    bytes
        The file. `decompress` and `open` read it.

    Raises
    ------
    UnsupportedError
        For text, bytes and records, which are no numbers: `save` stores them in a `.pv`.

    Examples
    --------
    >>> import numpy as np, paginum
    >>> times = np.arange("2024-01-01", "2024-03-01", dtype="M8[h]").reshape(60, 24)
    >>> packed = paginum.compress(times)
    >>> len(packed) < times.nbytes / 50
    True
    >>> bool((paginum.decompress(packed) == times).all())
    True
    """
    described = list(_elements.given("array", array, keeps_records=True))
    if described[0]["record"] is not None:
        raise UnsupportedError("records are no numbers: save stores them in a .pv, field by field")
    options = {"level": level, "mode": mode, "delta": delta, "row_indexes": row_indexes}
    content, _, _ = _core.save(
        None,
        described,
        options,
        may_replace=True,
        format="pco",
        n_threads=threads(n_threads),
        progress=None,
    )
    assert content is not None
    return content


def decompress(
    data: Any,
    *,
    out: np.ndarray | None = None,
    max_bytes: int | None = None,
    n_threads: int | None = None,
) -> np.ndarray:
    """Read an array that `compress`, or any pco, made.

    Parameters
    ----------
    data : bytes-like
        The file.
    out : ndarray, optional
        Where to put it: of the same shape and dtype.
    max_bytes : int, optional
        The most bytes of the array; 8 GiB by default.
    n_threads : int, optional
        How many threads decode; by default as many as there are cores.

    Raises
    ------
    CorruptDataError, TruncatedError, ChecksumError, LimitExceededError
        For bytes that are no such file.

    Examples
    --------
    >>> import paginum
    >>> paginum.decompress(paginum.compress([[1, 2], [3, 4]]))
    array([[1, 2],
           [3, 4]])
    """
    with open(data if isinstance(data, bytes) else bytes(memoryview(data)), max_bytes=max_bytes) as file:
        names = list(file)
        if len(names) != 1:
            raise UnsupportedError(f"a file of {len(names)} arrays: use paginum.open")
        return file[names[0]].read(out=out, n_threads=n_threads)
