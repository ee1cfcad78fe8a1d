"""Sizes, names and silenced rules, which no other tool looks at. Run as a module from the project's root."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

HOUSE = "reconciler"
TESTS = "tests"
FILE_LINES = {HOUSE: 400, TESTS: 600}
FUNCTION_LINES = 40
# What says nothing wherever it stands in a name; and what says nothing alone, but does in `base_images`.
NOBODYS_WORDS = {"common", "core", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
NOBODYS_NAMES = {"base", "bases", *NOBODYS_WORDS}
BESIDE_THE_ROOMS = {"__init__.py", "py.typed"}
DATA_ONLY = "curated"
# Rules that are walls. Others may be silenced where a reason is given.
WALLS = ("C901", "D1", "INP", "PLR09", "T20", "TC", "TID")
SILENCED = re.compile(r"#\s*noqa\s*:\s*([A-Z][A-Z0-9, ]*)", re.IGNORECASE)
SILENCED_FILE = re.compile(r"#\s*(?:ruff|flake8|mypy|isort)\s*:", re.IGNORECASE)


def violations(root: Path) -> Iterator[str]:
    """Each violation as `path:line reason`, paths relative to the root."""
    yield from _strangers(root, root / HOUSE)
    for path in _named(root):
        shown = path.relative_to(root)
        if _is_nobodys(path.stem if path.is_file() else path.name) and DATA_ONLY not in shown.parts[:-1]:
            yield f"{shown}:1 is called {path.name}: say what it holds, every room has such things"
        if path.suffix == ".py" and shown.parts[0] in FILE_LINES:
            text = path.read_text(encoding="utf-8")
            yield from _sizes(shown, text)
            if shown.parts[0] == HOUSE:
                yield from _inside(shown, text)


def _named(root: Path) -> Iterator[Path]:
    """What stands at the top, and all in the house and in the tests, but for what tools leave behind."""
    for top in sorted(root.iterdir()):
        if top.name.startswith(".") or not (top.is_dir() or top.suffix == ".py"):
            continue
        yield top
        if top.name in FILE_LINES:
            yield from (path for path in sorted(top.rglob("*")) if "__pycache__" not in path.parts)


def _strangers(root: Path, house: Path) -> Iterator[str]:
    decided = _decided(root)
    for path in sorted(house.iterdir()):
        if path.name == "__pycache__" or path.name in BESIDE_THE_ROOMS:
            continue
        if (path.stem if path.suffix == ".py" else path.name) not in decided:
            yield f"{path.relative_to(root)}:1 has no floor: decide one in pyproject.toml, contract `floors`"


def _decided(root: Path) -> set[str]:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    floors = next(c for c in settings["tool"]["importlinter"]["contracts"] if c["id"] == "floors")
    names = " | ".join([*floors["layers"], *floors["exhaustive_ignores"]]).split("|")
    return {name.strip(" ()") for name in names}


def _is_nobodys(name: str) -> bool:
    words = [word for word in re.split(r"[^a-z]+", name.lower()) if word and word != "test"]
    return not NOBODYS_WORDS.isdisjoint(words) or " ".join(words) in NOBODYS_NAMES


def _sizes(shown: Path, text: str) -> Iterator[str]:
    lines, most = len(text.splitlines()), FILE_LINES[shown.parts[0]]
    if lines > most:
        yield f"{shown}:1 has {lines} lines, more than {most}: split it"


def _inside(shown: Path, text: str) -> Iterator[str]:
    if DATA_ONLY in shown.parts and text.strip():
        yield f"{shown}:1 is code, and {DATA_ONLY}/ holds data only"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{shown}:{node.lineno} {node.name} has {length} lines, more than {FUNCTION_LINES}: split it"
    for number, line in enumerate(text.splitlines(), 1):
        if SILENCED_FILE.search(line):
            yield f"{shown}:{number} silences rules for more than a line: say it where it is needed, one by one"
        for rule in _silenced(line):
            if rule.startswith(WALLS):
                yield f"{shown}:{number} silences {rule}: that is a wall of the house, change the code"


def _silenced(line: str) -> list[str]:
    found = SILENCED.search(line)
    return re.findall(r"\b[A-Z]+[0-9]+\b", found[1].upper()) if found else []


if __name__ == "__main__":
    found = list(violations(Path.cwd()))
    for violation in found:
        print(violation)
    sys.exit(bool(found))
