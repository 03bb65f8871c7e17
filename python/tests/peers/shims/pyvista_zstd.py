"""Our door under the name of pyvista-zstd, for the interpreters that its tests start."""

import swap  # noqa: F401  it does so when it is imported
