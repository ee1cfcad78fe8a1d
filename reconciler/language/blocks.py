"""Reads the blocks of all texts; those that are broken leave the others alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from reconciler.language import nodes
from reconciler.language.declaration import Declaration
from reconciler.language.files import Files
from reconciler.language.kinds_of_files import is_yaml
from reconciler.language.passage import Document, Passage
from reconciler.language.pieces import split
from reconciler.language.recovery import mistakes
from reconciler.language.span import SpanError
from reconciler.language.structure import check_item
from reconciler.language.vocabulary import BLOCKS
from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.suggestion import nearest

Parse = Callable[[str], nodes.Body]

_MOST_PROBLEMS = 100
_TYPE = re.compile(r"\A[^\W\d][\w-]*")
_HEADER = re.compile(r'[^\W\d][\w-]*(?:[ \t]+"[^"\n]*")*(?=[ \t]*\{)')


@dataclass(slots=True)
class Blocks:
    """What is sound in structure; `unsure` are the types of blocks of which there may be more, that are broken."""

    declarations: list[Declaration] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)

    def check(self, items: Iterable[nodes.Argument | nodes.Block], passage: Passage, problems: Diagnostics) -> None:
        """Keep what these items declare."""
        for item in items:
            declaration = check_item(item, passage, problems)
            if declaration is not None:
                self.declarations.append(declaration)
            elif isinstance(item, nodes.Block):
                self.doubt(item.type)

    def doubt(self, type_: str) -> None:
        """There may be a block of this type, or of the one that was meant by it."""
        self.unsure.add(nearest(type_, BLOCKS) or type_)


def read_blocks(sources: Mapping[str, str], parse: Parse, files: Files | None, problems: Diagnostics) -> Blocks:
    """The blocks of all texts; what is wrong with the texts is added to the problems."""
    blocks = Blocks()
    for filename in sorted(sources):
        if is_yaml(filename):
            _read_yaml(filename, sources[filename], files, blocks, problems)
            continue
        document = Document(filename, sources[filename])
        for start, end in split(document.text):
            if len(problems.items) >= _MOST_PROBLEMS:
                problems.add(Diagnostic.error("Too many problems", "Correct those above first, then try again."))
                blocks.unsure.update(BLOCKS)
                return blocks
            _read_piece(document.text[start:end], Passage(document, start), parse, blocks, problems)
    return blocks


def _read_piece(text: str, passage: Passage, parse: Parse, blocks: Blocks, problems: Diagnostics) -> None:
    try:
        items = parse(text).items
    except SpanError as error:
        context = _HEADER.match(text)
        for found in mistakes(text, error, parse):
            problems.add(passage.diagnostic(found, context.group() if context else ""))
        for type_ in _TYPE.findall(text):
            blocks.doubt(type_)
    else:
        blocks.check(items, passage, problems)


def _read_yaml(filename: str, text: str, files: Files | None, blocks: Blocks, problems: Diagnostics) -> None:
    from reconciler.language import yaml_reading

    reading = yaml_reading.read(filename, text, files, problems)
    if reading is None:
        blocks.unsure.update(BLOCKS)
        return
    for item in reading.unsound:
        check_item(item, reading.passage, problems)
    before = len(problems.items)
    blocks.check(reading.items, reading.passage, problems)
    sound = {item.type for item in reading.items if isinstance(item, nodes.Block)}
    for type_ in reading.types if reading.unsound or before else ():
        if type_ not in sound or reading.unsound:
            blocks.doubt(type_)
