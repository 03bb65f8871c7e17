#!/bin/sh
# Makes the virtual environment FOLDER in which the Python package is built and tested. Does nothing twice.
set -eu

folder=$1
python=${PYTHON:-python3}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

[ ! -f "$folder/complete" ] || exit 0
echo "python: making an environment in $folder"
rm -rf "$folder"
"$python" -m venv "$folder" || {
  echo "python: '$python -m venv' failed; on Debian and Ubuntu the package python3-venv has it" >&2
  exit 1
}
"$folder/bin/pip" install --quiet numpy pytest 'maturin>=1.16,<2'
# What the package works with. Without it those tests say that they were skipped.
"$folder/bin/pip" install --quiet 'zarr>=3.1,<4' numcodecs xarray 'dask[array]' distributed s3fs 'moto[server]' pyarrow polars 'pcodec==1.1.0' mypy || true
"$folder/bin/pip" install --quiet 'virtualizarr>=2.5,<3' obstore icechunk || true
touch "$folder/complete"
