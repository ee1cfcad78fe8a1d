from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.environment import Environment
from reconciler.oci.reference import Place
from reconciler.planning.publishable import check_publishable

TEAM = Place.parse("registry.example.com/team")


def environment(name: str) -> Environment:
    return Environment(address=Address.of("one"), name=name, image="oci:images:base")


def refused(name: str) -> Diagnostic:
    with pytest.raises(EnvformError) as caught:
        check_publishable(environment(name), TEAM)
    (problem,) = caught.value.diagnostics
    return problem


@pytest.mark.parametrize("name", ["training", "training-3", "a_b", "a__b", "a---b", "0"])
def test_names_that_registries_take_are_published(name: str) -> None:
    check_publishable(environment(name), TEAM)


@pytest.mark.parametrize("name", ["Training", "training-", "a___b", "a_-b", "x" * 250])
def test_a_folder_takes_every_name(name: str) -> None:
    check_publishable(environment(name), Place.parse("oci:./registry"))


@pytest.mark.parametrize(
    ("name", "near"), [("Training", "training"), ("training-", "training"), ("A___b", "a-b"), ("a_-b", "a-b")]
)
def test_a_name_that_registries_refuse_is_told_with_one_that_they_take(name: str, near: str) -> None:
    problem = refused(name)
    assert problem.summary == "Name cannot be published"
    assert f"`registry.example.com/team/{name}`" in problem.detail
    assert problem.hint == f'write `name = "{near}"`'


def test_a_name_that_is_too_long_with_its_registry_has_no_near_one() -> None:
    problem = refused("x" * 250)
    assert "longer than 255" in problem.detail
    assert problem.hint == ""


@pytest.mark.parametrize(("name", "variable"), [("environment_variables.HF", "HF"), ("environment_variables", "NAME")])
def test_a_secret_variable_is_refused_with_the_way_to_give_it_to_a_job(name: str, variable: str) -> None:
    found = replace(environment("training"), sensitive=frozenset({name}))
    with pytest.raises(EnvformError) as caught:
        check_publishable(found, TEAM)
    (problem,) = caught.value.diagnostics
    assert problem.summary == "Sensitive value would be recorded"
    assert "in clear into the state" in problem.detail
    assert f"\n\n    envform run -env={variable} training -- COMMAND\n\n" in problem.detail
