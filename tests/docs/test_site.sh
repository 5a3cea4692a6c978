#!/usr/bin/env bash
# scripts/docs-site makes every page, the search index, and the pages of the C++ interface.   test_site.sh SOURCE FOLDER
set -euo pipefail
source=$1 site=$2
for program in mkdocs doxygen; do
  command -v "$program" > /dev/null || { echo "skipped: $program is not installed"; exit 77; }
done
rm -rf "$site"
"$source/scripts/docs-site" "$site"

while read -r page; do
  html=$site/${page%.md}.html
  [[ "$page" == */README.md ]] && html=$site/${page%README.md}index.html
  grep -q "md-content" "$html" || { echo "failed: $page is not there as $html"; exit 1; }
done < <(cd "$source/docs" && find . -name '*.md' -printf '%P\n')
/usr/bin/python3 - "$site" << 'END'
import json, pathlib, re, sys
site = pathlib.Path(sys.argv[1])
texts = [entry["text"] for entry in json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))["docs"]]
assert sum("queue_depth_entries" in text for text in texts) >= 2, "the search index does not know queue_depth_entries"
dead = set()
for page in site.rglob("*.html"):
    if page.relative_to(site).parts[0] in ("cpp", "python") or page.name == "404.html":
        continue
    for target in re.findall(r'(?:href|src)="?([^"\s>#?]+)', page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        to = site / target[1:] if target.startswith("/") else page.parent / target
        if not to.exists():
            dead.add(f"{page.relative_to(site)}: {target}")
assert not dead, "\n".join(["dead links of the site:", *sorted(dead)])
END
grep -q "ProcessingElement" -r "$site/cpp" --include='*.html' || { echo "failed: no page of the C++ interface"; exit 1; }
# Nothing is loaded from elsewhere.
if grep -rlE '<(script|link|img)[^>]*(src|href)="https?://' "$site" --include='*.html' | grep -v "/cpp/"; then
  echo "failed: these pages load something from elsewhere"
  exit 1
fi
