#!/usr/bin/env bash
# Installs a build into a temporary folder, builds tests/package against it and runs both programs.
# Usage: test_package.sh BUILD_FOLDER SOURCE_FOLDER
set -euo pipefail
build=$1
source=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cmake --install "$build" --prefix "$folder/installed" > /dev/null
"$folder/installed/bin/lacuna" run "$folder/installed/share/lacuna/configs/main.yaml" --engine timeline --quiet
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
