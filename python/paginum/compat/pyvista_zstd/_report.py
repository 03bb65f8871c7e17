"""A file and its frames as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._mesh_writing import NO_BLOCK
from ._metadata import DataSetMetadata

if TYPE_CHECKING:
    from .pyvista_zstd import Reader

_UID = len(NO_BLOCK)
_DATA = {"__point_data": "Point Data", "__cell_data": "Cell Data", "__field_data": "Field Data"}
_PARTS = {"_connectivity": "Connectivity", "_offset": "Offset"}
_WHOLE = {"points": "Points", "celltypes": "Cell Types"}


def file(reader: Reader, name: str) -> str:
    """What an open file is."""
    meta, of_file = reader.dataset_metadata, reader.file_metadata
    rows = [
        ("File", name),
        ("File Version", of_file.file_version),
        ("Compression", of_file.compression),
        ("Compression Level", of_file.compression_level),
        ("Dataset Type", meta.ds_type),
    ]
    lines = [f"pyvista_zstd.Reader ({hex(id(reader))})"]
    if isinstance(meta, DataSetMetadata):
        dtype = f" ({meta.points_dtype})" if meta.points_dtype else ""
        rows.append(("N Points", f"{meta.n_points}{dtype}"))
        rows.append(("N Cells", meta.n_cells))
    lines += [f"  {label + ':':<20}{value}" for label, value in rows]
    if not isinstance(meta, DataSetMetadata):
        return "\n".join([*lines, "  Hierarchy:", *reader._root.lines("    ")])
    for which in ("point", "cell", "field"):
        keys = getattr(meta, f"{which}_data_keys")
        if keys:
            lines.append(f"  {which.capitalize()} arrays:")
            lines += [f"      {key:<24} {info.dtype:<10} {info.shape}" for key, info in keys.items()]
    return "\n".join(lines)


def frames(names: list[str], sizes: list[list[int]]) -> str:
    """A table of the payloads of arrays."""
    head = f"{'Dataset ID':<{_UID}} {'Frame Type':<31} {'Compressed':<12} {'Decompressed':<12} Ratio"
    line = "-" * len(head)
    rows = [head, line]
    stored = decoded = 0
    for name, (_, _, compressed, size) in zip(names, sizes[: len(names)], strict=True):
        kind = _kind(name[_UID:])
        if kind is None:
            continue
        stored, decoded = stored + compressed, decoded + size
        rows.append(_row(name[:_UID], kind, compressed, size))
    return "\n".join([*rows, line, _row("TOTAL", "", stored, decoded)])


def _kind(name: str) -> str | None:
    for suffix, words in _DATA.items():
        if name.endswith(suffix):
            return f"{words}: {name.removesuffix(suffix)}"
    for suffix, words in _PARTS.items():
        if name.endswith(suffix):
            return f"{words}: {name.removesuffix(suffix)}"
    return _WHOLE.get(name, f"Coordinates: {name[1]}" if name.endswith("_rgrid") else None)


def _row(uid: str, kind: str, stored: int, decoded: int) -> str:
    ratio = f"{stored / decoded:.3f}" if decoded else "-"
    return f"{uid:<{_UID}} {kind:<31} {_bytes(stored):<12} {_bytes(decoded):<12} {ratio}"


def _bytes(n: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if n < 1024:
            return f"{n:.1f}{unit}"
        n /= 1024
    return f"{n:.1f}TB"
