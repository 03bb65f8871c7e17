"""`GnzReader` and `GnzWriter` of the container ``.gnz``, over this package's reader and writer.

Arrays are maps of the file: nothing is read before it is looked at. A file takes its place when it is finalised, whole; the
header always has room, and what would not be read again is not written.

Examples
--------
>>> import numpy as np
>>> from paginum.compat.gnz import GnzReader, GnzWriter
>>> writer = GnzWriter(folder / "run.gnz")
>>> writer.metadata["run"] = 7
>>> writer.add_array("times", np.array([0.0, 0.5]))
>>> writer.init_streaming_array("counts", (4,), "u2")
>>> writer.write()
>>> writer.get_array_writable("counts")[:] = [1, 2, 1, 2]
>>> writer.finalize()
>>> with GnzReader(folder / "run.gnz") as reader:
...     list(reader.keys()), reader.metadata, reader.get_array("counts").tolist()
(['counts', 'times'], {'run': 7}, [1, 2, 1, 2])
"""

from __future__ import annotations

import builtins
import json
import math
import os
import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import _core, _elements
from .._errors import CorruptDataError
from .._file import File, open_as

__all__ = ["ALIGNMENT", "GNZ_MAGIC", "GnzReader", "GnzWriter"]

#: What a file starts with.
GNZ_MAGIC = b"GNZ1"
#: Arrays start at multiples of this.
ALIGNMENT = 4096


class GnzReader:
    """An open file of arrays.

    Parameters
    ----------
    fpath : str or os.PathLike
        The file.
    mode : str
        ``"r"``, or ``"r+"`` for arrays whose elements can be changed in the file.

    Raises
    ------
    FileNotFoundError
        Where there is none.
    CorruptDataError
        For what is no such file, or a damaged one.
    """

    def __init__(self, fpath: str | os.PathLike[str], mode: str = "r") -> None:
        if mode not in ("r", "r+"):
            raise ValueError(f"mode {mode!r}: there are 'r' and 'r+'")
        self.fpath = pathlib.Path(fpath)
        self.mode = mode
        # A file in gzip would be read, too, but maps are of the file as it is.
        with builtins.open(self.fpath, "rb") as start:
            if start.read(len(GNZ_MAGIC)) != GNZ_MAGIC:
                raise CorruptDataError(f"{self.fpath}: no .gnz file: it does not start with {GNZ_MAGIC!r}")
        self._file: File | None = open_as(self.fpath, "gnz")
        self.metadata: Any = json.loads(self._file._core.documents()[0][1])

    def _opened(self) -> File:
        if self._file is None:
            raise ValueError("the file is closed")
        return self._file

    def keys(self) -> list[str]:
        """The names of the arrays."""
        return list(self._opened())

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __contains__(self, name: object) -> bool:
        return name in self.keys()

    def get_array(self, name: str) -> np.ndarray:
        """An array, as a map of the file.

        Raises
        ------
        KeyError
            Where there is none of this name.
        CorruptDataError
            For an array that the header places where it cannot be.
        """
        array = self._opened()[name]
        entry = array._entry
        dtype, shape = array.dtype, array.shape
        order = "F" if entry["is_fortran"] else "C"
        if math.prod(shape) == 0 or dtype.itemsize == 0:
            return np.empty(shape, dtype, order)
        start = min(start for start, _ in self._opened()._core.ranges(array._index, 0, shape[0] if shape else 1))
        mapped = np.memmap(self.fpath, dtype, self.mode, start, shape or (1,), order)
        return mapped if shape else mapped.reshape(())

    __getitem__ = get_array

    def close(self) -> None:
        """Close the file. Arrays that were taken stay."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> GnzReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<GnzReader {str(self.fpath)!r} {len(self)} arrays>" if self._file else "<GnzReader closed>"


class GnzWriter:
    """A file of arrays that is to be written: some that are there, others whose elements come later.

    Parameters
    ----------
    fpath : str or os.PathLike
        Where to.
    overwrite : bool
        Whether a file that is there is replaced, once this one is finalised.

    Attributes
    ----------
    metadata : dict
        What the file says of itself: anything that JSON has.

    Raises
    ------
    FileExistsError
        Where a file is there and `overwrite` is not set.
    ValueError
        For a name that ends in ``.gz``.

    Notes
    -----
    As a context manager, it writes and finalises what is left to be when the block ends. Where the block raises, nothing is
    written, and what was begun is taken back.
    """

    def __init__(self, fpath: str | os.PathLike[str], overwrite: bool = False) -> None:
        self.fpath = pathlib.Path(fpath)
        if self.fpath.suffix == ".gz":
            raise ValueError(f"{self.fpath}: arrays are filled through maps, and a map of a compressed file is of no use")
        self.overwrite = overwrite
        self._refuse_to_replace()
        self.metadata: dict[str, Any] = {}
        self._arrays: dict[str, np.ndarray] = {}
        self._room: dict[str, tuple[tuple[int, ...], np.dtype]] = {}
        #: Where reserved arrays begin, once the file was written and is not finalised.
        self._offsets: dict[str, int] | None = None
        self._mapped: list[np.memmap] = []
        #: Whether all that was added is in the file.
        self._is_done = False

    def _refuse_to_replace(self) -> None:
        if not self.overwrite and self.fpath.exists():
            raise FileExistsError(f"File exists: {self.fpath}")

    def _take(self, name: str) -> None:
        if self._offsets is not None:
            raise ValueError("the file has its layout already")
        if name in self._arrays or name in self._room:
            raise ValueError(f"there is an array {name!r} already")
        self._is_done = False

    def add_array(self, name: str, data: Any, dtype: Any = None) -> None:
        """Add an array that is there.

        Parameters
        ----------
        name : str
            Its name.
        data : array-like
            Its elements.
        dtype : dtype-like, optional
            What they are converted to.

        Raises
        ------
        ValueError
            For a name that is taken.
        TypeError
            For arrays of objects and of records.
        """
        self._take(name)
        array = _elements.as_array(data)
        self._arrays[name] = array if dtype is None else array.astype(_plain(dtype), copy=False)
        _plain(self._arrays[name].dtype)

    def init_streaming_array(self, name: str, shape: Any, dtype: Any) -> None:
        """Reserve an array, whose elements are zeroes until they are filled.

        Parameters
        ----------
        name : str
            Its name.
        shape : tuple of int
            Its shape.
        dtype : dtype-like
            The type of its elements.
        """
        self._take(name)
        axes = (shape,) if isinstance(shape, (int, np.integer)) else shape
        self._room[name] = (tuple(int(axis) for axis in axes), _plain(dtype))

    def write(self) -> None:
        """Lay the file out, and write what is there. Without reserved arrays it is finalised as well.

        Raises
        ------
        FileExistsError
            Where a file came there meanwhile, or another one is being filled under this name (``.part`` stands behind it).
        """
        if self._offsets is not None:
            raise ValueError("the file has its layout already")
        self._refuse_to_replace()
        given = [
            described
            for name, array in self._arrays.items()
            for described in _elements.given(name, array, keeps_records=True)
        ]
        room = [(name, dtype.str, shape) for name, (shape, dtype) in self._room.items()]
        offsets = _core.gnz_reserve(self.fpath, json.dumps(self.metadata), given, room)
        self._offsets = dict(zip(self._room, offsets, strict=True))
        if not self._room:
            self.finalize()

    def get_array_writable(self, name: str) -> np.ndarray:
        """A reserved array, as a map of the file: what is assigned to it is in the file.

        Raises
        ------
        KeyError
            Where none of this name was reserved.
        ValueError
            Before `write` and after `finalize`.
        """
        if self._offsets is None:
            raise ValueError("the file has no layout: call write first")
        shape, dtype = self._room[name]
        if math.prod(shape) == 0:
            return np.empty(shape, dtype)
        mapped = np.memmap(self._part(), dtype, "r+", self._offsets[name], shape or (1,))
        self._mapped.append(mapped)
        return mapped if shape else mapped.reshape(())

    def _part(self) -> pathlib.Path:
        """Where the file is until it takes its place."""
        return self.fpath.with_name(self.fpath.name + ".part")

    def finalize(self) -> None:
        """Let the file take its place, if it has not. Elements that nobody filled are zeroes."""
        if self._is_done:
            return
        if self._offsets is None:
            raise ValueError("the file has no layout: call write first")
        for mapped in self._mapped:
            mapped.flush()
        self._refuse_to_replace()
        _core.gnz_finalize(self.fpath)
        self._offsets, self._mapped, self._is_done = None, [], True
        self.overwrite = True  # what is there now is ours

    close = finalize

    def __enter__(self) -> GnzWriter:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            if self._offsets is not None:
                self._offsets, self._mapped = None, []
                self._part().unlink(missing_ok=True)
            return
        if self._offsets is None and not self._is_done:
            self.write()
        self.finalize()


def _plain(dtype: Any) -> np.dtype:
    """A dtype that the format can name."""
    dtype = np.dtype(dtype)
    _elements.check_dtype(dtype)
    if dtype.names is not None or dtype.subdtype is not None:
        raise TypeError(f"dtype {dtype}: the format has no records; add their fields")
    return dtype
