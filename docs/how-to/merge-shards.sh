#!/bin/bash
# Joins the shards OUT/part1, OUT/part2, ... in OUT/whole: results.csv, results.json and pareto.csv as one sweep in one
# folder writes them. When points are missing it names their shards and ends with 1; run these and call it again.
#
#   merge-shards.sh OUT
#   sbatch --dependency=afterany:JOB merge-shards.sh OUT      when the array JOB has ended
set -eu
exec lacuna merge "$1"/part* --out "$1/whole"
