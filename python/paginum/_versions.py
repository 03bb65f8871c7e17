"""What is installed."""

from __future__ import annotations

import importlib.metadata
import platform
import sys

from ._core import __version__


def show_versions() -> None:
    """Print the versions of paginum, Python and what paginum works with: for reports of faults."""
    lines = [("paginum", __version__), ("python", platform.python_version()), ("platform", platform.platform())]
    for name in ("numpy", "zarr", "numcodecs", "xarray", "dask", "pyvista", "fsspec", "pyarrow"):
        try:
            lines.append((name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            lines.append((name, "not installed"))
    sys.stdout.writelines(f"{name:10} {version}\n" for name, version in lines)
