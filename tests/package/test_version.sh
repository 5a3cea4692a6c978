#!/usr/bin/env bash
# The commit in the version is that of the source tree's own repository, and of no other.
# Usage: test_version.sh SOURCE_FOLDER
set -euo pipefail
source=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_CEILING_DIRECTORIES=$folder
export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.org GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.org
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

expect() { # PATTERN TREE WHAT
  cmake -D source="$2" -D version=1.2.3 -D template="$source/models/common/version.cpp.in" \
    -D output="$folder/version.cpp" -P "$source/cmake/WriteVersion.cmake"
  grep -q 'return "1.2.3";' "$folder/version.cpp"
  if ! grep -qE "return \"$1\";" "$folder/version.cpp"; then
    echo "$3:" >&2
    cat "$folder/version.cpp" >&2
    exit 1
  fi
}

mkdir -p "$folder/tarball" "$folder/clone/part"
echo one > "$folder/clone/file"
expect unknown "$folder/tarball" "a tree without a repository"
git -C "$folder/clone" init -q
expect unknown "$folder/clone" "a repository without a commit"
git -C "$folder/clone" add file
git -C "$folder/clone" commit -q -m first
expect '[0-9a-f]{12,}' "$folder/clone" "a clone"
expect unknown "$folder/clone/part" "a tree inside another repository"
expect '[0-9a-f]{12,}' "$folder/clone" "a clone"
before=$(stat -c %y "$folder/version.cpp")
expect '[0-9a-f]{12,}' "$folder/clone" "a clone"
if [[ "$(stat -c %y "$folder/version.cpp")" != "$before" ]]; then
  echo "the file was written again without need" >&2
  exit 1
fi
echo two > "$folder/clone/file"
expect '[0-9a-f]{12,}-dirty' "$folder/clone" "a clone with a change"
git -C "$folder/clone" tag -a -m v1 v1
expect 'v1-dirty' "$folder/clone" "a clone with a tag"
