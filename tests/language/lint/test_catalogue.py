"""Every rule that Azure ML's analysis has is there, and the documentation tells the truth about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconciler.language.lint.catalogue import BY_SUMMARY, RULES, By, Rule

REPOSITORY = Path(__file__).parents[3]
DOCUMENT = (REPOSITORY / "docs" / "lint.md").read_text(encoding="utf-8")
ROWS = {
    found[1]: found.groups()
    for found in re.finditer(r"^\| `([a-z-]+)` \| ([a-z ]+) \| (.*) \| (.*) \|$", DOCUMENT, re.MULTILINE)
}
LANGUAGE = "\n".join(
    path.read_text(encoding="utf-8")
    for path in (REPOSITORY / "reconciler" / "language").rglob("*.py")
    if path.name != "catalogue.py"
)
IDS = (
    "name-reserved name-too-long docker-missing docker-too-many docker-none cred-half cred-many cred-in-definition "
    "docker-deprecated-attr dockerfile-too-long context-no-location context-no-dockerfile context-attr-conflict "
    "context-location-type context-location-invalid base-deprecated base-unpinned env-vars-misplaced "
    "python-section-missing python-missing python-multiple python-eol python-near-eol python-unparsable conda-missing "
    "conda-invalid conda-no-channels conda-base-env dep-unpinned pip-missing pip-unpinned r-deprecated env-not-found"
)


def test_all_33_rules_are_there_in_their_order() -> None:
    assert list(RULES) == IDS.split()


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_is_documented_as_it_is(rule: Rule) -> None:
    severity = str(rule.severity) if rule.severity else "cannot happen"
    assert ROWS[rule.id] == (rule.id, severity, rule.means, rule.remedy or "-")


def test_the_documentation_has_no_other_rules() -> None:
    assert ROWS.keys() == RULES.keys()


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.by is By.LINT], ids=lambda rule: rule.id)
def test_a_rule_of_the_linter_has_a_summary_and_a_way_out(rule: Rule) -> None:
    assert rule.severity
    assert rule.summary
    assert rule.remedy
    assert f'"{rule.id}"' in LANGUAGE


@pytest.mark.parametrize("summary", BY_SUMMARY)
def test_a_problem_that_carries_a_rule_is_one_that_the_language_tells(summary: str) -> None:
    assert f'"{summary}"' in LANGUAGE
