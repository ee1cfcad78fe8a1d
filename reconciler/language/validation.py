"""All that can be said of a configuration without a registry or a state."""

from __future__ import annotations

from datetime import date

from reconciler.language.configuration import Configuration
from reconciler.language.environments import examine
from reconciler.language.ignores import without_ignored
from reconciler.language.lint.check import lint, with_rule
from reconciler.language.lint.facts import Facts
from reconciler.language.lint.gathering import facts_of
from reconciler.language.outputs import failed_checks, read_data, read_outputs
from reconciler.language.project import UNDECIDED
from reconciler.model.diagnostic import Diagnostic, Diagnostics, Severity, distinct


def validate(configuration: Configuration, today: date) -> tuple[Diagnostic, ...]:
    """Mistakes first, then warnings; `today` is what Python's ends of life are held against."""
    problems = Diagnostics([*configuration.warnings])
    facts, texts = _examined(configuration, problems)
    project = configuration.project
    read_outputs(project, UNDECIDED, problems)
    for name in project.declared.data:
        read_data(project, f"data.environment.{name}", UNDECIDED, problems)
    problems.extend(failed_checks(project, UNDECIDED))
    problems.extend(lint(facts, today))
    found = (with_rule(item) for item in distinct(problems))
    return in_order(without_ignored(found, {**texts, **configuration.sources}))


def in_order(found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Errors before warnings, and each by its place."""
    return tuple(sorted(found, key=_order))


def _order(item: Diagnostic) -> tuple[bool, bool, str, int]:
    subject = item.subject
    place = (False, subject.filename, subject.start.byte) if subject else (True, "", 0)
    return item.severity is not Severity.ERROR, *place


def _examined(configuration: Configuration, problems: Diagnostics) -> tuple[list[Facts], dict[str, str]]:
    """The facts of all environments that are sound, and the texts of all files that they name."""
    facts, texts = list[Facts](), dict[str, str]()
    for address, instance in configuration.instances.items():
        own = Diagnostics()
        found = examine(configuration.project, configuration.defaults, address, instance, UNDECIDED, own)
        problems.extend(own)
        if found is None:
            continue
        noted = found.described.noted
        texts.update(noted.texts)
        if not own.failed:
            facts.append(facts_of(found.filled, noted, found.described.contents.constraints))
    return facts, texts
