"""No text takes long, however it is made: what grows with the square of its length would be a way to stop a build."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from reconciler.language.azureml.references import parse_reference
from reconciler.language.definition.conda_spec import parse_spec
from reconciler.language.definition.dockerfile import parse_dockerfile
from reconciler.language.definition.dockerignore import parse_dockerignore, sort_out
from reconciler.language.definition.requirement import parse_requirement
from reconciler.language.definition.requirements import parse_requirements
from reconciler.language.definition.stages import filled_in
from reconciler.language.definition.template import find_template
from reconciler.language.definition.wildcards import WILD, matching
from reconciler.language.files import TreeEntry
from reconciler.language.ignores import without_ignored
from reconciler.language.span import RefusedError
from reconciler.language.yaml_documents import load
from reconciler.model.diagnostic import EnvformError

LONG = 40_000
TREE = [TreeEntry("a" * 250, "file"), TreeEntry("/".join(["a"] * 100), "file")]


def ignored(pattern: str) -> object:
    return sort_out(TREE, parse_dockerignore(pattern))


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (ignored, "*a" * 30 + "b"),
        (ignored, "a/**/" * 40 + "x"),
        (ignored, "?*" * 60 + "b"),
        (ignored, "*" * 3000 + "b"),
        (find_template, "{{" * LONG),
        (find_template, "}}" + "{{" * LONG),
        (parse_spec, "{{" * LONG),
        (parse_spec, "a=" + "1," * LONG),
        (parse_requirement, "a; " + "(" * 5000),
        (parse_requirement, "a==" + "1." * LONG),
        (parse_requirements, ("a" + " " * 1000 + "b\n") * 400),
        (parse_requirements, "a" + " " * LONG + "b"),
        (parse_requirements, "a \\\n" * LONG),
        (parse_dockerfile, "ENV " + "a=b " * LONG),
        (parse_dockerfile, "RUN " + "<<A " * 4000),
        (lambda text: filled_in(text, {}), "${a:-" * LONG),
        (lambda text: filled_in(text, {}), "${a" + ":-b" * LONG),
        (parse_reference, "azureml:" + "${{" * LONG),
        (lambda text: without_ignored([], {"x": text}), ("# envform:ignore dep-unpinned\n" + "\n" * 50) * 1500),
        (lambda text: load(text, "x"), "a: [" + "{{x}} " * LONG),
    ],
)
def test_no_text_takes_long(read: Callable[[str], object], text: str) -> None:
    began = time.process_time()
    with suppress(RefusedError, EnvformError):
        read(text)
    assert time.process_time() - began < 3


def test_many_wildcards_mean_what_few_mean() -> None:
    chance = random.Random(1)
    symbols = [*WILD, "a", "b", "/", "[^/]", "[ab]"]
    for _ in range(4000):
        parts = [chance.choice(symbols) for _ in range(chance.randint(0, 6))]
        path = "".join(chance.choice("ab/") for _ in range(chance.randint(0, 8)))
        expected = re.fullmatch("".join(parts), path) is not None
        assert matching(parts)(path) is expected, (parts, path)
