"""Ways from the pure floors to the world that are no forbidden import. Run as a module from the project's root."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

DOORS_TO_FILES = {"reconciler.language.source"}
# Modules of which a pure floor may take these names and no others.
INNOCENT = {
    "io": {"BytesIO", "StringIO"},
    "sys": {"intern", "maxsize"},
    "urllib": {"parse"},
}
BUILTINS = {"open", "input", "breakpoint", "__import__"}
CLOCKS = {"now", "today", "utcnow"}


def violations(root: Path) -> Iterator[str]:
    """Each violation as `path:line reason`, paths relative to the root."""
    for path in _pure_files(root):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            reason = _reason(node)
            if reason:
                yield f"{path.relative_to(root)}:{getattr(node, 'lineno', 1)} {reason}"


def _pure_files(root: Path) -> Iterator[Path]:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(c for c in settings["tool"]["importlinter"]["contracts"] if c["id"] == "pure")
    exempt = {_place(root, module).with_suffix(".py") for module in DOORS_TO_FILES}
    for module in contract["source_modules"]:
        place = _place(root, module)
        files = place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")]
        yield from sorted(set(files) - exempt)


def _place(root: Path, module: str) -> Path:
    return root.joinpath(*module.split("."))


def _reason(node: ast.AST) -> str | None:
    match node:
        case ast.Import(names=names):
            return _import_reason(names)
        case ast.ImportFrom(module=str(module), names=names):
            return _import_from_reason(module, {alias.name for alias in names})
        case ast.Call(func=ast.Name(id=name)) if name in BUILTINS:
            return f"calls {name}(): a pure floor touches nothing of the world"
        case ast.Call(func=ast.Attribute(attr=name)) if name in CLOCKS:
            return f"reads the clock with {name}(): take `now` as an argument"
        case _:
            return None


def _import_reason(names: list[ast.alias]) -> str | None:
    for alias in names:
        package, _, rest = alias.name.partition(".")
        if package in INNOCENT and rest not in INNOCENT[package]:
            return f"imports {alias.name}: a pure floor takes only {_listed(package)} from {package}"
    return None


def _import_from_reason(module: str, taken: set[str]) -> str | None:
    package, _, rest = module.partition(".")
    if package in INNOCENT and not ({rest} if rest else taken) <= INNOCENT[package]:
        return f"imports {module}: a pure floor takes only {_listed(package)} from {package}"
    return None


def _listed(package: str) -> str:
    return " and ".join(sorted(INNOCENT[package]))


if __name__ == "__main__":
    found = list(violations(Path.cwd()))
    for violation in found:
        print(violation)
    sys.exit(bool(found))
