"""A plugin of pytest: what tests import as another package is our door for it. ``PAGINUM_SWAP`` names the package."""

import importlib
import os
import sys

import pytest


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
#: Tests that write files which are refused here when they are written, and ask for a refusal when they are read: pyvista-zstd
#: itself writes those, where the folder `PAGINUM_THEIRS` has it.
WRITTEN_BY_THEM = (
    "test_esgrid_dimensions_must_match_cells",
    "test_esgrid_invalid_dimensions_without_cells",
    "test_multiblock_field_data_member_presence_sets_file_version",
    "test_read_rejects_array_of_wrong_length",
)


def theirs():
    """pyvista-zstd itself; ``None`` where it is not there."""
    folder = os.environ.get("PAGINUM_THEIRS")
    if folder is None:
        return None
    ours = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "pyvista_zstd"}
    for name in ours:
        del sys.modules[name]
    sys.path.insert(0, folder)
    try:
        return importlib.import_module("pyvista_zstd")
    finally:
        sys.path.remove(folder)
        for name in [name for name in sys.modules if name.split(".")[0] == "pyvista_zstd"]:
            del sys.modules[name]
        sys.modules.update(ours)


@pytest.fixture(autouse=True)
def _written_by_them(request, monkeypatch):
    if request.node.originalname in WRITTEN_BY_THEM and (package := theirs()) is not None:
        door = sys.modules["pyvista_zstd"]
        monkeypatch.setattr(door, "write", package.write)
        monkeypatch.setattr(door._capi, "CoreWriter", package._capi.CoreWriter)


chosen = os.environ["PAGINUM_SWAP"]
if chosen == "pyvista_zstd":
    import paginum.compat.pyvista_zstd
    import paginum.pyvista
    from inside import open_up

    open_up()
    # What pyvista-zstd says by its entry points when it is installed, a user says here.
    paginum.pyvista.register(override=True)
swap(*SWAPS[chosen])
