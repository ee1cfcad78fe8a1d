"""The `envform` block: versions, variables in it, and what it sets for all environments."""

from __future__ import annotations

from textwrap import dedent

import pytest

from reconciler.language.configuration import Configuration, configure
from reconciler.language.evaluation import evaluate
from reconciler.language.inputs import Inputs, VariableText
from reconciler.language.versions import check_version
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.environment import Environment
from tests.language.projects import marked


def configured(text: str, version: str = "1.4.2", **variables: str) -> Configuration:
    given = [VariableText(name, value) for name, value in variables.items()]
    return configure({"main.hcl": dedent(text)}, inputs=Inputs(given=given, version=version))


def environments(text: str) -> dict[str, Environment]:
    configuration = configured(text)
    return {address.label: evaluate(configuration, address, {}) for address in configuration.addresses}


def mistake(text: str) -> Diagnostic:
    with pytest.raises(EnvformError) as caught:
        configured(text)
    (found,) = caught.value.diagnostics
    return found


@pytest.mark.parametrize(
    ("required", "running", "fits"),
    [
        (">= 1.2", "1.4.2", True),
        (">= 1.2, < 1.4", "1.4.2", False),
        ("~> 1.2", "1.4.2", True),
        ("~> 1.4.0", "1.4.2", True),
        ("~> 1.3.0", "1.4.2", False),
        ("~> 1", "2.0.0", True),
        ("1.4.2", "1.4.2", True),
        ("= 1.4.2", "1.4.2", True),
        ("!= 1.4.2", "1.4.2", False),
        (">= v1.0", "1.4.2", True),
        (">= 1.4", "1.4.0rc1", False),
        (">= 1.4.0rc1", "1.4.0rc1", True),
    ],
)
def test_a_required_version_means_what_terraform_means_by_it(required: str, running: str, fits: bool) -> None:
    assert (check_version(required, running) is None) is fits


@pytest.mark.parametrize("required", ["", "one", ">=", "> 1 < 2", "~> x", ">= 1,"])
def test_a_constraint_that_is_none_is_told(required: str) -> None:
    found = check_version(required, "1.0")
    assert found is not None
    assert found[0] == "Invalid version constraint"


def test_a_version_that_does_not_fit_is_told_alone_whatever_else_is_wrong() -> None:
    text = """\
        envform {
          registry         = "oci:./r"
          required_version = ">= 99"
        }
        environment "a" {
          image = "python"
          shiny = "new"
        }
        """
    found = mistake(text)
    assert (found.summary, marked(found)) == ("Unsupported envform version", '">= 99"')
    assert "envform 1.4.2" in found.detail


def test_variables_and_locals_may_stand_in_it() -> None:
    text = """\
        variable "team" {}
        locals { place = "oci:./${var.team}" }
        envform {
          registry  = local.place
          workspace = "${var.team}-${path.root == "." ? "here" : "there"}"
        }
        """
    settings = configured(text, team="vision").settings
    assert (settings.registry, settings.workspace) == ("oci:./vision", "vision-here")


def test_environments_take_what_they_do_not_say_from_the_defaults() -> None:
    text = """\
        variable "owner" {
          default   = "me"
          sensitive = true
        }
        envform {
          registry = "oci:./r"
          platform = "linux/s390x"
          defaults {
            platform = "linux/arm64"
            tags     = { team = "vision", owner = var.owner }
          }
        }
        environment "plain" { image = "python" }
        environment "own" {
          image    = "python"
          platform = "linux/amd64"
          tags     = { owner = "you", more = "1" }
        }
        environment "none" {
          image    = "python"
          platform = null
          tags     = null
        }
        """
    found = environments(text)
    assert found["plain"].platform == "linux/arm64"
    assert found["plain"].tags == {"team": "vision", "owner": "me"}
    assert found["plain"].sensitive == {"tags.owner"}
    assert found["own"].platform == "linux/amd64"
    assert found["own"].tags == {"team": "vision", "owner": "you", "more": "1"}
    assert (found["none"].platform, found["none"].tags) == (found["plain"].platform, found["plain"].tags)


def test_without_defaults_the_platform_of_the_block_counts() -> None:
    text = 'envform {\n  registry = "oci:./r"\n  platform = "linux/s390x"\n}\nenvironment "a" { image = "python" }\n'
    assert environments(text)["a"].platform == "linux/s390x"


@pytest.mark.parametrize(
    ("line", "summary", "at"),
    [
        ('defaults { platform = "nowhere" }', "Invalid platform", '"nowhere"'),
        ('defaults { image = "python" }', "Unsupported argument", "image"),
        ('defaults { name = "a" }', "Unsupported argument", "name"),
        ("defaults = {}", "Unsupported argument", "defaults"),
        ('platform = "nowhere"', "Invalid platform", '"nowhere"'),
        ("workspace = environment.a.name", "Invalid reference", "environment"),
        ("workspace = envform.workspace", "Invalid reference", "envform"),
        ("workspace = var.nope", "Reference to undeclared input variable", "var.nope"),
        ("workspace = each.key", "Invalid reference", "each.key"),
        ('backend "s3" {}', "Unsupported backend type", 'backend "s3"'),
        ('backend "local" { path = [] }', "Invalid argument value", "[]"),
    ],
)
def test_a_mistake_in_it_is_told_at_its_place(line: str, summary: str, at: str) -> None:
    with pytest.raises(EnvformError) as caught:
        configured(f'envform {{\n  registry = "oci:./r"\n  {line}\n}}\n')
    found = next(item for item in caught.value.diagnostics if item.summary == summary)
    assert marked(found) == at


def test_a_workspace_that_nobody_sets_is_only_a_missing_block() -> None:
    assert mistake('environment "a" { image = "python-${envform.workspace}" }\n').summary == "Missing envform block"
