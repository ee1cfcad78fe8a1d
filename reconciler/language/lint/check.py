"""Holds environments to all rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from reconciler.language.lint.base_images import check_dockerfiles, check_images
from reconciler.language.lint.catalogue import BY_SUMMARY, RULES
from reconciler.language.lint.facts import Broken, Facts
from reconciler.language.lint.packages import check_packages
from reconciler.language.lint.python_versions import check_python
from reconciler.model.diagnostic import Diagnostic, Severity


def lint(environments: Iterable[Facts], today: date) -> Iterator[Diagnostic]:
    """What rules say about environments; what many have in common, such as a conda file, is told once."""
    told = set()
    for facts in environments:
        for broken in _broken(facts, today):
            first = _diagnostic(broken, facts.address)
            for address in (facts.address,) if first.subject else (facts.address, *facts.others):
                identity = (broken.rule, first.subject or address, broken.detail)
                if identity not in told:
                    told.add(identity)
                    yield replace(first, address=address)


def with_rule(diagnostic: Diagnostic) -> Diagnostic:
    """A problem that the language itself found, with the id of the rule that tells the same."""
    rule = BY_SUMMARY.get(diagnostic.summary)
    return replace(diagnostic, rule=rule.id) if rule else diagnostic


def _broken(facts: Facts, today: date) -> Iterator[Broken]:
    yield from check_images(facts)
    yield from check_dockerfiles(facts)
    yield from check_python(facts, today)
    yield from check_packages(facts)


def _diagnostic(broken: Broken, address: str) -> Diagnostic:
    rule = RULES[broken.rule]
    severity = rule.severity or Severity.WARNING
    told = Diagnostic(severity, rule.summary, broken.detail, broken.hint, address, rule=rule.id)
    return told.at(broken.where())
