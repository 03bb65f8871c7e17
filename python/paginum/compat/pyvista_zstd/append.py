"""Single arrays: read one, add some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ... import _core, _elements
from ..._work import threads
from ._arguments import no_backend, path_of
from ._block import ASSOCIATIONS, Association
from ._errors import ArrayExistsError, ContainerShapeError, errors
from ._metadata import ArrayInfo, MultiBlockMetadata
from .pyvista_zstd import Reader, ShuffleSpec, options

__all__ = ["AppendReader", "append_arrays", "read_array"]


def append_arrays(
    filename: Any,
    arrays: Mapping[str, Any],
    *,
    level: int | None = None,
    shuffle: ShuffleSpec = False,
) -> None:
    """Add field arrays to a file of one dataset. A new file takes its place at once; what was there is copied as it is stored.

    (`paginum.append` adds in place, at the cost of what is added.)

    Parameters
    ----------
    filename : str or os.PathLike
        The file.
    arrays : mapping of str to array-like
        What is added.
    level : int, optional
        Of zstd; by default as the file states.
    shuffle : bool or "auto"
        As of `write`.

    Raises
    ------
    NotImplementedError
        For a file of blocks.
    ValueError
        Where there is an array of such a name.
    """
    path = path_of(filename)
    if not arrays:
        return
    with Reader(path) as reader:
        meta = reader.dataset_metadata
        if isinstance(meta, MultiBlockMetadata):
            raise ContainerShapeError("appending to MultiBlock .pv files is not supported")
        level = reader.file_metadata.compression_level if level is None else level
    for name in arrays:
        if name in meta.field_data_keys:
            raise ArrayExistsError(f"field array {name!r} already exists in {str(path)!r}")
    described = [
        given
        for name, values in arrays.items()
        for given in _elements.given(f"field_data/{name}", np.atleast_1d(np.asarray(values)), keeps_records=False)
    ]
    with errors(path):
        _core.append(
            path,
            described,
            options(described, level, shuffle),
            may_replace=False,
            is_staged=True,
            n_threads=threads(None),
            progress=None,
        )


class AppendReader:
    """The field arrays of a file, one by one.

    Parameters
    ----------
    filename : str or os.PathLike
        The file, which is opened when something is asked for, again after `close`.
    backend : str, optional
        Has no effect.
    check_extension : bool
        Whether other extensions than ``.pv`` and ``.zvtk`` are refused.
    """

    def __init__(self, filename: Any, *, backend: str | None = None, check_extension: bool = True) -> None:
        no_backend(backend)
        self._path = path_of(filename, check_extension=check_extension)
        self._reader: Reader | None = None

    def _opened(self) -> Reader:
        if self._reader is None:
            self._reader = Reader(self._path, check_extension=False)
        return self._reader

    @property
    def field_array_info(self) -> dict[str, ArrayInfo]:
        """Shape and dtype of each field array."""
        return self._opened().dataset_metadata.field_data_keys

    @property
    def field_array_names(self) -> list[str]:
        """The names of the field arrays."""
        return list(self.field_array_info)

    def __contains__(self, name: object) -> bool:
        return name in self.field_array_info

    def read_array(self, name: str) -> np.ndarray:
        """Read one.

        Raises
        ------
        KeyError
            Where there is no such array.
        """
        return self._opened().read_array(name, association="field")

    def read_arrays(self, names: Iterable[str]) -> dict[str, np.ndarray]:
        """Read several."""
        return {name: self.read_array(name) for name in names}

    def close(self) -> None:
        """Close the file."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def __enter__(self) -> AppendReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_array(
    filename: Any, name: str, *, association: Association = "field", backend: str | None = None
) -> np.ndarray:
    """Read one array of a file.

    Parameters
    ----------
    filename : str or os.PathLike
        The file.
    name : str
        The array.
    association : str
        ``point``, ``cell`` or ``field``.
    backend : str, optional
        Has no effect.

    Raises
    ------
    KeyError
        Where there is no such array.
    TypeError
        For point and cell arrays of a file of blocks.
    """
    no_backend(backend)
    if association not in ASSOCIATIONS:
        raise ValueError(f"association must be one of {ASSOCIATIONS}, not {association!r}")
    with Reader(filename) as reader:
        return reader.read_array(name, association=association)
