#!/usr/bin/env bash
# Makes the Debian packages of a build and installs them below a folder: the program runs there with the files that came with it, its
# manual page and completion are there, and removing it leaves nothing.
# Usage: test_deb.sh BUILD_FOLDER
set -euo pipefail
build=$1
for tool in cpack dpkg dpkg-shlibdeps file man bash; do
  if ! command -v "$tool" > /dev/null; then
    echo "skipped: $tool is missing (Debian: cmake dpkg dpkg-dev file man-db bash)"
    exit 77
  fi
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cpack --config "$build/CPackConfig.cmake" -B "$folder/packages" > "$folder/log" 2>&1 || {
  tail -n 30 "$folder/log"
  exit 1
}
ls -l "$folder/packages"/*.deb
for package in lacuna lacuna-dev; do
  compgen -G "$folder/packages/${package}_*.deb" > /dev/null || { echo "no package $package" >&2; exit 1; }
done

# What Debian's policy wants of each: terms, changes, a description of more than its first line.
for package in "$folder"/packages/*.deb; do
  name=$(dpkg-deb -f "$package" Package)
  dpkg-deb --fsys-tarfile "$package" | tar -x -C "$folder" "./usr/share/doc/$name"
  grep -q '/usr/share/common-licenses/Apache-2.0' "$folder/usr/share/doc/$name/copyright"
  grep -q 'University of Washington' "$folder/usr/share/doc/$name/copyright"
  zcat "$folder/usr/share/doc/$name/changelog.gz" | grep -q '^lacuna (.*) bookworm;'
  [[ $(dpkg-deb -f "$package" Description | wc -l) -gt 1 ]]
done

# What it depends on is here, since the program was built and runs here.
IFS=, read -ra depends <<< "$(dpkg-deb -f "$folder"/packages/lacuna_*.deb Depends)"
[[ ${#depends[@]} -gt 5 ]]
for entry in "${depends[@]}"; do
  name=$(sed -E 's/^ *([a-z0-9.+-]+).*/\1/' <<< "$entry")
  dpkg-query -W -f '${Status}' "$name" | grep -q 'ok installed' || { echo "depends on $name, which is not installed" >&2; exit 1; }
done

root=$folder/root
mkdir -p "$root/var/lib/dpkg/updates" "$root/var/lib/dpkg/info"
touch "$root/var/lib/dpkg/status"
install=(dpkg --root="$root" --force-not-root --force-depends --force-script-chrootless --log="$folder/dpkg.log")
"${install[@]}" -i "$folder"/packages/lacuna_*.deb > "$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
begin=$(date +%s)
"$root/usr/bin/lacuna" run "$root/usr/share/lacuna/configs/main.yaml" --engine timeline > "$folder/table"
grep -q Alex-6 "$folder/table"
echo "first result after $(($(date +%s) - begin)) s"
"$root/usr/bin/lacuna" energy show bottom-up-45nm > /dev/null

man --warnings -E UTF-8 -l "$root/usr/share/man/man1/lacuna.1.gz" > "$folder/page" 2> "$folder/warnings"
[[ ! -s "$folder/warnings" ]] || { cat "$folder/warnings" >&2; exit 1; }
for word in 'lacuna run' '--intervals N' 'EXIT STATUS'; do
  grep -q -e "$word" "$folder/page" || { echo "the manual page lacks '$word'" >&2; exit 1; }
done

complete() { # WORDS...: what would follow the last of them
  # shellcheck disable=SC2016
  bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lacuna; printf "%s\n" "${COMPREPLY[@]}"' _ \
    "$root/usr/share/bash-completion/completions/lacuna" "$@"
}
[[ "$(complete lacuna swe)" == sweep ]]
[[ "$(complete lacuna run --int)" == --intervals ]]
complete lacuna energy '' | grep -qx show
[[ "$(complete lacuna schema res)" == result ]]
touch "$folder/some.yaml"
(cd "$folder" && [[ "$(complete lacuna run --architecture som)" == some.yaml ]])

"${install[@]}" -i "$folder"/packages/lacuna-dev_*.deb > "$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
[[ -e "$root/usr/lib/cmake/Lacuna/LacunaConfig.cmake" && -e "$root/usr/include/lacuna/sim/family/family.h" ]]
if compgen -G "$folder/packages/lacuna-python3_*.deb" > /dev/null; then
  "${install[@]}" -i "$folder"/packages/lacuna-python3_*.deb > "$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
  (cd "$folder" && PYTHONPATH="$root/usr/lib/python3/dist-packages" /usr/bin/python3 -B -c '
import lacuna
assert lacuna.run(lacuna.share_folder() / "configs/main.yaml", engine="timeline").totals["cycles"] > 0')
  "${install[@]}" --purge lacuna-python3 > /dev/null 2>&1
fi
"${install[@]}" --purge lacuna-dev lacuna > "$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
left=$(find "$root/usr" -type f 2> /dev/null || true)
[[ -z "$left" ]] || { echo "left behind: $left" >&2; exit 1; }
