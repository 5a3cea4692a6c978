#!/usr/bin/env bash
# Installs a build into a temporary folder, builds tests/package and the example platforms against it and runs all programs.
# Usage: test_package.sh BUILD_FOLDER SOURCE_FOLDER
set -euo pipefail
build=$1
source=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cmake --install "$build" --prefix "$folder/installed" > /dev/null
"$folder/installed/bin/lacuna" run "$folder/installed/share/lacuna/configs/main.yaml" --engine timeline --quiet
# The Python package is a part of its own, where it was built.
if compgen -G "$build/python/lacuna/_core*.so" > /dev/null; then
  cmake --install "$build" --prefix "$folder/installed" --component python > /dev/null
  (cd "$folder" && PYTHONPATH="$folder/installed/lib/python3/dist-packages" /usr/bin/python3 -B -c '
import lacuna
assert lacuna.run(lacuna.share_folder() / "configs/main.yaml", engine="timeline").totals["cycles"] > 0')
fi
# It reads the files that were installed with it, and looks nowhere else for them.
mv "$folder/installed/share/lacuna" "$folder/moved"
status=0
"$folder/installed/bin/lacuna" energy show bottom-up-45nm > "$folder/out" 2>&1 || status=$?
mv "$folder/moved" "$folder/installed/share/lacuna"
if [[ $status -eq 0 ]] || ! grep -q "error: $folder/installed/share/lacuna/configs/.*: no such file" "$folder/out"; then
  echo "without its files the program ends with $status:" >&2
  cat "$folder/out" >&2
  exit 1
fi
cmake -S "$source/tests/package" -B "$folder/user" -G Ninja -DCMAKE_PREFIX_PATH="$folder/installed" > /dev/null
cmake --build "$folder/user" > /dev/null
"$folder/user/user"

cmake -S "$source/examples/platform" -B "$folder/platform" -G Ninja -DCMAKE_PREFIX_PATH="$folder/installed" > /dev/null
cmake --build "$folder/platform" > /dev/null
"$source/tests/examples/test_lenet5.sh" "$folder/platform/platform_lenet5" "$folder/installed/bin/lacuna" \
  "$folder/installed/share/lacuna/configs"
# The header for drivers is a C program's alone.
echo '#include "models/device/lacuna_device.h"' > "$folder/driver.c"
cc -std=c99 -Wall -Werror -pedantic -I "$folder/installed/include/lacuna" -c "$folder/driver.c" -o "$folder/driver.o"
