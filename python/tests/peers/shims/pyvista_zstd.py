"""Our door under the name of pyvista-zstd, for the interpreters that its tests start."""

import sys

import paginum.compat.pyvista_zstd as ours

sys.modules[__name__] = ours
