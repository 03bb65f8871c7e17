"""Payloads of chunks and pages, as docs/FORMAT.md says them (filter numeric): what decoders of `fast` and `dense` share.

They know containers as far as they must: `payloads` finds those of a filter in a `.pv`. Checksums are left to the tests of the
product, which know the names that go into them. What is no valid payload is a `ValueError` or an `IndexError`.
"""

import struct

import numpy as np

MAGIC = 0x184D2A5B
# By the byte that names a number type in the parameters.
TYPES = dict(enumerate("u4 u8 i4 i8 f4 f8 u2 i2 f2 u1 i1".split(), 1))


def check(holds, what):
    if not holds:
        raise ValueError(what)


class Bytes:
    """Bytes that are taken from the front."""

    def __init__(self, content):
        self.content, self.at = content, 0

    def take(self, n):
        check(self.at + n <= len(self.content), "bytes end early")
        self.at += n
        return self.content[self.at - n : self.at]

    def u8(self):
        return self.take(1)[0]

    def words(self, n, width):
        return np.frombuffer(self.take(n * width), f"<u{width}")

    def finish(self):
        check(self.at == len(self.content), "bytes are left over")


def frames(payload):
    """The bodies of all frames, by where they start."""
    source, found = Bytes(payload), {}
    while source.at < len(payload):
        magic, length = struct.unpack("<II", source.take(8))
        check(magic == MAGIC, "a frame of another kind")
        start = source.at
        found[start] = source.take(length)
    return found


def decode(payload, open_chunk):
    """The numbers of an array without nulls, as one axis.

    `open_chunk` takes the metadata of a chunk, the type of its numbers and what stands in the parameters for the filter; its `page`
    takes the bytes of a page and how many numbers it holds.
    """
    found = frames(payload)
    bodies = list(found.values())
    head, tail = bodies[0], bodies[-1]
    kind, version, number_type, flags, components, page_numbers, pages_per_chunk, rows, row_numbers, n_header = (
        struct.unpack_from("<BBBBIIIQQB", head)
    )
    check((kind, version, components) == (0, 1, 1) and flags <= 1, "parameters")
    check(len(head) == 37 + n_header, "parameters of another length")
    name, header = TYPES[number_type], head[33 : 33 + n_header]
    kind, n_chunks, n_pages, n_indexes = struct.unpack_from("<IIII", tail)
    check(kind == 3 and n_indexes == 0 and tail[-8:] == b"PGNMDIR1", "a directory")
    check(len(tail) == 16 + 12 * n_chunks + 32 * n_pages + 16, "a directory of another size")
    chunks = []
    for i in range(n_chunks):
        offset, length = struct.unpack_from("<QI", tail, 16 + 12 * i)
        body = found[offset]
        check(len(body) == length and struct.unpack_from("<BI", body) == (1, i), "metadata of another chunk")
        meta = Bytes(body[5:-4])
        chunks.append(open_chunk(meta, name, header))
        meta.finish()
    words = [np.empty(0, f"<u{name[1]}")]
    for i in range(n_pages):
        chunk, _, n, offset, length, _ = struct.unpack_from("<IQIQII", tail, 16 + 12 * n_chunks + 32 * i)
        body = found[offset]
        check(len(body) == length and body[0] == 2, "a page")
        source = Bytes(body[1:])
        words.append(chunks[chunk].page(source, n))
        source.finish()
    numbers = np.concatenate(words)
    check(len(numbers) == rows * row_numbers, "numbers that are not all there")
    return numbers.view(f"<{name}").astype(f"{'>' if flags else '<'}{name}")


def payloads(file, n_header):
    """The payloads in a `.pv` whose filter has so many bytes in the parameters, in their order: 1 are `fast`'s, 2 are pco's, 3 are `dense`'s."""
    (count,) = struct.unpack("<Q", file[-8:])
    index = np.frombuffer(file[-8 - 16 * count : -8], "<u8").reshape(-1, 2)
    start = 0
    for number, end in enumerate(index[:, 0].tolist()):
        payload, start = file[start:end], end
        is_paged = payload[:4] == struct.pack("<I", MAGIC) and payload[8] == 0 and len(payload) > 41
        if number % 2 and is_paged and payload[40] == n_header:
            yield payload
