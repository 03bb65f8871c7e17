"""Makes the files of the benchmark, and prints for each case the seconds of fitsio and of astropy."""
import sys
import time
from pathlib import Path

import fitsio
import numpy as np
from astropy.io import fits

folder = Path(sys.argv[1])
random = np.random.default_rng(1)
i, j = np.arange(2000)[:, None], np.arange(1000)
image = (1000 + 50 * np.sin(i / 20) + 30 * np.cos(j / 17) + random.normal(0, 4, (2000, 1000))).astype("i4")
fits.PrimaryHDU(image).writeto(folder / "plain.fits")
fits.PrimaryHDU(image.astype("u2")).writeto(folder / "unsigned.fits")
scaled = fits.PrimaryHDU(image.astype("i2"))
scaled.header["BSCALE"], scaled.header["BZERO"] = 0.25, 3.5
scaled.writeto(folder / "scaled.fits")
rows = np.zeros(200_000, [(f"c{k}", "f8") for k in range(10)])
fits.BinTableHDU(rows).writeto(folder / "table.fits")
for codec in ["RICE_1", "GZIP_2", "HCOMPRESS_1"]:
    fitsio.write(str(folder / f"{codec}.fits"), image, compress=codec)


def with_fitsio(file, hdu, part):
    with fitsio.FITS(str(folder / file)) as hdus:
        return hdus[hdu].read() if part is None else hdus[hdu][part]


def with_astropy(file, hdu, part):
    with fits.open(folder / file) as hdus:
        if isinstance(part, str):
            return np.array(hdus[hdu].data[part])
        if part is not None:
            return np.array(hdus[hdu].section[part])
        return np.array(hdus[hdu].data)


def column(file, hdu, part):
    with fitsio.FITS(str(folder / file)) as hdus:
        return hdus[hdu][part][:]


def best(read, *arguments):
    times = []
    for _ in range(20):
        start = time.process_time()
        read(*arguments)
        times.append(time.process_time() - start)
    return min(times)


ten = (slice(700, 710), slice(0, 1000))
for file, hdu, part in [
    ("plain.fits", 0, None),
    ("plain.fits", 0, ten),
    ("unsigned.fits", 0, None),
    ("scaled.fits", 0, None),
    ("table.fits", 1, "c4"),
    ("RICE_1.fits", 1, None),
    ("RICE_1.fits", 1, ten),
    ("GZIP_2.fits", 1, None),
    ("HCOMPRESS_1.fits", 1, None),
]:
    first = column if isinstance(part, str) else with_fitsio
    print(best(first, file, hdu, part), best(with_astropy, file, hdu, part))
