"""Places in definitions by the names that users write in an `environment` block."""

from __future__ import annotations

import re

from reconciler.model.pattern import lazy_pattern

# What is part of the hash, by the names that definitions have, and that users have.
_WRITTEN = {
    "base": "base_digest",
    "bases": "base_digests",
    "packages": "pip",
    "options": "pip",
    "python": "python_version",
    "interpreter": "interpreter_path",
    "steps": "docker_steps",
    "debian.suite": "debian",
    "debian.packages": "packages",
    "context.tree": "build.files_digest",
    "context.dockerfile": "build.dockerfile_path",
    "context.arguments": "build.args",
    "context": "build",
}
_PATH = lazy_pattern(r"([^\[]*)(.*)", re.DOTALL)


def written_path(path: str) -> str:
    """A place in a definition, as the user would look for it: `packages[0]` is `pip[0]`."""
    name, rest = _PATH.fullmatch(path).groups()  # type: ignore[union-attr]
    for own, written in _WRITTEN.items():
        if name == own or name.startswith(f"{own}."):
            return f"{written}{name[len(own) :]}{rest}"
    return path
