"""What a registry that answers 401 wants to see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER = re.compile(rf'\s*,?\s*(?P<key>{_WORD})\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<word>[^\s,"]+))')
_SCHEME = re.compile(rf"[\s,]*(?P<scheme>{_WORD})(?=\s|,|$)(?!\s*=)")
_LONGEST = 8192


@dataclass(frozen=True, slots=True)
class Challenge:
    """`scheme` in lower case: basic, bearer, or one that we do not know."""

    scheme: str
    parameters: Mapping[str, str]


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """All challenges of a WWW-Authenticate header, commas in quotes and several in one line included."""
    return tuple(_parsed(header[:_LONGEST]))


def _parsed(header: str) -> Iterator[Challenge]:
    at = 0
    while scheme := _SCHEME.match(header, at):
        at = scheme.end()
        parameters: dict[str, str] = {}
        while found := _PARAMETER.match(header, at):
            value = found["word"] if found["quoted"] is None else re.sub(r"\\(.)", r"\1", found["quoted"])
            parameters.setdefault(found["key"].lower(), value)
            at = found.end()
        yield Challenge(scheme["scheme"].lower(), parameters)


def choose(challenges: tuple[Challenge, ...]) -> Challenge | None:
    """Tokens before passwords."""
    known = {challenge.scheme: challenge for challenge in reversed(challenges)}
    return known.get("bearer") or known.get("basic")
