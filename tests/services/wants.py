"""What a test wants of the machine. What is missing skips it, or fails it where ENVFORM_TEST_REQUIRE asks for it."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import pytest

REQUIRED = "ENVFORM_TEST_REQUIRE"
ABSENT = "not installed"
# Debian keeps these folders from the PATH of people who are not root; some programs there work for everybody.
SYSTEM = "/usr/local/sbin:/usr/sbin:/sbin"
_SKIPPED = re.compile(r"Skipped: wants (?P<name>[^:]+): (?P<reason>.*)", re.DOTALL)


def require(program: str, called: str = "") -> Path:
    """Where a program is; without it the test that asks is skipped, or fails."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:{SYSTEM}")
    return Path(found) if found else missing(called or program, ABSENT)


def missing(name: str, reason: str) -> NoReturn:
    """End the test that wanted a thing: skipped, or failed where this thing is required."""
    required = {wish.strip().replace("-", " ") for wish in os.environ.get(REQUIRED, "").split(",")}
    if required & {"all", name.replace("-", " ")}:
        pytest.fail(f"wants {name}: {reason}; {REQUIRED} does not let it be skipped", pytrace=False)
    pytest.skip(f"wants {name}: {reason}")


def summary(reasons: Iterable[str]) -> str:
    """One line over all skips that are for want of something; empty when there are none."""
    wants = Counter(match.group("name", "reason") for reason in reasons if (match := _SKIPPED.fullmatch(reason)))
    told = [
        f"{name} ({count} test{'s' * (count > 1)}{'' if reason == ABSENT else f', {reason}'})"
        for (name, reason), count in sorted(wants.items())
    ]
    return "Skipped for want of: " + ", ".join(told) if told else ""
