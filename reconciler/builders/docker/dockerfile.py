"""Dockerfiles as an engine is sent them: standing on what it has been given, under the names that it knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile

from reconciler.builders.docker.blueprint import Foundation
from reconciler.model.pattern import lazy_pattern

_DIRECTIVE = lazy_pattern(r"\ufeff?#\s*(\w+)\s*=\s*(.+?)\s*")


def steps_on(base: str, steps: Sequence[str]) -> str:
    """A Dockerfile that takes steps on a base."""
    return "\n".join([f"FROM {base}", *steps, ""])


def standing_on(text: str, names: Mapping[Foundation, str]) -> str:
    """The same Dockerfile on other names; all but the words after its FROMs, and in `from=`, stays as it is."""
    lines = text.split("\n")
    for foundation, name in names.items():
        if foundation.is_copied:
            lines[foundation.line - 1 :] = _copying(lines[foundation.line - 1 :], foundation.written, name)
            continue
        for at in range(foundation.line - 1, len(lines)):
            found = re.search(rf"(?:^|(?<=\s)){re.escape(foundation.written)}(?=\s|$)", lines[at])
            if found:
                lines[at] = f"{lines[at][: found.start()]}{name}{lines[at][found.end() :]}"
                break
    return "\n".join(lines)


def frontend_of(text: str) -> str:
    """The image that is to read the Dockerfile, where one is named in its first lines."""
    return next((value for name, value in _directives(text) if name == "syntax"), "")


def without_frontend(text: str) -> str:
    """The same to be read by the engine itself; all lines keep their numbers but for the directives' own."""
    lines = text.split("\n")
    directives = _directives(text)
    kept = [line for line, (name, _) in zip(lines, directives, strict=False) if name != "syntax"]
    return "\n".join([*kept, *["#"] * (len(directives) - len(kept)), *lines[len(directives) :]])


def _directives(text: str) -> Sequence[tuple[str, str]]:
    """They stand before all else, other comments too."""
    found = takewhile(bool, map(_DIRECTIVE.fullmatch, text.split("\n")))
    return [(one[1].lower(), one[2]) for one in found if one]


def _copying(lines: Sequence[str], written: str, name: str) -> Sequence[str]:
    origin = re.compile(rf"((?:^|(?<=\s))--(?:from=|mount=(?:\S*,)?from=)){re.escape(written)}(?=[\s,]|$)")
    return [origin.sub(lambda found: f"{found[1]}{name}", line) for line in lines]
