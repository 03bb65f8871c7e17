"""The names of the Python package rustfits, over this package's reader of ``.fits`` and its stores.

Files are read by what is asked for: over ``http(s)://`` by ranges, without a download. A file that is written or changed is kept
in memory, and `FITS.sync` and `FITS.close` put it in its place whole, so that the old file or the new one is there. ``.fits.gz``
keeps its mode bits, its owner and where a symbolic link leads; memory that is open to be read cannot be written.

Not written are images in tiles, columns of any length, and tables of text; tables are not changed row by row.

Examples
--------
>>> import numpy as np
>>> from paginum.compat import rustfits
>>> with rustfits.FITS(folder / "sky.fits.gz", "w+") as fits:
...     hdu = fits.write_image(np.arange(6, dtype="u2").reshape(2, 3), extname="SKY", header={"EXPTIME": (30.0, "s")})
>>> with rustfits.FITS(folder / "sky.fits.gz", "r+") as fits:
...     fits["sky"][0, :] = 7
...     fits["sky"].header["HISTORY"] = "row 0 set"
>>> rustfits.read(folder / "sky.fits.gz")
array([[7, 7, 7],
       [3, 4, 5]], dtype=uint16)
>>> rustfits.read_header(folder / "sky.fits.gz")["exptime"]
30.0
>>> with rustfits.FITS("mem://", "w+") as fits:
...     hdu = fits.write_table({"id": [1, 2], "name": ["a", "b"]})
...     content = fits.to_bytes()
>>> rustfits.FITS.from_bytes(content)[1].read()
array([(1, 'a'), (2, 'b')], dtype=[('id', '<i8'), ('name', '<U1')])
"""

from ._cards import is_protected_key
from ._fits import FITS, NoHDUError, UnreadableFileError, read, read_header, write
from ._hdu import HDU, ColumnSubset, CompressedImageHDU, ImageHDU, TableHDU
from ._header import FITSHeader, FITSHeaderEdit
from ._place import Remote

__all__ = [
    "FITS",
    "HDU",
    "ColumnSubset",
    "CompressedImageHDU",
    "FITSHeader",
    "FITSHeaderEdit",
    "ImageHDU",
    "NoHDUError",
    "Remote",
    "TableHDU",
    "UnreadableFileError",
    "is_protected_key",
    "read",
    "read_header",
    "write",
]
