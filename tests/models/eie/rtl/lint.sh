#!/bin/sh
# Runs Verilator's lint with all warnings over the machine in RTL_FOLDER, with parameters that open every generate
# branch. Usage: lint.sh RTL_FOLDER
set -eu
cd "$1"

lint() {
  flags=
  for parameter in "$@"; do
    flags="$flags -G$parameter"
  done
  # shellcheck disable=SC2086  # one flag per word
  verilator --lint-only -Wall --unroll-count 2000 --top-module eie_top $flags ./*.sv || {
    echo "lint failed with: $*" >&2
    exit 1
  }
}

lint
lint PE_COUNT=1 QUEUE_DEPTH=1 REGISTER_FILE_ENTRIES=0
lint PE_COUNT=2 QUEUE_DEPTH=3 SRAM_WIDTH=8 ROUNDING=0
lint PE_COUNT=5 INDEX_BITS=8 CODE_BITS=8 SPMAT_WIDTH=32 ROUNDING=2 "ARITHMETIC_BYPASS=1'b0" "POINTER_PREFETCH=1'b0" \
  DESTINATION_ENTRIES=4 SOURCE_ENTRIES=3 REGISTER_FILE_ENTRIES=3 LNZD_LATENCY_CYCLES=3 "POSITIVE_ONLY=1'b1"
lint PE_COUNT=17 INDEX_BITS=2 CODE_BITS=1 SPMAT_WIDTH=512 IO_WIDTH=512 ACTIVATION_WIDTH=12 ACCUMULATOR_WIDTH=32 \
  WEIGHT_WIDTH=32
lint PE_COUNT=64 ACTIVATION_WIDTH=32 WEIGHT_WIDTH=32 ACCUMULATOR_WIDTH=8 SRAM_WIDTH=48
lint PE_COUNT=3 ACTIVATION_WIDTH=5 WEIGHT_WIDTH=4 ACCUMULATOR_WIDTH=32 SRAM_WIDTH=100 IO_WIDTH=128 SRAM_WORDS=1 \
  SPMAT_ROWS=1
lint PE_COUNT=3 ACTIVATION_WIDTH=4 SRAM_WIDTH=1024 IO_WIDTH=1024 POINTERS=4 IO_ADDRESS_WIDTH=16
echo "lint clean"
