"""The public names of pcodec 1.1.0, over this package.

Change ``import pcodec`` into ``from paginum.compat import pcodec``. The bytes are read by pcodec, and the other way round. Errors
are those that pcodec documents: `RuntimeError` and `TypeError`.

Examples
--------
>>> import numpy as np
>>> from paginum.compat.pcodec import ChunkConfig, standalone
>>> packed = standalone.simple_compress(np.arange(1000.0), ChunkConfig(compression_level=4))
>>> standalone.simple_decompress(packed)[:3]
array([0., 1., 2.])
"""

from __future__ import annotations

from ..._config import DeltaSpec, ModeSpec, PagingSpec, Progress
from . import standalone, wrapped
from ._common import ChunkConfig

__version__ = "1.1.0"
DEFAULT_COMPRESSION_LEVEL = 8

__all__ = [
    "DEFAULT_COMPRESSION_LEVEL",
    "ChunkConfig",
    "DeltaSpec",
    "ModeSpec",
    "PagingSpec",
    "Progress",
    "standalone",
    "wrapped",
]
