"""Arrays into files."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from . import _core, _elements, _sources, _tables
from ._array import Array
from ._errors import CorruptDataError, Error
from ._file import File, no_pv, open
from ._sources import path_like
from ._work import Progress, threads, told

_log = logging.getLogger("paginum")

Filter = str | Mapping[str, str]


def save(
    file: Any,
    arrays: Any,
    *,
    overwrite: bool = True,
    format: str | None = None,
    filter: Filter | None = None,
    goal: str | None = None,
    level: int | None = None,
    zstd_level: int | None = None,
    page_numbers: int | None = None,
    compat: str | None = None,
    storage_options: dict[str, Any] | None = None,
    n_threads: int | None = None,
    progress: Progress | bool | None = None,
) -> None:
    """Write arrays to a new file. It appears whole or not at all.

    Parameters
    ----------
    file : str, os.PathLike, binary file object or fsspec.core.OpenFile
        Where to. The extension decides the format: ``.pv``, ``.npz``, ``.npy``, ``.pco``, ``.csv``, ``.tsv``.
    arrays : mapping of str to array-like, table, or array-like
        Any array-like: lists, numbers, arrays of any order, byte order and stride. Rows of a masked array that are masked have
        no value in the file (``.pv`` alone has a place for that). An array of records is stored field by field, as
        ``NAME/FIELD``, where the format keeps no records. Of a table (a DataFrame of pandas or polars, a Table of pyarrow) each column is an
        array under its name, or under ``NAME/COLUMN`` where the table has a name in a mapping. The index of a DataFrame is not
        kept: ``frame.reset_index()`` makes columns of it. Texts become arrays of the dtype ``U``, and rows without a value masked.
    overwrite : bool
        Whether a file that is there is replaced.
    format : str, optional
        The name of a format, for file objects and other extensions. ``pv`` for file objects.
    filter : str or mapping, optional
        Of `.pv`: ``auto`` (a trial on a sample), ``numeric``, ``dense``, ``fast``, ``shuffle``, ``delta``, ``none`` and for
        pictures ``byte-delta``, ``palette``, ``gradient``, each but ``fast`` with a level (``"numeric:12"``); or one for each name.
    goal : str, optional
        What ``auto`` favours: ``size`` is the smallest file (``dense`` is considered for it alone), ``balanced`` (the default)
        takes a filter that more readers know where it costs less than 1 %, ``speed`` is the shortest time to read and decode.
    level : int, optional
        Of the engine, 0 to 13; 8 by default.
    zstd_level : int, optional
        Of the other filters; 3 by default.
    page_numbers : int, optional
        Numbers in a page of ``numeric``, ``dense`` and ``fast``; 8,192 by default.
    compat : str, optional
        Who is to read a `.pv`: ``native`` (paginum alone), ``0.7``, ``0.4`` or ``0.2`` (that pyvista-zstd).
    storage_options : dict, optional
        What fsspec is told of the store.
    n_threads : int, optional
        How many threads encode; by default as many as there are cores.
    progress : callable or bool, optional
        Called with the bytes that are done and those in all. ``True`` shows a bar by tqdm.

    Raises
    ------
    FileExistsError
        Where a file is there and `overwrite` is not set.
    UnsupportedError
        For arrays that the format cannot hold.
    TypeError
        For arrays of objects, and columns that are no numbers, times or texts.

    Examples
    --------
    >>> import numpy as np, paginum
    >>> paginum.save(folder / "a.pv", {"x": np.arange(5) / 4, "flags": [True, False]}, filter="numeric")
    >>> paginum.open(folder / "a.pv")["x"][::2]
    array([0. , 0.5, 1. ])
    """
    options = _options(filter, goal, level, zstd_level, page_numbers, compat)
    place, sink, promised = _target(file, storage_options)
    format = format or promised
    traits = _core.format_traits(format) if format is not None else {}
    columns = _tables.columns(arrays)
    if columns is not None and traits.get("one_array"):
        raise TypeError(
            f"a table has an array a column, and a .{format} holds one: save frame.to_numpy() or a column, or a .pv or .npz"
        )
    keeps_records = traits.get("records", False)
    described = [
        given
        for path, value in (_named(arrays, place) if columns is None else columns).items()
        for given in _elements.given(path, value, keeps_records=keeps_records)
    ]
    content, _, notes = _core.save(
        place,
        described,
        options,
        may_replace=overwrite,
        format=format,
        n_threads=threads(n_threads),
        progress=told(progress),
    )
    if sink is not None:
        sink(content, overwrite)
    _say(notes)


def append(
    file: str | os.PathLike[str],
    arrays: Any,
    *,
    replace: bool = False,
    stage: bool = False,
    into: str = "field_data",
    filter: Filter | None = None,
    goal: str | None = None,
    level: int | None = None,
    zstd_level: int | None = None,
    page_numbers: int | None = None,
    compat: str | None = None,
    n_threads: int | None = None,
    progress: Progress | bool | None = None,
) -> None:
    """Add arrays to a `.pv` file, in place: at the cost of what is added, whatever the size of the file.

    Parameters
    ----------
    file : str or os.PathLike
        The file.
    arrays : mapping of str to array-like, or table
        As of `save`, each with its name.
    replace : bool
        Whether arrays of the same names are replaced.
    stage : bool
        Write a new file beside the old one, which takes its place.
    into : str
        The folder in the file: ``field_data``, ``point_data`` or ``cell_data``.
    filter, goal, level, zstd_level, page_numbers, compat, n_threads, progress
        As of `save`.

    Raises
    ------
    InvalidArgumentError
        Where an array of that name is there and `replace` is not set.

    Examples
    --------
    >>> import paginum
    >>> paginum.save(folder / "grows.pv", {"a": [1, 2]})
    >>> paginum.append(folder / "grows.pv", {"b": [3.5]})
    >>> list(paginum.open(folder / "grows.pv"))
    ['a', 'b']
    """
    options = _options(filter, goal, level, zstd_level, page_numbers, compat)
    columns = _tables.columns(arrays)
    if columns is not None:
        arrays = columns
    if not isinstance(arrays, Mapping):
        raise TypeError(f"append takes arrays by their names, a mapping, not an object of type {type(arrays).__name__}")
    described = []
    for name, value in arrays.items():
        for given in _elements.given(name, value, keeps_records=False):
            given["name"] = f"{into}/{given['name']}" if into else given["name"]
            described.append(given)
    with _of_pv(file):
        notes = _core.append(
            path_like(file),
            described,
            options,
            may_replace=replace,
            is_staged=stage,
            n_threads=threads(n_threads),
            progress=told(progress),
        )
    _say(notes)


def remove(
    file: str | os.PathLike[str], names: str | Iterable[str], *, stage: bool = False, into: str = "field_data"
) -> None:
    """Remove arrays from a `.pv` file, in place.

    Examples
    --------
    >>> import paginum
    >>> paginum.save(folder / "less.pv", {"a": [1, 2], "b": [3]})
    >>> paginum.remove(folder / "less.pv", "a")
    >>> list(paginum.open(folder / "less.pv"))
    ['b']
    """
    names = [names] if isinstance(names, str) else list(names)
    paths = [f"{into}/{name}" if into else name for name in names]
    with _of_pv(file):
        notes = _core.remove(path_like(file), paths, {}, stage)
    _say(notes)


@contextmanager
def _of_pv(file: Any) -> Iterator[None]:
    """Says of a file of another format what it is: for the reader of `.pv` it is damaged."""
    try:
        yield
    except CorruptDataError:
        try:
            with open(file) as opened:
                found = opened.format
        except (Error, OSError):
            found = "pv"
        if found == "pv":
            raise
        raise no_pv(file, found) from None


def convert(
    source: Any,
    target: Any,
    *,
    arrays: str | Iterable[str] | Mapping[str, str] | None = None,
    overwrite: bool = True,
    format: str | None = None,
    filter: Filter | None = None,
    goal: str | None = None,
    level: int | None = None,
    zstd_level: int | None = None,
    page_numbers: int | None = None,
    compat: str | None = None,
    storage_options: dict[str, Any] | None = None,
    n_threads: int | None = None,
    progress: Progress | bool | None = None,
) -> None:
    """Write the arrays of a file to another one, of another format where its name says so. A few rows are held at a time.

    Parameters
    ----------
    source : as of `open`, or File
        The file to read.
    target : as of `save`
        The file to write.
    arrays : str, iterable of str or mapping of str to str, optional
        Which arrays, and what they are to be called; all by default.
    overwrite, format, filter, goal, level, zstd_level, page_numbers, compat, storage_options, n_threads, progress
        As of `save`.

    Examples
    --------
    >>> import numpy as np, paginum
    >>> np.savez(folder / "a.npz", x=np.arange(4), y=np.ones(2))
    >>> paginum.convert(folder / "a.npz", folder / "a.pv")
    >>> paginum.open(folder / "a.pv")["y"][:]
    array([1., 1.])
    """
    if not isinstance(source, File):
        with open(source, storage_options=storage_options) as opened:
            return convert(
                opened,
                target,
                arrays=arrays,
                overwrite=overwrite,
                format=format,
                filter=filter,
                goal=goal,
                level=level,
                zstd_level=zstd_level,
                page_numbers=page_numbers,
                compat=compat,
                storage_options=storage_options,
                n_threads=n_threads,
                progress=progress,
            )
    options = _options(filter, goal, level, zstd_level, page_numbers, compat)
    place, sink, promised = _target(target, storage_options)
    if arrays is None:
        chosen = {name: name for name in source}
    elif isinstance(arrays, Mapping):
        chosen = dict(arrays)
    else:
        chosen = {name: name for name in ([arrays] if isinstance(arrays, str) else arrays)}
    numbered = [(source[name]._index, called) for name, called in chosen.items()]
    content, _, notes = _core.convert(
        source._core,
        numbered,
        place,
        options,
        may_replace=overwrite,
        format=format or promised,
        n_threads=threads(n_threads),
        progress=told(progress),
    )
    if sink is not None:
        sink(content, overwrite)
    _say(notes)


def _options(
    filter: Filter | None,
    goal: str | None,
    level: int | None,
    zstd_level: int | None,
    page_numbers: int | None,
    compat: str | None,
) -> dict[str, Any]:
    own = list(filter.items()) if isinstance(filter, Mapping) else None
    return {
        "filter": filter if isinstance(filter, str) else None,
        "array_filters": own,
        "goal": goal,
        "level": level,
        "zstd_level": zstd_level,
        "page_numbers": page_numbers,
        "compat": compat,
    }


def _named(arrays: Any, place: Any) -> dict[str, Any]:
    """Arrays by name; a single one is called like its file."""
    if isinstance(arrays, Mapping):
        return dict(arrays)
    if isinstance(arrays, Array):
        return {arrays.name: arrays}
    stem = os.path.basename(os.fspath(place)).partition(".")[0] if place is not None else ""
    return {stem or "array": arrays}


def _target(file: Any, storage_options: dict[str, Any] | None) -> tuple[Any, Any, str | None]:
    """A place that the library writes itself, or a function that takes the bytes of the file; and the format that the name
    promises."""
    if isinstance(file, str) and _sources.is_of_fsspec(file):
        fs, path = _sources.file_system(file, storage_options)
        return None, _piped(fs, path), _promised(path, "pv")
    if hasattr(file, "fs") and hasattr(file, "path"):
        return None, _piped(file.fs, file.path), _promised(file.path, "pv")
    if isinstance(file, (str, os.PathLike)):
        return path_like(file), None, _promised(os.fsdecode(os.fspath(file)), None)
    _sources.check_binary(file)
    if hasattr(file, "write"):
        return None, lambda content, overwrite: file.write(content), "pv"
    raise TypeError(f"cannot write to an object of type {type(file).__name__}")


def _promised(path: str, usual: str | None) -> str | None:
    """The format of an extension."""
    name = path.lower().removesuffix(".gz")
    for known, extensions in _core.formats():
        if any(name.endswith(f".{extension}") for extension in extensions):
            return known
    return usual


def _piped(fs: Any, path: str) -> Any:
    def put(content: bytes, overwrite: bool) -> None:
        if not overwrite and fs.exists(path):
            raise FileExistsError(f"{path} is there already")
        fs.pipe_file(path, content)

    return put


def _say(notes: list[str]) -> None:
    for note in notes:
        _log.info("%s", note)
