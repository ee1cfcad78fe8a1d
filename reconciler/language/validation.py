"""All that can be said of a configuration without a registry or a state."""

from __future__ import annotations

from datetime import date

from reconciler.language.configuration import Draft
from reconciler.language.definition.noted import Noted
from reconciler.language.examination import check_others, examine_all
from reconciler.language.hidden import Hidden, joined
from reconciler.language.ignores import without_ignored
from reconciler.language.lint.check import lint, with_rule
from reconciler.language.lint.facts import Facts
from reconciler.language.lint.gathering import facts_of
from reconciler.model.diagnostic import Diagnostic, Diagnostics, Severity, distinct


def validate(draft: Draft, today: date) -> tuple[Diagnostic, ...]:
    """Mistakes first, then warnings; `today` is what Python's ends of life are held against."""
    problems = Diagnostics([*draft.problems])
    # By what was noted, which many instances of a block may have in common, and which must stay alive to be told apart.
    facts, texts = dict[int, tuple[Noted, Facts]](), dict[str, str]()
    project = draft.configuration.project
    hidden = [Hidden.of(draft.configuration.defaults.filled)]
    for found, sound in examine_all(project, draft.configuration.defaults, draft.configuration.instances, problems):
        noted = found.described.noted
        texts.update(noted.texts)
        hidden.append(Hidden.of(found.filled))
        if sound and id(noted) in facts:
            facts[id(noted)][1].others.append(found.filled.declaration.address)
        elif sound:
            facts[id(noted)] = noted, facts_of(found.filled, noted, found.described.contents.constraints)
    check_others(project, problems)
    problems.extend(joined(hidden).masked(lint([one for _, one in facts.values()], today)))
    told = (with_rule(item) for item in distinct(problems))
    return in_order(without_ignored(told, {**texts, **draft.configuration.sources}))


def in_order(found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Errors before warnings, and each by its place."""
    return tuple(sorted(found, key=_order))


def _order(item: Diagnostic) -> tuple[bool, bool, str, int]:
    subject = item.subject
    place = (False, subject.filename, subject.start.byte) if subject else (True, "", 0)
    return item.severity is not Severity.ERROR, *place
