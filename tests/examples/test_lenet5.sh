#!/usr/bin/env bash
# LeNet-5 on the platform's devices has the cycles and outputs of `lacuna run` with the same configurations.
# Usage: test_lenet5.sh PLATFORM_LENET5 LACUNA CONFIGS
set -euo pipefail
platform=$1
lacuna=$2
configs=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$lacuna" run "$configs/lenet5-network.yaml" --json "$folder/eie.json" --quiet
"$lacuna" run "$configs/tomato/lenet5.yaml" --json "$folder/streaming.json" --quiet
for coding in "" approximately-timed; do
  # shellcheck disable=SC2086
  "$platform" "$configs/lenet5-network.yaml" "$configs/tomato/lenet5.yaml" $coding > "$folder/out"
  lines=0
  while read -r family name cycles checksum; do
    [[ $family == time ]] && continue
    if ! grep -q "\"cycles\": $cycles," "$folder/$family.json" ||
      ! grep -q "\"outputs_checksum\": \"$checksum\"" "$folder/$family.json"; then
      echo "$family $name $coding: cycles $cycles, outputs $checksum are not those of lacuna run" >&2
      exit 1
    fi
    lines=$((lines + 1))
  done < "$folder/out"
  if [[ $lines -ne 5 ]] || ! grep -q '^time [1-9]' "$folder/out"; then
    echo "not four layers and a whole network:" >&2
    cat "$folder/out" >&2
    exit 1
  fi
done
status=0
"$platform" "$folder/none.yaml" "$configs/tomato/lenet5.yaml" 2> "$folder/error" || status=$?
grep -q '^error: .*none.yaml' "$folder/error" && [[ $status -eq 3 || $status -eq 2 ]]
