"""A file that is open to get arrays."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, MutableMapping
from types import TracebackType
from typing import Any

from ._array import Array
from ._errors import UnsupportedError
from ._file import File, no_pv
from ._file import open_source as open_file
from ._save import append, remove, save
from ._sources import path_like


class Draft(MutableMapping[str, Any]):
    """A file that is open to get arrays: `paginum.open` makes one for modes ``"a"``, ``"w"`` and ``"x"``.

    What is assigned is written when the file is closed, by one change, and what was deleted is removed by another one behind it:
    before that the file is what it was, and where the ``with`` block raises, it stays so. Arrays of the file are lazy, those that were assigned are as they were given.

    Examples
    --------
    >>> import numpy as np, paginum
    >>> with paginum.open(folder / "log.pv", "w") as file:
    ...     file["first"] = np.arange(3)
    >>> with paginum.open(folder / "log.pv", "a") as file:
    ...     file["second"] = file["first"][:] * 2
    ...     del file["first"]
    >>> {name: array.read() for name, array in paginum.open(folder / "log.pv").items()}
    {'second': array([0, 2, 4])}
    """

    def __init__(self, path: Any, mode: str, options: dict[str, Any], max_bytes: int | None) -> None:
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError(f"mode {mode!r} needs the path of a file, not an object of type {type(path).__name__}")
        self._path = path_like(path)
        if mode == "a" and isinstance(path, str) and "://" in path:
            raise UnsupportedError(f"{path}: arrays are added to files of a file system; 'w' writes a new file anywhere")
        self._mode = mode
        self._options = options
        self._file: File | None = None
        self._new: dict[str, Any] = {}
        self._removed: list[str] = []
        self._is_open = True
        is_there = os.path.exists(self._path)
        if mode == "x" and is_there:
            raise FileExistsError(f"{self._path} is there already")
        if mode == "a" and is_there:
            self._file = open_file(self._path, max_bytes, None)
            if self._file.format != "pv":
                kind = self._file.format
                self._file.close()
                raise no_pv(self._path, kind)

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return not self._is_open

    def _check_open(self) -> None:
        if not self._is_open:
            raise ValueError("the file is closed")

    def __getitem__(self, name: str) -> Any:
        self._check_open()
        if name in self._new:
            return self._new[name]
        if self._file is None or name in self._removed:
            raise KeyError(name)
        return self._file[name]

    def __setitem__(self, name: str, array: Any) -> None:
        self._check_open()
        self._new[name] = array[...] if isinstance(array, Array) else array

    def __delitem__(self, name: str) -> None:
        self[name]
        self._new.pop(name, None)
        if self._file is not None and name in self._file:
            self._removed.append(name)

    def __iter__(self) -> Iterator[str]:
        self._check_open()
        there = [] if self._file is None else [name for name in self._file if name not in self._removed]
        yield from there
        yield from (name for name in self._new if name not in there)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def close(self) -> None:
        """Write what was assigned, and close the file."""
        if not self._is_open:
            return
        was_there = self._file is not None
        self.discard()
        if not was_there:
            save(self._path, self._new, overwrite=self._mode == "w", **self._options)
            return
        if self._new:
            append(self._path, self._new, replace=True, **self._options)
        gone = [name for name in dict.fromkeys(self._removed) if name not in self._new]
        if gone:
            remove(self._path, gone)

    def discard(self) -> None:
        """Close the file and leave it as it was."""
        self._is_open = False
        if self._file is not None:
            self._file.close()
            self._file = None

    def __del__(self) -> None:
        if getattr(self, "_is_open", False) and (self._new or self._removed):
            names = [*self._new, *self._removed]
            words = f"{self._path}: the file was not closed, and these changes are lost: {', '.join(names)}"
            warnings.warn(words, RuntimeWarning, stacklevel=2, source=self)

    def __enter__(self) -> Draft:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def __repr__(self) -> str:
        if self.closed:
            return "<paginum.Draft closed>"
        return f"<paginum.Draft {str(self._path)!r} {len(self)} arrays, {len(self._new)} to be written>"
