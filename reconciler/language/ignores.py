"""`# envform:ignore RULE, RULE`: on a line, or on a line of its own above it, rules do not count there.

Only what linting finds can be ignored: where the language refuses something, there is nothing to go on with.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping

from reconciler.language.lint.catalogue import RULES, By
from reconciler.language.passage import Document, Passage
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean

_MARK = "envform:ignore"
_COMMENT = lazy_pattern(
    rf"(?:^|(?<=\s))(?:\#|//)[ \t]*(?P<mark>{_MARK})\b[ \t:]*(?P<rules>[\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)?", re.MULTILINE
)
_WORD = lazy_pattern(r"[\w-]+")
_NOT_CODE = lazy_pattern(r"[ \t\r]*(?:(?:\#|//)[^\n]*)?(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class _Ignore:
    """One rule in one comment: where its id stands, its own line, and the line for which it counts."""

    rule: str
    passage: Passage
    start: int
    end: int
    own: int
    line: int

    def warning(self, summary: str, detail: str, hint: str = "") -> Diagnostic:
        """A warning about the comment itself."""
        place = self.passage.place(self.start, self.end)
        return Diagnostic.warning(summary, detail, hint=hint).at(place)


def without_ignored(found: Iterable[Diagnostic], texts: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """What is left, with a warning for each ignore that nothing was left out for; texts are by file name."""
    ignores = [ignore for name, text in texts.items() if _MARK in text for ignore in _ignores(Document(name, text))]
    if not ignores:
        return tuple(found)
    # What is wrong with a file as a whole is told at its first line, which may be the comment itself.
    by_place = {
        (ignore.rule, ignore.passage.document.filename, line): ignore
        for ignore in ignores
        for line in (ignore.own, ignore.line)
    }
    kept, used = [], set()
    for diagnostic in found:
        ignore = by_place.get(_place(diagnostic))
        if ignore is None:
            kept.append(diagnostic)
        else:
            used.add(ignore)
    return (*kept, *(_unused(ignore) for ignore in dict.fromkeys(by_place.values()) if ignore not in used))


def _place(diagnostic: Diagnostic) -> tuple[str, str, int]:
    """The rule and the line that an ignore must be for; of what cannot be ignored, one that there is not."""
    subject, rule = diagnostic.subject, RULES.get(diagnostic.rule)
    if subject is None or rule is None or rule.by is not By.LINT:
        return "", "", 0
    return rule.id, subject.filename, subject.start.line


def _unused(ignore: _Ignore) -> Diagnostic:
    rule = RULES.get(ignore.rule)
    if not ignore.rule:
        return ignore.warning(
            "Ignore without a rule", f"Say what is to be ignored, such as `# {_MARK} dep-unpinned`. Nothing is here."
        )
    if rule is None:
        detail = f"There is no rule `{ignore.rule[:60]}`."
        return ignore.warning("Unknown lint rule", detail, did_you_mean(ignore.rule, RULES))
    if rule.by is not By.LINT:
        why = "is an error that stops everything" if rule.by is By.LANGUAGE else "cannot be broken here"
        return ignore.warning("Ignore without effect", f"`{rule.id}` {why}, so it cannot be ignored. Remove this.")
    detail = f"Nothing on line {ignore.line} breaks the rule `{rule.id}`. Remove this."
    return ignore.warning("Ignore without effect", detail)


def _ignores(document: Document) -> Iterator[_Ignore]:
    text, passage = document.text, Passage(document)
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    code = _code_below(text, starts)
    for comment in _COMMENT.finditer(text):
        own = line = bisect_right(starts, comment.start())
        if not text[starts[line - 1] : comment.start()].strip():
            line = code[line]
        written = comment["rules"] is not None
        words = _WORD.finditer(text, *comment.span("rules")) if written else ()
        for start, end in [word.span() for word in words] or [comment.span("mark")]:
            yield _Ignore(text[start:end] if written else "", passage, start, end, own, line)


def _code_below(text: str, starts: list[int]) -> list[int]:
    """For each line the first below it that is more than a comment, or else the last one."""
    below = [len(starts)] * (len(starts) + 1)
    for line in range(len(starts) - 1, 0, -1):
        is_code = starts[line] < len(text) and not _NOT_CODE.match(text, starts[line])
        below[line] = line + 1 if is_code else below[line + 1]
    return below
