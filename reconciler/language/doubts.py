"""What blocks that could not be read may declare: who refers to it makes no mistake of his own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import field

from reconciler.language.vocabulary import BLOCKS
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import nearest

_WORD = lazy_pattern(r"[^\W\d][\w-]*")
_LINE = lazy_pattern(r"^[ \t]*(?P<type>[^\W\d][\w-]*)(?P<rest>[ \t]*(?![ \t=:.])[^\n]*)", re.MULTILINE)
_ARGUMENT = lazy_pattern(r"[^\W\d][\w-]*[ \t]*=")
_SET = lazy_pattern(
    r'(?:^|[{,;])[ \t]*"?(?P<begun>[^\W\d][\w-]*)|(?<![\w-])(?P<set>[^\W\d][\w-]*)"?[ \t]*[=:]', re.MULTILINE
)


@dataclass(slots=True)
class Doubts:
    """By type of block the names that may be declared; None where that may be any name at all."""

    names: dict[str, set[str] | None] = field(default_factory=dict)
    misspelt: dict[str, set[str]] = field(default_factory=dict)

    def __contains__(self, type_: str) -> bool:
        """Whether there may be more blocks of a type than can be seen."""
        return type_ in self.names

    def may_declare(self, type_: str, name: str) -> bool:
        """Whether a block of this type may have declared the name, were it not broken."""
        if nearest(name, self.misspelt.get(type_, ())):
            return True
        names = self.names.get(type_, ())
        return names is None or name in names

    def likely(self, type_: str) -> Iterable[str]:
        """Names that may be declared, as far as anybody can tell."""
        return self.names.get(type_) or ()

    def add(self, type_: str, names: Iterable[str] | None) -> None:
        """There may be a block of this type, or of the one that was meant by it, with one of these names."""
        meant = nearest(type_, BLOCKS) or type_
        known = self.names.setdefault(meant, set())
        if names is None or known is None:
            self.names[meant] = None
        else:
            known.update(names)

    def add_misspelt(self, type_: str, name: str) -> None:
        """A block has a name that cannot be one: whoever corrects it will choose one that is near to it."""
        self.misspelt.setdefault(type_, set()).add(name)

    def add_text(self, text: str) -> None:
        """A piece of text that does not parse begins here, and others may, by lost brackets, be swallowed in it."""
        if _ARGUMENT.match(text):
            self.add_everything()  # what is left of a block whose first line is lost
        for line in _LINE.finditer(text):
            type_ = nearest(line["type"], BLOCKS)
            if type_ == "locals":
                self.add(type_, {name for found in _SET.finditer(text, line.end("type")) for name in found.groups("")})
            elif type_ or not line.start():
                self.add(line["type"], _WORD.findall(line["rest"]) or None)

    def add_words(self, types: Iterable[str], text: str) -> None:
        """Anything that a text holds may be declared by it."""
        words = _WORD.findall(text)
        for type_ in types:
            self.add(type_, words)

    def add_everything(self) -> None:
        """Nobody can tell what there is."""
        self.names.update(dict.fromkeys(BLOCKS, None))
