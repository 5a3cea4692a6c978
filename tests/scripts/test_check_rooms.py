#!/usr/bin/python3
"""scripts/check-rooms on small trees, each with one mistake.   test_check_rooms.py SOURCE_FOLDER"""

import os
import subprocess
import sys
import tempfile
import unittest

SOURCE = sys.argv.pop(1)

TREE = {
    "docs/architecture.md": """# Rooms

| folder | what lives there | may use |
|---|---|---|
| `models/common/` | errors | |
| `models/one/` | a machine | `models/common` |
| `models/one/fast/` | its engine | `models/{one,common}` |
| `sim/yaml/`, `sim/files/` | documents; tables | `models/` |
| `sim/eie/` | a family | `sim/yaml`, `models/one` |
| `sim/tomato/` | another | `sim/yaml` |
| `sim/families.cpp` | the one list | `sim/eie` |
| `configs/` | no code | |

Text after it.
""",
    "models/common/CMakeLists.txt": "lacuna_library(\n  common\n  SOURCES error.cpp)\n",
    "models/common/error.h": "",
    "models/common/error.cpp": '#include "models/common/error.h"\n',
    "models/one/CMakeLists.txt": "lacuna_library(one SOURCES one.cpp LINKS lacuna::common)\n",
    "models/one/one.h": '#include "models/common/error.h"\n',
    "models/one/one.cpp": '#include "models/one/one.h"\n',
    "models/one/fast/CMakeLists.txt": "lacuna_library(fast SOURCES fast.cpp)\ntarget_link_libraries(lacuna_fast PRIVATE lacuna::one)\n",
    "models/one/fast/fast.cpp": '#include "models/common/error.h"\n#include "models/one/one.h"\n',
    "sim/yaml/CMakeLists.txt": "lacuna_library(yaml SOURCES yaml.cpp LINKS lacuna::common)  # sim/eie is not linked\n",
    "sim/yaml/yaml.h": "",
    "sim/yaml/yaml.cpp": '// As eie and tomato do.\n/* #include "models/one/one.h" */\n#include "models/common/error.h"\n',
    "sim/eie/CMakeLists.txt": "lacuna_library(sim_eie SOURCES run/run.cpp LINKS lacuna::yaml lacuna::one)\n"
                              "set_property(GLOBAL APPEND PROPERTY LACUNA_FAMILIES lacuna::sim_eie)\n",
    "sim/eie/config.h": '#include "sim/yaml/yaml.h"\n',
    "sim/eie/run/run.cpp": '#include "models/one/one.h"\n#include "sim/eie/config.h"\n',
    "sim/CMakeLists.txt": "get_property(families GLOBAL PROPERTY LACUNA_FAMILIES)\n"
                          "lacuna_library(families SOURCES families.cpp LINKS ${families})\n",
    "sim/families.cpp": '#include "sim/eie/config.h"\n',
}


class CheckRooms(unittest.TestCase):
    def check(self, changes, expected=()):
        """The script's lines on the tree with these files replaced; each of `expected` must be in one of them."""
        with tempfile.TemporaryDirectory() as root:
            for path, text in {**TREE, **changes}.items():
                place = os.path.join(root, path)
                os.makedirs(os.path.dirname(place), exist_ok=True)
                with open(place, "w", encoding="utf-8") as file:
                    file.write(text)
            run = subprocess.run([os.path.join(SOURCE, "scripts/check-rooms"), root], capture_output=True, text=True, check=False)
        self.assertEqual(run.stderr, "")
        for text in expected:
            self.assertIn(text, run.stdout)
        self.assertEqual(run.returncode, 1 if expected else 0, run.stdout)
        return run.stdout

    def test_a_tree_without_mistakes(self):
        self.assertIn("clean", self.check({}))

    def test_a_circle_of_folders(self):
        self.check({"models/common/error.h": '#include "sim/yaml/yaml.h"\n'},
                   ["in a circle: models/common, sim/yaml", "models/common/error.h:1: models/common includes sim/yaml"])

    def test_an_include_without_a_link(self):
        self.check({"sim/yaml/yaml.cpp": '\n#include "models/one/one.h"\n'},
                   ["sim/yaml/yaml.cpp:2: lacuna_yaml includes models/one/one.h but does not link lacuna_one"])

    def test_private_links_are_not_handed_on(self):
        self.check({"sim/eie/CMakeLists.txt": "lacuna_library(sim_eie SOURCES run/run.cpp LINKS lacuna::yaml)\n"
                                              "target_link_libraries(lacuna_sim_eie PRIVATE lacuna::fast)\n"},
                   ["sim/eie/run/run.cpp:1: lacuna_sim_eie includes models/one/one.h but does not link lacuna_one"])

    def test_a_room_that_is_not_listed(self):
        self.check({"sim/tomato/CMakeLists.txt": "lacuna_library(sim_tomato SOURCES t.cpp LINKS lacuna::sim_eie)\n",
                    "sim/tomato/t.cpp": '#include "sim/eie/config.h"\n'},
                   ["sim/tomato/t.cpp:1: includes sim/eie/config.h", "does not let sim/tomato use sim/eie"])

    def test_a_room_through_another_is_not_listed(self):
        self.check({"sim/eie/config.h": '#include "models/common/error.h"\n'}, ["does not let sim/eie use models/common"])

    def test_a_folder_without_a_room(self):
        self.check({"sim/new/new.h": '#include "sim/yaml/yaml.h"\n'},
                   ["sim/new lies in no room of the table"])

    def test_a_listed_room_that_is_none(self):
        self.check({"docs/architecture.md": TREE["docs/architecture.md"].replace("`sim/yaml`, `models/one`",
                                                                                "`sim/yaml`, `models/one`, `models/two`")},
                   ["sim/eie may use models/two, which is no room"])

    def test_no_table(self):
        self.check({"docs/architecture.md": "# Rooms\n"}, ["there is no table"])

    def test_code_that_names_a_family(self):
        self.check({"sim/yaml/yaml.h": "// of eie\nconst char* const kind = \"eie\";\n"},
                   ["sim/yaml/yaml.h:2: names the family 'eie'"])

    def test_a_family_that_names_no_library(self):
        self.check({"sim/eie/CMakeLists.txt": "lacuna_library(sim_eie SOURCES run/run.cpp LINKS lacuna::yaml lacuna::one)\n"},
                   ["sim/families.cpp:1: lacuna_families includes sim/eie/config.h but does not link lacuna_sim_eie"])


if __name__ == "__main__":
    unittest.main()
