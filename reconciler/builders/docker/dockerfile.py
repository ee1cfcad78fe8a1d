"""Dockerfiles as an engine is sent them: standing on what it has been given, under the names that it knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from reconciler.builders.docker.blueprint import Foundation


def steps_on(base: str, steps: Sequence[str]) -> str:
    """A Dockerfile that takes steps on a base."""
    return "\n".join([f"FROM {base}", *steps, ""])


def standing_on(text: str, names: Mapping[Foundation, str]) -> str:
    """The same Dockerfile on other names; all but the words after its FROMs stays as it is."""
    lines = text.split("\n")
    for foundation, name in names.items():
        for at in range(foundation.line - 1, len(lines)):
            found = re.search(rf"(?:^|(?<=\s)){re.escape(foundation.written)}(?=\s|$)", lines[at])
            if found:
                lines[at] = f"{lines[at][: found.start()]}{name}{lines[at][found.end() :]}"
                break
    return "\n".join(lines)
