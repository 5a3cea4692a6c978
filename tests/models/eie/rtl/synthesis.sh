#!/bin/sh
# Synthesizes whole small machines from RTL_FOLDER to gates with Yosys and fails if a latch appears.
# Usage: synthesis.sh RTL_FOLDER
set -eu
cd "$1"

synthesize() {
  parameters="-chparam SPMAT_ROWS 4 -chparam POINTERS 8 -chparam SRAM_WORDS 4 -chparam IO_ADDRESS_WIDTH 8"
  parameters="$parameters $1"
  yosys -p "read_verilog -sv *.sv; hierarchy -check -top eie_top $parameters; synth -top eie_top; check -assert;
            select -assert-none t:\$_DLATCH* t:\$dlatch* t:\$_SR_*; select -assert-min 100 t:\$_*DFF*" \
    > "$log" 2>&1 || {
    tail -n 20 "$log" >&2
    echo "synthesis failed with: $1" >&2
    exit 1
  }
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
synthesize "-chparam PE_COUNT 3 -chparam SOURCE_ENTRIES 4 -chparam DESTINATION_ENTRIES 4 \
-chparam REGISTER_FILE_ENTRIES 4"
synthesize "-chparam PE_COUNT 2 -chparam SOURCE_ENTRIES 3 -chparam DESTINATION_ENTRIES 3 \
-chparam REGISTER_FILE_ENTRIES 3 -chparam ACTIVATION_WIDTH 12 -chparam SRAM_WIDTH 32 -chparam ROUNDING 2 \
-chparam POSITIVE_ONLY 1'b1 -chparam ARITHMETIC_BYPASS 1'b0 -chparam POINTER_PREFETCH 1'b0 -chparam QUEUE_DEPTH 3"
echo "no latches"
