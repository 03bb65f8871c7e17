"""The public API of pyvista-zstd 0.7.0 over this package's container.

Files are those of pyvista-zstd, byte by byte where it is told to use one thread. They appear whole or not at all, and what a
reader would refuse is refused when it is written.

Examples
--------
>>> import pyvista
>>> from paginum.compat import pyvista_zstd
>>> mesh = pyvista.Sphere()
>>> pyvista_zstd.write(mesh, folder / "ball.pv", shuffle="auto")
>>> pyvista_zstd.append_arrays(folder / "ball.pv", {"mass": [1.5]})
>>> pyvista_zstd.read_array(folder / "ball.pv", "mass")
array([1.5])
"""

from ._metadata import FILE_VERSION, ArrayInfo, DataSetMetadata, MultiBlockMetadata, ZstdFileMetadata
from .append import AppendReader, append_arrays, read_array
from .pyvista_zstd import Reader, Writer, read, read_buffer, write
from .thumbnail import ThumbnailInfo, read_thumbnail

__all__ = [
    "FILE_VERSION",
    "AppendReader",
    "ArrayInfo",
    "DataSetMetadata",
    "MultiBlockMetadata",
    "Reader",
    "ThumbnailInfo",
    "Writer",
    "ZstdFileMetadata",
    "append_arrays",
    "read",
    "read_array",
    "read_buffer",
    "read_thumbnail",
    "write",
]
