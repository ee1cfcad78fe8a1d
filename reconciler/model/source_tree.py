"""What of a Python project's folder is its source: the rest is made from that, or belongs to other programs."""

from __future__ import annotations

from fnmatch import fnmatchcase

NOT_SOURCE = (
    ".git", ".hg", ".svn", ".envform", ".venv", ".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache",
    "__pycache__", "*.py[co]", "*.egg-info",
)  # fmt: skip


def is_source(path: str) -> bool:
    """Whether a path below the folder says anything of what is built from it."""
    return not any(fnmatchcase(part, pattern) for part in path.split("/") for pattern in NOT_SOURCE)
