#!/bin/bash
# The commands `lacuna import` and `lacuna inspect` as a user types them.
# usage: import_command.sh LACUNA_PROGRAM PYTHON

set -u
lacuna=$1
python=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

fail() {
  echo "failed: $1" >&2
  exit 1
}

refuses() {  # EXIT_CODE TEXT COMMAND...
  local code=$1 text=$2
  shift 2
  "$@" >out.txt 2>err.txt
  local found=$?
  [ "$found" -eq "$code" ] || fail "exit code $found, not $code: $*"
  [ "$(wc -l <err.txt)" -eq 1 ] || fail "not one line on stderr: $(cat err.txt)"
  grep -q -e "^error: .*$text" err.txt || fail "no \"$text\" in: $(cat err.txt)"
}

"$python" -c 'import numpy' 2>/dev/null || { echo "skipped: no numpy"; exit 77; }
"$python" - <<'END' || fail "numpy"
import numpy as np
np.save("w.npy", np.array([[0.5, 0, -1], [0, 0, 2]], np.float32))
np.save("b.npy", np.array([0.25, 0], np.float32))
np.save("a.npy", np.array([[1, 0, 2], [0, 0, 1]], np.float32))
np.save("nan.npy", np.array([[1, np.nan, 2]], np.float32))
END

"$lacuna" import npy w.npy --bias b.npy --activations a.npy -o t.h5 --no-relu --name "my layer" \
  --provenance "origin=made up" >out.txt || fail "import"
for line in "t.h5: my layer, 2 outputs x 3 inputs and bias, 2 activation vectors$" "weights: 3 of 6 kept (50.00 %)$" \
  "codebook: 3 bits, 4 values and zero; error of the weights: none$" "ReLU: no$" "next: lacuna run --trace t.h5$"; do
  grep -q -e "^$line" out.txt || fail "no \"$line\" in: $(cat out.txt)"
done
next=$(sed -n 's/^next: lacuna //p' out.txt)
# shellcheck disable=SC2086
"$lacuna" $next >out.txt || fail "the command that import names: $next"
grep -q "my layer" out.txt || fail "run --trace: $(cat out.txt)"
refuses 2 "--relu: is said twice" "$lacuna" import npy w.npy --activations a.npy -o twice.h5 --relu --no-relu
for compression in none fast small; do
  "$lacuna" import npy w.npy --bias b.npy --activations a.npy -o "$compression.h5" --no-relu --compression "$compression" \
    >out.txt || fail "import --compression $compression"
done
"$python" - <<'END' || fail "what --compression wrote"
import h5py
import numpy as np
for name, filters, rows in [("none", (None, False, False), "<i4"), ("fast", (None, False, True), "<u2"),
                            ("small", ("gzip", True, True), "<i4")]:
    with h5py.File(name + ".h5") as file:
        indices = file["matrix/indices"]
        assert (indices.compression, indices.shuffle, indices.fletcher32) == filters, name
        assert indices.dtype == rows, name
        assert indices[:].tolist() == [0, 0, 1, 0], name
END
refuses 2 "\\-\\-compression" "$lacuna" import npy w.npy --activations a.npy -o x.h5 --relu --compression lz4
# 300 distinct weights do not fit 16 values: the error is that of an independent k-means within a percent of it.
"$python" -c 'import numpy as np; np.save("r.npy", np.random.default_rng(1).normal(size=(30, 10)).astype("f4")); np.save("ra.npy", np.ones(10, "f4"))'
"$lacuna" import npy r.npy --activations ra.npy --relu -o r.h5 >out.txt || fail "import r.npy"
"$python" - out.txt <<'END' || fail "error of the weights: $(cat out.txt)"
import re, sys
import h5py
import numpy as np
text = open(sys.argv[1]).read()
percent, decibel = map(float, re.search(r"error of the weights: ([0-9.]+) % \(([0-9.]+) dB\)", text).groups())
weights = np.load("r.npy").astype(np.float64)
with h5py.File("r.h5") as file:
    book = file["codebook"][:].astype(np.float64)
errors = np.abs(weights[..., None] - book[1:]).min(axis=-1)  # to the nearest shared value
ratio = np.sqrt((errors**2).sum() / (weights**2).sum())
sys.exit(0 if abs(percent - 100 * ratio) < 0.01 * percent and abs(decibel + 20 * np.log10(ratio)) < 0.1 else 1)
END
"$lacuna" inspect t.h5 --pe-count 2 >out.txt || fail "inspect"
for line in "layer  *my layer" "shape  *2 outputs x 3 inputs, bias$" "weight nonzeros  *3 (50.00 %)" "bias nonzeros  *1$" \
  "activation nonzeros  *3 of 6 (50.00 %)" "PEs  *2, relative" "stored entries  *4$" \
  "entries per PE  *min 1, mean 2.0, max 3" "balance (mean/max)  *0.6667" "origin: made up"; do
  grep -q -e "$line" out.txt || fail "no \"$line\" in: $(cat out.txt)"
done

refuses 2 "t.h5: -o: exists already" "$lacuna" import npy w.npy --activations a.npy --relu -o t.h5
"$lacuna" import npy w.npy --activations a.npy --relu -o t.h5 --force >out.txt || fail "import --force"
"$lacuna" inspect t.h5 | grep -q "3 inputs, ReLU" || fail "inspect after --force"
refuses 2 "activations: is missing" "$lacuna" import npy w.npy --relu -o new.h5
refuses 2 "layer: is not read by the format npy" "$lacuna" import npy w.npy --activations a.npy --layer x --relu -o new.h5
refuses 2 "provenance: \"x\"" "$lacuna" import npy w.npy --activations a.npy --provenance x --relu -o new.h5
refuses 2 "relu: is missing.*--relu or --no-relu" "$lacuna" import npy w.npy --activations a.npy -o new.h5
refuses 2 "FORMAT" "$lacuna" import mat w.npy -o new.h5
refuses 3 "nan.npy: element 1" "$lacuna" import npy w.npy --activations nan.npy --relu -o new.h5
refuses 3 "none.npy: cannot be opened" "$lacuna" import npy none.npy --activations a.npy --relu -o new.h5
refuses 3 "w.npy: " "$lacuna" import han-net w.npy --layer x --activations a.npy --relu -o new.h5
refuses 3 "indptr.npy: cannot be opened" "$lacuna" import csc-npy . --relu -o new.h5
refuses 2 "no/new.h5: -o: its folder does not exist" "$lacuna" import npy w.npy --activations a.npy --relu -o no/new.h5
[ ! -e new.h5 ] || fail "something was written"
head -c 3000 t.h5 >short.h5
refuses 3 "short.h5: is damaged or cut short" "$lacuna" inspect short.h5
refuses 3 "w.npy: is not an HDF5 file" "$lacuna" inspect w.npy
refuses 2 "pe-count" "$lacuna" inspect t.h5 --pe-count 0
[ -z "$(find . -name '*.tmp')" ] || fail "temporary files are left"
