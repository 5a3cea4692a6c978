"""Tests page.py: it takes a page's files out, runs its commands, and finds pages whose text and code differ."""

import json
import pathlib
import subprocess
import sys
import tempfile

SCRIPT = pathlib.Path(__file__).with_name("page.py")
LIST = "// head\n#include \"a\"\n\nall = {\n  a(),\n};\n"
PROGRAM = """#!/bin/sh
case $1 in
  schema) echo '{"type": "object"}';;
  run) echo "cycles 9"; echo '{"schema": "lacuna.result/2"}' > result.json;;
  fail) echo broken; exit 3;;
esac
"""
PAGE = """# Page
```cpp models/x/x.h
int x();

```
text
```yaml sim/x/run.yaml
width: 2
```
```diff sim/families.cpp
+#include "x"
 #include "a"
   a(),
+  x(),
```
```console
$ lacuna run sim/x/run.yaml
cycles 9
$ cat sim/x/run.yaml > /dev/null
```
"""


class Place:
    """A source tree with the page's list, and the program of the page."""

    def __init__(self, folder):
        self.sources = folder / "sources"
        self.out = folder / "out"
        self.page = folder / "page.md"
        self.program = folder / "program"
        (self.sources / "sim").mkdir(parents=True)
        (self.sources / "sim" / "families.cpp").write_text(LIST)
        (self.sources / "tests").symlink_to(SCRIPT.parent.parent)
        self.program.write_text(PROGRAM)
        self.program.chmod(0o755)

    def do(self, action, page, *arguments):
        self.page.write_text(page)
        done = subprocess.run([sys.executable, SCRIPT, action, self.page, self.sources, self.out, *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, done.stdout


def expect(truth, *shown):
    if not truth:
        print("failed:", *shown)
        sys.exit(1)


def test_extract(place):
    code, text = place.do("extract", PAGE)
    expect(code == 0 and text == "models/x/x.h;sim/x/run.yaml;sim/families.cpp", code, text)
    expect((place.out / "models/x/x.h").read_text() == "int x();\n\n", "x.h")
    families = (place.out / "sim/families.cpp").read_text()
    expect(families == LIST.replace('#include "a"', '#include "x"\n#include "a"').replace("  a(),", "  a(),\n  x(),"),
           families)
    time = (place.out / "models/x/x.h").stat().st_mtime_ns
    place.do("extract", PAGE.replace("sim/x/run.yaml\nwidth", "sim/x/walk.yaml\nwidth"))
    expect(not (place.out / "sim/x/run.yaml").exists(), "a file that the page lost is still there")
    expect((place.out / "models/x/x.h").stat().st_mtime_ns == time, "a file that is the same was written again")


def test_refused(place):
    for page, part in [
        (PAGE.replace("models/x/", "models/common/"), "not in models/NAME and sim/NAME"),
        (PAGE.replace("```yaml sim/x/", "```yaml docs/"), "not in models/NAME and sim/NAME"),
        (PAGE.replace("sim/x/run.yaml\nwidth", "models/x/x.h\nwidth"), "models/x/x.h comes twice"),
        (PAGE.replace("   a(),", "   b(),"), "'   b(),' does not stand in the file exactly once"),
        (PAGE.replace(' #include "a"\n   a(),', '   a(),\n #include "a"'), "another order"),
        (PAGE + "```cpp sim/x/y.cpp\n", "the block has no end"),
        (PAGE + "```diff sim/x/z.cpp\n+new\n```\n", "z.cpp"),
    ]:
        code, text = place.do("extract", page)
        expect(code == 1 and part in text, part, text)


def check(place, page):
    place.do("extract", page)
    return place.do("check", page, place.program)


def test_check(place):
    code, text = check(place, PAGE)
    expect(code == 0 and text == "page.md: 20 lines, 2 commands\n", code, text)
    for page, part in [
        (PAGE.replace("cycles 9", "cycles 8"), "page.md:17: 'lacuna run sim/x/run.yaml' ended with 0 and printed\ncycles 9"),
        (PAGE.replace("cycles 9\n", ""), "cycles 9"),
        (PAGE.replace("cycles 9\n", "cycles 9\ncycles 9\n"), "cycles 9"),
        (PAGE.replace("$ cat", "$ lacuna fail; cat"), "broken"),
        (PAGE.replace("$ cat", "$ lacuna fail #"), "ended with 3"),
        (PAGE.replace("lacuna run", "lacuna none"), "page.md:17"),
        (PAGE.replace("$ lacuna run sim/x/run.yaml\n", ""), "output without a command"),
        (PAGE + "\n" * 400, "allowed: fewer than 400"),
        (PAGE[: PAGE.index("```console")], "shows no command"),
    ]:
        code, text = check(place, page)
        expect(code == 1 and part in text, part, text)
    place.do("extract", PAGE)
    code, text = place.do("check", PAGE.replace("int x();", "int y();"), place.program)
    expect(code == 1 and "models/x/x.h is not what was compiled" in text, text)


def test_result(place):
    """A result that is none by the program's own schema is found where python3-jsonschema is installed."""
    strict = json.dumps({"type": "object", "required": ["cycles"]})
    place.program.write_text(PROGRAM.replace('{"type": "object"}', strict))
    code, text = check(place, PAGE)
    installed = subprocess.run([sys.executable, "-c", "import jsonschema"], stderr=subprocess.DEVNULL, check=False)
    expect(code == (1 if installed.returncode == 0 else 0), code, text)
    place.program.write_text(PROGRAM.replace("lacuna.result/2", "other"))
    code, text = check(place, PAGE)
    expect(code == 1 and "the page's commands write no result" in text, text)


def test_update(place):
    place.do("extract", PAGE)
    code, text = place.do("update", PAGE.replace("cycles 9", "cycles 8\n\nand more"), place.program)
    expect(code == 0 and place.page.read_text() == PAGE, code, text, place.page.read_text())


def main():
    for test in (test_update, test_extract, test_refused, test_check, test_result):
        with tempfile.TemporaryDirectory() as folder:
            test(Place(pathlib.Path(folder)))


main()
