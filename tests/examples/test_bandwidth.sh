#!/usr/bin/env bash
# The curve of docs/device.md is what the platform gives, and it is shaped as bandwidth would shape it.
# Usage: test_bandwidth.sh PLATFORM_BANDWIDTH DEVICE_BANDWIDTH.csv
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$1" > "$folder/out.csv"
diff "$2" "$folder/out.csv"
awk -F, 'NR > 1 {
    of[$1, $2, $3] = $4; compute[$5] = 1
    key = $2 SUBSEP $3
    if (key in last && $4 > last[key]) { print "more bandwidth, more cycles: " $0; wrong = 1 }
    last[key] = $4
    if ($4 < $5) { print "less than the machine needs: " $0; wrong = 1 }
  }
  END {
    for (each in of) {
      split(each, part, SUBSEP)
      if (of[part[1], 2, part[3]] < of[part[1], 1, part[3]]) { print "two are faster than one at " part[1]; wrong = 1 }
      if (of[part[1], part[2], "yes"] > of[part[1], part[2], "no"]) { print "double buffering costs at " part[1]; wrong = 1 }
    }
    for (each in compute) ++kinds
    if (NR != 25 || kinds != 1) { print "not 24 points of one job"; wrong = 1 }
    if (of["0.8", 2, "no"] < 1.8 * of["0.8", 1, "no"]) { print "a slow memory is not shared"; wrong = 1 }
    if (of["25.6", 2, "no"] > 1.02 * of["25.6", 1, "no"]) { print "a fast memory is not enough for two"; wrong = 1 }
    exit wrong
  }' "$folder/out.csv"
