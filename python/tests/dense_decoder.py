"""A decoder of the filter `dense`, written from docs/FORMAT.md; streams are pco's, and decoded by the package pcodec."""

import numpy as np
import paged_decoder
from paged_decoder import Bytes, check
from pcodec import wrapped


def varint(source: Bytes) -> int:
    number, shift, byte = 0, 0, 0x80
    while byte >= 0x80:
        byte = source.u8()
        number |= (byte & 0x7F) << shift
        shift += 7
    return number


class Stream:
    """Numbers of one type, as pco stores them."""

    def __init__(self, engine: wrapped.FileDecompressor, kind: str, meta: Bytes):
        self.kind = kind
        self.chunk, n_bytes = engine.chunk_decompressor(meta.content[meta.at :], kind)
        meta.take(n_bytes)

    def page(self, page: Bytes, n: int) -> np.ndarray:
        numbers = np.zeros(n, np.dtype(f"{self.kind[0]}{int(self.kind[1:]) // 8}"))
        if n:
            _, n_bytes = self.chunk.read_page_into(page.content[page.at :], n, numbers)
            page.take(n_bytes)
        return numbers


class Column:
    """One component of a chunk."""

    def __init__(self, engine: wrapped.FileDecompressor, kind: str, meta: Bytes):
        layers = meta.u8()
        self.step = layers & 7
        self.has_matches, has_dictionary = bool(layers & 8), bool(layers & 16)
        assert layers < 32 and self.step < 3
        self.far = self.near = 0
        if self.step == 1:
            self.far = varint(meta)
        if self.step == 2:
            self.near, self.far = varint(meta), varint(meta)
        bits, literal, self.values = int(kind[1:]), kind, None
        if has_dictionary:
            n = varint(meta)
            self.values = Stream(engine, kind, meta).page(meta, n)
            bits = 8 if n <= 256 else 16 if n <= 65536 else 32
            literal = f"u{bits}"
        self.word = np.dtype(f"u{bits // 8}")
        if self.step:
            self.first, literal = int(meta.words(1, bits // 8)[0]), f"i{bits}"
        self.parts = []
        if self.has_matches and meta.u8():
            self.parts = [Stream(engine, "u32", meta) for _ in range(3)]
        self.literals = Stream(engine, literal, meta)

    def page(self, page: Bytes, n: int) -> np.ndarray:
        if self.has_matches:
            n_sequences, n_literals = varint(page), varint(page)
            parts = [part.page(page, n_sequences) for part in self.parts]
            literals = self.literals.page(page, n_literals).view(self.word)
            residuals = self.expanded(literals.tolist(), *(part.tolist() for part in parts)) if parts else literals
        else:
            residuals = self.literals.page(page, n).view(self.word)
        assert len(residuals) == n
        words = self.summed(residuals) if self.step else np.asarray(residuals, self.word)
        return words if self.values is None else self.values[words]

    @staticmethod
    def expanded(literals: list[int], runs: list[int], lengths: list[int], symbols: list[int]) -> list[int]:
        out, used, recent = [], 0, [1, 2, 3]
        for run, length, symbol in zip(runs, lengths, symbols, strict=True):
            out += literals[used : used + run]
            used += run
            distance = recent.pop(symbol) if symbol < 3 else symbol - 2
            recent = [distance, *recent][:3]
            for _ in range(length + 1):
                out.append(out[-distance])
        return out + literals[used:]

    def summed(self, residuals) -> np.ndarray:
        mask = (1 << self.word.itemsize * 8) - 1
        x: list[int] = []
        for i, residual in enumerate(int(r) for r in residuals):
            near = self.near if self.step == 2 else self.far
            if i == 0:
                before = self.first
            elif i < near:
                before = x[i - 1]
            elif self.step == 1 or i < near + self.far:
                before = x[i - near]
            else:
                before = x[i - near] + x[i - self.far] - x[i - self.far - near]
            x.append((before + residual) & mask)
        return np.array(x, self.word)


class Chunk:
    """Columns side by side."""

    def __init__(self, meta: Bytes, name: str, header: bytes):
        check(header[:1] == b"\1", "a version")
        engine, _ = wrapped.FileDecompressor.new(header[1:])
        kind = f"{name[0]}{int(name[1]) * 8}"
        self.name = name
        self.columns = [Column(engine, kind, meta) for _ in range(meta.u8())]

    def page(self, page: Bytes, n: int) -> np.ndarray:
        k = len(self.columns)
        phase = page.u8() if k > 1 else 0
        words = np.zeros(n, f"<u{self.name[1]}")
        for component, column in enumerate(self.columns):
            own = words[(component - phase) % k :: k]
            own[:] = column.page(page, len(own)).view(words.dtype)
        return words


def decode(payload: bytes) -> np.ndarray:
    """The numbers of an array without nulls, as one axis."""
    return paged_decoder.decode(payload, Chunk)


def payloads(file: bytes):
    """The payloads of the filter in a `.pv`, in their order."""
    return paged_decoder.payloads(file, 3)
