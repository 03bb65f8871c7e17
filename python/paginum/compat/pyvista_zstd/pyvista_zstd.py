"""Reading and writing meshes."""

from __future__ import annotations

import json
import os
import pathlib
import warnings
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import pyvista

from ... import _core
from ..._elements import bytes_like
from ..._file import Array, File, open_as
from ..._mesh_reading import Reading
from ..._mesh_writing import TYPES, Tree
from ..._work import threads
from . import _report
from ._arguments import (
    FILE_SUFFIX,
    LEGACY_FILE_SUFFIX,
    SUPPORTED_READ_SUFFIXES,
    n_workers,
    no_backend,
    path_of,
    warn_of_legacy,
)
from ._block import ASSOCIATIONS, Association, Block, root
from ._errors import errors
from ._metadata import (
    FILE_VERSION,
    FILE_VERSION_EXPLICIT_STRUCTURED_GRID,
    FILE_VERSION_FIXED_WIDTH_CELLS,
    FILE_VERSION_MULTIBLOCK_FIELD_DATA,
    FILE_VERSION_SHUFFLE,
    FILE_VERSION_STRUCTURED_EXTENT_OFFSET,
    FILE_VERSION_UNFILTERED,
    ArrayInfo,
    DataSetMetadata,
    MultiBlockMetadata,
    ZstdFileMetadata,
)
from .thumbnail import ThumbnailInfo, png_of

__all__ = [
    "FILE_VERSION",
    "FILE_VERSION_EXPLICIT_STRUCTURED_GRID",
    "FILE_VERSION_FIXED_WIDTH_CELLS",
    "FILE_VERSION_MULTIBLOCK_FIELD_DATA",
    "FILE_VERSION_SHUFFLE",
    "FILE_VERSION_STRUCTURED_EXTENT_OFFSET",
    "FILE_VERSION_UNFILTERED",
    "SUPPORTED_READ_SUFFIXES",
    "ArrayInfo",
    "DataSetMetadata",
    "MultiBlockMetadata",
    "Reader",
    "Writer",
    "ZstdFileMetadata",
    "read",
    "read_buffer",
    "write",
]

ShuffleSpec = bool | Literal["auto"]
#: What zstd takes.
_LEVELS = (-131_072, 22)


class Reader:
    """An open file, of which parts are read.

    Parameters
    ----------
    filename : str or os.PathLike, optional
        The file.
    buffer : bytes-like, optional
        The bytes of one, instead.
    backend : str, optional
        Has no effect.
    check_extension : bool
        Whether other extensions than ``.pv`` and ``.zvtk`` are refused.

    Raises
    ------
    ValueError
        For another extension.
    RuntimeError
        For bytes that are no such file.
    """

    def __init__(
        self,
        filename: Any = None,
        *,
        buffer: Any = None,
        backend: str | None = None,
        check_extension: bool = True,
    ) -> None:
        if (filename is None) == (buffer is None):
            raise TypeError("Reader takes exactly one of `filename` and `buffer`")
        no_backend(backend)
        self._place: pathlib.Path | bytes | None
        if buffer is None:
            self._place = path_of(filename, check_extension=check_extension)
        else:
            self._place = buffer if isinstance(buffer, bytes) else bytes(bytes_like(buffer))
        self._file: File | None = None
        with errors(self._name, opens=True):
            self._file = open_as(self._place, "pv")
            names, self._frames, document, pairs = _layout(self._place)
            self._frame_names = {path: names[pair] for path, pair in pairs}
            documents: dict[str, str] = {}
            for path, text in self._file._core.documents()[1:]:
                documents.setdefault(path, text)
        raw = json.loads(document)
        raw["frame_names"] = names
        self._file_metadata = ZstdFileMetadata(
            names, raw.get("compression_level", 3), raw.get("compression", "zstandard"), raw.get("file_version", 0)
        )
        self._root = root(self, documents)
        self._selected = {which: self._available(which) for which in ASSOCIATIONS}

    @property
    def _name(self) -> str:
        return str(self._place) if isinstance(self._place, pathlib.Path) else "<memory>"

    def close(self) -> None:
        """Close the file. What it says of itself stays; the bytes of one in memory are let go."""
        if self._file is not None:
            self._file.close()
            self._file = None
            if isinstance(self._place, bytes):
                self._place = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _opened(self) -> File:
        if self._file is None:
            raise ValueError("operation on a closed Reader")
        return self._file

    def _array(self, path: str) -> np.ndarray:
        file = self._opened()
        with errors(self._name, self._frame_names):
            return np.ma.getdata(Array(file, file._core.find(path), path).read(n_threads=threads(None)))

    def _read_node(self, prefix: str, n_threads: int | None) -> Any:
        file = self._opened()
        chosen = {} if isinstance(self._root.dataset_metadata, MultiBlockMetadata) else self._selected
        with errors(self._name, self._frame_names):
            reading = Reading(file, chosen, n_workers(n_threads))
            reading.replaces = True
            return reading.node(prefix)

    def read(self, n_threads: int | None = None) -> Any:
        """Read the mesh, or the tree of them, with the arrays that are selected."""
        warn_of_legacy(self._place)
        return self._root.read(n_threads)

    def read_array(self, name: str, *, association: Association) -> np.ndarray:
        """Read one array of a dataset.

        Parameters
        ----------
        name : str
            Its name.
        association : str
            ``point``, ``cell`` or ``field``.

        Raises
        ------
        KeyError
            Where there is no such array.
        TypeError
            For point and cell arrays of a file of blocks.
        """
        try:
            return self._root.read_array(name, association=association)
        except TypeError as error:
            raise TypeError(f"A MultiBlock file: read its arrays with reader[i].read_array ({error})") from None

    @property
    def file_metadata(self) -> ZstdFileMetadata:
        """What the file says of itself."""
        return self._file_metadata

    @property
    def dataset_metadata(self) -> DataSetMetadata | MultiBlockMetadata:
        """What it says of its dataset or its blocks."""
        meta = self._root.dataset_metadata
        assert meta is not None
        return meta

    @property
    def decompressed_sizes(self) -> np.ndarray:
        """The bytes that each frame decodes to."""
        return np.array([size for frames in self._frames for size in frames[1::2]], np.uint64)

    @property
    def nbytes(self) -> int:
        """The bytes that all frames decode to."""
        return sum(frames[1] + frames[3] for frames in self._frames)

    @property
    def compressed_nbytes(self) -> int:
        """The bytes of all frames."""
        return sum(frames[0] + frames[2] for frames in self._frames)

    def _available(self, which: str) -> set[str]:
        meta = self.dataset_metadata
        return set(getattr(meta, f"{which}_data_keys")) if isinstance(meta, DataSetMetadata) else set()

    def _select(self, which: str, names: Iterable[str]) -> None:
        names = set(names)
        missing = names - self._available(which)
        if missing:
            raise ValueError(f"The following {which} array(s) are not available: {missing}")
        self._selected[which] = names

    available_point_arrays = property(lambda self: self._available("point"), doc="Names of point data.")
    available_cell_arrays = property(lambda self: self._available("cell"), doc="Names of cell data.")
    available_field_arrays = property(lambda self: self._available("field"), doc="Names of field data.")

    selected_point_arrays = property(
        lambda self: self._selected["point"],
        lambda self, names: self._select("point", names),
        doc="Names of the point data that `read` reads.",
    )
    selected_cell_arrays = property(
        lambda self: self._selected["cell"],
        lambda self, names: self._select("cell", names),
        doc="Names of the cell data that `read` reads.",
    )
    selected_field_arrays = property(
        lambda self: self._selected["field"],
        lambda self, names: self._select("field", names),
        doc="Names of the field data that `read` reads.",
    )

    @property
    def thumbnail(self) -> bytes | None:
        """The picture of the file: a PNG."""
        found = _thumbnail(self._place)
        return None if found is None else found[2]

    @property
    def thumbnail_info(self) -> ThumbnailInfo | None:
        """The size of the picture, and whether the file was changed since."""
        found = _thumbnail(self._place)
        return None if found is None else ThumbnailInfo(found[0], found[1], found[3])

    def show_frame_compression(self) -> str:
        """A table of the arrays and what compression made of them."""
        return _report.frames(self._file_metadata.frame_names, self._frames)

    def __getitem__(self, index: int) -> Block:
        return self._root[index]

    def __len__(self) -> int:
        return len(self._root)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return _report.file(self, self._name)


def _layout(place: pathlib.Path | bytes) -> Any:
    return _core.pv_layout_of_bytes(place) if isinstance(place, bytes) else _core.pv_layout(place)


def _thumbnail(place: pathlib.Path | bytes | None) -> Any:
    if place is None:
        raise ValueError("operation on a closed Reader")
    return _core.read_thumbnail_of_bytes(place) if isinstance(place, bytes) else _core.read_thumbnail(place)


class Writer:
    """A mesh and where it is to be written.

    Parameters
    ----------
    ds : pyvista.DataSet, pyvista.MultiBlock or VTK's own
        The mesh.
    filename : str or os.PathLike
        Where to.
    """

    def __init__(self, ds: Any, filename: Any) -> None:
        self._path = path_of(filename)
        self._mesh = pyvista.wrap(ds)
        if not isinstance(self._mesh, pyvista.MultiBlock) and type(self._mesh).__name__ not in TYPES:
            raise TypeError(f"Unsupported type {type(ds)}")

    def write(
        self,
        *,
        progress_bar: bool = False,
        force_int32: bool = True,
        level: int = 3,
        n_threads: int | None = None,
        shuffle: ShuffleSpec = False,
        thumbnail: bytes | bool | None = None,
    ) -> None:
        """Write it, as `write`."""
        if progress_bar:
            warnings.warn("`progress_bar` no longer has any effect", DeprecationWarning, stacklevel=2)
        picture = png_of(self._mesh, thumbnail)
        if self._path.suffix == LEGACY_FILE_SUFFIX:
            warnings.warn(
                f"Writing {str(self._path)!r} as a legacy zvtk file: prefer the extension {FILE_SUFFIX}",
                FutureWarning,
                stacklevel=3,
            )
        tree = Tree(widths=True, narrow=force_int32)
        tree.add(self._mesh)
        arrays = [given for step in tree.steps for given in step["arrays"]]
        with errors(self._path):
            _core.save_tree(
                self._path,
                tree.steps,
                options(arrays, level, shuffle),
                thumbnail=picture,
                may_replace=True,
                n_threads=n_workers(n_threads),
                progress=None,
            )


def options(arrays: list[dict[str, Any]], level: int, shuffle: ShuffleSpec) -> dict[str, Any]:
    """How arrays are stored."""
    if shuffle not in (True, False, "auto"):
        raise KeyError(shuffle)
    usual = {True: "shuffle", False: "none", "auto": "auto"}[shuffle]
    own = []
    if shuffle == "auto":  # only floats are tried
        own = [(given["name"], "none") for given in arrays if given["dtype"][1] not in "fc"]
    elif shuffle:  # of arrays without elements the header says so, too
        own = [(given["name"], "shuffle") for given in arrays if 0 in given["shape"] and given["dtype"][2:] != "1"]
    lowest, highest = _LEVELS
    return {
        "filter": usual,
        "array_filters": own,
        "zstd_level": min(max(int(level), lowest), highest),
        "compat": "reproduce-0.7",
    }


def write(
    ds: Any,
    filename: Any,
    *,
    progress_bar: bool = False,
    force_int32: bool = True,
    level: int = 3,
    n_threads: int | None = None,
    shuffle: ShuffleSpec = False,
    thumbnail: bytes | bool | None = None,
) -> None:
    """Write a mesh.

    Parameters
    ----------
    ds : pyvista.DataSet, pyvista.MultiBlock or VTK's own
        The mesh.
    filename : str or os.PathLike
        Where to: ``.pv``, or the older ``.zvtk``.
    progress_bar : bool
        Has no effect.
    force_int32 : bool
        Store ids in 32 bits where they fit.
    level : int
        Of zstd.
    n_threads : int, optional
        How many threads compress: all by default, and for 0 the caller's alone.
    shuffle : bool or "auto"
        Bring bytes of the same significance together: in all arrays, or in those of floats that get smaller by it.
    thumbnail : bytes or bool, optional
        A picture: the bytes of a PNG, or ``True`` for one that is drawn.

    Raises
    ------
    TypeError
        For what is no mesh.
    ValueError
        For another extension, and for a mesh that no reader would take: arrays of another length than it has points or cells.
    RuntimeError
        Where the file cannot be written, or no picture drawn.
    """
    Writer(ds, filename).write(
        progress_bar=progress_bar,
        force_int32=force_int32,
        level=level,
        n_threads=n_threads,
        shuffle=shuffle,
        thumbnail=thumbnail,
    )


def read(filename: Any, n_threads: int | None = None, *, backend: str | None = None) -> Any:
    """Read a mesh, or a tree of them.

    Parameters
    ----------
    filename : str or os.PathLike
        The file.
    n_threads : int, optional
        How many threads decode: all by default.
    backend : str, optional
        Has no effect.

    Raises
    ------
    ValueError
        For another extension, a newer version of the format, a filter that is not known.
    RuntimeError
        For bytes that are no such file, or a damaged one.
    """
    no_backend(backend)
    if "://" in os.fsdecode(os.fspath(filename)):
        _needs_local_file()
    with Reader(filename) as reader:
        return reader.read(n_threads)


def _needs_local_file() -> None:
    """pyvista fetches the file where its reader asks for a local one."""
    try:
        from pyvista.core.utilities.reader_registry import LocalFileRequiredError
    except ImportError:
        return
    raise LocalFileRequiredError


def read_buffer(data: Any, n_threads: int | None = None) -> Any:
    """Read a mesh from the bytes of a file, as `read`."""
    with Reader(buffer=data) as reader:
        return reader.read(n_threads)
