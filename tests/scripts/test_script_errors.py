"""Scripts that run `lacuna` say in one line that there is no such program or file, without a traceback.

usage: test_script_errors.py SOURCE_FOLDER
"""

import pathlib
import re
import subprocess
import sys
import unittest

SCRIPTS = pathlib.Path(sys.argv.pop(1)) / "scripts"
NOWHERE = "/nowhere/lacuna"


class ScriptErrors(unittest.TestCase):
    def test_nothing_is_there(self):
        for name, *arguments in (("load-balance", NOWHERE), ("lenet5-precision", NOWHERE), ("search-hypervolume", NOWHERE),
                                 ("dsd-seeds", NOWHERE, "/nowhere/out"), ("training-tables", "--run", "codesign-bits", NOWHERE, "/nowhere/out"), ("quantised-lenet-300-100", NOWHERE, "/nowhere/out"),
                                 ("deep-compression-seeds", NOWHERE, "/nowhere/out"), ("channel-pruning-eie", "--lacuna", NOWHERE),
                                 ("channel-pruning-tomato", "--lacuna", NOWHERE), ("channel-staircase", "--lacuna", NOWHERE),
                                 ("search-cross-table", "--lacuna", NOWHERE), ("search-scores", "--lacuna", NOWHERE),
                                 ("graph-evidence", "--lacuna", NOWHERE), ("graph-search", NOWHERE, "/nowhere/out"), ("graph-loop", NOWHERE, "/nowhere/out"), ("codesign-bits", NOWHERE, "/nowhere/out"),
                                 ("codesign-formats", NOWHERE, "/nowhere/out"), ("quantised-activations", NOWHERE, "/nowhere/out"),
                                 ("few-shot-omniglot", NOWHERE, "/nowhere/out"), ("codesign-mixes", NOWHERE), ("few-shot-tasks", NOWHERE, "/nowhere/l", "/nowhere/m"),
                                 ("derive-energy-table", "/nowhere/a", "/nowhere/b")):
            with self.subTest(name):
                end = subprocess.run([sys.executable, SCRIPTS / name, *arguments], capture_output=True, text=True, check=False)
                if re.search("ModuleNotFoundError: No module named '(numpy|scipy)'", end.stderr):
                    continue
                self.assertNotEqual(end.returncode, 0)
                self.assertRegex(end.stderr, r"\Aerror: /nowhere/\w+: there is no such (program|file).*\n\Z")

    def test_seeds_are_numbers_ranges_or_lists(self):
        sys.path.insert(0, str(SCRIPTS))
        from training_runs import seeds
        self.assertEqual([seeds(text) for text in ("3", "4-5", "2,7")], [[1, 2, 3], [4, 5], [2, 7]])


unittest.main()
