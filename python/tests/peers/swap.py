"""A plugin of pytest: what tests import as another package is our door for it. ``PAGINUM_SWAP`` names the package."""

import importlib
import os
import sys


def swap(name, ours):
    """Let `name` and its modules be ours."""
    package = importlib.import_module(ours)
    sys.modules[name] = package
    for module in list(sys.modules):
        if module.startswith(ours + "."):
            sys.modules[name + module[len(ours) :]] = sys.modules[module]


SWAPS = {
    "pcodec": ("pcodec", "paginum.compat.pcodec"),
    "numcodecs": ("numcodecs.pcodec", "paginum.numcodecs"),
    "pyvista_zstd": ("pyvista_zstd", "paginum.compat.pyvista_zstd"),
}
swap(*SWAPS[os.environ["PAGINUM_SWAP"]])
