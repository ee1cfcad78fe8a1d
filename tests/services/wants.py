"""What a test wants of the machine. What is missing skips it, or fails it where ENVFORM_TEST_REQUIRE asks for it."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

import pytest

Tell = Callable[[str], None]
REQUIRED = "ENVFORM_TEST_REQUIRE"
ABSENT = "not installed"
# Debian keeps these folders from the PATH of people who are not root; some programs there work for everybody.
SYSTEM = "/usr/local/sbin:/usr/sbin:/sbin"
# What may be missing even where all is required, and why. Required by its own name, it may not.
MAY_BE_MISSING = {
    "terraform": "no Debian package has it; its answers are written down, and compared in any case",
    "a job without root": "some machines keep their Python, or user namespaces, from everybody else",
    "a package index": "some machines reach none; an index on loopback answers every other test",
    "the corpus is not there": "it is many other people's files, which this repository does not hold",
    "this part of the corpus has no such cases": "as above",
}
_SKIPPED = re.compile(r"(?:Skipped: )?(?:wants )?(?P<name>[^:]+)(?:: (?P<reason>.*))?", re.DOTALL)


def require(program: str, called: str = "") -> Path:
    """Where a program is; without it the test that asks is skipped, or fails."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:{SYSTEM}")
    return Path(found) if found else missing(called or program, ABSENT)


def missing(name: str, reason: str) -> NoReturn:
    """End the test that wanted a thing: skipped, or failed where this thing is required."""
    pytest.skip(f"wants {name}: {reason}")


def refusal(skipped: str) -> str | None:
    """What to say in place of skipping for this reason; None where it may be skipped."""
    name, _ = _told(skipped)
    required = {_plain(wish) for wish in os.environ.get(REQUIRED, "").split(",")}
    if _plain(name) in required or ("all" in required and name not in MAY_BE_MISSING):
        return f"{skipped.removeprefix('Skipped: ')}; {REQUIRED} does not let it be skipped"
    return None


def summary(skipped: Iterable[str]) -> str:
    """One line over all skips; empty when there are none."""
    counted = sorted(Counter(map(_told, skipped)).items())
    told = [f"{name} ({count} test{'s' * (count > 1)}{reason and ', '}{reason})" for (name, reason), count in counted]
    return f"Skipped: {', '.join(told)}" if told else ""


def _told(skipped: str) -> tuple[str, str]:
    match = _SKIPPED.fullmatch(skipped)
    return (match["name"], " ".join((match["reason"] or "").split())) if match else (skipped, "")


def _plain(name: str) -> str:
    return name.strip().replace("-", " ")
