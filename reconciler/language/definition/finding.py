"""Problems in values that were loaded from somewhere: whoever knows where makes diagnostics of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from reconciler.language.span import RefusedError
from reconciler.model.diagnostic import Diagnostic, Diagnostics, Place, Severity
from reconciler.model.frozen import dataclass

Path: TypeAlias = tuple[str | int, ...]
Where: TypeAlias = Callable[[Path], Place | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem with the value at a path, such as `("dependencies", 3, "pip", 0)`."""

    path: Path
    summary: str
    detail: str
    hint: str = ""
    severity: Severity = Severity.ERROR

    @classmethod
    def refused(cls, path: Path, error: RefusedError) -> Finding:
        """What a value's own parser said about it."""
        return cls(path, error.summary, error.detail, error.hint)


def report(findings: tuple[Finding, ...], where: Where, address: str, problems: Diagnostics) -> None:
    """Tell findings as problems of an environment, each at its place."""
    for finding in findings:
        told = Diagnostic(finding.severity, finding.summary, finding.detail, finding.hint, address)
        problems.add(told.at(where(finding.path)))
