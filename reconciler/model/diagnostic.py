"""One shape for every problem that a user may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field, replace
from enum import StrEnum

from reconciler.model.frozen import dataclass


class Severity(StrEnum):
    """How bad a problem is; only errors stop a stage."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text: line and column count from 1, in characters; byte from 0, in UTF-8."""

    line: int
    column: int
    byte: int


@dataclass(frozen=True, slots=True)
class SourceRange:
    """A piece of one source file; the end is exclusive."""

    filename: str
    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Snippet:
    """What the reader must see of the source: its lines, the block around them, the values involved."""

    code: str
    context: str = ""
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is declared, for diagnostics that are made long after it was read."""

    subject: SourceRange
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """The summary is constant for its kind of problem; the detail says what, why and what to do.

    `rule` is the id of the lint rule that it broke, where it is one's business.
    """

    severity: Severity
    summary: str
    detail: str = ""
    hint: str = ""
    address: str = ""
    subject: SourceRange | None = None
    snippet: Snippet | None = None
    rule: str = ""

    def at(self, place: Place | None) -> Diagnostic:
        """The same problem, shown where it was declared."""
        return replace(self, subject=place.subject, snippet=place.snippet) if place else self

    @classmethod
    def error(
        cls,
        summary: str,
        detail: str = "",
        *,
        hint: str = "",
        address: str = "",
        subject: SourceRange | None = None,
        snippet: Snippet | None = None,
    ) -> Diagnostic:
        """A problem that stops the stage it was found in."""
        return cls(Severity.ERROR, summary, detail, hint, address, subject, snippet)

    @classmethod
    def warning(
        cls,
        summary: str,
        detail: str = "",
        *,
        hint: str = "",
        address: str = "",
        subject: SourceRange | None = None,
        snippet: Snippet | None = None,
    ) -> Diagnostic:
        """A problem that is told and does not stop anything."""
        return cls(Severity.WARNING, summary, detail, hint, address, subject, snippet)


@dataclass(slots=True)
class Diagnostics:
    """Collects the problems of one stage, so that five mistakes give five diagnostics."""

    items: list[Diagnostic] = field(default_factory=list)

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep one more."""
        self.items.append(diagnostic)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Keep several more."""
        self.items.extend(diagnostics)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.items)

    @property
    def failed(self) -> bool:
        """Whether any of them is an error."""
        return any(item.severity is Severity.ERROR for item in self.items)

    def check(self) -> None:
        """End the stage: raises EnvformError with everything collected when any of it is an error."""
        if self.failed:
            raise EnvformError(*self.items)


def distinct(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Those that say something new: one mistake in one place, met in a thousand instances, is one mistake."""
    addresses: dict[tuple[str, object], str] = {}
    found: dict[tuple[str, object, str], Diagnostic] = {}
    for item in diagnostics:
        place = (item.summary, item.subject or item.detail)
        if addresses.setdefault(place, item.address) == item.address:
            found.setdefault((*place, item.detail), item)
    return list(found.values())


class EnvformError(Exception):
    """The root of all errors that envform raises on purpose.

    EnvformError
    ├── NotFoundError     a name, version or label that nothing has
    ├── StateError        a state backend
    ├── RegistryError     a registry
    ├── ResolutionError   a resolver
    ├── BuildError        a builder
    └── RunError          a runner
    """

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(item.summary for item in diagnostics))
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        return "\n".join(f"{item.summary}: {item.detail}" if item.detail else item.summary for item in self.diagnostics)


class NotFoundError(EnvformError):
    """What was asked for by its name is not registered."""


class AdapterError(EnvformError):
    """What may leave an adapter; `temporary` tells the walker that trying again may help."""

    def __init__(
        self, summary: str, detail: str = "", *, hint: str = "", address: str = "", temporary: bool = False
    ) -> None:
        super().__init__(Diagnostic.error(summary, detail, hint=hint, address=address))
        self.temporary = temporary


class StateError(AdapterError):
    """The state could not be read, written or locked."""


class RegistryError(AdapterError):
    """The registry could not be asked or did not accept; never means that an image is missing."""


class ResolutionError(AdapterError):
    """No set of packages satisfies the definition, or the index could not be asked.

    `causes` are the requirements that take part in it, as the definition spells them.
    """

    causes: tuple[str, ...] = ()


class BuildError(AdapterError):
    """The image or the local environment could not be built."""


class RunError(AdapterError):
    """The job could not be started; a job that ran and failed is an Outcome, not an error."""
