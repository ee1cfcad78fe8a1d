"""Checks how blocks are built, before anything in them is evaluated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, replace

from reconciler.language import nodes
from reconciler.language.declaration import Declaration, Dynamic, header, label_text
from reconciler.language.dynamic import DYNAMIC, NOT_DYNAMIC, inner_rule, read_dynamic
from reconciler.language.passage import Passage
from reconciler.language.schema import BlockRule
from reconciler.language.span import SpanError
from reconciler.language.vocabulary import BLOCKS
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.frozen import dataclass
from reconciler.model.suggestion import did_you_mean, misspelt, nearest


def check_item(item: nodes.Argument | nodes.Block, passage: Passage, problems: Diagnostics) -> Declaration | None:
    """What a top-level item declares, when that can be told; all that is wrong with its structure is added.

    What is misspelt is told, and then taken for what was meant, so that the mistakes in it are told too.
    """
    if isinstance(item, nodes.Argument):
        problems.add(passage.diagnostic(_top_level_argument(item)))
        return None
    rule = BLOCKS.get(item.type)
    if rule is None:
        problems.add(passage.diagnostic(_unknown_block(item), header(item)))
        rule = BLOCKS.get(misspelt(item.type, BLOCKS) or "")
    if rule is None:
        return None
    body = _Body(item, rule, passage, problems, header(item), dynamic=rule.dynamic)
    labelled = body.check_labels()
    declaration = body.check() if labelled or rule.type == item.type else None
    return declaration if labelled else None


def check_body(block: nodes.Block, rule: BlockRule, passage: Passage, problems: Diagnostics) -> Declaration:
    """What one block declares by a rule, without what is wrong with it; labels are left alone."""
    return _Body(block, rule, passage, problems, header(block), dynamic=rule.dynamic).check()


def _top_level_argument(item: nodes.Argument) -> SpanError:
    if rule := BLOCKS.get(item.name):
        detail = f"`{item.name}` is a block, which has no `=`. Write:\n\n{rule.indented_example}"
        hint = ""
    else:
        detail = f"`{item.name}` stands outside of any block. Arguments belong into blocks."
        hint = did_you_mean(item.name, BLOCKS)
    return SpanError("Unexpected argument", detail, item.start, item.name_end, hint=hint)


def _unknown_block(item: nodes.Block) -> SpanError:
    detail = (
        f"There is no block of type `{item.type}`. The top level of a configuration holds {_listed(BLOCKS)} blocks."
    )
    end = item.start + len(item.type)
    return SpanError("Unsupported block type", detail, item.start, end, hint=did_you_mean(item.type, BLOCKS))


def _listed(words: Iterable[str]) -> str:
    *first, last = (f"`{word}`" for word in words)
    return f"{', '.join(first)} and {last}" if first else last


@dataclass(slots=True)
class _Body:
    """One block that is held to its rule."""

    block: nodes.Block
    rule: BlockRule
    passage: Passage
    problems: Diagnostics
    context: str
    dynamic: bool
    arguments: dict[str, nodes.Argument] = field(default_factory=dict)
    blocks: dict[str, list[Declaration | Dynamic]] = field(default_factory=dict)
    meant: set[str | None] = field(default_factory=set)

    def check(self) -> Declaration:
        """What the block declares, without what is wrong with it."""
        for item in self._items:
            error = self._block(item) if isinstance(item, nodes.Block) else self._argument(item)
            if error is not None:
                self._report(error)
        self._check_required()
        blocks = {type_: tuple(inner) for type_, inner in self.blocks.items()}
        outer = "" if self.rule.type in BLOCKS and self.context == header(self.block) else self.context
        return Declaration(self.rule, self.passage, self.block, self.arguments, blocks=blocks, outer=outer)

    @property
    def _guessed(self) -> bool:
        """Whether the block's type is misspelt: what stands in it is looked at, and nothing is missed."""
        return self.block.type not in (self.rule.type, DYNAMIC.type)

    @property
    def _items(self) -> tuple[nodes.Argument | nodes.Block, ...]:
        return self.block.body.items

    def check_labels(self) -> bool:
        """Whether there are as many labels as there should be."""
        wanted, given = len(self.rule.labels), len(self.block.labels)
        if given == wanted:
            return True
        if self._guessed:
            return False
        takes = f"takes {wanted} label{'s' * (wanted > 1)}: its {' and its '.join(self.rule.labels)}"
        if not wanted:
            takes = "takes no label"
        detail = f"A block of type `{self.block.type}` {takes}. Write:\n\n{self.rule.indented_example}"
        start = self.block.labels[wanted].start if given > wanted else self.block.start
        summary = "Missing block label" if given < wanted else "Extraneous block label"
        self._report(SpanError(summary, detail, start, self.block.header_end))
        return False

    def _report(self, error: SpanError) -> None:
        self.problems.add(self.passage.diagnostic(error, self.context))

    def _argument(self, item: nodes.Argument) -> SpanError | None:
        if self.rule.argument(item.name) is None:
            if isinstance(item.value, nodes.Unread):
                return None  # one mistake is enough for one line
            meant = misspelt(item.name, self.rule.arguments or ())
            if meant and not any(isinstance(other, nodes.Argument) and other.name == meant for other in self._items):
                self.arguments.setdefault(meant, replace(item, name=meant))
            self.meant.add(nearest(item.name, self.rule.arguments or ()))
            return self._unknown_argument(item)
        if item.name in self.arguments:
            line = self._line(self.arguments[item.name])
            detail = f"`{item.name}` was set on line {line} already. A block sets each argument once."
            return SpanError("Duplicate argument", detail, item.start, item.name_end)
        self.arguments[item.name] = item
        return None

    def _unknown_argument(self, item: nodes.Argument) -> SpanError:
        hint = did_you_mean(item.name, {**(self.rule.arguments or {}), **self.rule.blocks})
        detail = f"There is no argument named `{item.name}` in `{self.rule.type}`."
        if inner := self.rule.blocks.get(item.name):
            self.meant.add(item.name)
            detail = f"`{item.name}` is a block, which has no `=`. Write:\n\n{inner.indented_example}"
            hint = ""
        return SpanError("Unsupported argument", detail, item.start, item.name_end, hint=hint)

    def _block(self, item: nodes.Block) -> SpanError | None:
        self.meant.add(item.type)
        if rule := self.rule.blocks.get(item.type):
            return self._known_block(item, rule)
        if item.type == DYNAMIC.type and self.dynamic and self.rule.blocks:
            return self._dynamic(item)
        meant = misspelt(item.type, self.rule.blocks)
        if meant and not any(isinstance(other, nodes.Block) and other.type == meant for other in self._items):
            self.meant.add(meant)
            self._known_block(item, self.rule.blocks[meant])
        return self._unexpected_block(item)

    def _known_block(self, item: nodes.Block, rule: BlockRule) -> SpanError | None:
        before = self.blocks.setdefault(rule.type, [])
        first = next((inner for inner in before if isinstance(inner, Declaration)), None)
        if first and not rule.repeated:
            line = self._line(first.block)
            detail = f"There is a block `{item.type}` on line {line} already, and there can be only one."
            return SpanError("Duplicate block", detail, item.start, item.header_end)
        body = self._inner(item, rule)
        if body.check_labels():
            before.append(body.check())
        return None

    def _inner(self, item: nodes.Block, rule: BlockRule) -> _Body:
        return _Body(item, rule, self.passage, self.problems, self.context, self.dynamic)

    def _dynamic(self, item: nodes.Block) -> SpanError | None:
        made = label_text(item.labels[0]) if len(item.labels) == 1 else ""
        rule = self.rule.blocks.get(made)
        if made in NOT_DYNAMIC:
            detail = f"A `{made}` block says how envform treats the others, so it is written out and never made."
            return SpanError("Unsupported block type", detail, item.start, item.header_end)
        if len(item.labels) == 1 and rule is None:
            hint, label = did_you_mean(made, self.rule.blocks), item.labels[0]
            detail = f"A block of type `{made}` is not expected in `{self.rule.type}`, so none can be made."
            return SpanError("Unsupported block type", detail, label.start, label.end, hint=hint)
        body = self._inner(item, inner_rule(rule) if rule else DYNAMIC)
        if body.check_labels():
            declaration = body.check()
            if "for_each" in declaration.arguments and declaration.nested("content"):
                self.blocks.setdefault(made, []).append(read_dynamic(declaration, self.problems))
        return None

    def _unexpected_block(self, item: nodes.Block) -> SpanError:
        end = item.start + len(item.type)
        hint = ""
        if self.rule.argument(item.type) is not None:
            detail = f"`{item.type}` is an argument and not a block. Write it with an equals sign: `{item.type} = …`."
            unread = nodes.Unread(item.body.start, item.body.end)
            self.arguments.setdefault(item.type, nodes.Argument(item.start, item.end, item.type, unread))
        elif item.type in BLOCKS:
            detail = f"An `{item.type}` block stands at the top level and not inside of another block."
        else:
            detail = f"A block of type `{item.type}` is not expected in `{self.rule.type}`."
            hint = did_you_mean(item.type, {**self.rule.blocks, **(self.rule.arguments or {})})
        return SpanError("Unsupported block type", detail, item.start, end, hint=hint)

    def _check_required(self) -> None:
        if self._guessed:
            return
        arguments, blocks = self.rule.arguments or {}, self.rule.blocks
        wanted = [
            ("argument", name) for name, rule in arguments.items() if rule.required and name not in self.arguments
        ]
        wanted += [("block", name) for name, rule in blocks.items() if rule.required and name not in self.blocks]
        for kind, name in wanted:
            if name not in self.meant:
                detail = f"`{name}` is required and missing. Write, for example:\n\n{self.rule.indented_example}"
                self._report(SpanError(f"Missing required {kind}", detail, self.block.start, self.block.header_end))

    def _line(self, node: nodes.Node) -> int:
        return self.passage.range(node.start, node.end).start.line
