import pathlib
from collections.abc import Callable, Sequence
from typing import Any, final

import numpy as np
import numpy.typing as npt

from ._errors import Error

__all__ = [
    "ChunkCompressor",
    "ChunkDecompressor",
    "File",
    "FileCompressor",
    "FileDecompressor",
    "RowIndex",
    "__version__",
    "append",
    "convert",
    "format_traits",
    "formats",
    "gnz_finalize",
    "gnz_reserve",
    "main",
    "payload_encode",
    "payload_open",
    "payload_open_ranges",
    "pv_layout",
    "pv_layout_of_bytes",
    "read_thumbnail",
    "read_thumbnail_of_bytes",
    "remove",
    "save",
    "save_tree",
    "standalone_compress",
    "standalone_fill",
    "standalone_info",
    "standalone_read",
    "store_read",
    "store_write",
]
__version__: str

_Bytes = npt.NDArray[np.uint8]
_Place = str | pathlib.Path
_Told = Callable[[int, int], object] | None
_Layout = tuple[list[str], list[list[int]], str, list[tuple[str, int]]]
_Written = tuple[bytes | None, int, list[str]]

def main(arguments: Sequence[str]) -> int: ...
def formats() -> list[tuple[str, list[str]]]: ...
def format_traits(name: str) -> dict[str, bool]: ...
def save(
    place: _Place | None,
    arrays: list[dict[str, Any]],
    options: dict[str, Any],
    *,
    may_replace: bool,
    format: str | None,
    n_threads: int,
    progress: _Told,
) -> _Written: ...
def append(
    place: _Place,
    arrays: list[dict[str, Any]],
    options: dict[str, Any],
    *,
    may_replace: bool,
    is_staged: bool,
    n_threads: int,
    progress: _Told,
) -> list[str]: ...
def remove(place: _Place, names: list[str], options: dict[str, Any], is_staged: bool) -> list[str]: ...
def convert(
    file: File,
    arrays: list[tuple[int, str]],
    place: _Place | None,
    options: dict[str, Any],
    *,
    may_replace: bool,
    format: str | None,
    n_threads: int,
    progress: _Told,
) -> _Written: ...
def gnz_reserve(
    path: pathlib.Path,
    metadata: str,
    arrays: list[dict[str, Any]],
    room: Sequence[tuple[str, str, Sequence[int]]],
) -> list[int]: ...
def gnz_finalize(path: pathlib.Path) -> None: ...
def store_read(
    place: str | pathlib.Path, max_bytes: int | None = None, options: dict[str, Any] | None = None
) -> bytes: ...
def store_write(place: str | pathlib.Path, parts: Sequence[bytes | bytearray]) -> None: ...
def standalone_compress(data: _Bytes, dtype: str, options: dict[str, Any], *, n_threads: int) -> bytes: ...
def standalone_info(data: _Bytes) -> tuple[str | None, int]: ...
def standalone_fill(src: bytes, out: object) -> tuple[int, bool] | None: ...
def standalone_read(
    data: _Bytes, dtype: str, out: _Bytes | None = None, *, max_bytes: int | None = None
) -> Any: ...

def save_tree(
    place: _Place | None,
    steps: list[dict[str, Any]],
    options: dict[str, Any],
    *,
    thumbnail: bytes | None,
    may_replace: bool,
    n_threads: int,
    progress: _Told,
) -> tuple[bytes | None, list[str]]: ...
def pv_layout(place: _Place) -> _Layout: ...
def pv_layout_of_bytes(bytes: bytes) -> _Layout: ...
def read_thumbnail(place: _Place) -> tuple[int, int, bytes, bool] | None: ...
def read_thumbnail_of_bytes(bytes: bytes) -> tuple[int, int, bytes, bool] | None: ...
def payload_encode(
    data: _Bytes, dtype: str, shape: Sequence[int], *, level: int, page_numbers: int, n_threads: int
) -> bytes: ...
def payload_open(
    payload: bytes, dtype: str, shape: Sequence[int], *, filter: str = "numeric", identity: str | None = None
) -> File: ...
def payload_open_ranges(
    fetch: Callable[[list[tuple[int, int]]], list[bytes]],
    n_bytes: int,
    dtype: str,
    shape: Sequence[int],
    *,
    filter: str = "numeric",
    identity: str | None = None,
) -> File: ...

@final
class File:
    @staticmethod
    def open_url(url: str, max_bytes: int | None, options: dict[str, Any] | None = None) -> File: ...
    @staticmethod
    def open_path(path: pathlib.Path, max_bytes: int | None, options: dict[str, Any] | None = None) -> File: ...
    @staticmethod
    def open_bytes(
        bytes: bytes, name: str | None, max_bytes: int | None, options: dict[str, Any] | None = None
    ) -> File: ...
    @staticmethod
    def open_ranges(
        fetch: Callable[[list[tuple[int, int]]], list[bytes]],
        n_bytes: int,
        is_distant: bool,
        version: str | None,
        name: str | None,
        max_bytes: int | None,
    ) -> File: ...
    @property
    def format(self) -> str: ...
    @property
    def version(self) -> str | None: ...
    def __len__(self) -> int: ...
    def names(self) -> list[str]: ...
    def find(self, name: str) -> int: ...
    def entry(self, index: int) -> dict[str, Any]: ...
    def prefetch_entries(self) -> None: ...
    def notes(self) -> list[str]: ...
    def documents(self) -> list[tuple[str, str]]: ...
    def check_bytes(self, n_bytes: int) -> None: ...
    def select_into(
        self,
        index: int,
        axes: Sequence[tuple[int, int, int]],
        out: _Bytes,
        *,
        n_threads: int,
        progress: _Told,
    ) -> None: ...
    def select_bytes(self, index: int, axes: Sequence[tuple[int, int, int]], *, n_threads: int) -> bytes: ...
    def rows_into(self, index: int, rows: npt.NDArray[np.uint64], out: _Bytes, *, n_threads: int) -> None: ...
    def validity(self, index: int) -> bytes | None: ...
    def page_rows(self, index: int) -> int: ...
    def ranges(self, index: int, start: int, stop: int) -> list[tuple[int, int]]: ...
    def verify(self, index: int | None, *, n_threads: int) -> None: ...
    def faults(self, *, n_threads: int) -> list[Error]: ...

@final
class FileCompressor:
    def __new__(cls) -> FileCompressor: ...
    def write_header(self) -> bytes: ...
    def chunk_compressor(self, data: _Bytes, dtype: str, options: dict[str, Any]) -> ChunkCompressor: ...

@final
class ChunkCompressor:
    def n_per_page(self) -> list[int]: ...
    def write_chunk_meta(self) -> bytes: ...
    def write_page(self, page: int) -> bytes: ...
    def write_page_indexed(self, page: int) -> tuple[bytes, RowIndex]: ...

@final
class FileDecompressor:
    @staticmethod
    def new(src: _Bytes) -> tuple[FileDecompressor, int]: ...
    def chunk_decompressor(self, src: _Bytes, dtype: str) -> tuple[ChunkDecompressor, int]: ...

@final
class ChunkDecompressor:
    def read_page_into(self, src: _Bytes, page_n: int, dst: _Bytes) -> tuple[int, bool, int]: ...
    def index_page(self, src: _Bytes, page_n: int) -> RowIndex: ...
    def read_rows_into(self, src: _Bytes, page_n: int, index: RowIndex, start: int, dst: _Bytes) -> None: ...

@final
class RowIndex:
    @staticmethod
    def from_bytes(src: _Bytes) -> tuple[RowIndex, int]: ...
    def __bytes__(self) -> bytes: ...
    @property
    def spacing(self) -> int: ...
    @property
    def n_checkpoints(self) -> int: ...
