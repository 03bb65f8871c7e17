"""One place in the tree of a file: a dataset, blocks, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..._mesh_writing import NO_BLOCK
from ._metadata import DataSetMetadata, Metadata, MultiBlockMetadata, of_document

if TYPE_CHECKING:
    from .pyvista_zstd import Reader

Association = Literal["point", "cell", "field"]
ASSOCIATIONS = ("point", "cell", "field")


class Block:
    """A dataset, blocks or nothing, of an open file.

    Attributes
    ----------
    uid : str
        What the names of its frames begin with.
    dataset_metadata : DataSetMetadata, MultiBlockMetadata or None
        What the file says of it.
    """

    def __init__(self, reader: Reader, prefix: str, uid: str, documents: dict[str, str], known: dict[str, Any]) -> None:
        self._reader = reader
        self._prefix = prefix
        self.uid = uid
        self._children: list[Block] = []
        if uid not in known:
            known[uid] = None if prefix not in documents else of_document(documents[prefix])
        self.dataset_metadata: Metadata | None = known[uid]
        meta = self.dataset_metadata
        if isinstance(meta, MultiBlockMetadata):
            for i, child in enumerate(meta.children):
                self._children.append(Block(reader, f"{prefix}blocks/{i}/", child, documents, known))
            meta.children_ds = {child.uid: child.dataset_metadata for child in self._children}

    def read(self, n_threads: int | None = None) -> Any:
        """Read it, and what it holds."""
        return self._reader._read_node(self._prefix, n_threads)

    def read_array(self, name: str, *, association: Association) -> np.ndarray:
        """Read one array.

        Raises
        ------
        ValueError
            For an association that is none.
        TypeError
            For point and cell arrays of what is no dataset.
        KeyError
            Where there is no such array.
        """
        if association not in ASSOCIATIONS:
            raise ValueError(f"association must be one of {ASSOCIATIONS}, not {association!r}")
        meta = self.dataset_metadata
        has_fields_alone = isinstance(meta, MultiBlockMetadata) and association == "field"
        if not (isinstance(meta, DataSetMetadata) or has_fields_alone):
            raise TypeError(f"Only dataset blocks have {association} arrays; index down to one of them")
        keys = getattr(meta, f"{association}_data_keys")
        if name not in keys:
            raise KeyError(_missing(meta, name, association))
        return self._reader._array(f"{self._prefix}{association}_data/{name}")

    def __getitem__(self, index: int) -> Block:
        if not isinstance(self.dataset_metadata, MultiBlockMetadata):
            raise TypeError("Only MultiBlock nodes are indexable.")
        return self._children[index]

    def __len__(self) -> int:
        if not isinstance(self.dataset_metadata, MultiBlockMetadata):
            raise TypeError("Only MultiBlock nodes have a length.")
        return len(self._children)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, before: str = "", is_last: bool = True) -> list[str]:
        """The tree as text."""
        meta = self.dataset_metadata
        words = "None"
        if isinstance(meta, MultiBlockMetadata):
            fields = f", field arrays: {', '.join(meta.field_data_keys)}" if meta.field_data_keys else ""
            words = f"MultiBlock(children={len(self._children)}{fields})"
        elif meta is not None:
            words = meta.ds_type
        lines = [f"{before}{'└─' if is_last else '├─'} {words}"]
        inner = before + ("   " if is_last else "│  ")
        for i, child in enumerate(self._children):
            lines.extend(child.lines(inner, i == len(self._children) - 1))
        return lines


def _missing(meta: Metadata | None, name: str, association: str) -> str:
    for other in ASSOCIATIONS:
        if name in getattr(meta, f"{other}_data_keys", {}):
            return f"{association} array {name!r} not found: {name!r} is a {other} array"
    there = sorted(getattr(meta, f"{association}_data_keys"))
    return f"{association} array {name!r} not found; available: {there}"


def root(reader: Reader, documents: dict[str, str]) -> Block:
    """The tree of a file."""
    uid = of_document(documents[""]).uid
    return Block(reader, "", uid, documents, {NO_BLOCK: None})
