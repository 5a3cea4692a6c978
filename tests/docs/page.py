"""The files and commands that a page of the documentation shows.

    page.py extract PAGE SOURCES FOLDER   writes the page's files below FOLDER and lists them
    page.py check PAGE SOURCES FOLDER PROGRAM
                                          runs the page's commands there and compares what they print
    page.py update PAGE SOURCES FOLDER PROGRAM
                                          runs them and writes what they print into the page

A fenced block whose first line is "```LANGUAGE PATH" is the file PATH. One of the language diff is a change of the
source tree's file PATH: lines that begin with + are new, the others stand in the file exactly once, in this order. A
block of the language console holds commands ("$ ") and, below each, all that it prints. `lacuna` is PROGRAM.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

MAX_LINES = 400
COMMAND_SECONDS = 300
WITHOUT_VALIDATOR = 77


class PageError(Exception):
    pass


def blocks(page):
    """Of each fenced block: its language, the rest of its first line, its lines, and the line where it begins."""
    opened = None
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        if opened is None and line.startswith("```"):
            language, _, argument = line[3:].partition(" ")
            opened = (language, argument.strip(), [], number)
        elif opened is not None and line == "```":
            yield opened
            opened = None
        elif opened is not None:
            opened[2].append(line)
    if opened is not None:
        raise PageError(f"{page.name}:{opened[3]}: the block has no end")


def changed(original, lines, place):
    """The original with the block's new lines behind the line above them, or in front of the first one."""
    text = original.splitlines()
    kept = [line[1:] for line in lines if line.startswith(" ")]
    for line in lines:
        if line[:1] not in (" ", "+") or (line.startswith(" ") and text.count(line[1:]) != 1):
            raise PageError(f"{place}: '{line}' does not stand in the file exactly once")
    if not kept or [line for line in text if line in kept] != kept:
        raise PageError(f"{place}: the block's old lines are in another order in the file")
    position = text.index(kept[0])
    for line in lines:
        if line.startswith("+"):
            text.insert(position, line[1:])
            position += 1
        else:
            position = text.index(line[1:]) + 1
    return "\n".join(text) + "\n"


def files(page, sources):
    """The page's files by path; also what they may be: two folders of one name, and the list of families."""
    found = {}
    for language, argument, lines, number in blocks(page):
        if not argument:
            continue
        place = f"{page.name}:{number}"
        if argument in found:
            raise PageError(f"{place}: {argument} comes twice")
        if language == "diff":
            if not (sources / argument).is_file():
                raise PageError(f"{place}: {argument} is not in the source tree")
            original = (sources / argument).read_text(encoding="utf-8")
            found[argument] = changed(original, lines, place)
            continue
        if (sources / argument).exists():
            raise PageError(f"{place}: {argument} is in the source tree")
        found[argument] = "\n".join(lines) + "\n"
    own = {"/".join(pathlib.PurePosixPath(path).parts[:-1]) for path in found if path != "sim/families.cpp"}
    names = {folder.split("/", 1)[-1] for folder in own}
    if own != {f"{room}/{name}" for room in ("models", "sim") for name in names} or len(names) != 1:
        raise PageError(f"{page.name}: its files lie in {sorted(own)}, not in models/NAME and sim/NAME")
    return found


def extract(page, sources, folder):
    found = files(page, sources)
    for old in sorted(path for path in folder.rglob("*") if path.is_file()):
        if old.relative_to(folder).as_posix() not in found:
            old.unlink()
    for path, text in found.items():
        target = folder / path
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    print(";".join(found), end="")


def commands(page):
    """Each command with what the page says that it prints, and its line."""
    found = []
    for language, _, lines, number in blocks(page):
        if language != "console":
            continue
        for offset, line in enumerate(lines, start=1):
            if line.startswith("$ "):
                found.append((line[2:], [], number + offset))
            elif not found or offset == 1:
                raise PageError(f"{page.name}:{number + offset}: output without a command")
            else:
                found[-1][1].append(line)
    if not found:
        raise PageError(f"{page.name}: shows no command")
    return found


def run_command(command, folder, programs):
    environment = dict(os.environ, PATH=f"{programs}:{os.environ['PATH']}")
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=COMMAND_SECONDS, check=False)
    return done.returncode, done.stdout.splitlines()


def run_all(page, sources, folder, program):
    """Each command's place, what the page says that it prints, its exit code and what it prints."""
    with tempfile.TemporaryDirectory() as temporary:
        programs = pathlib.Path(temporary) / "bin"
        programs.mkdir()
        (programs / "lacuna").symlink_to(program)
        here = pathlib.Path(temporary) / "here"
        shutil.copytree(folder, here)  # commands write files
        for command, expected, number in commands(page):
            code, printed = run_command(command, here, programs)
            yield f"{page.name}:{number}: '{command}'", expected, code, printed
        check_results(here, program, sources)


def check_results(folder, program, sources):
    """Results among the files that the commands wrote against the program's own schema."""
    found = []
    for path in sorted(folder.rglob("*.json")):
        if json.loads(path.read_text(encoding="utf-8")).get("schema") == "lacuna.result/2":
            found.append(path)
    if not found:
        raise PageError("the page's commands write no result")
    schema = folder / "result-schema"
    schema.write_bytes(subprocess.run([program, "schema", "result"], stdout=subprocess.PIPE, check=True).stdout)
    validator = sources / "tests" / "validate_results.py"
    done = subprocess.run([sys.executable, validator, schema, *found], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, WITHOUT_VALIDATOR):
        raise PageError(done.stdout)


def check(page, sources, folder, program):
    lines = len(page.read_text(encoding="utf-8").splitlines())
    if lines >= MAX_LINES:
        raise PageError(f"{page.name}: has {lines} lines, allowed: fewer than {MAX_LINES}")
    for path, text in files(page, sources).items():
        if (folder / path).read_text(encoding="utf-8") != text:
            raise PageError(f"{page.name}: {path} is not what was compiled; configure the build again")
    for command, expected, code, printed in run_all(page, sources, folder, program):
        if code != 0 or printed != expected:
            raise PageError("\n".join([f"{command} ended with {code} and printed", *printed,
                                       "where the page says", *expected]))
    print(f"{page.name}: {lines} lines, {len(commands(page))} commands")


def update(page, sources, folder, program):
    printed = iter([lines for _, _, _, lines in run_all(page, sources, folder, program)])
    text = []
    shown = False
    for line in page.read_text(encoding="utf-8").splitlines():
        shown = line == "```console" or (shown and line != "```")
        if not shown or line.startswith(("```", "$ ")):
            text.append(line)
        if shown and line.startswith("$ "):
            text.extend(next(printed))
    page.write_text("\n".join(text) + "\n", encoding="utf-8")


def main(arguments):
    actions = {"extract": (extract, 3), "check": (check, 4), "update": (update, 4)}
    action, count = actions.get(arguments[0] if arguments else "", (None, 0))
    if action is None or len(arguments) != count + 1:
        print(__doc__.strip())
        return 2
    try:
        action(*(pathlib.Path(argument).resolve() for argument in arguments[1:]))
    except PageError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
