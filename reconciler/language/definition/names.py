"""How packages are called, and which spellings mean the same."""

from __future__ import annotations

from reconciler.model.pattern import lazy_pattern

_RUN = lazy_pattern(r"[-_.]+")


def python_name(name: str) -> str:
    """A Python package's name as PEP 503 normalises it."""
    return _RUN.sub("-", name).lower()
