"""Arrays of many files as one array of Dask, and the other way round.

Workers open the files themselves and read the ranges that their blocks need. A block is written whole or not at all, and the
manifest that names all of them comes last: what has a manifest is complete. A task that is run again writes the same bytes.

Examples
--------
>>> import dask.array as da, paginum.dask
>>> numbers = da.arange(1_000_000, chunks=250_000)
>>> manifest = paginum.dask.to_pv(numbers, str(folder / "part-{}.pv"))
>>> again = paginum.dask.from_pv(manifest)
>>> again.chunks, int(again.sum().compute())
(((250000, 250000, 250000, 250000),), 499999500000)
"""

from __future__ import annotations

import functools
import itertools
import json
import math
import os
import posixpath
import tempfile
from collections.abc import Iterable
from typing import Any

import dask.array as da
import numpy as np
from dask.base import tokenize
from dask.delayed import delayed
from dask.highlevelgraph import HighLevelGraph

from . import _file, _save, _sources
from ._errors import ChangedError, CorruptDataError, UnsupportedError

__all__ = ["from_pv", "to_pv"]

#: What a block has at most, unless a page is larger.
_BLOCK_BYTES = 64 << 20
_MANIFEST = "paginum-manifest"


def from_pv(
    urls: Any,
    name: str | None = None,
    *,
    block_bytes: int = _BLOCK_BYTES,
    storage_options: dict[str, Any] | None = None,
) -> da.Array:
    """Make one array of the arrays of many files.

    Parameters
    ----------
    urls : str, os.PathLike or iterable of these
        Files of any format, whose arrays follow on one another along the first axis; or the manifest of `to_pv`.
    name : str, optional
        The name of the array in each file; the only one, if it is not given.
    block_bytes : int
        About how many bytes a block has: a group of whole pages.
    storage_options : dict, optional
        What fsspec is told of the store.

    Raises
    ------
    ChangedError
        When a block is computed, where its file is not the one any more that was looked at here.
    """
    if isinstance(urls, (str, os.PathLike)):
        urls = [urls]
    addresses = [_address(url) for url in urls]
    if len(addresses) == 1 and addresses[0].endswith(".json"):
        return _of_manifest(addresses[0], storage_options)
    if not addresses:
        raise ValueError("no files")
    parts = [_looked_at(url, name, block_bytes, storage_options) for url in addresses]
    dtype, inner = parts[0]["dtype"], parts[0]["shape"][1:]
    for url, part in zip(addresses, parts, strict=True):
        if part["dtype"] != dtype or part["shape"][1:] != inner or not part["shape"]:
            raise UnsupportedError(f"{url}: {part['dtype']} {part['shape']} does not follow on {dtype} {inner}")
    token = "from-pv-" + tokenize(addresses, name, block_bytes, [part["version"] for part in parts])
    layer, rows = {}, []
    for url, part in zip(addresses, parts, strict=True):
        for start in range(0, part["shape"][0], part["rows"]):
            stop = min(start + part["rows"], part["shape"][0])
            key = (token, len(rows), *(0 for _ in inner))
            layer[key] = (_block, url, name, part["version"], start, stop, storage_options)
            rows.append(stop - start)
    chunks = (tuple(rows), *((length,) for length in inner))
    graph = HighLevelGraph.from_collections(token, layer, dependencies=[])
    return da.Array(graph, token, chunks, dtype=dtype)


def to_pv(
    array: da.Array,
    url_pattern: Any,
    name: str = "data",
    *,
    compute: bool = True,
    storage_options: dict[str, Any] | None = None,
    **options: Any,
) -> Any:
    """Write each block to a file of its own, and a manifest last.

    Parameters
    ----------
    array : dask.array.Array
        What to write.
    url_pattern : str
        The names of the files, with ``{}`` for the number of the block: ``"s3://bucket/part-{}.pv"``.
    name : str
        What the array is called in each file.
    compute : bool
        Whether to write now. Else a delayed value is returned, whose computation writes.
    storage_options : dict, optional
        What fsspec is told of the store.
    **options
        As of `paginum.save`: ``filter``, ``level``.

    Returns
    -------
    str
        The manifest, which `from_pv` takes: ``manifest.json`` beside the files.
    """
    pattern = _address(url_pattern)
    if pattern.format(0) == pattern:
        raise ValueError(f"{pattern}: a pattern has {{}} where the number of the block goes")
    indices = list(itertools.product(*(range(n) for n in array.numblocks)))
    width = len(str(max(0, len(indices) - 1)))
    blocks = array.to_delayed()
    write = delayed(_write_block, pure=True)
    written = []
    for number, index in enumerate(indices):
        url = pattern.format(f"{number:0{width}}")
        written.append(write(blocks[index], url, name, storage_options, options))
    shape = {"dtype": array.dtype.str, "name": name, "chunks": [list(lengths) for lengths in array.chunks]}
    manifest = posixpath.join(posixpath.dirname(pattern), "manifest.json")
    whole = delayed(_write_manifest)(written, manifest, shape, storage_options)
    return whole.compute() if compute else whole


def _address(url: Any) -> str:
    text = os.fsdecode(os.fspath(url))
    # Workers may stand in another folder.
    return text if "://" in text else os.path.abspath(text)


@functools.lru_cache(maxsize=32)
def _opened(url: str, version: str | None, options: str) -> _file.File:
    file = _file.open(url, storage_options=json.loads(options))
    if version is not None and file._core.version != version:
        file.close()
        raise ChangedError(f"{url}: changed since its blocks were laid out", file=url)
    return file


def _looked_at(url: str, name: str | None, block_bytes: int, storage_options: Any) -> dict[str, Any]:
    with _file.open(url, storage_options=storage_options) as file:
        array = file[_name(file, name)]
        page = array.chunks[0] if array.ndim else 1
        page_bytes = max(1, page * array.dtype.itemsize * math.prod(array.shape[1:]))
        rows = page * max(1, block_bytes // page_bytes)
        return {"dtype": array.dtype, "shape": array.shape, "rows": rows, "version": file._core.version}


def _name(file: _file.File, name: str | None) -> str:
    if name is not None:
        return name
    names = list(file)
    if len(names) != 1:
        raise ValueError(f"{file.name} has the arrays {names}: name one")
    return names[0]


def _block(
    url: str, name: str | None, version: str | None, start: int, stop: int, storage_options: Any
) -> np.ndarray:
    file = _opened(url, version, json.dumps(storage_options))
    return file[_name(file, name)][start:stop]


def _write_block(block: Any, url: str, name: str, storage_options: Any, options: dict[str, Any]) -> dict[str, Any]:
    array = block if isinstance(block, np.ma.MaskedArray) else np.asarray(block)
    _save.save(url, {name: array}, storage_options=storage_options, **options)
    return {"file": posixpath.basename(url), "shape": list(array.shape)}


def _write_manifest(files: list[dict[str, Any]], url: str, shape: dict[str, Any], storage_options: Any) -> str:
    content = json.dumps({"format": _MANIFEST, "version": 1, **shape, "files": files}, indent=1).encode()
    if _sources.is_of_fsspec(url):
        fs, path = _sources.file_system(url, storage_options)
        fs.pipe_file(path, content)
        return url
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(url), delete=False) as part:
        part.write(content)
    os.replace(part.name, url)
    return url


def _of_manifest(url: str, storage_options: Any) -> da.Array:
    if _sources.is_of_fsspec(url):
        fs, path = _sources.file_system(url, storage_options)
        content = fs.cat_file(path)
    else:
        with open(url, "rb") as file:
            content = file.read()
    try:
        manifest = json.loads(content)
        if manifest["format"] != _MANIFEST or manifest["version"] != 1:
            raise UnsupportedError(f"{url}: a manifest of another kind", file=url)
        chunks = tuple(tuple(int(n) for n in lengths) for lengths in manifest["chunks"])
        files = [str(entry["file"]) for entry in manifest["files"]]
        dtype, name = np.dtype(manifest["dtype"]), str(manifest["name"])
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise CorruptDataError(f"{url}: no manifest: {error}", file=url) from error
    indices = list(itertools.product(*(range(len(lengths)) for lengths in chunks)))
    if len(indices) != len(files) or any("/" in file or "\\" in file for file in files):
        raise CorruptDataError(f"{url}: its files are not those of its chunks", file=url)
    token = "from-pv-" + tokenize(url, content)
    folder = posixpath.dirname(url)
    layer = {
        (token, *index): (
            _whole_block,
            posixpath.join(folder, file),
            name,
            dtype,
            tuple(lengths[i] for lengths, i in zip(chunks, index, strict=True)),
            storage_options,
        )
        for index, file in zip(indices, files, strict=True)
    }
    graph = HighLevelGraph.from_collections(token, layer, dependencies=[])
    return da.Array(graph, token, chunks, dtype=dtype)


def _whole_block(url: str, name: str, dtype: np.dtype, shape: tuple[int, ...], storage_options: Any) -> np.ndarray:
    with _file.open(url, storage_options=storage_options) as file:
        array = file[name]
        if array.shape != shape or array.dtype != dtype:
            raise ChangedError(f"{url}: {array.dtype} {array.shape} where {dtype} {shape} was written", file=url)
        return array.read()
