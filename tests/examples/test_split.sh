#!/usr/bin/env bash
# A layer that the machine refuses runs in parts on a device, with the outputs and cycles of `lacuna run`.
# Usage: test_split.sh PLATFORM_SPLIT LACUNA CONFIGS
set -euo pipefail
platform=$1
lacuna=$2
configs=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/run.yaml" <<END
architecture:
  kind: eie
  pe_count: 8
  pointer_capacity_bytes: 1024
workload:
  layers:
    - generate: {rows: 200, columns: 900, weight_density: 0.1, activation_density: 0.4, vectors: 3}
memory: {bandwidth_gb_per_s: 6.4, latency_ns: 60}
engine: timeline
END
"$lacuna" run "$folder/run.yaml" --json "$folder/out.json" --quiet
"$platform" "$folder/run.yaml" "$configs/reference" > "$folder/out"
python3 - "$folder/out.json" "$folder/out" <<'END'
import json, re, sys
layer = json.load(open(sys.argv[1]))["layers"][0]
text = open(sys.argv[2]).read()
jobs, cycles, runs, outputs = re.search(r"(\d+) jobs, (\d+) cycles, (\d+) of runs, outputs (\w+)", text).groups()
assert "pointer SRAM" in text, text  # why it is split
assert int(jobs) == layer["memory"]["jobs"] > 1, (jobs, layer["memory"]["jobs"])
assert outputs == layer["outputs_checksum"], (outputs, layer["outputs_checksum"])
assert int(runs) == layer["memory"]["run_cycles"], (runs, layer["memory"]["run_cycles"])
# A run's end on the clock may be two cycles behind the last result (docs/memory.md).
assert 0 <= int(cycles) - layer["cycles"] <= 2 * 3 * int(jobs), (cycles, layer["cycles"])
END
