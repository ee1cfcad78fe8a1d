"""What editors are told agrees with what the language takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reconciler.language import yaml_blocks
from reconciler.language.azureml.documents import OWN
from reconciler.language.azureml.service_fields import SERVICE_FIELDS
from reconciler.language.definition.azure_hash import anonymous_version
from reconciler.language.json_schema import configuration_schema, environment_schema
from reconciler.language.passage import Passage
from reconciler.language.schema import BlockRule
from reconciler.language.structure import check_item
from reconciler.language.vocabulary import BLOCKS
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import plain
from reconciler.model.diagnostic import Diagnostics
from tests.cli.project import Project
from tests.cli.terminal import Envform
from tests.corpus.azureml import corpus, oracle, repository
from tests.language.azureml.documents import read

CONFIGURATION = Draft202012Validator(configuration_schema())
ENVIRONMENT = Draft202012Validator(environment_schema())

GOOD = [
    "",
    "envform: {registry: 'oci:./registry'}",
    """
    envform:
      registry: oci:./registry
      defaults: {platform: linux/arm64, tags: {team: vision}}
      backend: {local: {path: state}}
    """,
    """
    environment:
      training:
        image: ${var.base}
        version: "1.10"
        tags: {team: vision, cost: 7, gold: true}
        pip: [numpy==2.1.0, "${local.extra}"]
        conda: {channels: [conda-forge], dependencies: [python=3.12]}
        inference_config:
          liveness_route: {path: /, port: 8080}
          readiness_route: {path: /, port: 8080}
          scoring_route: {path: /score, port: "${var.port}"}
        lifecycle:
          prevent_destroy: true
          precondition:
            - {condition: "${var.a > 1}", error_message: No.}
      serving:
        build: {path: context, args: {A: b}}
        depends_on: [environment.training]
    """,
    """
    environment:
      a:
        for_each: "${toset(var.names)}"
        tags: "${var.tags}"
        user_managed: true
        dynamic:
          conda: {for_each: "${var.condas}", content: {channels: "${conda.value}"}}
    """,
    "variable: {region: {type: string, default: eu, validation: [{condition: '${true}', error_message: x}]}}",
    "locals: {a: 1, b: [x], c: {d: '${local.a}'}}",
    "data: {environment: {shared: {name: training, version: '3'}}}",
    "moved: [{from: environment.a, to: environment.b}, {from: environment.c, to: environment.d}]",
    "removed: {from: environment.a, lifecycle: {destroy: false}}",
    "import: {to: environment.a, id: 'a:1'}",
    "environment: {a: {build: [{path: ctx}], lifecycle: [], conda: []}}",
    "locals: [null]",
    "check: {versions: {assert: {condition: '${true}', error_message: x}}}",
    "output: {image: {value: '${environment.a.image}', sensitive: true}}",
]
BAD = [
    "[]",
    "text",
    "enviroment: {}",
    "environment: {a: {imagee: x}}",
    "environment: {a: {conda: {channel: []}}}",
    "environment: {a: {inference_config: {liveness_route: {path: /, port: 1}}}}",
    "environment: {a: {build: {}}}",
    "environment: [a]",
    "output: {a: {}}",
    "moved: {from: environment.a}",
    "check: {a: {}}",
    "import: {to: environment.a}",
    "data: {environment: {a: {image: x}}}",
    "envform: {}",
    "environment: {a: {build: [{path: a}, {path: b}]}}",
]


def structural_mistakes(text: str) -> bool:
    problems = Diagnostics()
    document = load(text, "a.envform.yaml")
    parsed = yaml_blocks.parse(document, problems)
    for item in (*parsed.sound, *parsed.unsound):
        check_item(item, Passage(document.source), problems)
    return problems.failed


@pytest.mark.parametrize("text", GOOD)
def test_what_the_language_takes_is_right_for_editors(text: str) -> None:
    assert not structural_mistakes(dedent(text))
    errors = list(CONFIGURATION.iter_errors(plain(load(dedent(text), "a.envform.yaml"))))
    assert errors == []


@pytest.mark.parametrize("text", BAD)
def test_what_the_language_refuses_is_wrong_for_editors(text: str) -> None:
    assert structural_mistakes(text)
    assert not CONFIGURATION.is_valid(plain(load(text, "a.envform.yaml")))


def rules(rule: BlockRule, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], BlockRule]]:
    yield (*path, rule.type), rule
    for inner in rule.blocks.values():
        yield from rules(inner, (*path, rule.type))


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while True:
        if "$ref" in schema:
            schema = configuration_schema()["$defs"][schema["$ref"].rpartition("/")[2]]
        elif isinstance(schema.get("additionalProperties"), dict) and "properties" not in schema:
            schema = schema["additionalProperties"]
        elif "anyOf" in schema and "properties" not in schema:
            schema = next(one for one in schema["anyOf"] if "$ref" in one)
        else:
            return schema


@pytest.mark.parametrize(
    ("path", "rule"),
    [pair for rule in BLOCKS.values() for pair in rules(rule)],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else "",
)
def test_every_argument_and_block_that_is_taken_is_known_to_editors(path: tuple[str, ...], rule: BlockRule) -> None:
    schema: dict[str, Any] = configuration_schema()
    for name in path:
        schema = resolved(schema["properties"][name])
    known = schema.get("properties", {})
    assert known.keys() - {"dynamic"} == {*(rule.arguments or {}), *rule.blocks}
    assert ("additionalProperties" in schema) == (rule.arguments is not None)


ROUTE = "_route: {path: /, port: 1}"
AZURE = [
    ("name: a\nimage: x:1", True),
    ("$schema: x\nname: a\nversion: 3\nimage: x:1\ntags: {a: 1}\ndescription: x", True),
    ("name: a\nimage: x:1\nconda_file: {dependencies: [python=3.12]}\nos_type: Linux", True),
    ("name: a\nbuild: {path: context}", True),
    (
        f"name: a\nimage: x:1\ninference_config: {{liveness{ROUTE}, readiness{ROUTE}, scoring{ROUTE}}}",
        True,
    ),
    ("name: a", False),
    ("image: x:1", False),
    ("name: a\nimage: x:1\nbuild: {path: context}", False),
    ("name: a\nbuild: {path: context}\nconda_file: {dependencies: []}", False),
    ("name: a\nimage: x:1\nimagee: y", False),
    ("name: a\nbuild: {dockerfile_path: x}", False),
    ("name: a\nimage: x:1\nos_type: macos", False),
    ("name: a\nimage: x:1\ntags: [a]", False),
    ("name: a\nimage: x:1\ninference_config: {scoring_route: {path: /, port: 1}}", False),
    ("name: a\nimage: x:1\ninference_config: {scoring_route: {path: /, port: 99999}}", False),
    ("name: a\nimage: x:1\nversion: null", False),
    ("name: a b\nimage: x:1", False),
    ("name: a\nimage: x:1\nversion: a b", False),
    ("name: a\nimage: x:1\ntags: {a: [b], c: {d: e}}", True),
    ("name: a\nimage: x:1\ndatastore: 5", False),
    ("name: a\nimage: x:1\nid: azureml:x", True),
    ("name: a\nimage: x:1\nid: x", False),
    ("name: a\nimage: x:1\nauto_delete_setting: {condition: createdGreaterThan, value: 30d}", True),
    ("name: a\nimage: x:1\nauto_delete_setting: 30d", False),
]


@pytest.mark.parametrize(("text", "right"), AZURE)
def test_azure_documents_are_judged_alike(text: str, right: bool, tmp_path: Path) -> None:
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "Dockerfile").write_text("FROM ubuntu:22.04\n")
    assert (read(tmp_path, text)[0] is not None) is right
    assert ENVIRONMENT.is_valid(plain(load(text, "env.yml"))) is right


def test_every_field_of_azure_is_known_to_editors() -> None:
    assert environment_schema()["properties"].keys() == {*OWN, *SERVICE_FIELDS}


def test_real_documents_that_are_accepted_are_right_for_editors() -> None:
    folder = corpus()
    checked = 0
    for case in oracle(folder, "env_yaml.json"):
        files, name = repository(folder, case["path"])
        if case["accepted"] and read(files.root, files.text(name), name)[0] is not None:
            assert list(ENVIRONMENT.iter_errors(plain(load(files.text(name), name)))) == [], case["path"]
            checked += 1
    assert checked


@pytest.mark.parametrize("form", ["", "configuration", "environment", "state"])
def test_the_command_prints_a_schema_of_the_newest_dialect(form: str, envform: Envform) -> None:
    result = envform("schema", *filter(None, [form]))
    assert result.exit_code == 0
    schema = json.loads(result.stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


def test_a_form_that_is_not_known_is_told_with_those_that_are(envform: Envform) -> None:
    result = envform("schema", "stat")
    assert result.exit_code == 1
    assert "state" in result.stderr


def test_a_real_state_is_right_for_editors_and_a_changed_one_is_not(tmp_path: Path) -> None:
    project = Project.at(tmp_path)
    project.apply(
        'environment "a" {\n  image = BASE\n  tags = { team = "x" }\n  compat_hash = "azureml"\n}\n'
        'environment "b" {\n  for_each = toset(["c", "d"])\n  image = environment.a.image\n}\n'
        'output "hash" {\n  value = environment.a.compat_hash\n}\n'
    )
    state = Draft202012Validator(json.loads(project.run("schema", "state").stdout))
    assert list(state.iter_errors(project.state)) == []
    assert project.state["outputs"]["hash"]["value"] == anonymous_version("oci:./images:base")
    damaged: tuple[dict[str, object], ...] = ({"serial": "x"}, {"environments": []}, {"unknown": 1})
    for wrong in damaged:
        assert not state.is_valid({**project.state, **wrong}), wrong
