"""An evaluated `environment` block, with the files it names: what is given in it, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TypeVar

from reconciler.language import nodes
from reconciler.language.definition.finding import Path
from reconciler.language.definition.noted import Noted
from reconciler.language.files import Files
from reconciler.language.filled import Filled
from reconciler.language.span import RefusedError
from reconciler.model.diagnostic import Diagnostic, Diagnostics, Place, Severity
from reconciler.model.frozen import dataclass
from reconciler.model.suggestion import did_you_mean

Word = TypeVar("Word", bound=str)


@dataclass(frozen=True, slots=True)
class Reading:
    """`dropped` are the defaults that do not suit what the block itself says."""

    filled: Filled
    files: Files
    problems: Diagnostics
    dropped: set[str] = field(default_factory=set)
    noted: Noted = field(default_factory=Noted)

    @property
    def address(self) -> str:
        """Whose problems these are."""
        return self.filled.declaration.address

    def is_own(self, name: str) -> bool:
        """Whether the block says it itself, and says more than null."""
        declaration = self.filled.declaration
        if name in declaration.blocks:
            return bool(self.filled.blocks.get(name)) or not declaration.nested(name)
        if name not in declaration.arguments:
            return False  # as for most that is asked for
        return self.filled.arguments.get(name, "wrong or unknown") is not None

    def is_doubtful(self, name: str) -> bool:
        """Whether an argument is there and its value is not: it is unknown, or wrong, which was told."""
        return name in self.filled.declaration.arguments and name not in self.filled.arguments

    def has(self, name: str) -> bool:
        """Whether it is said at all, here or by a default."""
        given = self.filled.arguments.get(name) is not None and name not in self.dropped
        return given or self.is_own(name)

    def text(self, name: str) -> str:
        """The value of a text; empty where there is none."""
        return (self.filled.text(name) or "") if self.has(name) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """The value of a list."""
        return (self.filled.texts(name) or ()) if self.has(name) else ()

    def strings(self, name: str) -> Mapping[str, str]:
        """The value of an object of texts."""
        return (self.filled.strings(name) or {}) if self.has(name) else {}

    def block(self, name: str) -> Reading | None:
        """A block inside of this one."""
        inner = self.filled.block(name)
        return Reading(inner, self.files, self.problems, noted=self.noted) if inner else None

    def one_of(self, name: str, words: tuple[Word, ...]) -> Word:
        """A text that must be one of a few words, of which the first is meant where it is left out."""
        given = self.text(name)
        for word in words:
            if given == word:
                return word
        if self.has(name) and self.filled.text(name) is not None:
            listed = " or ".join(f'"{word}"' for word in words)
            detail = f"`{name}` is {listed}, and not `{given[:60]}`."
            self.refuse(name, "Invalid argument value", detail, did_you_mean(given, words))
        return words[0]

    def place(self, name: str, path: Path = ()) -> Place:
        """Where a value stands, as deep as it is written out; the block where it is given elsewhere."""
        declaration, inherited = self.filled.declaration, self.filled.inherited
        if inherited and name in inherited.arguments and not self.is_own(name):
            declaration = inherited
        start, end = declaration.header_span
        inner = declaration.nested(name)
        if name in declaration.arguments:
            node = _inside(declaration.arguments[name].value, path)
            start, end = node.start, node.end
        elif inner:
            start, end = inner[0].header_span
        return declaration.passage.place(start, end, declaration.context)

    def refuse(self, name: str, summary: str, detail: str, hint: str = "", path: Path = ()) -> None:
        """Tell a mistake in an argument or block."""
        told = Diagnostic.error(summary, detail, hint=hint, address=self.address)
        self.problems.add(told.at(self.place(name, path)))

    def refused(self, name: str, error: RefusedError, path: Path = ()) -> None:
        """Tell what the value's own parser said."""
        self.refuse(name, error.summary, error.detail, error.hint, path)

    def tell(self, place: Place | None, error: RefusedError, severity: Severity = Severity.ERROR) -> None:
        """Tell a problem at another place, such as one in a file."""
        told = Diagnostic(severity, error.summary, error.detail, error.hint, self.address)
        self.problems.add(told.at(place))


def _inside(node: nodes.Expression, path: Path) -> nodes.Expression:
    """The value at a path of an expression that is written out, as far as it is."""
    for step in path:
        following: nodes.Expression | None = None
        if isinstance(node, nodes.Tuple) and isinstance(step, int) and step < len(node.items):
            following = node.items[step]
        elif isinstance(node, nodes.Object):
            following = next((value for key, value in node.items if _spelled(key) == step), None)
        if following is None:
            return node
        node = following
    return node


def _spelled(key: nodes.Expression) -> str | None:
    if isinstance(key, nodes.Name):
        return key.name
    return key.value if isinstance(key, nodes.Literal) and isinstance(key.value, str) else None
