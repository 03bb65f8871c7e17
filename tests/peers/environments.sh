#!/bin/sh
# Makes the Python environments in which tests meet pyvista-zstd:
#
#     environments.sh FOLDER VERSION...
#
# leaves FOLDER/python-VERSION for each: an interpreter that imports that release. All share one environment with numpy,
# pyvista and VTK (most of a gigabyte); a release is a folder of its own on the module path. Does nothing twice.
set -eu

folder=$1
shift
python=${PYTHON:-python3}
environment=$folder/environment
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

if [ ! -f "$environment/complete" ]; then
  echo "peers: making a Python environment in $environment"
  rm -rf "$environment"
  "$python" -m venv "$environment" || {
    echo "peers: '$python -m venv' failed; on Debian and Ubuntu the package python3-venv has it" >&2
    exit 1
  }
  # The releases' own dependencies: zstandard and tqdm up to 0.3, pyvista after it.
  "$environment/bin/pip" install --quiet numpy pyvista zstandard tqdm
  # Servers that tests of stores start. Without them those say that they were skipped.
  "$environment/bin/pip" install --quiet pyftpdlib pyopenssl "moto[server]" || true
  # Readers and writers of .fits. Without them that test says that it was skipped.
  "$environment/bin/pip" install --quiet astropy fitsio rustfits || true
  touch "$environment/complete"
fi
absolute=$(cd "$folder" && pwd)

for version in "$@"; do
  [ -f "$folder/$version/complete" ] || {
    echo "peers: installing pyvista-zstd $version"
    rm -rf "${folder:?}/$version"
    "$environment/bin/pip" install --quiet --no-deps --target "$folder/$version" "pyvista-zstd==$version"
    touch "$folder/$version/complete"
  }
  cat > "$folder/python-$version" <<END
#!/bin/sh
PYTHONPATH="$absolute/$version" exec "$absolute/environment/bin/python" "\$@"
END
  chmod +x "$folder/python-$version"
  "$folder/python-$version" -c "import pyvista_zstd" || {
    echo "peers: pyvista-zstd $version does not import" >&2
    exit 1
  }
done
