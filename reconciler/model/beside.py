"""What a plan tells beside changes and outputs: data that is left to apply, and what checks say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Read:
    """Data that only apply can look up: what is meant is not known before, or will be registered by this very plan.

    `values` are those that planning tells already; `unknown` names the others.
    """

    address: str
    because: Literal["config_unknown", "dependency_pending"]
    values: Mapping[str, Any]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """One `check` block, and what it had to say."""

    name: str
    status: Literal["pass", "fail", "error", "unknown"]
    problems: tuple[str, ...] = ()
