#!/bin/sh
# Runs test suites of other packages against our doors for them, in the virtual environment FOLDER: what they import is ours
# (swap.py). Their sources come from the package index, and nothing of them is kept in this repository.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
environment=$(cd "$1" && pwd)
sources=$environment/peers
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONPATH="$here"

# NAME VERSION TESTS: leaves the tests under $sources/NAME.
fetch() {
  [ ! -d "$sources/$1" ] || return 0
  mkdir -p "$sources/download"
  "$environment/bin/pip" download --quiet --no-deps --no-binary "$1" -d "$sources/download" "$1==$2" || {
    echo "peers: $1 $2 cannot be had here: its tests are skipped"
    return 1
  }
  tar -xzf "$sources/download/$1-$2.tar.gz" -C "$sources/download"
  mv "$sources/download/$1-$2" "$sources/$1"
}

# SWAP FOLDER TESTS...: all of them must pass.
run() {
  swap=$1
  cd "$2"
  shift 2
  PAGINUM_SWAP=$swap "$environment/bin/python" -m pytest -q -p swap -p no:cacheprovider -c /dev/null --rootdir . "$@"
}

# What of the tests of a package asks for something else than our door: for the parts that it is made of inside, for words, for
# what is not written here. docs/python/MIGRATION.md counts.
left_out() {
  sed -n 's/^\([^#].*\)/--deselect=\1/p' "$here/$1.left-out"
}

if fetch pcodec 1.1.0; then
  (run pcodec "$sources/pcodec/pco_python/test" .)
fi
if "$environment/bin/python" -c "import numcodecs" 2>/dev/null && fetch numcodecs 0.16.6; then
  # Away from the sources, which are no built package.
  mkdir -p "$sources/numcodecs-tests"
  cp "$sources/numcodecs/numcodecs/tests/test_pcodec.py" "$sources/numcodecs-tests"
  (run numcodecs "$sources/numcodecs-tests" test_pcodec.py)
fi
if fetch rustfits 0.1.8; then
  # Those of the drivers, of reading, and of images that are written; by FTP the package reads through fsspec alone.
  # shellcheck disable=SC2046 # one argument a line
  (run rustfits "$sources/rustfits/tests" $(left_out rustfits) test_fits_mem.py test_fits_gz.py test_fits_file_url.py \
    test_fits_pathlib.py test_fits_open.py test_fits_open_multi.py test_fits_remote.py test_fits_remote_ranged.py \
    test_convenience_read.py test_convenience_write.py test_image_read.py test_image_read_slices.py \
    test_image_scalar_index.py test_image_scale.py test_image_setitem.py test_image_blank.py test_fits_contains.py \
    test_fits_getitem.py test_header_class.py test_header_mutation.py test_image_create.py)
fi
# VTK is most of a gigabyte: it is taken from the environment of the Rust tests' peers, where there is one.
pyvista=${PAGINUM_PEERS:-target/peers}/environment/bin/python
if "$pyvista" -c "import pyvista, PIL, zstandard, pytest" 2>/dev/null && fetch pyvista_zstd 0.7.0; then
  pyvista=$(cd "$(dirname "$pyvista")" && pwd)/python
  (
    export PYTHONPATH="$here:$here/shims:$(cd "$here/../.." && pwd)" PYTHONDONTWRITEBYTECODE=1 PAGINUM_SWAP=pyvista_zstd
    # Some files are written by pyvista-zstd itself, and what it builds beside its library is ours.
    if [ -d "${PAGINUM_PEERS:-target/peers}/0.7.0" ]; then
      PAGINUM_THEIRS=$(cd "${PAGINUM_PEERS:-target/peers}/0.7.0" && pwd)
      export PAGINUM_THEIRS
    fi
    for verb in dump append rewrite; do
      printf '#!/bin/sh\nexec "%s" "%s" %s "$@"\n' "$pyvista" "$here/tools.py" "$verb" > "$sources/pvzstd_$verb"
      chmod +x "$sources/pvzstd_$verb"
    done
    export PVZSTD_DUMP="$sources/pvzstd_dump" PVZSTD_APPEND="$sources/pvzstd_append" PVZSTD_REWRITE="$sources/pvzstd_rewrite"
    cd "$sources/pyvista_zstd/tests"
    rm -f test_network.py # its own way to read from web servers, which has no counterpart here
    rm -f conformance/test_c_abi_boundary.py # about the sources of its C++ core
    # shellcheck disable=SC2046 # one argument a line
    "$pyvista" -m pytest -q -p swap -p no:cacheprovider -c /dev/null --rootdir . $(left_out pyvista_zstd) test_*.py conformance
  )
else
  echo "peers: no interpreter with pyvista: the tests of pyvista-zstd are skipped"
fi
