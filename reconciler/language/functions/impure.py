"""Functions that Terraform has and envform refuses: their value depends on more than their arguments."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.language.span import RefusedError

SUMMARY = "Impure function"

_REFUSED: Mapping[str, tuple[str, str]] = {
    "timestamp": (
        "tells the time, so every plan would show a change",
        'pass the time in as a variable: `-var now="$(date -u +%Y-%m-%dT%H:%M:%SZ)"`',
    ),
    "plantimestamp": (
        "tells the time of the plan, so every plan would show a change",
        'pass the time in as a variable: `-var now="$(date -u +%Y-%m-%dT%H:%M:%SZ)"`',
    ),
    "uuid": (
        "gives another value at each call, so every plan would show a change",
        "`uuidv5(namespace, name)` gives the same value for the same name",
    ),
    "bcrypt": (
        "salts with chance, so every plan would show a change",
        "hash the secret outside of the configuration and pass the hash in as a variable",
    ),
    "pathexpand": (
        "depends on whose home directory it is, and configuration may only read what lies in the project",
        "write the path relative to the project's folder",
    ),
    "base64gzip": (
        "gives bytes that depend on the compression library of the machine, so equal definitions would differ",
        "`base64encode` gives the same bytes everywhere",
    ),
    "rsadecrypt": (
        "puts a secret into values that are written into definitions and images",
        "decrypt outside of the configuration, and pass secrets in as environment variables when the image runs",
    ),
}


def refuse_impure(name: str) -> None:
    """Raise where a function of this name is left out on purpose."""
    if name in _REFUSED:
        why, instead = _REFUSED[name]
        raise RefusedError(SUMMARY, f"envform has no `{name}`: it {why}.", instead)


def impure_names() -> frozenset[str]:
    """The functions that are refused."""
    return frozenset(_REFUSED)
