"""Tests scripts/check-docs in a small tree: it finds dead links, names of pages that are not there, and commands that end or print otherwise.

usage: check_docs_test.py SOURCE_FOLDER
"""

import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv.pop(1))


class CheckDocs(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name) / "tree"
        self.write("docs/other.md", "# Other\n\n## A *title*, with `code`: 2 of 3\n")
        (self.root / "scripts").mkdir()
        shutil.copy(SOURCE / "scripts/check-docs", self.root / "scripts/check-docs")
        program = self.root / "bin/lacuna"
        self.write("bin/lacuna", "#!/bin/sh\n[ \"$1\" = fail ] && exit 3\nprintf 'one\\ntwo\\nthree\\n'\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_it(self, *arguments):
        end = subprocess.run([sys.executable, self.root / "scripts/check-docs", *arguments], capture_output=True, text=True, check=False)
        return end.returncode, end.stdout + end.stderr

    def links(self, text):
        self.write("docs/page.md", text)
        return self.run_it("links")

    def commands(self, text):
        self.write("docs/page.md", text)
        return self.run_it("commands", self.root / "bin/lacuna", self.root / "docs/page.md")

    def test_links_that_lead_somewhere(self):
        code, said = self.links("# Page\n[a](other.md) [b](other.md#a-title-with-code-2-of-3) [c](#page) [d](https://nowhere.invalid/) `[e](no.md)`\n"
                                "```\n[f](no.md)\n```\n")
        self.assertEqual(code, 0, said)

    def test_dead_links(self):
        for text, words in (("[a](no.md)", "docs/page.md:2: no.md: there is no such file"), ("![a](figures/no.svg)", "no.svg"),
                            ("[a](other.md#no)", "has no such heading"), ("[a](#no)", "has no such heading")):
            code, said = self.links(f"# Page\n{text}\n")
            self.assertEqual(code, 1, text)
            self.assertIn(words, said)

    def test_pages_that_code_names(self):
        self.write("models/a.h", "// says docs/other.md\n")
        self.assertEqual(self.run_it("links")[0], 0)
        self.write("models/a.h", "//\n// says docs/no.md\n")
        code, said = self.run_it("links")
        self.assertEqual(code, 1)
        self.assertIn("models/a.h:2: docs/no.md: there is no such page", said)

    def test_sources_that_pages_name(self):
        self.write("models/a.h", "")
        code, said = self.links("# Page\n`models/a.h`, `a.h`, `models/`, `models/NAME/NAME.h`, (`other.txt`)\n")
        self.assertEqual(code, 0, said)
        for name in ("models/b.h", "b.h", "models/b/"):
            code, said = self.links(f"# Page\n\n(`{name}`)\n")
            self.assertEqual(code, 1, name)
            self.assertIn(f"docs/page.md:3: {name.rstrip('/')}: there is no such file", said)

    def test_a_page_that_moves(self):
        subprocess.run(["git", "init", "-q", self.root], check=True)
        self.write("docs/page.md", "# Page\n[a](other.md#other) ![b](figures/b.svg) [c](#page) [d](https://nowhere.invalid/)\n")
        self.write("docs/other.md", "# Other\n[a](page.md#page)\n")
        self.write("docs/figures/b.svg", "<svg/>")
        self.write("models/a.h", "// says docs/page.md, /docs/page.md and docs/page.mdx\n")
        self.write("mkdocs.yml", "nav:\n  - Page: page.md\n")
        subprocess.run(["git", "add", "-A"], cwd=self.root, check=True)
        code, said = self.run_it("move", "docs/page.md", "docs/why/page.md")
        self.assertEqual(code, 0, said)
        self.assertEqual((self.root / "docs/why/page.md").read_text(),
                         "# Page\n[a](../other.md#other) ![b](../figures/b.svg) [c](#page) [d](https://nowhere.invalid/)\n")
        self.assertEqual((self.root / "docs/other.md").read_text(), "# Other\n[a](why/page.md#page)\n")
        self.assertEqual((self.root / "models/a.h").read_text(), "// says docs/why/page.md, /docs/why/page.md and docs/page.mdx\n")
        self.assertEqual((self.root / "mkdocs.yml").read_text(), "nav:\n  - Page: why/page.md\n")
        self.assertEqual(self.run_it("links")[0], 0)

    def block(self, mark, command, printed=None):
        text = f"# Page\n\n<!-- {mark} -->\n```sh\n{command}\n```\n"
        return text + (f"\n<!-- prints -->\n```text\n{printed}\n```\n" if printed else "")

    def test_commands(self):
        for mark, command, printed, right in (
            ("run", "lacuna run", None, True), ("run", "lacuna run", "one\ntwo", True), ("run", "lacuna run", "one\n...\nthree", True),
            ("run", "lacuna fail", None, False), ("run: fails", "lacuna fail", None, True), ("run: fails", "lacuna run", None, False),
            ("run", "lacuna run", "one\nthree", False), ("run", "lacuna run", "two\n...\none", False), ("run", "lacuna run", "four", False),
            ("run", "lacuna run\nfalse", None, False), ("run", "build/release/bin/lacuna run", "two", True)):
            code, said = self.commands(self.block(mark, command, printed))
            self.assertEqual(code, 0 if right else 1, f"{mark} {command} {printed}: {said}")

    def test_blocks_share_a_folder(self):
        code, said = self.commands(self.block("run", "echo x > here") + self.block("run", "cat here", "x"))
        self.assertEqual(code, 0, said)

    def test_a_page_without_commands_is_an_error(self):
        self.assertEqual(self.commands("# Page\n")[0], 1)


unittest.main()
