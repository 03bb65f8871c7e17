"""Chunks and pages, whose bytes a caller keeps where he likes."""

from __future__ import annotations

import numpy as np

from ... import wrapped as _wrapped
from ..._config import ChunkConfig as _OwnConfig
from ..._config import Progress
from ._common import TYPES, ChunkConfig, check_8_bit, errors, flat

__all__ = ["ChunkCompressor", "ChunkDecompressor", "FileCompressor", "FileDecompressor"]


class FileCompressor:
    """Compresses chunks for one file."""

    def __init__(self) -> None:
        self._inner = _wrapped.FileCompressor()

    def write_header(self) -> bytes:
        """The header of the file."""
        return self._inner.write_header()

    def chunk_compressor(self, src: np.ndarray, config: ChunkConfig) -> ChunkCompressor:
        """Choose how a chunk is compressed.

        Raises
        ------
        TypeError
            For an array that is no contiguous one of numbers of one axis.
        RuntimeError
            For a configuration that does not fit.
        """
        array = flat(src)
        check_8_bit(array, config)
        own = _OwnConfig(config.compression_level, config.mode_spec, config.delta_spec, config.paging_spec)
        with errors():
            return ChunkCompressor(self._inner.chunk_compressor(array, own))


class ChunkCompressor:
    """A chunk, ready to be written."""

    def __init__(self, inner: _wrapped.ChunkCompressor) -> None:
        self._inner = inner

    def write_meta(self) -> bytes:
        """The metadata of the chunk."""
        return self._inner.write_meta()

    def n_per_page(self) -> list[int]:
        """The numbers of each page."""
        return self._inner.n_per_page()

    def write_page(self, page_idx: int) -> bytes:
        """A page.

        Raises
        ------
        RuntimeError
            If there is no such page.
        """
        n_pages = len(self._inner.n_per_page())
        if page_idx >= n_pages:
            raise RuntimeError(
                f"pco error: pco InvalidArgument error: page idx exceeds num pages ({page_idx} >= {n_pages})"
            )
        with errors():
            return self._inner.write_page(page_idx)


class FileDecompressor:
    """Decompresses chunks after a header."""

    def __init__(self, inner: _wrapped.FileDecompressor) -> None:
        self._inner = inner

    @staticmethod
    def new(src: bytes) -> tuple[FileDecompressor, int]:
        """Read a header, and return how many bytes it took.

        Raises
        ------
        RuntimeError
            For bytes that are none.
        """
        with errors():
            inner, n_bytes = _wrapped.FileDecompressor.new(src)
        return FileDecompressor(inner), n_bytes

    def chunk_decompressor(self, src: bytes, dtype: str) -> tuple[ChunkDecompressor, int]:
        """Read the metadata of a chunk of numbers of a type such as ``"f32"``, and return how many bytes it took.

        Raises
        ------
        RuntimeError
            For damaged bytes, and types that there are not.
        """
        bits = dtype[1:]
        spelled = f"{dtype[:1].lower()}{int(bits) // 8}" if bits.isdecimal() else ""
        if spelled not in TYPES:
            raise RuntimeError(f"unknown data type: {dtype}")
        with errors():
            inner, n_bytes = self._inner.chunk_decompressor(src, spelled)
        return ChunkDecompressor(inner), n_bytes


class ChunkDecompressor:
    """Decompresses the pages of one chunk."""

    def __init__(self, inner: _wrapped.ChunkDecompressor) -> None:
        self._inner = inner

    def read_page_into(self, src: bytes, page_n: int, dst: np.ndarray) -> tuple[Progress, int]:
        """Decode a page into an array of any length, and return how far that came and how many bytes it took.

        Raises
        ------
        TypeError
            For an array that is no contiguous one of numbers of one axis.
        RuntimeError
            For damaged bytes, and an array of another type.
        """
        array = flat(dst)
        if array.dtype != self._inner.dtype:
            raise RuntimeError(f"data type of {array.dtype} does not match the chunk's of {self._inner.dtype}")
        with errors():
            return self._inner.read_page_into(src, page_n, array)
