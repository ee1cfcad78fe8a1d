"""Reads projects from texts, and lists what is wrong with them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from reconciler.language.configuration import configure
from reconciler.language.evaluation import evaluate
from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError
from reconciler.model.environment import Environment

ENVFORM = 'envform {\n  registry = "oci:./registry"\n}\n'


def environments(*texts: str) -> dict[str, Environment]:
    """All environments of a project that has an `envform` block beside these texts, by label."""
    sources = {f"{number}.hcl": dedent(text) for number, text in enumerate(texts, 1)}
    configuration = configure({"envform.hcl": ENVFORM, **sources})
    problems, found = Diagnostics(), {}
    for address in configuration.addresses:
        try:
            found[address.label] = evaluate(configuration, address, {})
        except EnvformError as error:
            problems.extend(error.diagnostics)
    problems.check()
    return found


def problems(*texts: str) -> tuple[Diagnostic, ...]:
    """What is wrong with such a project."""
    with pytest.raises(EnvformError) as caught:
        environments(*texts)
    return caught.value.diagnostics


def problem(*texts: str) -> Diagnostic:
    """The one thing that is wrong with such a project."""
    (only,) = problems(*texts)
    return only


def places(*texts: str) -> list[tuple[int, str]]:
    """Line and summary of everything that is wrong, in the order that users see."""
    return [(item.subject.start.line if item.subject else 0, item.summary) for item in problems(*texts)]


def marked(diagnostic: Diagnostic) -> str:
    """The source that carets would stand under, where it lies on one line."""
    subject, snippet = diagnostic.subject, diagnostic.snippet
    assert subject is not None
    assert snippet is not None
    return snippet.code.split("\n")[0][subject.start.column - 1 : subject.end.column - 1]
