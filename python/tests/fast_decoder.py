"""A decoder of the filter `fast`, written from docs/FORMAT.md and nothing else, with numpy alone."""

import numpy as np
import paged_decoder
from paged_decoder import Bytes, check

BLOCK = 1024


def block_lengths(n):
    return [min(BLOCK, n - start) for start in range(0, n, BLOCK)]


def unpacked(stored, m, width, bits, base):
    """The `m` words of a packed block, of `bits` bits each."""
    columns = BLOCK // bits
    rows = -(-m // columns)
    strings = stored.reshape(-1, columns).astype(object)
    out = np.empty((rows, columns), object)
    for row in range(rows):
        j, shift = divmod(row * width, bits)
        found = strings[j] >> shift if width else np.zeros(columns, object)
        if shift + width > bits:
            found = found | strings[j + 1] << (bits - shift)
        out[row] = (found & ((1 << width) - 1)) + base & ((1 << bits) - 1)
    return out.reshape(-1)[:m].astype(stored.dtype)


def patched(source, n, block, size):
    """Reads `n` places and `n` words, and puts them into a block."""
    places = source.words(n, 2)
    check(np.all(np.diff(places.astype(int)) > 0) and (n == 0 or places[-1] < len(block)), "places")
    block[places] = source.words(n, size)


def packed(source, n, size):
    lengths = block_lengths(n)
    entries = [(int(source.words(1, size)[0]), source.u8(), int(source.words(1, 2)[0])) for _ in lengths]
    out = [np.empty(0, f"<u{size}")]
    bits = 8 * size
    for m, (base, width, n_patches) in zip(lengths, entries):
        check(width <= bits and n_patches <= m, "width or patches")
        rows = -(-m // (BLOCK // bits))
        words = source.words(-(-rows * width // bits) * (BLOCK // bits), size)
        block = unpacked(words, m, width, bits, base)
        patched(source, n_patches, block, size)
        out.append(block)
    return np.concatenate(out)


def bit_fields(source, n):
    """Lengths or gaps."""
    width = source.u8()
    check(width <= 16, "a width of lengths")
    stored = np.frombuffer(source.take(-(-n * width // 8)), "u1")
    bits = np.unpackbits(stored, bitorder="little")
    check(not bits[n * width :].any(), "bits behind the last length")
    return bits[: n * width].reshape(n, width) @ (1 << np.arange(width))


class Scheme:
    """A scheme of the metadata, which reads pages."""

    def __init__(self, meta, size, is_float, order, depth=0, below=()):
        check(depth < 8, "too deep")
        self.size, self.kind, self.inner = size, meta.u8(), []
        check(self.kind <= 10, "an unknown scheme")
        check(self.kind not in (3, 5) or is_float, "a scheme of floats")
        check(self.kind != 6 or depth == 0, "split below the top")
        holds_words = {7, 8, 10}
        check(self.kind not in holds_words or not holds_words & set(below), "steps below one another")
        n_inner, inner_order = 1, order
        if self.kind in (0, 1):
            n_inner = 0
        elif self.kind in (2, 3):
            inner_order = {2: "signed", 3: "unsigned"}[self.kind]
        elif self.kind == 4:
            n_inner = 0
            self.read_dictionary(meta, order)
        elif self.kind == 5:
            self.e, self.f = meta.u8(), meta.u8()
            check(size in (4, 8) and self.f <= self.e <= {4: 10, 8: 18}[size], "exponents")
            inner_order = "signed"
        elif self.kind == 6:
            n_inner = meta.u8()
            check(2 <= n_inner <= 16, "components")
        elif self.kind == 8:
            self.common = meta.words(1, size)[0]
        elif self.kind == 9:
            n_inner = 0
            self.read_heads(meta)
        elif self.kind == 10:
            self.row = int(meta.words(1, 4)[0])
            check(self.row >= 1, "a row of no words")
            inner_order = "signed"
        # Below a step that makes whole numbers of floats there are no floats.
        are_floats = is_float and self.kind not in (2, 3, 5)
        for _ in range(n_inner):
            self.inner.append(Scheme(meta, size, are_floats, inner_order, depth + 1, (*below, self.kind)))

    def read_dictionary(self, meta, order):
        n = int(meta.words(1, 4)[0])
        check(1 <= n <= 65_536, "values of a dictionary")
        self.values = delta(meta, n, self.size, lambda source, n: packed(source, n, self.size))
        numbers = self.values.view({"signed": f"<i{self.size}", "unsigned": f"<u{self.size}"}.get(order, order))
        if numbers.dtype.kind != "f":
            check(np.all(numbers[:-1] < numbers[1:]), "a dictionary that does not ascend")

    def read_heads(self, meta):
        bits, n = meta.u8(), meta.u8()
        check(1 <= bits <= 16 and bits < 8 * self.size and 1 <= n <= 8, "heads")
        heads = meta.words(n, 2).astype(int)
        check(np.all(np.diff(heads) > 0) and heads[-1] < 1 << bits, "heads that do not ascend")
        self.values = (heads.astype("<u8") << np.uint64(8 * self.size - bits)).astype(f"<u{self.size}")

    def page(self, source, n):
        """The `n` words of a page."""
        size, lengths = self.size, block_lengths(n)
        if self.kind == 0:
            return source.words(n, size).copy()
        if self.kind == 1:
            return packed(source, n, size)
        if self.kind == 2:
            return delta(source, n, size, self.inner[0].page)
        if self.kind == 3:
            words = self.inner[0].page(source, n)
            top = words.dtype.type(1 << (8 * size - 1))
            return np.where(words & top, words ^ top, ~words)
        if self.kind == 4:
            places = packed(source, n, 2)
            check(n == 0 or places.max() < len(self.values), "a place outside of its dictionary")
            return self.values[places]
        if self.kind == 5:
            counts = source.words(len(lengths), 2)
            words = self.decimals(self.inner[0].page(source, n))
            for i, (m, count) in enumerate(zip(lengths, counts)):
                patched(source, int(count), words[i * BLOCK : i * BLOCK + m], size)
            return words
        if self.kind == 9:
            counts = source.words(len(lengths), 2)
            places = packed(source, n, 2)
            check(n == 0 or places.max() < len(self.values), "a place outside of the heads")
            words = self.values[places] + packed(source, n, size)
            for i, (m, count) in enumerate(zip(lengths, counts)):
                patched(source, int(count), words[i * BLOCK : i * BLOCK + m], size)
            return words
        if self.kind == 10:
            first = source.words(min(n, 1), size)
            words = self.inner[0].page(source, n)
            words[:1] += first
            words[: self.row] = words[: self.row].cumsum(dtype=words.dtype)
            for start in range(self.row, n, self.row):
                row = words[start : start + self.row]
                row += words[start - self.row : start - self.row + len(row)]
            return words
        if self.kind == 6:
            return self.components(source, n)
        return self.repeats(source, lengths)

    def decimals(self, words):
        up, down = float(f"1e{self.f}"), float(f"1e-{self.e}")
        with np.errstate(all="ignore"):
            if self.size == 4:
                floats = words.view("<i4").astype("<f4") * np.float32(up) * np.float32(down)
            else:
                whole = (words + np.uint64(0x4338000000000000)).view("<f8") - 6755399441055744.0
                floats = whole * up * down
        return floats.view(words.dtype).copy()

    def components(self, source, n):
        k, phase = len(self.inner), source.u8()
        check(phase < k, "a phase")
        of = (phase + np.arange(n)) % k
        words = np.empty(n, f"<u{self.size}")
        for component, scheme in enumerate(self.inner):
            own = of == component
            words[own] = scheme.page(source, int(own.sum()))
        return words

    def repeats(self, source, lengths):
        counts = source.words(len(lengths), 2).astype(int)
        total = int(counts.sum())
        values = self.inner[0].page(source, total)
        places = bit_fields(source, total)
        out, first = [np.empty(0, values.dtype)], 0
        for m, count in zip(lengths, counts):
            own = slice(first, first + count)
            first += count
            if self.kind == 7:
                check(count >= 1, "a block of no runs")
                block = np.repeat(values[own], places[own] + 1)
                check(len(block) == m, "runs that are not as long as their block")
            else:
                at = np.cumsum(places[own] + 1) - 1
                check(count == 0 or at[-1] < m, "words behind the end of their block")
                block = np.full(m, self.common)
                block[at] = values[own]
            out.append(block)
        return np.concatenate(out)


def delta(source, n, size, page):
    firsts = source.words(len(block_lengths(n)), size)
    words = page(source, n)
    for i, m in enumerate(block_lengths(n)):
        block = words[i * BLOCK : i * BLOCK + m]
        block[:] = np.concatenate([firsts[i : i + 1], block[:-1]]).cumsum(dtype=words.dtype)
    return words


def scheme(meta, name, header):
    """The scheme of a chunk of numbers."""
    check(header == b"\1", "a version")
    order = {"u": "unsigned", "i": "signed", "f": f"<{name}"}[name[0]]
    return Scheme(meta, int(name[1]), name[0] == "f", order)


def decode(payload):
    """The numbers of an array without nulls, as one axis."""
    return paged_decoder.decode(payload, scheme)


def payloads(file):
    """The payloads of the filter in a `.pv`, in their order."""
    return paged_decoder.payloads(file, 1)
