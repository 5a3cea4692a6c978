#!/bin/bash
# The shards of a search as processes of one machine, PROCESSES at a time, round after round: what is looked at next
# depends on what all have found. On a cluster each round is a job array (slurm-array.sh with RUN=search) and a merge.
#
#   search-shards.sh search SEARCH.yaml OUT SHARDS PROCESSES      blocks of networks (lacuna search)
#   search-shards.sh sweep SWEEP.yaml OUT SHARDS PROCESSES        machines (sampling.method: nsga2)
set -eu
run=$1
file=$2
out=$3
shards=$4
processes=$5
mkdir -p "$out"
reuse=()
while true; do
  seq "$shards" | xargs -P "$processes" -I{} lacuna "$run" "$file" --shard "{}/$shards" "${reuse[@]}" --out "$out/part{}" -j 1
  code=0
  lacuna merge "$out"/part* --out "$out/whole" || code=$?
  [[ $code -eq 1 && -e $out/whole/sweep.sqlite ]] || exit "$code"
  reuse=(--reuse "$out/whole")
done
