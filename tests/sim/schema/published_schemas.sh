#!/usr/bin/env bash
# Holds what the program writes, and every golden result, against the schemas that it publishes.
#   published_schemas.sh LACUNA PYTHON SOURCE
set -euo pipefail
lacuna=$1
python=$2
source=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
validate="$source/tests/validate_results.py"

"$lacuna" schema result > "$folder/result-schema.json"
"$lacuna" schema sweep-result > "$folder/sweep-schema.json"
"$python" "$validate" "$folder/result-schema.json" "$source"/configs/regression/golden/*.json "$source"/tests/golden/*.json

run() { "$lacuna" run "$source/configs/$1" --engine timeline --quiet --json "$folder/$2.json" "${@:3}"; }
run main.yaml main
run main.yaml without-energy --set outputs=false
run lenet5-network.yaml network
run tomato/lenet5.yaml streaming
run tomato/lenet5.yaml one-frame --set workload.frames=1 --set outputs=false
"$python" "$validate" "$folder/result-schema.json" "$folder"/{main,without-energy,network,streaming,one-frame}.json

for sweep in fifo-depth tomato-lenet5-front; do
  "$lacuna" sweep "$source/configs/sweeps/$sweep.yaml" --out "$folder/$sweep" --quiet \
    --set sampling='{method: random, points: 20}'
done
"$python" "$validate" "$folder/sweep-schema.json" "$folder"/{fifo-depth,tomato-lenet5-front}/results.json

data=/usr/share/datasets/fashion-mnist
if [ -x "$(dirname "$lacuna")/lacuna-train" ] && [ -d $data ]; then
  "$lacuna" schema search-result > "$folder/search-schema.json"
  "$lacuna" search "$source/configs/search/fashion-quick.yaml" --out "$folder/search" --quiet --set search.samples=2 \
    --set search.train.max_images=100 --set search.test.max_images=20 --set search.training='{steps: [{epochs: 1, rate: 0.1}]}'
  "$python" "$validate" "$folder/search-schema.json" "$folder/search/results.json"
fi

# A key that the schema does not know is found.
sed 's/"seed"/"sead"/' "$folder/main.json" > "$folder/wrong.json"
if "$python" "$validate" "$folder/result-schema.json" "$folder/wrong.json" > "$folder/found"; then
  echo "an unknown key was not found"
  exit 1
fi
grep -q sead "$folder/found"
