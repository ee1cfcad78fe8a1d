"""Checks how blocks are built, before anything in them is evaluated."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.language import nodes
from reconciler.language.arguments import Declaration, header
from reconciler.language.passage import Passage
from reconciler.language.schema import BLOCKS, BlockRule
from reconciler.language.span import SpanError
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.suggestion import did_you_mean, nearest


def check_item(item: nodes.Argument | nodes.Block, passage: Passage, problems: Diagnostics) -> Declaration | None:
    """What a top-level item declares, when that can be told; all that is wrong with its structure is added."""
    if isinstance(item, nodes.Argument):
        problems.add(passage.diagnostic(_top_level_argument(item)))
        return None
    rule = BLOCKS.get(item.type)
    if rule is None:
        problems.add(passage.diagnostic(_unknown_block(item), header(item)))
        return None
    arguments = _check_body(item, rule, passage, problems)
    labelled = _check_labels(item, rule, passage, problems)
    return Declaration(rule, passage, item, arguments) if labelled else None


def _top_level_argument(item: nodes.Argument) -> SpanError:
    if rule := BLOCKS.get(item.name):
        detail = f"`{item.name}` is a block, which has no `=`. Write:\n\n{rule.indented_example}"
        hint = ""
    else:
        detail = f"`{item.name}` stands outside of any block. Arguments belong into blocks."
        hint = did_you_mean(item.name, BLOCKS)
    return SpanError("Unexpected argument", detail, item.start, item.name_end, hint=hint)


def _unknown_block(item: nodes.Block) -> SpanError:
    known = " and ".join(f"`{name}`" for name in BLOCKS)
    detail = f"There is no block of type `{item.type}`. The top level of a configuration holds {known} blocks."
    end = item.start + len(item.type)
    return SpanError("Unsupported block type", detail, item.start, end, hint=did_you_mean(item.type, BLOCKS))


def _check_labels(block: nodes.Block, rule: BlockRule, passage: Passage, problems: Diagnostics) -> bool:
    wanted, given = len(rule.labels), len(block.labels)
    if given == wanted:
        return True
    names = " and ".join(rule.labels)
    takes = f"takes {wanted} label, its {names}" if wanted else "takes no label"
    detail = f"A block of type `{block.type}` {takes}. Write:\n\n{rule.indented_example}"
    start, end = block.start, block.header_end
    if given > wanted:
        start = block.labels[wanted].start
    summary = "Missing block label" if given < wanted else "Extraneous block label"
    problems.add(passage.diagnostic(SpanError(summary, detail, start, end), header(block)))
    return False


def _check_body(
    block: nodes.Block, rule: BlockRule, passage: Passage, problems: Diagnostics
) -> Mapping[str, nodes.Argument]:
    arguments: dict[str, nodes.Argument] = {}
    errors = []
    meant: set[str | None] = set()
    for item in block.body.items:
        if isinstance(item, nodes.Block):
            errors.append(_nested_block(item, rule))
            meant.add(item.type)
        elif item.name not in rule.arguments:
            errors.append(_unknown_argument(item, rule))
            meant.add(nearest(item.name, rule.arguments))
        elif item.name in arguments:
            line = passage.range(arguments[item.name].start, item.end).start.line
            detail = f"`{item.name}` was set on line {line} already. A block sets each argument once."
            errors.append(SpanError("Duplicate argument", detail, item.start, item.name_end))
        else:
            arguments[item.name] = item
    for name, argument in rule.arguments.items():
        if argument.required and name not in arguments and name not in meant:
            detail = f"`{name}` is required and missing. Write, for example:\n\n{rule.indented_example}"
            errors.append(SpanError("Missing required argument", detail, block.start, block.header_end))
    for error in errors:
        problems.add(passage.diagnostic(error, header(block)))
    return arguments


def _nested_block(item: nodes.Block, rule: BlockRule) -> SpanError:
    end = item.start + len(item.type)
    if item.type in rule.arguments:
        detail = f"`{item.type}` is an argument and not a block. Write it with an equals sign: `{item.type} = …`."
        return SpanError("Unsupported block type", detail, item.start, end)
    if item.type in BLOCKS:
        detail = f"An `{item.type}` block stands at the top level and not inside of another block."
        return SpanError("Unsupported block type", detail, item.start, end)
    detail = f"A block of type `{item.type}` is not expected in `{rule.type}`."
    return SpanError("Unsupported block type", detail, item.start, end, hint=did_you_mean(item.type, rule.arguments))


def _unknown_argument(item: nodes.Argument, rule: BlockRule) -> SpanError:
    detail = f"There is no argument named `{item.name}` in `{rule.type}`."
    hint = did_you_mean(item.name, rule.arguments)
    return SpanError("Unsupported argument", detail, item.start, item.name_end, hint=hint)
