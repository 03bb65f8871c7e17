"""Arrays of a file as references: where a reader of zarr finds the bytes of each."""

from __future__ import annotations

import builtins
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import zarr
from zarr.abc.codec import ArrayBytesCodec
from zarr.codecs import BytesCodec, TransposeCodec
from zarr.storage import MemoryStore

from . import _core
from ._array import Array
from ._errors import UnsupportedError
from ._file import File, open_source
from ._sources import path_like

#: Chunks of plain elements are about so large, where the rows can be divided so.
_CHUNK_BYTES = 4 << 20
#: Smaller ones would be more requests than bytes.
_LEAST_BYTES = 64 << 10

#: A chunk: its key behind the name of the array, the first byte and how many there are.
Place = tuple[str, int, int]


def references(file: Any, *, url: str | None = None, storage_options: dict[str, Any] | None = None) -> dict[str, Any]:
    """Make references to the arrays of a file, as kerchunk writes them, so that zarr and dask read the file where it is.

    Parameters
    ----------
    file : as of `paginum.open`
        A ``.gnz``, a ``.npy``, a ``.fits`` or a ``.pv``. Elements of the first three need nothing but zarr to be read; arrays of
        a ``.pv`` need this package, whose codec ``paginum.stored`` fetches only the pages of a slice.
    url : str, optional
        What the file is called where it is read; by default as here, by its whole path.
    storage_options : dict, optional
        What fsspec is told of the store.

    Returns
    -------
    dict
        Version 1 of kerchunk's references, with metadata of zarr 3: for fsspec's file system ``reference``. Left out are arrays
        with nulls, those that zarr has no dtype for, and of a ``.fits`` what does not lie in one piece as it is: columns
        between others, images in tiles, scaled numbers and those whose sign a zero turns over.

    Raises
    ------
    UnsupportedError
        For files of other formats, and for those in gzip.

    Examples
    --------
    >>> import fsspec, numpy as np, paginum, paginum.zarr, zarr
    >>> paginum.save(folder / "far.gnz", {"x": np.arange(6.0)})
    >>> found = paginum.zarr.references(folder / "far.gnz")
    >>> fs = fsspec.filesystem("reference", fo=found, asynchronous=True)
    >>> zarr.open_group(zarr.storage.FsspecStore(fs, read_only=True), mode="r")["x"][2:4]
    array([2., 3.])
    """
    with open_source(file, None, storage_options) as opened:
        places = _PLACES.get(opened.format)
        if places is None:
            raise UnsupportedError(f"{opened.name}: references are made to .gnz, .npy, .fits and .pv, not .{opened.format}")
        if url is None:
            url = os.path.abspath(opened.name) if "://" not in opened.name else opened.name
        if _is_compressed(opened.name):
            raise UnsupportedError(f"{opened.name}: references are to bytes of a file, and these are compressed")
        described: dict[str, Any] = {}
        store = MemoryStore(described)
        zarr.create_group(store, attributes=opened.attrs if opened.format == "gnz" else None)
        refs: dict[str, Any] = {}
        for array, codec, chunks, found in places(opened, file):
            try:
                _describe(store, array, codec, chunks)
            except (ValueError, TypeError, KeyError):
                continue  # a dtype that zarr does not have
            for key, start, n_bytes in found:
                refs[f"{array.name}/{key}"] = [url, start, n_bytes]
        metadata = {key: content.to_bytes().decode() for key, content in described.items() if key.endswith("zarr.json")}
        return {"version": 1, "refs": {**metadata, **refs}}


def _is_compressed(name: str) -> bool:
    """Whether places of arrays are not those of a file: what gzip holds is read as if it were not there."""
    if not os.path.isfile(name):
        return name.endswith(".gz")
    with builtins.open(name, "rb") as start:
        return start.read(2) == b"\x1f\x8b"


def _describe(store: MemoryStore, array: Array, codec: ArrayBytesCodec, chunks: tuple[int, ...]) -> None:
    order = tuple(reversed(range(array.ndim)))
    zarr.create_array(
        store,
        name=array.name,
        shape=array.shape,
        chunks=chunks,
        dtype=array.dtype,
        filters=[TransposeCodec(order=order)] if isinstance(codec, BytesCodec) and array.order == "F" else None,
        serializer=codec,
        compressors=None,
        fill_value=np.zeros((), array.dtype)[()] if array.dtype.kind not in "mM" else None,
    )


Found = Iterator[tuple[Array, ArrayBytesCodec, tuple[int, ...], list[Place]]]


def _plain(file: File, source: Any) -> Found:
    """Elements that lie in the file as they are."""
    is_fits = file.format == "fits"
    for array in file.values():
        if not array.nbytes or array.dtype.names is not None or (is_fits and not _is_stored(file, array)):
            continue
        start = _start(file, array, source)
        if start is None:
            continue
        endian = "big" if is_fits or array.dtype.byteorder == ">" else "little"
        codec = BytesCodec(endian=endian if array.dtype.itemsize > 1 else None)
        rows = _rows_of_chunk(array)
        n_bytes = array.nbytes // (array.shape[0] // rows) if array.ndim else array.nbytes
        rest = "/0" * (array.ndim - 1)
        keys = [f"c/{i}{rest}" for i in range(array.shape[0] // rows)] if array.ndim else ["c"]
        chunks = (rows, *array.shape[1:]) if array.ndim else ()
        yield array, codec, chunks, [(key, start + i * n_bytes, n_bytes) for i, key in enumerate(keys)]


def _is_stored(file: File, array: Array) -> bool:
    """Whether the elements of a `.fits` lie in one piece, with their highest byte first and else as they are."""
    has_own_sign = array.dtype.str[1:] in ("u1", "i2", "i4", "i8", "f4", "f8", "c8", "c16")
    if array.filter != "none" or not has_own_sign or array.has_nulls:
        return False
    pieces = file._core.ranges(array._index, 0, array.shape[0])
    return len(pieces) == 1 and pieces[0][1] - pieces[0][0] == array.nbytes


def _start(file: File, array: Array, source: Any) -> int | None:
    """Where the elements of an array begin."""
    if file.format != "npy" or array.order == "C":
        ranges = file._core.ranges(array._index, 0, array.shape[0] if array.ndim else 1)
        return min(first for first, _ in ranges)
    # The reader brings such an array into C order in memory, and names no place of the file.
    if not isinstance(source, (str, os.PathLike)) or not os.path.exists(source):
        return None
    with open(source, "rb") as opened:
        version = np.lib.format.read_magic(opened)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        read(opened)
        return opened.tell()


def _rows_of_chunk(array: Array) -> int:
    """Chunks of zarr are all of one size, so that they must divide the rows."""
    if array.ndim == 0:
        return 1
    rows = array.shape[0]
    row_bytes = array.nbytes // rows
    if array.order == "F" or array.nbytes <= _CHUNK_BYTES:
        return rows
    most = max(1, _CHUNK_BYTES // row_bytes)
    best = max(d for d in range(1, min(most, rows) + 1) if rows % d == 0)
    return best if best * row_bytes >= _LEAST_BYTES else rows


def _stored(file: File, source: Any) -> Found:
    """Arrays of a `.pv` in one chunk each, as its filters stored them."""
    from .zarr import Stored

    place = bytes(source) if isinstance(source, (bytes, bytearray, memoryview)) else path_like(source)
    layout = _core.pv_layout_of_bytes(place) if isinstance(place, bytes) else _core.pv_layout(place)
    names, frames, _, pairs = layout
    starts = np.concatenate([[0], np.cumsum([pair[0] + pair[2] for pair in frames])]).tolist()
    by_path = dict(pairs)
    for array in file.values():
        if array.has_nulls or not array.nbytes:
            continue
        pair = by_path[array.path]
        start, n_bytes = starts[pair] + frames[pair][0], frames[pair][2]
        codec = Stored(array.filter, names[pair], array.dtype.str, n_bytes)
        key = "c" + "/0" * array.ndim
        yield array, codec, array.shape, [(key, start, n_bytes)]


_PLACES = {"fits": _plain, "gnz": _plain, "npy": _plain, "pv": _stored}
