"""What a definition's identity is made of."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from reconciler.model.definition import Artefact, Conda, Context, Debian, Definition, Lock, Spark
from reconciler.model.digest import Digest

BASE, OTHER = Digest.of(b"base"), Digest.of(b"other")
PLAIN = Definition("x:1", BASE, "linux/amd64")
FULL = Definition(
    "x:1", BASE, "linux/amd64", ("a", "b"), ("--pre",), ("c<2",), {"f": BASE}, Conda(("m", "n"), ("p", "q")), "3.11",
    "/usr/bin/python", ("RUN a", "RUN b"), ("FROM x",), Context(BASE, "Dockerfile", "ctx", {"A": "b"}, "t"),
    Spark(("r",), ("s",)), {"y:1": BASE}, "local", "2026-01-01T00:00:00Z", Debian("trixie", ("python3",)), True,
)  # fmt: skip
CHANGED: dict[str, Any] = {
    "image": "x:2", "base": OTHER, "platform": "linux/arm64", "packages": ("b", "a"), "options": (),
    "constraints": ("c<3",), "files": {"f": OTHER}, "conda": Conda(("n", "m"), ("p", "q")), "python": "3.12",
    "interpreter": "", "steps": ("RUN b", "RUN a"), "dockerfile": ("FROM y",),
    "context": Context(OTHER, "Dockerfile", "ctx", {"A": "b"}, "t"), "spark": Spark(("r",), ("u",)),
    "bases": {"y:1": OTHER}, "runtime": "container", "exclude_newer": "",
    "debian": Debian("bookworm", ("python3",)), "allow_source_builds": False,
}  # fmt: skip


@pytest.mark.parametrize("name", [field.name for field in fields(Definition)])
def test_every_field_is_in_the_hash(name: str) -> None:
    assert replace(FULL, **{name: CHANGED[name]}).hash != FULL.hash


def test_where_a_context_lies_is_not_in_the_hash() -> None:
    context = Context(BASE, "Dockerfile", "one", {}, "")
    assert replace(PLAIN, context=context).hash == replace(PLAIN, context=replace(context, path="two")).hash


def test_the_order_of_arguments_and_files_means_nothing() -> None:
    one = replace(PLAIN, files={"a": BASE, "b": BASE}, context=Context(BASE, "D", "c", {"A": "1", "B": "2"}))
    two = replace(PLAIN, files={"b": BASE, "a": BASE}, context=Context(BASE, "D", "c", {"B": "2", "A": "1"}))
    assert one.hash == two.hash


def test_no_python_and_an_empty_conda_environment_are_not_the_same() -> None:
    assert replace(PLAIN, conda=Conda()).hash != PLAIN.hash


def test_sections_that_say_nothing_are_not_in_the_form() -> None:
    assert PLAIN.form.keys() == {"image", "base", "platform", "packages"}
    assert len(PLAIN.hash) == 32


def test_a_mirror_does_not_change_a_lock() -> None:
    digest = Digest.of(b"wheel")
    given = Artefact("numpy", "2.0.0", "https://one.test/a/numpy-2.0.0-py3-none-any.whl", digest, 7, index="one")
    mirrored = Artefact("numpy", "2.0.0", "https://two.test/numpy-2.0.0-py3-none-any.whl", digest, 0)
    assert Lock(None, "linux/amd64", (given,)).digest == Lock(None, "linux/amd64", (mirrored,)).digest
    other = replace(given, digest=Digest.of(b"other"))
    assert Lock(None, "linux/amd64", (given,)).digest != Lock(None, "linux/amd64", (other,)).digest
