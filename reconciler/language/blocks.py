"""Reads the blocks of all texts; those that are broken leave the others alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from functools import partial

from reconciler.language import nodes
from reconciler.language.declaration import Declaration, label_text
from reconciler.language.doubts import Doubts
from reconciler.language.environment_rule import ENVIRONMENT
from reconciler.language.files import Files
from reconciler.language.kinds_of_files import is_ours, is_yaml
from reconciler.language.passage import Document, Passage
from reconciler.language.pieces import joined
from reconciler.language.recovery import recover
from reconciler.language.span import SpanError
from reconciler.language.structure import check_item
from reconciler.language.vocabulary import BLOCKS
from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import nearest

Parse = Callable[[str], nodes.Body]

_MOST_PROBLEMS = 100
_HEADER = lazy_pattern(r'[^\W\d][\w-]*(?:[ \t]+"[^"\n]*")*(?=[ \t]*\{)')


@dataclass(slots=True)
class Blocks:
    """What is sound in structure; `unsure` is what broken blocks may declare."""

    declarations: list[Declaration] = field(default_factory=list)
    unsure: Doubts = field(default_factory=Doubts)

    def check(self, items: Iterable[nodes.Argument | nodes.Block], passage: Passage, problems: Diagnostics) -> None:
        """Keep what these items declare."""
        for item in items:
            declaration = check_item(item, passage, problems)
            if declaration is not None:
                self.declarations.append(declaration)
            elif isinstance(item, nodes.Block):
                self.unsure.add(item.type, _names(item))


def _names(block: nodes.Block) -> list[str] | None:
    """What a block that is not built as it should be may declare: with a label too few, anything."""
    rule = BLOCKS.get(nearest(block.type, BLOCKS) or "")
    if rule is not None and len(block.labels) < len(rule.labels):
        return None
    inside = [item.name if isinstance(item, nodes.Argument) else item.type for item in block.body.items]
    return [*map(label_text, block.labels), *inside]


def read_blocks(
    sources: Mapping[str, str], parse: Parse, files: Files | None, problems: Diagnostics, *, shipped: bool = False
) -> Blocks:
    """The blocks of all texts; what is wrong with the texts is added to the problems."""
    blocks = Blocks()
    for filename in sorted(sources):
        if is_yaml(filename):
            _read_yaml(filename, sources[filename], files, blocks, problems)
            continue
        document = Document(filename, sources[filename], shipped=shipped)
        for start, end in joined(document.text, partial(_parses, parse)):
            if len(problems.items) >= _MOST_PROBLEMS:
                problems.add(Diagnostic.error("Too many problems", "Correct those above first, then try again."))
                blocks.unsure.add_everything()
                return blocks
            _read_piece(document.text[start:end], Passage(document, start), parse, blocks, problems)
    return blocks


def _parses(parse: Parse, text: str) -> bool:
    try:
        parse(text)
    except SpanError:
        return False
    return True


def _read_piece(text: str, passage: Passage, parse: Parse, blocks: Blocks, problems: Diagnostics) -> None:
    try:
        items = parse(text).items
    except SpanError as error:
        context, recovered = _HEADER.match(text), recover(text, error, parse)
        for found in recovered.mistakes:
            problems.add(passage.diagnostic(found, context.group() if context else ""))
        blocks.unsure.add_text(text)
        blocks.check(recovered.items, passage, problems)
    else:
        blocks.check(items, passage, problems)


def _read_yaml(filename: str, text: str, files: Files | None, blocks: Blocks, problems: Diagnostics) -> None:
    from reconciler.language import yaml_reading

    reading = yaml_reading.read(filename, text, files, problems)
    if reading is None:
        if is_ours(filename):
            blocks.unsure.add_words(BLOCKS, text)
        else:
            blocks.unsure.add(ENVIRONMENT.type, None)
        return
    for item in reading.unsound:
        check_item(item, reading.passage, problems)
    before = len(problems.items)
    blocks.check(reading.items, reading.passage, problems)
    sound = {item.type for item in reading.items if isinstance(item, nodes.Block)}
    for type_ in reading.types if reading.unsound or before else ():
        if type_ not in sound or reading.unsound:
            blocks.unsure.add_words([type_], text)
