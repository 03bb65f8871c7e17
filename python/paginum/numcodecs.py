"""The codec ``pcodec`` of numcodecs (zarr 2), over this package: the same configuration, the same bytes.

Examples
--------
>>> import numpy as np
>>> from paginum.numcodecs import PCodec
>>> codec = PCodec(level=4)
>>> codec.decode(codec.encode(np.arange(5.0)))
array([0., 1., 2., 3., 4.])
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numcodecs.abc import Codec
from numcodecs.compat import ensure_contiguous_ndarray
from numcodecs.registry import register_codec

from . import _core
from ._config import DeltaSpec, ModeSpec, PagingSpec, options_of
from ._elements import bytes_like, bytes_of
from ._work import threads

DEFAULT_MAX_PAGE_N = 262144


def chunk_options(codec: Any) -> dict[str, Any]:
    """What the extension is told, of the configuration that a codec has as attributes.

    Raises
    ------
    ValueError
        For a configuration that makes no sense.
    """
    delta_spec, order = codec.delta_spec, codec.delta_encoding_order
    if codec.mode_spec not in ("auto", "classic"):
        raise ValueError(f"mode_spec {codec.mode_spec} is not supported")
    if codec.paging_spec != "equal_pages_up_to":
        raise ValueError(f"paging_spec {codec.paging_spec} is not supported")
    if order is not None and delta_spec not in ("auto", "try_consecutive"):
        raise ValueError("delta_encoding_order can only be set for delta_spec='try_consecutive'")
    if order is not None:
        delta = DeltaSpec.try_consecutive(order)
    elif delta_spec == "try_consecutive":
        raise ValueError("delta_spec='try_consecutive' needs a delta_encoding_order")
    elif delta_spec in ("auto", "none", "try_lookback"):
        delta = DeltaSpec(delta_spec.removeprefix("try_"))
    else:
        raise ValueError(f"delta_spec {delta_spec} is not supported")
    return options_of(codec.level, ModeSpec(codec.mode_spec), delta, PagingSpec(codec.equal_pages_up_to))


class PCodec(Codec):
    """Numbers, losslessly.

    Parameters
    ----------
    level : int
        0 (fastest) to 12 (smallest).
    mode_spec : {"auto", "classic"}
        Whether the structure of the numbers is looked for.
    delta_spec : {"auto", "none", "try_consecutive", "try_lookback"}
        How neighbours are subtracted.
    paging_spec : {"equal_pages_up_to"}
        How numbers are cut into pieces.
    delta_encoding_order : int, optional
        Of ``try_consecutive``, 0 to 7.
    equal_pages_up_to : int
        The most numbers of a piece.
    """

    codec_id = "pcodec"

    def __init__(
        self,
        level: int = 8,
        *,
        mode_spec: str = "auto",
        delta_spec: str = "auto",
        paging_spec: str = "equal_pages_up_to",
        delta_encoding_order: int | None = None,
        equal_pages_up_to: int = DEFAULT_MAX_PAGE_N,
    ) -> None:
        self.level = level
        self.mode_spec = mode_spec
        self.delta_spec = delta_spec
        self.paging_spec = paging_spec
        self.delta_encoding_order = delta_encoding_order
        self.equal_pages_up_to = equal_pages_up_to

    def encode(self, buf: Any) -> bytes:
        """Compress numbers: any buffer of a numeric type, flattened as numcodecs does."""
        options = chunk_options(self)
        array = ensure_contiguous_ndarray(buf)
        return _core.standalone_compress(bytes_of(array), array.dtype.str, options, n_threads=threads(None))

    def decode(self, buf: Any, out: Any = None) -> Any:
        """Read numbers into a new array, or into `out`."""
        packed = bytes_like(ensure_contiguous_ndarray(buf))
        dtype, _ = _core.standalone_info(packed)
        if out is None:
            return None if dtype is None else _core.standalone_read(packed, dtype)
        target = ensure_contiguous_ndarray(out)
        if dtype is not None and np.dtype(dtype).itemsize != target.dtype.itemsize:
            target = target.view(dtype)
        _core.standalone_read(packed, dtype or target.dtype.str, bytes_of(target))
        return out


register_codec(PCodec)
