#!/bin/bash
# One shard of a sweep (with RUN=search: of a search) for each task of a Slurm job array. All tasks can be sent again at
# any time: each goes on where it stopped, and one that is done ends at once.
#
#   SHARDS=64 sbatch --array=1-64 --cpus-per-task=4 slurm-array.sh SWEEP.yaml OUT     all shards
#   SHARDS=64 sbatch --array=3,17 --cpus-per-task=4 slurm-array.sh SWEEP.yaml OUT     those that merge-shards.sh lists
#
# SWEEP.yaml and OUT lie where all nodes see them. Then: merge-shards.sh OUT
#SBATCH --job-name=lacuna-sweep
#SBATCH --open-mode=append
set -eu
sweep=$1
out=$2
task=$SLURM_ARRAY_TASK_ID
mkdir -p "$out"
# What was merged before, a search goes on from.
reuse=()
[[ ! -e $out/whole/sweep.sqlite ]] || reuse=(--reuse "$out/whole")
# exec: Slurm's signals reach the program, which keeps what is done.
exec lacuna "${RUN:-sweep}" "$sweep" --shard "$task/$SHARDS" "${reuse[@]}" --out "$out/part$task" -j "${SLURM_CPUS_PER_TASK:-1}"
