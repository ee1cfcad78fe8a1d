"""What of a Python project's folder is its source: the rest is made from that, or belongs to other programs."""

from __future__ import annotations

_OTHERS = frozenset(
    {".git", ".hg", ".svn", ".envform", ".venv", ".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
    | {"__pycache__"}
)
_MADE = (".pyc", ".pyo", ".egg-info")


def is_source(path: str) -> bool:
    """Whether a path below the folder says anything of what is built from it."""
    return not any(part in _OTHERS or part.endswith(_MADE) for part in path.split("/"))
