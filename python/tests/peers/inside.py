"""What the tests of pyvista-zstd look at inside of it, made of what our door for it says in public. Only for these tests."""

import json
import sys
import types

from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkTypeInt64Array
from vtkmodules.vtkCommonDataModel import vtkCellArray

from paginum import _core
from paginum.compat.pyvista_zstd import FILE_VERSION, Reader, _errors, pyvista_zstd

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


class CoreReader:
    """Frames by name and by number."""

    def __init__(self, path):
        self.path = path
        self.all_names, self.frames, self.file_metadata_json, _ = _core.pv_layout(path)
        document = json.loads(self.file_metadata_json)
        document["frame_names"] = self.all_names
        self.file_metadata_json = json.dumps(document)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def names(self):
        return [name for name in self.all_names if name != "__thumbnail"]

    def find(self, name):
        return self.names().index(name) if name in self.names() else None

    def read_at(self, index):
        name = self.names()[index][16:]
        key, _, association = name.rpartition("__")
        with Reader(self.path) as reader:
            return reader.read_array(key, association=association.removesuffix("_data"))

    def frame_sizes(self):
        with Reader(self.path) as reader:
            return reader.decompressed_sizes, None

    def metadata_documents(self):
        return list(documents(self.path).items())


def documents(path):
    """The documents of datasets by the names of their frames."""
    with Reader(path) as reader:
        texts = [text for _, text in reader._opened()._core.documents()[1:]]
    found = {}
    for text in texts:
        document = json.loads(text)
        kind = "MULTIBLOCK_METADATA_KEY" if "children" in document else "DS_METADATA_KEY"
        found[document["uid"] + NAMES[kind]] = text
    return found


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
    Reader._metadata_documents = property(lambda self: documents(self._place))
    Reader._ds_reader = property(lambda self: self._root)
    Reader._core_reader = lambda self: CoreReader(self._place)
    capi = types.ModuleType("paginum.compat.pyvista_zstd._capi")
    for name in ("PvzstdError", "ContainerFormatError"):
        setattr(capi, name, getattr(_errors, name))
    capi.CoreReader = CoreReader
    capi.CoreWriter = absent
    capi.max_file_version = lambda: FILE_VERSION
    sys.modules[capi.__name__] = capi
    sys.modules["paginum.compat.pyvista_zstd"]._capi = capi
