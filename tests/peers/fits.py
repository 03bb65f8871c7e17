"""Files of astropy, fitsio (cfitsio) and rustfits for ours to read, and ours read by them.

    fits.py write FOLDER    writes files, and says of each what its arrays are
    fits.py read FILE       says what each of them reads in a file

Each line has a file or a reader, an array, its dtype and shape, and the SHA-256 of its elements with their highest byte first.
"""
import hashlib
import sys
import warnings
from pathlib import Path

import fitsio
import numpy as np
from astropy.io import fits

warnings.simplefilter("ignore")


def say(where, name, values):
    values = np.asarray(values)
    if values.dtype.kind == "U":
        values = np.char.encode(values)
    swapped = np.ascontiguousarray(values).astype(values.dtype.newbyteorder(">"))
    digest = hashlib.sha256(swapped.tobytes()).hexdigest()
    shape = ",".join(map(str, values.shape))
    print(where, name, swapped.dtype.str.replace("<", ">"), shape, digest, sep="\t")


def picture(dtype):
    i, j = np.mgrid[0:120, 0:90]
    numbers = 100 + i * j % 37 + np.random.default_rng(1).integers(0, 9, (120, 90))
    return numbers.astype(dtype) + (np.dtype(dtype).type(0.375) if dtype[0] == "f" else 0)


def write(folder):
    for dtype in ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]:
        name = f"astropy-{dtype}.fits"
        fits.PrimaryHDU(picture(dtype)).writeto(folder / name, checksum=True)
        say(name, "hdu0", picture(dtype))
        name = f"fitsio-{dtype}.fits"
        fitsio.write(str(folder / name), picture(dtype))
        say(name, "hdu0", picture(dtype))
    for codec in ["RICE_1", "GZIP_1", "GZIP_2", "HCOMPRESS_1", "PLIO_1"]:
        for dtype in ["u1", "i2", "u2", "i4", "f4", "f8"]:
            for method in ["NO_DITHER", "SUBTRACTIVE_DITHER_1", "SUBTRACTIVE_DITHER_2"]:
                if dtype[0] != "f" and method != "NO_DITHER":
                    continue
                name = f"tiles-{codec}-{dtype}-{method}.fits"
                values = picture(dtype)
                values[5, 7] = 0
                options = {"qmethod": method, "qlevel": 16} if dtype[0] == "f" else {}
                try:
                    with fitsio.FITS(str(folder / name), "rw") as file:
                        file.write(values, compress=codec, tile_dims=(32, 40), **options)
                    expected = fitsio.read(str(folder / name))
                except (OSError, ValueError):
                    (folder / name).unlink(missing_ok=True)
                    continue
                say(name, "hdu1", expected)
    n = 40
    columns = {
        "flag": np.arange(n) % 3 == 0,
        "small": np.arange(n).astype("u1"),
        "short": np.arange(n).astype("i2"),
        "long": np.arange(n).astype("i8") * 10**15,
        "word": np.arange(n).astype("u4") * 10**8,
        "real": np.arange(n) / 7,
        "pair": (np.arange(n) + 2j).astype("c8"),
        "cube": np.arange(n * 6).reshape(n, 2, 3).astype("f4"),
        "name": np.array([b"name %02d" % i for i in range(n)]),
    }
    rows = np.zeros(n, [(name, column.dtype, column.shape[1:]) for name, column in columns.items()])
    for name, column in columns.items():
        rows[name] = column
    fits.BinTableHDU(rows, name="T").writeto(folder / "astropy-table.fits", checksum=True)
    fitsio.write(str(folder / "fitsio-table.fits"), rows, extname="T")
    for file in ["astropy-table.fits", "fitsio-table.fits"]:
        for name, column in columns.items():
            say(file, f"T/{name}", column)
    scaled = fits.PrimaryHDU(picture("i2"))
    scaled.header["BSCALE"], scaled.header["BZERO"] = 0.25, 3.5
    scaled.writeto(folder / "scaled.fits")
    say("scaled.fits", "hdu0", picture("i2") * 0.25 + 3.5)
    try:
        import rustfits
    except ImportError:
        return
    with rustfits.FITS(str(folder / "rustfits.fits"), "w+") as file:
        file.write(picture("u2"))
    say("rustfits.fits", "hdu0", picture("u2"))


def read(file):
    with fits.open(file, checksum=True) as hdus:
        hdus.verify("exception")
        for hdu in hdus:
            assert hdu.verify_checksum() == 1 and hdu.verify_datasum() == 1, hdu.name
            if isinstance(hdu, fits.BinTableHDU):
                for name in hdu.columns.names:
                    values = hdu.data[name]
                    if hdu.columns[name].bzero == -128:
                        values = values.astype("i1")  # it makes doubles of these
                    say("astropy", f"{hdu.name}/{name}", values)
            elif hdu.data is not None:
                say("astropy", hdu.name, hdu.data)
    with fitsio.FITS(file) as hdus:
        for hdu in hdus:
            if hdu.get_exttype() == "BINARY_TBL":
                for name in hdu.get_colnames():
                    say("fitsio", f"{hdu.get_extname()}/{name}", hdu[name][:])
            elif hdu.has_data():
                say("fitsio", hdu.get_extname(), hdu.read())


if __name__ == "__main__":
    {"write": lambda: write(Path(sys.argv[2])), "read": lambda: read(sys.argv[2])}[sys.argv[1]]()
