#!/usr/bin/env bash
# Configures a project that contains Lacuna's source tree, builds a library of it and runs a program with that.
# Usage: test_add_subdirectory.sh SOURCE_FOLDER
set -euo pipefail
source=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cmake -S "$source/tests/package/inside" -B "$folder" -G Ninja -D LACUNA_TREE="$source" > "$folder/log" 2>&1 || {
  tail -n 30 "$folder/log"
  exit 1
}
cmake --build "$folder" --target user > "$folder/log" 2>&1 || {
  tail -n 30 "$folder/log"
  exit 1
}
"$folder/user"
cmake --install "$folder" --prefix "$folder/installed" > "$folder/log" 2>&1
if [[ -e "$folder/installed" ]]; then
  echo "the project's installation holds what Lacuna would install:" >&2
  find "$folder/installed" >&2
  exit 1
fi
