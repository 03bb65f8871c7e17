"""What the tests of pyvista-zstd look at inside of it, made of what our door for it says in public. Only for these tests."""

import sys

import inside_core
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkTypeInt64Array
from vtkmodules.vtkCommonDataModel import vtkCellArray

from paginum.compat.pyvista_zstd import Reader, pyvista_zstd

NAMES = {
    "CELLS": "cells",
    "CELL_TYPES_KEY": "celltypes",
    "CONNECTIVITY_SUFFIX": "_connectivity",
    "DS_METADATA_KEY": "__ds_metadata",
    "EMPTY_DS": "EMPTY_DS________",
    "MULTIBLOCK_METADATA_KEY": "__multiblock__ds_metadata",
    "OFFSET_SUFFIX": "_offset",
    "POLYS": "polys",
    "UID_N_CHAR": 16,
    "_FILTER_SHUFFLE": 1,
}


def absent(*_, **__):
    """Stands for what our door has no counterpart of; no test that is run calls it."""
    raise NotImplementedError


def open_up():
    """Lets the tests look."""
    for name, value in NAMES.items():
        setattr(pyvista_zstd, name, value)
    for name in ("_add_cell_array", "_narrowed_to_int32", "_numpy_to_vtk_cells"):
        setattr(pyvista_zstd, name, absent)
    pyvista_zstd.numpy_to_vtk = numpy_to_vtk
    pyvista_zstd.vtkCellArray = vtkCellArray
    pyvista_zstd.vtkTypeInt64Array = vtkTypeInt64Array
    Reader._metadata = property(lambda self: self.file_metadata)
    Reader._ds_metadata = property(lambda self: self.dataset_metadata)
    Reader._metadata_documents = property(inside_core.documents)
    Reader._ds_reader = property(lambda self: self._root)
    Reader._core_reader = lambda self: inside_core.CoreReader(self._place)
    capi = inside_core.module(absent)
    sys.modules[capi.__name__] = capi
    sys.modules["paginum.compat.pyvista_zstd"]._capi = capi
