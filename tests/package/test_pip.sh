#!/usr/bin/env bash
# `pip install .` in a virtual environment, without a network: the package works there, outside of the tree, with its own files.
# The extension of this build is taken (LACUNA_BUILD), so that nothing is compiled twice; with `compile`, pip compiles everything.
# Usage: test_pip.sh BUILD_FOLDER SOURCE_FOLDER [compile]
set -euo pipefail
build=$1
source=$2
taken=(LACUNA_BUILD="$build")
if [[ "${3:-}" == compile ]]; then
  taken=()
elif ! compgen -G "$build/python/lacuna/_core*.so" > /dev/null; then
  echo "skipped: the Python package was not built"
  exit 77
fi
if ! /usr/bin/python3 -c 'import ensurepip, wheel, setuptools, pandas' 2> /dev/null; then
  echo "skipped: Debian's python3-venv, python3-wheel, python3-setuptools or python3-pandas are missing"
  exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
/usr/bin/python3 -m venv --system-site-packages "$folder/venv"
# The tree is copied: a build leaves its folders in it.
mkdir "$folder/tree"
if ((${#taken[@]})); then
  cp -r "$source/pyproject.toml" "$source/setup.py" "$source/CMakeLists.txt" "$source/README.md" "$source/LICENSE" "$folder/tree"
else
  tar -C "$source" --exclude=./build --exclude=./.git -cf - . | tar -C "$folder/tree" -xf -
fi
begin=$(date +%s)
(cd "$folder/tree" && CCACHE_BASEDIR=$folder/tree env "${taken[@]}" "$folder/venv/bin/pip" install --no-build-isolation --no-index \
  --disable-pip-version-check . > "$folder/log" 2>&1) || {
  tail -n 40 "$folder/log"
  exit 1
}
echo "installed after $(($(date +%s) - begin)) s"
cd "$folder"
env -u PYTHONPATH "$folder/venv/bin/python" -B - "$folder/venv" << 'PYTHON'
import pathlib
import sys

import lacuna

assert str(lacuna.__file__).startswith(sys.argv[1]), lacuna.__file__
assert str(lacuna.share_folder()).startswith(sys.argv[1]), lacuna.share_folder()
result = lacuna.run(lacuna.share_folder() / "configs/main.yaml", engine="timeline")
assert result.totals["cycles"] > 0
assert (pathlib.Path(lacuna.__file__).parent / "eie.pyi").exists() or list(pathlib.Path(lacuna.__file__).parent.glob("*.pyi")), "no stubs"
try:
    import torch
except ImportError:
    pass
else:
    import lacuna.torch
PYTHON
"$folder/venv/bin/pip" uninstall --yes lacuna-sim > "$folder/log" 2>&1
if "$folder/venv/bin/python" -c 'import lacuna' 2> /dev/null; then
  echo "the package is still there" >&2
  exit 1
fi
