"""What modules take of Python and of libraries, beyond imports between rooms. Run as a module from the project's root.

Pure floors take what the lists here name and nothing else; so does execution, with threads, and protocols for the rest.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# Modules that hold nothing of the world, whatever is taken of them.
STANDARD = """
    __future__ abc base64 binascii bisect collections contextlib copy dataclasses datetime decimal difflib
    enum fractions functools graphlib hashlib heapq html ipaddress itertools json keyword math numbers
    operator re shlex statistics string struct textwrap types typing unicodedata urllib.parse zlib
"""
LIBRARIES = "deepdiff hcl2 lark packaging pydantic pydantic_core re2 regex tabulate yaml"
INNOCENT = {*STANDARD.split(), *LIBRARIES.split()}
# Modules with innocent parts. `gzip`, `tarfile`, `zipfile` are not among them, for they open what is a name.
PARTLY_INNOCENT = {
    "codecs": {"BOM_UTF16_BE", "BOM_UTF16_LE", "BOM_UTF8", "decode", "encode", "getdecoder", "getencoder", "lookup"},
    "io": {"BytesIO", "StringIO"},
    "posixpath": {"basename", "commonpath", "dirname", "isabs", "join", "normpath", "sep", "split", "splitext"},
    "sys": {"intern", "maxsize"},
    "tomllib": {"TOMLDecodeError", "loads"},
    "urllib": {"parse"},
}
EXECUTION = "reconciler.execution"
# What single places may take beyond that.
MORE = {
    EXECUTION: {"concurrent.futures", "queue", "threading"},
    "reconciler.language.hcl": {"gc", "importlib.util"},
    "reconciler.model.frozen": {"exec"},
}
DOORS_TO_FILES = {"reconciler.language.source"}
OUTWARD = {"__import__", "breakpoint", "eval", "exec", "input", "open", "print"}
CLOCKS = {"now", "today", "utcnow"}
BY_NAME = {"__import__", "import_module"}

Reason = tuple[ast.AST, str]


def violations(root: Path) -> Iterator[str]:
    """Each violation as `path:line reason`, paths relative to the root."""
    held = dict(_held_files(root))
    for path in sorted((root / "reconciler").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        reasons = [*_imports_by_name(tree)]
        if path in held:
            reasons += _Module(tree, held[path]).reasons()
        for node, reason in reasons:
            yield f"{path.relative_to(root)}:{getattr(node, 'lineno', 1)} {reason}"


def _held_files(root: Path) -> Iterator[tuple[Path, set[str]]]:
    """The files that are held to the lists, each with what it may take beyond them."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(c for c in settings["tool"]["importlinter"]["contracts"] if c["id"] == "pure")
    for module in (*contract["source_modules"], EXECUTION):
        place = root.joinpath(*module.split("."))
        for path in place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")]:
            name = ".".join(path.relative_to(root).with_suffix("").parts)
            if name not in DOORS_TO_FILES:
                yield path, MORE.get(name, MORE.get(module, set()))


def _imports_by_name(tree: ast.Module) -> Iterator[Reason]:
    """Doors are held by import-linter, which cannot see a name that is a text."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id="__import__"):
                yield node, "uses __import__: import it by a statement"
            case ast.Call(
                func=ast.Name(id=function) | ast.Attribute(attr=function), args=[ast.Constant(value=str(name)), *_]
            ) if function in BY_NAME:
                yield node, f"imports {name} by a text: import it by a statement, or through its door"
            case _:
                pass


@dataclass
class _Module:
    """One file, and what names in it stand for."""

    tree: ast.Module
    more: set[str]
    partly: dict[str, str] = field(default_factory=dict)  # a name here → the module of which it may take parts
    dates: set[str] = field(default_factory=lambda: {"datetime", "date"})

    def reasons(self) -> Iterator[Reason]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from self._import(node, alias)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from self._import_from(node, node.module)
        attributed = {id(node.value) for node in ast.walk(self.tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(self.tree):
            yield from self._use(node, attributed)

    def _import(self, node: ast.Import, alias: ast.alias) -> Iterator[Reason]:
        if self._may_take(alias.name):
            return
        if alias.name in PARTLY_INNOCENT:
            self.partly[alias.asname or alias.name] = alias.name
        else:
            yield node, f"imports {alias.name}, which is not on the list of what it may take"

    def _import_from(self, node: ast.ImportFrom, module: str) -> Iterator[Reason]:
        if module == "datetime":
            self.dates.update(alias.asname or alias.name for alias in node.names)
        for name in (alias.name for alias in node.names):
            if self._may_take(module) or self._may_take(f"{module}.{name}"):
                continue
            if module not in PARTLY_INNOCENT:
                yield node, f"imports {module}, which is not on the list of what it may take"
            elif name not in PARTLY_INNOCENT[module]:
                yield node, f"imports {name} of {module}: it takes only {_listed(module)} of it"

    def _may_take(self, module: str) -> bool:
        parts = module.split(".")
        packages = {".".join(parts[: count + 1]) for count in range(len(parts))}
        return parts[0] == "reconciler" or bool(packages & (INNOCENT | self.more))

    def _use(self, node: ast.AST, attributed: set[int]) -> Iterator[Reason]:
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if name in OUTWARD - self.more:
                yield node, f"uses {name}: it touches nothing of the world"
            case ast.Name(id=name, ctx=ast.Load()) if name in self.partly and id(node) not in attributed:
                yield node, f"hands {self.partly[name]} on: it takes only {_listed(self.partly[name])} of it"
            case ast.Attribute(value=ast.Name(id=name), attr=part) if name in self.partly:
                if part not in PARTLY_INNOCENT[self.partly[name]]:
                    module = self.partly[name]
                    yield node, f"takes {part} of {module}: it takes only {_listed(module)} of it"
            case ast.Attribute(value=ast.Name(id=of) | ast.Attribute(attr=of), attr=clock) if (
                clock in CLOCKS and of in self.dates
            ):
                yield node, f"takes the clock {of}.{clock}: take `now` as an argument"
            case ast.Call(func=ast.Attribute(value=of, attr=clock)) if clock in CLOCKS and not _is_ours(of, self.dates):
                yield node, f"reads the clock with {clock}(): take `now` as an argument"
            case _:
                pass


def _is_ours(of: ast.expr, dates: set[str]) -> bool:
    """Whether it is an argument that was kept, as in `self.now()`; and not to tell a class of dates twice."""
    if isinstance(of, ast.Name):
        return of.id in {"self", *dates}
    return isinstance(of, ast.Attribute) and of.attr in dates


def _listed(module: str) -> str:
    return ", ".join(sorted(PARTLY_INNOCENT[module]))


if __name__ == "__main__":
    found = list(violations(Path.cwd()))
    for violation in found:
        print(violation)
    sys.exit(bool(found))
