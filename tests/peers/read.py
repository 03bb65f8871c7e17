"""Reads files with the release of pyvista-zstd on PYTHONPATH: one JSON object, file to arrays or error."""

import json
import sys
import warnings

warnings.simplefilter("ignore")

import pyvista_zstd  # noqa: E402
from describe import describe  # noqa: E402

result = {}
for path in sys.argv[1:]:
    try:
        result[path] = {"arrays": describe(pyvista_zstd.read(path))}
    except Exception as error:  # any failure is an answer here
        result[path] = {"error": f"{type(error).__name__}: {error}"[:300]}
json.dump(result, sys.stdout)
