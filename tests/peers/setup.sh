#!/bin/sh
# Makes the Python environment of the tests against pyvista-zstd: target/peers, thrown away with `cargo clean`.
#
#   tests/peers/setup.sh            the releases that `make test` needs
#   tests/peers/setup.sh all        every release since 0.2.0
#
# VTK and pyvista are installed once; each release goes into a folder of its own, without its dependencies.
set -eu
cd "$(dirname "$0")/../.."
peers=${PAGINUM_PEERS:-target/peers}
releases="0.2.4 0.7.0"
[ "${1:-}" = all ] && releases="0.2.0 0.2.3 0.2.4 0.3.1 0.4.2 0.5.0 0.6.0 0.7.0"

mkdir -p "$peers/releases"
if [ ! -x "$peers/venv/bin/python" ]; then
    python3 -m venv "$peers/venv"
fi
if ! "$peers/venv/bin/python" -c 'import vtk, pyvista, zstandard, tqdm' 2>/dev/null; then
    "$peers/venv/bin/pip" install --quiet --disable-pip-version-check vtk pyvista zstandard tqdm
fi
for release in $releases; do
    if [ ! -d "$peers/releases/$release" ]; then
        rm -rf "$peers/releases/.new"
        "$peers/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps \
            --target "$peers/releases/.new" "pyvista-zstd==$release"
        mv "$peers/releases/.new" "$peers/releases/$release"
    fi
done
