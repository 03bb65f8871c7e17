"""pyvista-zstd's binding of its C++ core, made of what our door for it says in public: readers by frames, and what opening
by a path or in memory comes to. Only for tests of pyvista-zstd.

``_load`` stands for the library. Of it there are the functions by which tests ask whether bytes are opened or refused: what they
call a status is made of the class of our error. What C makes of pointers is nothing that can be asked of us.
"""

from __future__ import annotations

import ctypes
import json
import types

import numpy as np

from paginum import _core
from paginum.compat.pyvista_zstd import FILE_VERSION, Reader, _errors

class CoreReader:
    """Frames by name and by number."""

    def __init__(self, path=None, *, buffer=None):
        self._reader = Reader(path, buffer=buffer, check_extension=False)
        layout = _core.pv_layout(path) if buffer is None else _core.pv_layout_of_bytes(bytes(buffer))
        self.all_names, self.frames, self.file_metadata_json, pairs = layout
        document = json.loads(self.file_metadata_json)
        document["frame_names"] = self.all_names
        self.file_metadata_json = json.dumps(document)
        self._paths = {pair: path for path, pair in pairs}

    def _live(self):
        if self._reader is None:
            raise ValueError("operation on a closed CoreReader")
        return self._reader

    def close(self):
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __len__(self):
        return len(self._pairs())

    def _pairs(self):
        """The numbers of the pairs of arrays: the picture and documents have others."""
        self._live()
        is_document = ("__ds_metadata",)
        return [i for i, name in enumerate(self.all_names) if i in self._paths and not name.endswith(is_document)]

    def names(self):
        return [self.all_names[pair] for pair in self._pairs()]

    def find(self, name):
        return self.names().index(name) if name in self.names() else None

    def field_array_names(self):
        return list(self._live().dataset_metadata.field_data_keys)

    def find_field(self, name):
        if name not in self.field_array_names():
            return None
        return self.find(f"{self._live().dataset_metadata.uid}{name}__field_data")

    def read_at(self, index):
        return self._live()._array(self._paths[self._pairs()[index]])

    def read_arrays(self, *, keep=None, n_threads=None):
        return {name: self.read_at(i) for i, name in enumerate(self.names()) if keep is None or name in keep}

    def _info(self, index):
        core = self._live()._opened()._core
        pair = self._pairs()[index]
        found = core.entry(core.find(self._paths[pair]))
        return types.SimpleNamespace(
            name=self.all_names[pair].encode(), nbytes=found["nbytes"], filter_id=int(found["filter"] == "shuffle")
        )

    def frame_sizes(self):
        self._live()
        flat = [size for frames in self.frames for size in frames]
        return np.array(flat[1::2], np.uint64), np.array(flat[::2], np.uint64)

    def metadata_documents(self):
        return list(documents(self._live()).items())

    @property
    def ds_metadata_json(self):
        return next(iter(documents(self._live()).values()))

    def thumbnail(self):
        found, info = self._live().thumbnail, self._live().thumbnail_info
        assert (found is None) == (info is None)
        return None if found is None else (found, info.width, info.height)


def documents(reader):
    """The documents of datasets by the names of their frames."""
    found = {}
    for _, text in reader._opened()._core.documents()[1:]:
        document = json.loads(text)
        kind = "__multiblock__ds_metadata" if "children" in document else "__ds_metadata"
        found[document["uid"] + kind] = text
    return found


def status(error):
    """What C would have said."""
    return getattr(error, "status", 7)


def opened(place):
    """Opens a file, by its path or its bytes, and asks what its arrays are: a status, and the version of the file."""
    try:
        with Reader(**({"buffer": place} if isinstance(place, bytes) else {"filename": place})) as reader:
            core = reader._opened()._core
            with _errors.errors("file", reader._frame_names):
                for index in range(len(core)):
                    core.entry(index)
            return 0, reader.file_metadata.file_version
    except RuntimeError as error:
        return status(error), 0


class Library:
    """The functions of the core by which tests open."""

    def pvzstd_open(self, path, out):
        return self.pvzstd_open_versioned(path, out, None)

    def pvzstd_open_versioned(self, path, out, found):
        return self._open(path.decode(), out, found)

    def pvzstd_open_memory(self, data, n_bytes, out):
        return self.pvzstd_open_memory_versioned(data, n_bytes, out, None)

    def pvzstd_open_memory_versioned(self, data, n_bytes, out, found):
        return self._open(ctypes.string_at(data.value, n_bytes.value), out, found)

    def pvzstd_close(self, handle):
        pass

    def _open(self, place, out, found):
        code, version = opened(place)
        if found is not None:
            found._obj.value = version
        out._obj.value = 1 if code == 0 else None
        return code


def module(absent):
    """The module `_capi`."""
    capi = types.ModuleType("paginum.compat.pyvista_zstd._capi")
    for name, value in vars(_errors).items():
        if name.endswith("Error") and issubclass(value, _errors.PvzstdError):
            setattr(capi, name, value)
    capi.CoreReader = CoreReader
    capi.CoreWriter = absent
    capi.THREADS_AUTO = -2
    capi._STATUS_OK, capi._STATUS_FORMAT = 0, 2
    capi._load = Library
    capi.max_file_version = lambda: FILE_VERSION
    return capi
