"""Codecs of zarr 3.

``pcodec`` is found by zarr wherever this package is installed. `register` gives it the name ``numcodecs.pcodec`` as well, which
stock zarr writes and reads: the bytes are the same. ``paginum.numeric`` stores more: checksums, and pages of which a slice of a
remote chunk fetches only those that it needs.

Examples
--------
>>> import numpy as np, zarr, paginum.zarr
>>> array = zarr.create_array(
...     folder / "x.zarr", shape=(1000, 100), chunks=(500, 100), dtype="f4",
...     serializer=paginum.zarr.Numeric(), compressors=None)
>>> array[:] = np.arange(100_000).reshape(1000, 100) / 8
>>> zarr.open_array(folder / "x.zarr")[700, 3:6]
array([8750.375, 8750.5  , 8750.625], dtype=float32)

``compressors=None`` matters: behind a codec that packs bytes, zarr reads whole chunks.
"""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr
from zarr.abc.codec import ArrayBytesCodec
from zarr.abc.store import RangeByteRequest, SuffixByteRequest
from zarr.registry import register_codec

try:
    from zarr.abc.codec import ArrayBytesCodecPartialDecodeMixin
except ImportError:  # pragma: no cover
    ArrayBytesCodecPartialDecodeMixin = object  # type: ignore[assignment,misc]

from . import _core
from ._array import Array
from ._elements import bytes_like, bytes_of
from ._errors import CorruptDataError, Error, TruncatedError, UnsupportedError
from ._references import references
from ._work import threads
from .numcodecs import DEFAULT_MAX_PAGE_N, chunk_options

if TYPE_CHECKING:
    from zarr.core.array_spec import ArraySpec
    from zarr.core.buffer import Buffer, NDBuffer

__all__ = ["Numeric", "NumcodecsPCodec", "PCodec", "Stored", "references", "register"]

#: Of a remote chunk so many bytes of its end are fetched first: the directory of its pages is there.
_TAIL_BYTES = 16 << 10
#: Smaller chunks are decoded where they are; a thread would cost more.
_BRIEF_BYTES = 1 << 20


class _Codec(ArrayBytesCodec, ArrayBytesCodecPartialDecodeMixin):
    """What both codecs share: zarr's protocol around `_encode` and `_decode`."""

    is_fixed_size = False
    codec_name = ""

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Any:
        """The codec of its metadata."""
        configuration = dict(data.get("configuration") or {})
        configuration.pop("id", None)
        return cls(**configuration)

    def to_dict(self) -> dict[str, Any]:
        """Its metadata: what differs from the defaults."""
        given = {
            field.name: getattr(self, field.name)
            for field in fields(self)  # type: ignore[arg-type]
            if getattr(self, field.name) != field.default
        }
        return {"name": self.codec_name, "configuration": given}

    def compute_encoded_size(self, input_byte_length: int, chunk_spec: ArraySpec) -> int:
        """Not known before."""
        raise NotImplementedError

    def _encode(self, array: np.ndarray) -> bytes:
        raise NotImplementedError

    def _decode(self, content: bytes, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
        raise NotImplementedError

    def _encode_sync(self, chunk_array: NDBuffer, chunk_spec: ArraySpec) -> Buffer | None:
        return chunk_spec.prototype.buffer.from_bytes(self._encode(chunk_array.as_numpy_array()))

    def _decode_sync(self, chunk_bytes: Buffer, chunk_spec: ArraySpec) -> NDBuffer:
        values = self._decode(chunk_bytes.to_bytes(), _dtype(chunk_spec), chunk_spec.shape)
        return chunk_spec.prototype.nd_buffer.from_numpy_array(values)

    async def _encode_single(self, chunk_array: NDBuffer, chunk_spec: ArraySpec) -> Buffer | None:
        if _n_bytes(chunk_spec) <= _BRIEF_BYTES:
            return self._encode_sync(chunk_array, chunk_spec)
        return await asyncio.to_thread(self._encode_sync, chunk_array, chunk_spec)

    async def _decode_single(self, chunk_bytes: Buffer, chunk_spec: ArraySpec) -> NDBuffer:
        if _n_bytes(chunk_spec) <= _BRIEF_BYTES:
            return self._decode_sync(chunk_bytes, chunk_spec)
        return await asyncio.to_thread(self._decode_sync, chunk_bytes, chunk_spec)

    def _decode_part(self, content: bytes, dtype: np.dtype, shape: tuple[int, ...], selection: Any) -> Any:
        return self._decode(content, dtype, shape)[selection]

    async def _decode_partial_single(
        self, byte_getter: Any, selection: Any, chunk_spec: ArraySpec
    ) -> NDBuffer | None:
        content = await byte_getter.get(prototype=chunk_spec.prototype)
        if content is None:
            return None
        work = (self._decode_part, content.to_bytes(), _dtype(chunk_spec), chunk_spec.shape, selection)
        try:
            if _n_bytes(chunk_spec) <= _BRIEF_BYTES:
                values = work[0](*work[1:])
            else:
                values = await asyncio.to_thread(*work)
        except Error as error:
            raise _of_chunk(error, byte_getter) from error
        return chunk_spec.prototype.nd_buffer.from_numpy_array(np.asarray(values))


def _dtype(chunk_spec: ArraySpec) -> np.dtype:
    return chunk_spec.dtype.to_native_dtype()


def _n_bytes(chunk_spec: ArraySpec) -> int:
    n = _dtype(chunk_spec).itemsize
    for length in chunk_spec.shape:
        n *= length
    return n


def _of_chunk(error: Error, byte_getter: Any) -> Error:
    """The error with the name of the chunk."""
    name = str(byte_getter)
    return type(error)(f"{name}: {error}", file=name, array=error.array, page=error.page, offset=error.offset)


def _numbers(array: np.ndarray) -> np.ndarray:
    """An array of what the engine takes, in C order: booleans are bytes, complex numbers two floats, times integers."""
    dtype = array.dtype
    if dtype.kind == "b":
        array = array.view(np.uint8)
    elif dtype.kind in "mM":
        array = array.view(dtype.str[0] + "i8")
    elif dtype.kind == "c":
        array = np.ascontiguousarray(array).view(dtype.str[0] + f"f{dtype.itemsize // 2}")
    return np.require(array, array.dtype.newbyteorder("="), ["C", "ALIGNED"])


def _from_numbers(numbers: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The inverse of `_numbers`."""
    stored = _numbers(np.empty(0, dtype)).dtype
    if numbers.dtype != stored:
        raise CorruptDataError(f"a chunk of {numbers.dtype} where {stored} is expected")
    return numbers.view(dtype.newbyteorder("=")).astype(dtype, copy=False)


@dataclass(frozen=True)
class PCodec(_Codec):
    """Numbers as stock ``numcodecs.pcodec`` stores them; booleans, 8 bits, complex numbers and big-endian ones as well.

    Parameters
    ----------
    level, mode_spec, delta_spec, paging_spec, delta_encoding_order, equal_pages_up_to
        As of `paginum.numcodecs.PCodec`.
    """

    level: int = 8
    mode_spec: str = "auto"
    delta_spec: str = "auto"
    paging_spec: str = "equal_pages_up_to"
    delta_encoding_order: int | None = None
    equal_pages_up_to: int = DEFAULT_MAX_PAGE_N

    codec_name = "pcodec"

    def _encode(self, array: np.ndarray) -> bytes:
        options = chunk_options(self)
        numbers = _numbers(array)
        return _core.standalone_compress(bytes_of(numbers), numbers.dtype.str, options, n_threads=threads(None))

    def _decode(self, content: bytes, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
        return self._decode_first(content, dtype, shape, int(np.prod(shape))).reshape(shape)

    def _decode_first(self, content: bytes, dtype: np.dtype, shape: tuple[int, ...], n: int) -> np.ndarray:
        """The first `n` elements: what lies behind them is not decoded."""
        stored = _numbers(np.empty(0, dtype)).dtype
        numbers = np.empty(n * (dtype.itemsize // stored.itemsize), stored)
        n_read, _ = _core.standalone_read(bytes_like(content), stored.str, bytes_of(numbers))
        if n_read != len(numbers):
            raise TruncatedError(f"a chunk of {n_read} numbers where {len(numbers)} are expected")
        return _from_numbers(numbers, dtype)

    def _decode_part(self, content: bytes, dtype: np.dtype, shape: tuple[int, ...], selection: Any) -> Any:
        rows = _last_row(selection, shape)
        if rows is None:
            return self._decode(content, dtype, shape)[selection]
        n_row = int(np.prod(shape[1:]))
        first = self._decode_first(content, dtype, shape, rows * n_row)
        return first.reshape(rows, *shape[1:])[selection]


def _last_row(selection: Any, shape: tuple[int, ...]) -> int | None:
    """Behind the last row that a selection needs, where that is easily told."""
    first = selection[0] if isinstance(selection, tuple) and selection else selection
    if not shape or not isinstance(first, (slice, int, np.integer)):
        return None
    if isinstance(first, slice):
        start, stop, step = first.indices(shape[0])
        chosen = range(start, stop, step)
        return max(chosen[0], chosen[-1]) + 1 if chosen else None
    return int(first) + 1 if first >= 0 else None


class NumcodecsPCodec(PCodec):
    """The same under the name that stock zarr writes."""

    codec_name = "numcodecs.pcodec"


@dataclass(frozen=True)
class Numeric(_Codec):
    """Pages of numbers with checksums, of which a slice needs only some: of an unsharded chunk in a remote store it fetches no
    others.

    Parameters
    ----------
    level : int
        0 (fastest) to 13 (smallest).
    page_numbers : int
        Numbers of a page.
    """

    level: int = 8
    page_numbers: int = 8192

    codec_name = "paginum.numeric"

    def _encode(self, array: np.ndarray) -> bytes:
        # The metadata of zarr 3 knows no byte order: a chunk is read by whoever has another one.
        rows = np.ascontiguousarray(array, array.dtype.newbyteorder("="))
        payload = _core.payload_encode(
            bytes_of(rows),
            rows.dtype.str,
            list(rows.shape),
            level=self.level,
            page_numbers=self.page_numbers,
            n_threads=threads(None),
        )
        # The last bytes say how many there are, so that one request for the end tells.
        return payload + struct.pack("<Q", len(payload))

    def _decode(self, content: bytes, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
        n_bytes = _length(content[-8:])
        if n_bytes != len(content) - 8:
            raise TruncatedError(f"a chunk of {len(content)} bytes that should have {n_bytes + 8}")
        native = dtype.newbyteorder("=")
        opened = _core.payload_open(content[:-8], native.str, list(shape))
        return _PayloadArray(opened, native, shape).read().astype(dtype, copy=False)

    async def _decode_partial_single(
        self, byte_getter: Any, selection: Any, chunk_spec: ArraySpec
    ) -> NDBuffer | None:
        prototype = chunk_spec.prototype
        tail = await byte_getter.get(prototype=prototype, byte_range=SuffixByteRequest(_TAIL_BYTES))
        if tail is None:
            return None
        part = _parts(byte_getter, prototype)
        try:
            ending = tail.to_bytes()
            n_bytes = _length(ending[-8:])
            start = n_bytes + 8 - len(ending)
            if start < 0 or (len(ending) < _TAIL_BYTES and start > 0):
                raise TruncatedError(f"the chunk ends before its {n_bytes + 8} bytes do")

            def fetch(ranges: list[tuple[int, int]]) -> list[bytes]:
                return [
                    ending[first - start : last - start] if first >= start else part(first, last)
                    for first, last in ranges
                ]

            def read() -> Any:
                dtype, shape = _dtype(chunk_spec), chunk_spec.shape
                native = dtype.newbyteorder("=")
                if start == 0:
                    opened = _core.payload_open(ending[:-8], native.str, list(shape))
                else:
                    opened = _core.payload_open_ranges(fetch, n_bytes, native.str, list(shape))
                return np.asarray(_PayloadArray(opened, native, shape)[selection]).astype(dtype, copy=False)

            values = await asyncio.to_thread(read) if start > 0 or _n_bytes(chunk_spec) > _BRIEF_BYTES else read()
        except Error as error:
            raise _of_chunk(error, byte_getter) from error
        return prototype.nd_buffer.from_numpy_array(np.asarray(values))


def _parts(byte_getter: Any, prototype: Any) -> Any:
    """Fetches a range of a chunk, for another thread than the one of the running loop."""
    loop = asyncio.get_running_loop()

    def part(first: int, last: int) -> bytes:
        request = byte_getter.get(prototype=prototype, byte_range=RangeByteRequest(first, last))
        found = asyncio.run_coroutine_threadsafe(request, loop).result()
        return b"" if found is None else found.to_bytes()

    return part


@dataclass(frozen=True)
class Stored(_Codec):
    """An array as a filter of a `.pv` stored it: what `references` refers to. It is read, and only the pages of a slice.

    Parameters
    ----------
    filter : str
        The filter.
    identity : str
        The name of the array in its file, which checksums cover.
    dtype : str
        The dtype that the file states, in its byte order.
    n_bytes : int
        How many bytes there are.
    """

    filter: str = ""
    identity: str = ""
    dtype: str = ""
    n_bytes: int = 0

    codec_name = "paginum.stored"

    def _encode(self, array: np.ndarray) -> bytes:
        raise UnsupportedError("an array of a .pv is changed by paginum.append, not through a reference")

    def _open(self, shape: tuple[int, ...], content: bytes | None, fetch: Any) -> _PayloadArray:
        options = {"filter": self.filter, "identity": self.identity}
        if content is not None:
            opened = _core.payload_open(content, self.dtype, list(shape), **options)
        else:
            opened = _core.payload_open_ranges(fetch, self.n_bytes, self.dtype, list(shape), **options)
        return _PayloadArray(opened, np.dtype(self.dtype), shape)

    def _decode(self, content: bytes, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
        return self._open(shape, content, None).read().astype(dtype, copy=False)

    async def _decode_partial_single(
        self, byte_getter: Any, selection: Any, chunk_spec: ArraySpec
    ) -> NDBuffer | None:
        part = _parts(byte_getter, chunk_spec.prototype)

        def read() -> Any:
            array = self._open(chunk_spec.shape, None, lambda ranges: [part(*one) for one in ranges])
            return np.asarray(array[selection]).astype(_dtype(chunk_spec), copy=False)

        try:
            values = await asyncio.to_thread(read)
        except Error as error:
            raise _of_chunk(error, byte_getter) from error
        return chunk_spec.prototype.nd_buffer.from_numpy_array(np.asarray(values))


class _PayloadArray(Array):
    """Pages without a file, seen as an array of one."""

    __slots__ = ("_opened",)

    def __init__(self, opened: _core.File, dtype: np.dtype, shape: tuple[int, ...]) -> None:
        self._opened = opened
        self._file = self  # type: ignore[assignment]
        self._index = 0
        self._entry = {"has_nulls": False, "is_fortran": False}
        self.name = "array"
        self.shape, self.dtype = tuple(shape), dtype
        self._mask, self._chunk_rows = None, None

    @property
    def _core(self) -> _core.File:
        return self._opened


def _length(ending: bytes) -> int:
    if len(ending) != 8:
        raise TruncatedError(f"a chunk of {len(ending)} bytes")
    return int(struct.unpack("<Q", ending)[0])


def register() -> None:
    """Let zarr read and write ``numcodecs.pcodec`` by this package, in place of its own class.

    Examples
    --------
    >>> import paginum.zarr
    >>> paginum.zarr.register()
    """
    register_codec("numcodecs.pcodec", NumcodecsPCodec, qualname="paginum.zarr.NumcodecsPCodec")
    zarr.config.set({"codecs": {"numcodecs.pcodec": "paginum.zarr.NumcodecsPCodec"}})


register_codec("pcodec", PCodec, qualname="paginum.zarr.PCodec")
register_codec("paginum.numeric", Numeric, qualname="paginum.zarr.Numeric")
register_codec("paginum.stored", Stored, qualname="paginum.zarr.Stored")
