"""Meshes of pyvista in `.pv` files.

The files are those of pyvista-zstd, in either direction. With ``compat="native"`` arrays are stored by the filters of this
package, which are smaller and read in part, and which pyvista-zstd does not read.

Examples
--------
>>> import pyvista, paginum.pyvista
>>> mesh = pyvista.Sphere()
>>> paginum.pyvista.write(mesh, folder / "sphere.pv", compat="native")
>>> paginum.pyvista.read(folder / "sphere.pv") == mesh
True
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pyvista

from . import _core, _file
from ._errors import InvalidArgumentError
from ._file import File
from ._mesh_reading import Reading
from ._mesh_writing import Tree
from ._save import Filter, _options, _say, _target
from ._work import Progress, threads, told

__all__ = ["read", "register", "write"]


def read(source: Any, *, arrays: Iterable[str] | None = None, n_threads: int | None = None) -> Any:
    """Read a mesh, or a tree of them.

    Parameters
    ----------
    source : as of `paginum.open`, or File
        The file.
    arrays : iterable of str, optional
        Names of the point and cell data that are read; all by default.
    n_threads : int, optional
        How many threads decode.

    Returns
    -------
    pyvista.DataSet or pyvista.MultiBlock
        As it was written: geometry, data, and which data are active.

    Raises
    ------
    CorruptDataError
        For a file whose arrays do not fit together.
    UnsupportedError
        For a type of dataset that pyvista does not have.
    """
    if not isinstance(source, File):
        with _file.open(source) as file:
            return read(file, arrays=arrays, n_threads=n_threads)
    chosen = None if arrays is None else set(arrays)
    reading = Reading(source, {} if chosen is None else {"point": chosen, "cell": chosen}, n_threads)
    return reading.node()


def write(
    mesh: Any,
    file: Any,
    *,
    compat: str = "0.7",
    overwrite: bool = True,
    filter: Filter | None = None,
    goal: str | None = None,
    level: int | None = None,
    zstd_level: int | None = None,
    page_numbers: int | None = None,
    thumbnail: bytes | None = None,
    storage_options: dict[str, Any] | None = None,
    n_threads: int | None = None,
    progress: Progress | bool | None = None,
) -> None:
    """Write a mesh.

    Parameters
    ----------
    mesh : pyvista.DataSet or pyvista.MultiBlock
        PolyData, UnstructuredGrid, ImageData, RectilinearGrid, StructuredGrid, ExplicitStructuredGrid, PointSet, or blocks of
        them. A dataset in several blocks is stored once.
    file : as of `paginum.save`
        Where to.
    compat : str
        Who is to read it: ``0.7``, ``0.4``, ``0.2`` (that pyvista-zstd) or ``native`` (this package alone).
    overwrite, filter, goal, level, zstd_level, page_numbers, storage_options, n_threads, progress
        As of `paginum.save`.
    thumbnail : bytes, optional
        A picture of it: a PNG file.

    Raises
    ------
    UnsupportedError
        For other types of datasets.
    InvalidArgumentError
        For a name that is not of a `.pv`.
    """
    tree = Tree(widths=compat not in ("0.2", "0.4"), narrow=True)
    tree.add(pyvista.wrap(mesh))
    place, sink, promised = _target(file, storage_options)
    if promised != "pv":
        raise InvalidArgumentError(f"{file}: meshes are written to .pv")
    content, notes = _core.save_tree(
        place,
        tree.steps,
        _options(filter, goal, level, zstd_level, page_numbers, compat),
        thumbnail=thumbnail,
        may_replace=overwrite,
        n_threads=threads(n_threads),
        progress=told(progress),
    )
    if sink is not None:
        sink(content, overwrite)
    _say(notes)


def register(override: bool = False) -> None:
    """Let `pyvista.read` and `mesh.save` read and write `.pv` files by this package.

    Parameters
    ----------
    override : bool
        Whether a reader and a writer of that extension that are there, as pyvista-zstd's, are replaced.
    """
    pyvista.register_reader(".pv", lambda path, **keywords: read(os.fspath(path)), override=override)
    if hasattr(pyvista, "register_writer"):
        pyvista.register_writer(".pv", _save, override=override)


def _save(mesh: Any, path: Any, **keywords: Any) -> None:
    """As `write`; `level` is zstd's, as pyvista-zstd has it."""
    zstd_level = keywords.pop("level", None)
    write(mesh, os.fspath(path), zstd_level=zstd_level, **keywords)
