#!/bin/sh
# Generates a project and runs parts of its Makefile. Usage: [GENERATE_OPTIONS=...] project.sh LACUNA CONFIG FRAMES GOAL...
set -eu
lacuna=$1
config=$2
frames=$3
shift 3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# shellcheck disable=SC2086  # options are words
"$lacuna" generate "$config" --frames "$frames" -o "$folder/project" ${GENERATE_OPTIONS:-}
for goal in "$@"; do
  # shellcheck disable=SC2086  # a goal may have variables behind it
  make -C "$folder/project" $goal > "$folder/log" 2>&1 || {
    tail -n 30 "$folder/log" >&2
    echo "failed: make $goal" >&2
    exit 1
  }
  case $goal in
    lint* | sim*)
      ! grep Warning "$folder/log" >&2 || {
        echo "warnings: make $goal" >&2
        exit 1
      }
      ;;
  esac
done
echo "done: $*"
