#!/bin/bash
# The shards of a sweep as processes of one machine, PROCESSES at a time, then their merge. On one machine
# `lacuna sweep -j N` does the same with less; this is the pattern for whatever starts a command on a machine
# (GNU parallel with --sshlogin, pdsh, a batch system of your own). Called again it goes on where it stopped.
#
#   xargs-shards.sh SWEEP.yaml OUT SHARDS PROCESSES
set -eu
sweep=$1
out=$2
shards=$3
processes=$4
mkdir -p "$out"
seq "$shards" | xargs -P "$processes" -I{} lacuna sweep "$sweep" --shard "{}/$shards" --out "$out/part{}" -j 1
lacuna merge "$out"/part* --out "$out/whole"
