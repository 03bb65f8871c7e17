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
    "rustfits": ("rustfits", "paginum.compat.rustfits"),
    "pyvista_zstd": ("pyvista_zstd", "paginum.compat.pyvista_zstd"),
}
chosen = os.environ["PAGINUM_SWAP"]
if chosen == "pyvista_zstd":
    import paginum.compat.pyvista_zstd
    import paginum.pyvista
    from inside import open_up

    open_up()
    # What pyvista-zstd says by its entry points when it is installed, a user says here.
    paginum.pyvista.register(override=True)
swap(*SWAPS[chosen])
