"""Azure ML's documents are read as they are, and refused with reasons where Azure is lax or wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.language.azureml.dump import dump_environment
from reconciler.language.yaml_nodes import Plain
from tests.language.azureml.documents import read, told

SCHEMA = "$schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json\n"
ROUTES = "{{liveness_route: {0}, readiness_route: {0}, scoring_route: {0}}}"

TEXT_PORT = "{path: /, port: '1'}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a build context and conda files."""
    (tmp_path / "ctx").mkdir()
    (tmp_path / "ctx" / "Dockerfile").write_text("FROM python\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "conda.yml").write_text("name: x\ndependencies: [python=3.10]\n")
    (tmp_path / "list.yml").write_text("- a\n")
    (tmp_path / "template.yml").write_text("dependencies:\n- {{x}}\n")
    (tmp_path / "jobs").mkdir()
    return tmp_path


def test_paths_are_relative_to_the_document(root: Path) -> None:
    found, told_of = read(root, "name: a\nimage: python\nconda_file: ../conda.yml\n", "jobs/env.yml")
    assert found == {"name": "a", "image": "python", "conda_file": "conda.yml"}
    assert told_of == ()
    assert read(root, "name: a\nbuild: {path: ../ctx/., dockerfile_path: Dockerfile}\n", "jobs/env.yml")[0] == {
        "name": "a",
        "build": {"path": "ctx", "dockerfile_path": "Dockerfile"},
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: a\nversion: 3\nimage: python\n", {"version": "3"}),
        ("name: a\nversion: 1.5\nimage: python\n", {"version": "1.5"}),
        ("name: a\nversion: '1.10'\nimage: python\n", {"version": "1.10"}),
        ("name: a\nos_type: LINUX\nimage: python\n", {"os_type": "linux"}),
        (
            "name: a\nimage: python\nconda_file: {name: x, dependencies: [pip]}\n",
            {"conda_file": {"name": "x", "dependencies": ["pip"]}},
        ),
        (
            "name: a\nimage: python\ndescription: |\n  two\n  lines {{of}} text\n",
            {"description": "two\nlines {{of}} text\n"},
        ),
        ("base: &b\nname: a", None),
        ("name: a\nimage: python\ntags: &t {x: y}\n", {"tags": {"x": "y"}}),
    ],
)
def test_what_azure_accepts_rightly_is_accepted(root: Path, text: str, expected: dict[str, Plain] | None) -> None:
    found, told_of = read(root, SCHEMA + text)
    if expected is None:
        assert found is None
        return
    assert told_of == ()
    assert isinstance(found, dict)
    assert expected.items() <= found.items()


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("name: a\nversion: 1.10\nimage: x\n", 2, 'version: "1.10"'),
        ("name: a\nversion: 010\nimage: x\n", 2, "`8`"),
        ("name: a\nversion: true\nimage: x\n", 2, "`True`"),
        ("name: a\nversion: 2022-02-03\nimage: x\n", 2, 'version: "2022-02-03"'),
        ("name: a\nversion:\nimage: x\n", 2, "null"),
        ("name: 5\nimage: x\n", 1, 'name: "5"'),
        ("image: x\n", 1, "needs a `name`"),
        ("name: a\n", 1, "here is neither"),
        ("name: a\nimage: x\nbuild: {path: ctx}\n", 3, "exclude each other"),
        ("name: a\nbuild: {path: ctx}\nconda_file: conda.yml\n", 3, "ignored"),
        ("name: a\nbuild: {}\n", 2, "no `path`"),
        ("name: a\nbuild: ctx\n", 2, "must be a mapping"),
        ("name: a\nbuild: {path: 'https://example.org/x.git#main:ctx'}\n", 2, "lies elsewhere"),
        ("name: a\nbuild: {path: empty}\n", 2, "is empty"),
        ("name: a\nbuild: {path: conda.yml}\n", 2, "is a file"),
        ("name: a\nbuild: {path: ctx, dockerfile: D}\n", 2, "did you mean `dockerfile_path`"),
        ("name: a\nimage: x\nconda_file: list.yml\n", 3, "no conda file"),
        ("name: a\nimage: x\nconda_file: template.yml\n", 2, "template"),
        ("name: a\nimage: x\nconda_file: file:conda.yml\n", 3, "leave the prefix out: `conda.yml`"),
        ("name: a\nimage: x\nconda_file: sub\\conda.yml\n", 3, "Windows"),
        ("name: a\nimage: x\nconda_file: ../../etc/passwd\n", 3, "out of the project"),
        ("Name: a\nimage: x\n", 1, "did you mean `name`"),
        ("name: a\nimage: x\nenvironment_variables: {A: b}\n", 3, "`environment` block"),
        ("name: a.b\nimage: x\n", 1, "write `a-b`"),
        ("name: azureml-x\nimage: x\n", 1, "AzureML"),
        ("name: a\nimage: 'x y'\n", 2, "white space"),
        ("name: '{{asset.name}}'\nimage: x\n", 1, "asset.yaml"),
        ("name: a\nimage: 'x:{{latest-image-tag:\\d{8}}}'\n", 2, "`{{latest-image-tag:\\d{8}}}`"),
        ("name: a\nimage: x\ntags: {1: x}\n", 3, "key of a tag"),
        ("name: a\nimage: x\nos_type: macos\n", 3, "`linux` or `windows`"),
        ("name: a\nimage: x\ndescription: <<\n", 3, '"<<"'),
        ("name: a\nimage: x\ndatastore: 5\n", 3, "must be a text"),
        ("name: a\nimage: x\nid: 5\n", 3, "begins with `azureml:`"),
        ("name: a\nimage: x\nlatest_version:\n", 3, "null"),
        ("name: a\nimage: x\nauto_delete_setting: 30d\n", 3, "must be a mapping"),
        ("name: a\nimage: x\nauto_delete_setting: {value: 30}\n", 3, "must be a text"),
        ("name: a\nimage: x\nauto_delete_setting: {condition: old}\n", 3, "`created_greater_than`"),
        ("name: a\nimage: x\nauto_delete_setting: {days: '30'}\n", 3, "no field `days`"),
        ("name: a\nversion: a b\nimage: x\n", 2, "becomes a tag"),
        ("channels: [defaults]\ndependencies: [pip]\n", 1, "conda_file: env.yml"),
        ("name: a\nversion: 1\ndocker: {image: x}\nconda_file: file:c.yml\n", 3, "    image: x\n    conda_file: c.yml"),
        ("name: a\ndocker: {build: {dockerfile: 'file:d/Gpu.Dockerfile'}}\n", 2, "dockerfile_path: Gpu.Docker"),
        ("- a\n", 1, "this document is a list"),
    ],
)
def test_what_azure_accepts_wrongly_or_refuses_is_refused_with_a_reason(
    root: Path, text: str, line: int, said: str
) -> None:
    ((found, detail),) = told(root, text)
    assert found == line
    assert said in detail


@pytest.mark.parametrize(
    ("route", "said"),
    [
        ("{path: /l, port: 1.5}", "`1.5`"),
        ("{path: /l, port: true}", "`true`"),
        ("{path: /l, port: 99999}", "65535"),
        ("{path: /l, port: 0}", "65535"),
        ("{path: /l}", "`port` is missing"),
        ("{port: 1}", "`path` is missing"),
        ("{path: 5, port: 1}", "must be a text"),
        ("{path: /l, port: 1, prot: 2}", "did you mean `port`"),
    ],
)
def test_routes_are_held_to_what_servers_have(root: Path, route: str, said: str) -> None:
    found = told(root, f"name: a\nimage: x\ninference_config: {ROUTES.format(route)}\n")
    assert len(found) == 3
    assert all(said in detail for _, detail in found)


def test_all_three_routes_are_needed(root: Path) -> None:
    ((_, detail),) = told(root, "name: a\nimage: x\ninference_config: {scoring_route: {path: /, port: 1}}\n")
    assert "Missing: `liveness_route`, `readiness_route`" in detail


@pytest.mark.parametrize(
    "text",
    [
        "id: azureml:/subscriptions/x\n",
        "datastore: azureml:ds\n",
        "creation_context: {created_at: 2022-02-03}\n",
        "auto_delete_setting: {condition: created_greater_than, value: 30d}\n",
        "tags: {x: 1, y: null, z: true}\n",
        f"inference_config: {ROUTES.format(TEXT_PORT)}\n",
    ],
)
def test_what_is_changed_or_dropped_is_told(root: Path, text: str) -> None:
    found, told_of = read(root, f"name: a\nimage: x\n{text}")
    assert found is not None
    assert {item.severity.value for item in told_of} == {"warning"}


def test_tags_are_taken_as_they_are_written(root: Path) -> None:
    found, _ = read(root, "name: a\nimage: x\ntags: {version: 20.10, flag: yes, none: , text: t}\n")
    assert isinstance(found, dict)
    assert found["tags"] == {"version": "20.10", "flag": "yes", "none": "", "text": "t"}


def test_tags_that_are_lists_or_mappings_become_json_with_a_warning(root: Path) -> None:
    found, told_of = read(root, "name: a\nimage: x\ntags: {x: [ä, 1], y: {z: }, t: text}\n")
    assert isinstance(found, dict)
    assert found["tags"] == {"x": '["ä", 1]', "y": '{"z": null}', "t": "text"}
    assert [item.severity.value for item in told_of] == ["warning"]
    assert "`x`, `y`" in told_of[0].detail


def test_a_route_without_its_first_slash_gets_one_and_that_is_told(root: Path) -> None:
    found, told_of = read(root, f"name: a\nimage: x\ninference_config: {ROUTES.format('{path: l, port: 1}')}\n")
    assert isinstance(found, dict)
    assert isinstance(found["inference_config"], dict)
    assert found["inference_config"]["scoring_route"] == {"path": "/l", "port": 1}
    assert len(told_of) == 3
    assert "taken as `/l`" in told_of[0].detail


def test_what_is_dumped_is_read_as_the_same(root: Path) -> None:
    text = (
        "name: a\nversion: '1.10'\ndescription: |\n  ä: 'x'\n  y\ntags: {'on': 'yes', 'n': '010'}\n"
        "image: python:3.12\nconda_file: {dependencies: [python=3.10, {pip: [x==1.0]}]}\nos_type: linux\n"
        f"inference_config: {ROUTES.format('{path: /, port: 80}')}\n"
    )
    first, _ = read(root, text)
    assert isinstance(first, dict)
    printed = dump_environment(first)
    second, told_of = read(root, printed)
    assert second == first
    assert told_of == ()
    assert isinstance(second, dict)
    assert dump_environment(second) == printed
