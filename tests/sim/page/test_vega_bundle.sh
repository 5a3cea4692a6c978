#!/usr/bin/env bash
# scripts/bundle-vega gives the file that is in the tree.
# Usage: test_vega_bundle.sh SOURCE_FOLDER
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
status=0
"$1/scripts/bundle-vega" "$folder/vega.js" > "$folder/out" 2>&1 || status=$?
if [[ $status -eq 2 ]]; then
  cat "$folder/out"
  exit 77
fi
[[ $status -eq 0 ]]
cmp "$folder/vega.js" "$1/sim/page/web/vega.js"
