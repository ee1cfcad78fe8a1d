"""Plans and drift for the conversation of a pull request: what matters first, the rest folded away."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from reconciler.model.beside import Read
from reconciler.model.counts import Counts
from reconciler.model.pattern import lazy_pattern
from reconciler.model.plan import Action, Change, Plan
from reconciler.rendering.advice import lost
from reconciler.rendering.changes import READ, change_lines, headline, only_moved, read_lines, symbol
from reconciler.rendering.escape import safe
from reconciler.rendering.outputs import output_lines
from reconciler.rendering.plan import counts_text, drift_sentence, no_changes, no_drift_sentence, summary_lines
from reconciler.rendering.reasons import reason_line
from reconciler.rendering.style import PLAIN
from reconciler.rendering.tables import orphans_table

# GitHub takes 65,536 characters, and whoever posts this adds some of its own.
LIMIT = 60_000
_LONGEST = LIMIT // 4
_POINTER = 400
_PUNCTUATION = lazy_pattern(r"[!-/:-@\[-`{-~]")
_BACKTICKS = lazy_pattern("`+")
_MARKED = lazy_pattern(r"( +)([+~-]) (.*)")
_COLOURS = {"+": "+", "-": "-", "~": "!"}


def plan_markdown(plan: Plan) -> str:
    """A heading with the counts, and one folded block for each change."""
    head = [*_heading(plan), *_drift(plan), *_extras(plan)]
    blocks = chain(map(_read, plan.reads), map(_folded, plan.work))
    return _cut(head, blocks, len(plan.reads) + len(plan.work), "envform plan")


def drift_markdown(plan: Plan) -> str:
    """What differs from the record, an environment a block."""
    if not plan.drift:
        return f"## envform drift: none\n\n{no_drift_sentence(plan)}\n"
    head = [f"## envform drift: {len(plan.drift)}\n", f"{drift_sentence(plan)}\n"]
    return _cut(head, map(_drifted, plan.drift), len(plan.drift), "envform drift")


def code(text: str) -> str:
    """Untrusted text inside of a line: no markup, no link, and nobody is notified."""
    return f"<code>{_PUNCTUATION.sub(lambda found: f'&#{ord(found[0])};', safe(text))}</code>"


def fenced(lines: Iterable[str], language: str = "") -> str:
    """Untrusted lines as a block of code, with a fence that none of them can close."""
    content = "\n".join(lines)
    fence = "`" * max(3, 1 + max(map(len, _BACKTICKS.findall(content)), default=0))
    return f"{fence}{language}\n{content}\n{fence}\n"


def _cut(head: Iterable[str], blocks: Iterable[str], count: int, command: str) -> str:
    """As many blocks as there is room for; the first that does not fit and all after it are only counted."""
    parts = list(head)
    used = sum(map(len, parts)) + len(parts)
    shown = 0
    for block in blocks:
        used += len(block) + 1
        if used > LIMIT - _POINTER:
            break
        parts.append(block)
        shown += 1
    if left_out := count - shown:
        are = "change is" if left_out == 1 else "changes are"
        parts.append(f"**{left_out} more {are} left out**, for this page would be too long. See all: `{command}`\n")
    return "\n".join(parts)


def _heading(plan: Plan) -> Iterator[str]:
    counts = Counts.of(plan)
    if plan.errored:
        yield "## envform plan: failed\n"
        yield "envform planned the following actions, but then encountered a problem.\n"
    elif not (plan.work or plan.output_changes):
        title, sentence = no_changes(plan)
        yield "## envform plan: no changes\n"
        yield f"**{title}** {sentence}\n"
    else:
        yield f"## envform plan: {counts_text(counts)}\n"
        yield "".join(f"{line}  \n" for line in summary_lines(plan, PLAIN))
    yield f"Workspace {code(plan.workspace)}, registry {code(plan.registry)}\n"
    if plan.targets:
        targets = ", ".join(map(code, islice(plan.targets, 20)))
        yield f"> **Warning:** the plan is limited to {targets}, so it may leave out changes.\n"
    if hint := lost(plan, code):
        yield f"> **Hint:** {hint}\n"


def _drift(plan: Plan) -> Iterator[str]:
    if plan.drift:
        yield f"> **Note:** {drift_sentence(plan)}\n"
        yield _short("Changes made outside of envform", (line for one in plan.drift for line in _drift_lines(one)))


def _extras(plan: Plan) -> Iterator[str]:
    if outputs := tuple(output_lines(plan, PLAIN)):
        yield _short("Changes to outputs", outputs[1:], "diff")
    if plan.orphans:
        yield _short(f"Images that no record owns: {len(plan.orphans)}", orphans_table(plan).split("\n"))


def _short(title: str, lines: Iterable[str], language: str = "") -> str:
    kept = [*map(_coloured, lines)] if language else [*lines]
    content = fenced(kept, language)
    if len(content) > _LONGEST:
        content = f"{len(kept)} lines, too many for this page.\n"
    return f"<details><summary>{title}</summary>\n\n{content}\n</details>\n"


def _folded(change: Change) -> str:
    _, *lines = change_lines(change, PLAIN)
    moved = only_moved(change)
    title = f"{code(moved.old)} has moved to {code(change.address)}" if moved else ""
    return _block(change.action, title or f"{code(change.address)} {headline(change, code)}", lines)


def _read(read: Read) -> str:
    _, *lines = read_lines(read, PLAIN)
    return _block(Action.READ, f"{code(read.address)} {READ}", lines)


def _block(action: Action, title: str, lines: Sequence[str]) -> str:
    content = fenced(map(_coloured, lines), "diff")
    if len(content) > _LONGEST:
        content = f"{len(lines)} lines, too many for this page.\n"
    mark = f"<code>{html.escape(symbol(action, PLAIN))}</code>"
    return f"<details><summary>{mark} {title}</summary>\n\n{content}\n</details>\n"


def _drifted(change: Change) -> str:
    content = fenced(reason_line(reason, change) for reason in change.drift)
    return f"<details open><summary>{code(change.address)} has changed</summary>\n\n{content}\n</details>\n"


def _drift_lines(change: Change) -> Iterator[str]:
    yield safe(change.address)
    yield from (f"    {reason_line(reason, change)}" for reason in change.drift)


def _coloured(line: str) -> str:
    """With its mark in front, where viewers of differences look for it."""
    found = _MARKED.fullmatch(line)
    return f"{_COLOURS[found[2]]}{found[1]} {found[3]}" if found else line
