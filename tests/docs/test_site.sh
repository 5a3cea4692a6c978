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
/usr/bin/python3 - "$site/search/search_index.json" << 'END'
import json, sys
texts = [entry["text"] for entry in json.load(open(sys.argv[1], encoding="utf-8"))["docs"]]
assert sum("queue_depth_entries" in text for text in texts) >= 2, "the search index does not know queue_depth_entries"
END
grep -q "ProcessingElement" -r "$site/cpp" --include='*.html' || { echo "failed: no page of the C++ interface"; exit 1; }
# Nothing is loaded from elsewhere.
if grep -rlE '<(script|link|img)[^>]*(src|href)="https?://' "$site" --include='*.html' | grep -v "/cpp/"; then
  echo "failed: these pages load something from elsewhere"
  exit 1
fi
