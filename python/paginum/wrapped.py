"""The engine: a header, chunks of numbers, and their pages, whose bytes a caller keeps where he likes.

Examples
--------
>>> import numpy as np
>>> from paginum.wrapped import ChunkConfig, FileCompressor, FileDecompressor, PagingSpec
>>> numbers = np.arange(100_000) // 3
>>> file = FileCompressor()
>>> chunk = file.chunk_compressor(numbers, ChunkConfig(paging_spec=PagingSpec.equal_pages_up_to(25_000)))
>>> header, meta = file.write_header(), chunk.write_meta()
>>> pages = [chunk.write_page(i) for i in range(len(chunk.n_per_page()))]
>>> reader, _ = FileDecompressor.new(header)
>>> chunk, _ = reader.chunk_decompressor(meta, numbers.dtype)
>>> third = np.empty(25_000, numbers.dtype)
>>> progress, n_bytes = chunk.read_page_into(pages[2], 25_000, third)
>>> bool((third == numbers[50_000:75_000]).all()), progress.finished, n_bytes == len(pages[2])
(True, True, True)

Rows of a page, from the checkpoint before them on:

>>> index = chunk.index_page(pages[2], 25_000)
>>> rows = np.empty(3, numbers.dtype)
>>> chunk.read_rows_into(pages[2], 25_000, index, 20_000, rows)
>>> rows
array([23333, 23333, 23334])
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from ._config import ChunkConfig, DeltaSpec, ModeSpec, PagingSpec, Progress, options_of
from ._elements import as_array, bytes_like, bytes_of

__all__ = [
    "ChunkCompressor",
    "ChunkConfig",
    "ChunkDecompressor",
    "DeltaSpec",
    "FileCompressor",
    "FileDecompressor",
    "ModeSpec",
    "PagingSpec",
    "Progress",
    "RowIndex",
]


class FileCompressor:
    """Compresses chunks for one file."""

    def __init__(self) -> None:
        self._inner = _core.FileCompressor()

    def write_header(self) -> bytes:
        """The header of the file."""
        return self._inner.write_header()

    def chunk_compressor(self, numbers: npt.ArrayLike, config: ChunkConfig | None = None) -> ChunkCompressor:
        """Choose how a chunk is compressed.

        Parameters
        ----------
        numbers : array-like
            1 to 2^24 integers or floats of 8 to 64 bits, of any shape and order; they are taken in C order.
        config : ChunkConfig, optional
            How.

        Raises
        ------
        InvalidArgumentError
            For no numbers, too many, or a configuration that does not fit them.
        UnsupportedError
            For elements that are no numbers.
        """
        config = config or ChunkConfig()
        array = native(as_array(numbers))
        options = options_of(config.level, config.mode_spec, config.delta_spec, config.paging_spec)
        return ChunkCompressor(self._inner.chunk_compressor(bytes_of(array), array.dtype.str, options))


class ChunkCompressor:
    """A chunk, ready to be written: its metadata once, its pages in any order, by any thread."""

    def __init__(self, inner: _core.ChunkCompressor) -> None:
        self._inner = inner

    def n_per_page(self) -> list[int]:
        """How many numbers each page holds: its bytes do not say it."""
        return self._inner.n_per_page()

    def write_meta(self) -> bytes:
        """The metadata of the chunk."""
        return self._inner.write_chunk_meta()

    def write_page(self, page: int) -> bytes:
        """A page.

        Raises
        ------
        InvalidArgumentError
            If there is no such page.
        """
        return self._inner.write_page(page)

    def write_page_indexed(self, page: int) -> tuple[bytes, RowIndex]:
        """A page and its row index."""
        bytes_, index = self._inner.write_page_indexed(page)
        return bytes_, RowIndex(index)


class FileDecompressor:
    """Decompresses chunks after a header."""

    def __init__(self, inner: _core.FileDecompressor) -> None:
        self._inner = inner

    @staticmethod
    def new(src: Any) -> tuple[FileDecompressor, int]:
        """Read a header at the start of `src`, and return how many bytes it took.

        Raises
        ------
        TruncatedError, UnsupportedError
            For bytes that are no header, or one of a later format.
        """
        inner, n_bytes = _core.FileDecompressor.new(bytes_like(src))
        return FileDecompressor(inner), n_bytes

    def chunk_decompressor(self, src: Any, dtype: npt.DTypeLike) -> tuple[ChunkDecompressor, int]:
        """Read the metadata of a chunk at the start of `src`, and return how many bytes it took.

        Parameters
        ----------
        src : bytes-like
            From the metadata on.
        dtype : dtype-like
            Of the numbers: the metadata does not say it.
        """
        dtype = np.dtype(dtype)
        inner, n_bytes = self._inner.chunk_decompressor(bytes_like(src), dtype.newbyteorder("=").str)
        return ChunkDecompressor(inner, dtype), n_bytes


class ChunkDecompressor:
    """Decompresses the pages of one chunk. Threads can share it."""

    def __init__(self, inner: _core.ChunkDecompressor, dtype: np.dtype) -> None:
        self._inner = inner
        self.dtype = dtype

    def read_page_into(self, src: Any, page_n: int, dst: np.ndarray) -> tuple[Progress, int]:
        """Decode a page at the start of `src`.

        Parameters
        ----------
        src : bytes-like
            From the page on.
        page_n : int
            The numbers of the page.
        dst : ndarray
            Of the dtype and any length and stride: a shorter one gets the first numbers, of a longer one the first `page_n` are
            written.

        Returns
        -------
        Progress, int
            How far that came, and how many bytes it took.

        Raises
        ------
        CorruptDataError, TruncatedError
            For damaged bytes; `dst` may then hold anything.
        """
        target, buffer = self._buffer(dst)
        n, finished, n_bytes = self._inner.read_page_into(bytes_like(src), page_n, bytes_of(buffer))
        if buffer is not target:
            target[:n] = buffer[:n]
        return Progress(n, finished), n_bytes

    def index_page(self, src: Any, page_n: int) -> RowIndex:
        """Find where decoding of a page may begin, in one pass over it."""
        return RowIndex(self._inner.index_page(bytes_like(src), page_n))

    def read_rows_into(self, src: Any, page_n: int, index: RowIndex, start: int, dst: np.ndarray) -> None:
        """Decode the rows of a page from `start` on, as many as `dst` takes, from the checkpoint before them on."""
        target, buffer = self._buffer(dst)
        self._inner.read_rows_into(bytes_like(src), page_n, index._inner, start, bytes_of(buffer))
        if buffer is not target:
            target[...] = buffer

    def _buffer(self, dst: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`dst`, and an array that the extension can write to: the same one where that is possible."""
        if not isinstance(dst, np.ndarray) or dst.dtype.newbyteorder("=") != self.dtype.newbyteorder("="):
            raise TypeError(f"dst must be an array of dtype {self.dtype}")
        if not dst.flags.writeable:
            raise ValueError("dst is read-only")
        if dst.flags.c_contiguous and dst.dtype.isnative and dst.flags.aligned:
            return dst, dst
        if dst.ndim != 1:
            raise ValueError("dst has several axes and is not contiguous")
        return dst, np.empty(len(dst), dst.dtype.newbyteorder("="))


class RowIndex:
    """Where decoding may begin within a page. ``bytes(index)`` can be stored."""

    def __init__(self, inner: _core.RowIndex) -> None:
        self._inner = inner

    @staticmethod
    def from_bytes(src: Any) -> RowIndex:
        """Read one.

        Raises
        ------
        CorruptDataError, TruncatedError
            For bytes that are none.
        """
        return RowIndex(_core.RowIndex.from_bytes(bytes_like(src))[0])

    @property
    def spacing(self) -> int:
        """Numbers between two checkpoints."""
        return self._inner.spacing

    @property
    def n_checkpoints(self) -> int:
        """How many checkpoints there are."""
        return self._inner.n_checkpoints

    def __bytes__(self) -> bytes:
        return bytes(self._inner)

    def __reduce__(self) -> tuple[Any, ...]:
        return (RowIndex.from_bytes, (bytes(self),))


def native(array: np.ndarray) -> np.ndarray:
    """The array in C order and this machine's byte order, aligned."""
    return np.require(array, array.dtype.newbyteorder("="), ["C", "ALIGNED"])
