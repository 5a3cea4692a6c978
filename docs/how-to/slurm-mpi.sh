#!/bin/bash
# A sweep on all tasks of one Slurm job, by MPI: points go to whoever is free, and the results are written at the end.
# Sent again it goes on where it stopped.
#
#   sbatch --ntasks=64 slurm-mpi.sh SWEEP.yaml OUT
#SBATCH --job-name=lacuna-mpi
#SBATCH --open-mode=append
set -eu
exec mpirun lacuna-mpi sweep "$1" --out "$2"
