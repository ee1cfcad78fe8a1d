"""Sizes and names in reconciler/, which no other tool looks at. Run as a module from the project's root."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 40
NOBODYS_NAMES = {"base", "bases", "common", "core", "misc", "util", "utils", "helper", "helpers", "manager", "managers"}
NOBODYS_SUFFIXES = ("_util", "_utils", "_helper", "_helpers", "_common", "_manager", "_misc")
BESIDE_THE_ROOMS = {"__init__.py", "py.typed"}
DATA_ONLY = "curated"


def violations(root: Path) -> Iterator[str]:
    """Each violation as `path:line reason`, paths relative to the root."""
    house = root / "reconciler"
    yield from _strangers(root, house)
    for path in sorted(house.rglob("*")):
        if "__pycache__" in path.parts:
            continue
        shown = path.relative_to(root)
        if _is_nobodys(path.stem if path.is_file() else path.name):
            yield f"{shown}:1 is called {path.name}: say what it holds, every room has such things"
        if path.suffix == ".py":
            text = path.read_text(encoding="utf-8")
            yield from _sizes(shown, text)
            if DATA_ONLY in shown.parts and text.strip():
                yield f"{shown}:1 is code, and {DATA_ONLY}/ holds data only"


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
    return name.lower() in NOBODYS_NAMES or name.lower().endswith(NOBODYS_SUFFIXES)


def _sizes(shown: Path, text: str) -> Iterator[str]:
    lines = len(text.splitlines())
    if lines > FILE_LINES:
        yield f"{shown}:1 has {lines} lines, more than {FILE_LINES}: split it"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{shown}:{node.lineno} {node.name} has {length} lines, more than {FUNCTION_LINES}: split it"


if __name__ == "__main__":
    found = list(violations(Path.cwd()))
    for violation in found:
        print(violation)
    sys.exit(bool(found))
