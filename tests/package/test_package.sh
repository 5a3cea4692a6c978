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
cmake -S "$source/tests/package" -B "$folder/user" -G Ninja -DCMAKE_PREFIX_PATH="$folder/installed" > /dev/null
cmake --build "$folder/user" > /dev/null
"$folder/user/user"
