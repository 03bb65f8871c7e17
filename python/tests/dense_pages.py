"""Pages of the filter ``dense``, decoded from what ``docs/FORMAT.md`` says of them, and by nothing of paginum.

Streams are pco's, and decoded by the package pcodec.
"""

from __future__ import annotations

import struct

import numpy as np
from pcodec import wrapped

FRAME = 0x184D2A5B
TYPES = {1: "u32", 2: "u64", 3: "i32", 4: "i64", 5: "f32", 6: "f64", 7: "u16", 8: "i16", 9: "f16", 10: "u8", 11: "i8"}


class Bytes:
    """Fields, one after another."""

    def __init__(self, content: bytes):
        self.content, self.at = content, 0

    def take(self, n: int) -> bytes:
        taken = self.content[self.at : self.at + n]
        assert len(taken) == n
        self.at += n
        return taken

    def u8(self) -> int:
        return self.take(1)[0]

    def varint(self) -> int:
        number, shift = 0, 0
        while True:
            byte = self.u8()
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    def word(self, dtype: np.dtype) -> int:
        return int(np.frombuffer(self.take(dtype.itemsize), dtype)[0])


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
            self.far = meta.varint()
        if self.step == 2:
            self.near, self.far = meta.varint(), meta.varint()
        bits, literal, self.values = int(kind[1:]), kind, None
        if has_dictionary:
            n = meta.varint()
            self.values = Stream(engine, kind, meta).page(meta, n)
            bits = 8 if n <= 256 else 16 if n <= 65536 else 32
            literal = f"u{bits}"
        self.word = np.dtype(f"u{bits // 8}")
        if self.step:
            self.first, literal = meta.word(self.word), f"i{bits}"
        self.parts = []
        if self.has_matches and meta.u8():
            self.parts = [Stream(engine, "u32", meta) for _ in range(3)]
        self.literals = Stream(engine, literal, meta)

    def page(self, page: Bytes, n: int) -> np.ndarray:
        if self.has_matches:
            n_sequences, n_literals = page.varint(), page.varint()
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


def frames(content: bytes):
    """Bodies of the frames of the first payload of a file."""
    at = content.index(struct.pack("<I", FRAME))
    while True:
        magic, length = struct.unpack_from("<II", content, at)
        assert magic == FRAME
        body = content[at + 8 : at + 8 + length]
        yield body
        if body[0] == 3:
            return
        at += 8 + length


def decoded(content: bytes) -> np.ndarray:
    """The numbers of the only array of a ``.pv`` file, stored by ``dense`` and without nulls."""
    bodies = frames(content)
    head = next(bodies)
    kind = TYPES[head[2]]
    page_numbers, rows, row_numbers = struct.unpack_from("<I", head, 8)[0], *struct.unpack_from("<QQ", head, 16)
    header = head[33 : 33 + head[32]]
    assert head[:2] == b"\x00\x01" and header[0] == 1
    engine, _ = wrapped.FileDecompressor.new(header[1:])
    in_page = page_numbers // row_numbers * row_numbers
    left, numbers, columns = rows * row_numbers, [], []
    for body in bodies:
        if body[0] == 1:
            meta = Bytes(body[5:-4])
            columns = [Column(engine, kind, meta) for _ in range(meta.u8())]
            assert meta.at == len(meta.content)
        if body[0] == 2:
            page, n, k = Bytes(body[1:]), min(in_page, left), len(columns)
            phase = page.u8() if k > 1 else 0
            out = np.zeros(n, np.dtype(f"{kind[0]}{int(kind[1:]) // 8}"))
            for component, column in enumerate(columns):
                first = (component - phase) % k
                own = out[first::k]
                own[:] = column.page(page, len(own)).view(out.dtype)
            assert page.at == len(page.content)
            numbers.append(out)
            left -= n
    assert left == 0
    return np.concatenate(numbers)
