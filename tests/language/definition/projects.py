"""Environments of one block, with files in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from reconciler.language.configuration import configure, draft
from reconciler.language.evaluation import evaluate
from reconciler.language.hcl import parse
from reconciler.language.validation import validate
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.environment import Environment
from tests.language.definition.texts import Texts
from tests.language.projects import ENVFORM

IMAGE = 'image = "x:1"\n'


def environment(block: str, files: Mapping[str, str] | None = None, *, settings: str = ENVFORM) -> Environment:
    """The environment of a block's body."""
    text = f'environment "a" {{\n{block}}}\n'
    configuration = configure({"envform.hcl": settings, "main.hcl": text}, parse, Texts(files or {}))
    (address,) = configuration.addresses
    return evaluate(configuration, address, {})


def problems(block: str, files: Mapping[str, str] | None = None) -> tuple[Diagnostic, ...]:
    """All that is wrong with it."""
    with pytest.raises(EnvformError) as caught:
        environment(block, files)
    return caught.value.diagnostics


def warnings(block: str, files: Mapping[str, str] | None = None) -> tuple[Diagnostic, ...]:
    """All that `validate` says of it that stops nothing, but for what linting finds."""
    text = f'environment "a" {{\n{block}}}\n'
    made = draft({"envform.hcl": ENVFORM, "main.hcl": text}, parse, Texts(files or {}))
    return tuple(item for item in validate(made, date(2026, 1, 1)) if not item.rule)
