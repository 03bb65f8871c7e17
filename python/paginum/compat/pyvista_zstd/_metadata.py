"""What a file says of itself and of its datasets."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

#: The newest version of the format.
FILE_VERSION = 3
FILE_VERSION_UNFILTERED = 0
FILE_VERSION_SHUFFLE = 1
FILE_VERSION_FIXED_WIDTH_CELLS = 2
FILE_VERSION_MULTIBLOCK_FIELD_DATA = 3
FILE_VERSION_EXPLICIT_STRUCTURED_GRID = 3
FILE_VERSION_STRUCTURED_EXTENT_OFFSET = 3

#: How releases before 0.6 spelled the type of points.
_OLD_DTYPES = {"<class 'numpy.float32'>": "float32", "<class 'numpy.float64'>": "float64"}


@dataclass(slots=True)
class ArrayInfo:
    """Shape and dtype of an array."""

    shape: tuple[int, ...]
    dtype: str


Keys = dict[str, ArrayInfo]


class _Document:
    """What every document can."""

    @classmethod
    def from_json(cls, s: str) -> Any:
        """Make it of its JSON. Members that are not known are left out."""
        raw = json.loads(s)
        known = {f.name: raw[f.name] for f in fields(cls) if f.name in raw}  # type: ignore[arg-type]
        for name, value in known.items():
            if name.endswith("_data_keys"):
                known[name] = {
                    key: ArrayInfo(tuple(info["shape"]), info["dtype"]) for key, info in (value or {}).items()
                }
            elif name in ("dimensions", "origin", "spacing", "offset") and value is not None:
                known[name] = tuple(value)
        if "points_dtype" in known:
            known["points_dtype"] = _OLD_DTYPES.get(known["points_dtype"], known["points_dtype"])
        return cls(**known)

    @classmethod
    def from_array(cls, arr: np.ndarray) -> Any:
        """Make it of the bytes of its JSON."""
        return cls.from_json(np.asarray(arr, np.uint8).tobytes().decode())

    def to_json(self) -> str:
        """Its JSON."""
        return json.dumps(self._members(), separators=(",", ":"))

    def to_array(self) -> np.ndarray:
        """The bytes of its JSON."""
        return np.frombuffer(self.to_json().encode(), np.uint8)

    def _members(self) -> dict[str, Any]:
        return asdict(self)  # type: ignore[call-overload]


@dataclass
class ZstdFileMetadata(_Document):
    """What a file says of itself."""

    frame_names: list[str]
    compression_level: int
    compression: str = "zstandard"
    file_version: int = 0


@dataclass
class DataSetMetadata(_Document):
    """What a file says of one dataset."""

    ds_type: str
    uid: str
    n_points: int
    points_dtype: str | None
    n_cells: int
    celltypes_dtype: str | None
    point_data_keys: Keys = field(default_factory=dict)
    cell_data_keys: Keys = field(default_factory=dict)
    field_data_keys: Keys = field(default_factory=dict)
    fixed_cell_sizes: dict[str, int] = field(default_factory=dict)
    point_data_active_scalars_name: str | None = None
    point_data_active_vectors_name: str | None = None
    point_data_active_texture_coordinates_name: str | None = None
    point_data_active_normals_name: str | None = None
    cell_data_active_scalars_name: str | None = None
    cell_data_active_vectors_name: str | None = None
    cell_data_active_texture_coordinates_name: str | None = None
    cell_data_active_normals_name: str | None = None
    dimensions: tuple[int, int, int] | None = None
    origin: tuple[float, float, float] | None = None
    spacing: tuple[float, float, float] | None = None
    direction_matrix: list[list[float]] | None = None
    offset: tuple[int, int, int] | None = None
    faces_connectivity_flags_array_name: str | None = None

    def _members(self) -> dict[str, Any]:
        members = super()._members()
        if self.faces_connectivity_flags_array_name is None:
            del members["faces_connectivity_flags_array_name"]
        return members


@dataclass
class MultiBlockMetadata(_Document):
    """What a file says of blocks. `children_ds` has what it says of each child, by uid."""

    uid: str
    children: list[str]
    children_keys: list[str]
    children_ds: dict[str, Any] | None = None
    field_data_keys: Keys = field(default_factory=dict)

    ds_type = "MultiBlock"

    def _members(self) -> dict[str, Any]:
        members = super()._members()
        members["children_ds"] = None
        if not self.field_data_keys:
            del members["field_data_keys"]
        return members


Metadata = DataSetMetadata | MultiBlockMetadata


def of_document(text: str) -> Metadata:
    """What a document says, whichever it is."""
    kind = MultiBlockMetadata if "children" in json.loads(text) else DataSetMetadata
    return kind.from_json(text)
