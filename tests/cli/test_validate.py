"""`envform validate`: what people, editors and CI get told, and how it remembers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.cli.terminal import Envform, program_environment

SOUND = 'envform {\n  registry = "oci:./registry"\n}\n\nenvironment "a" {\n  image = "python:3.12"\n}\n'
UNPINNED = SOUND.replace("python:3.12", "python")
HEAVY = {"docker", "deepdiff", "pydantic", "rattler", "tabulate", "urllib3", "requests"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "main.hcl").write_text(SOUND)
    return tmp_path


def as_json(envform: Envform, *words: str) -> tuple[int, dict[str, Any]]:
    result = envform("validate", "-json", *words)
    assert result.stderr == ""
    return result.exit_code, json.loads(result.stdout)


@pytest.mark.usefixtures("project")
def test_a_sound_configuration_is_a_success(envform: Envform) -> None:
    result = envform("validate")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "Success! The configuration is valid. 1 environment, no warnings.\n"


def test_warnings_are_told_and_are_no_failure(project: Path, envform: Envform) -> None:
    (project / "main.hcl").write_text(UNPINNED)
    result = envform("validate")
    assert result.exit_code == 0
    assert result.stdout == "Success! The configuration is valid. 1 environment, 1 warning.\n"
    assert result.stderr == dedent("""\
        Warning: Unpinned base image [base-unpinned]
          on main.hcl line 6, in environment "a":
            6:   image = "python"
                         ^^^^^^^^

        `python` has neither a tag nor a digest. It means `python:latest`, which
        moves.

        hint: write a tag, such as `python:1.0`, or a digest
    """)


def test_strict_makes_warnings_a_failure(project: Path, envform: Envform) -> None:
    (project / "main.hcl").write_text(UNPINNED)
    result = envform("validate", "-strict")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "with -strict warnings are failures" in result.stderr
    assert envform("validate", "-strict", "-json").exit_code == 1


def test_build_arguments_that_only_a_plan_knows_may_name_the_base(project: Path, envform: Envform) -> None:
    (project / "context").mkdir()
    (project / "context" / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\n")
    arguments = "{ BASE = environment.a.image }"
    built = f'\nenvironment "b" {{\n  build {{\n    path = "context"\n    args = {arguments}\n  }}\n}}\n'
    (project / "main.hcl").write_text(SOUND + built)
    assert envform("validate").stdout == "Success! The configuration is valid. 2 environments, no warnings.\n"
    (project / "main.hcl").write_text(SOUND + built.replace(arguments, "{}"))
    assert "`${BASE}` is empty" in envform("validate").stderr


@pytest.mark.usefixtures("project")
def test_json_has_the_shape_that_terraform_gives(envform: Envform) -> None:
    code, document = as_json(envform)
    assert code == 0
    assert document == {
        "format_version": "1.0",
        "valid": True,
        "error_count": 0,
        "warning_count": 0,
        "diagnostics": [],
    }


def test_json_tells_errors_with_their_places_and_rules(project: Path, envform: Envform) -> None:
    (project / "main.hcl").write_text(UNPINNED + 'environment "AzureML-x" {\n  image = var.nothing\n}\n')
    code, document = as_json(envform)
    assert (code, document["valid"], document["error_count"], document["warning_count"]) == (1, False, 2, 1)
    told = {item["summary"]: item for item in document["diagnostics"]}
    assert "Unpinned base image" in told
    assert told["Reserved environment name"]["rule"] == "name-reserved"
    assert told["Reserved environment name"]["range"]["start"] == {"line": 8, "column": 13, "byte": 94}
    assert told.keys() >= {"Reference to undeclared input variable"}
    assert "rule" not in told["Reference to undeclared input variable"]


def test_errors_come_before_warnings(project: Path, envform: Envform) -> None:
    (project / "main.hcl").write_text(UNPINNED + 'environment "b" {\n  image = "python:3.12"\n  runtime = "moon"\n}\n')
    _, document = as_json(envform)
    assert [item["severity"] for item in document["diagnostics"]] == ["error", "warning"]
    assert (document["error_count"], document["warning_count"]) == (1, 1)


def test_nothing_but_the_project_is_needed(project: Path, envform: Envform) -> None:
    (project / "main.hcl").write_text(SOUND.replace("oci:./registry", "registry.invalid/team"))
    assert envform("validate").exit_code == 0
    assert not (project / "state").exists()
    assert not (project / "registry").exists()


def test_files_that_environments_name_are_looked_at(project: Path, envform: Envform) -> None:
    (project / "main.hcl").write_text(
        SOUND.replace("}\n\nenv", "}\n\nlocals {}\n\nenv", 1)
        + dedent("""
        environment "b" {
          image             = "python:3.12"
          requirements_file = "requirements.txt"
        }
        environment "c" {
          image      = "python:3.12"
          conda_file = "conda.yml"
        }
        environment "d" {
          build {
            path = "context"
          }
        }
    """)
    )
    (project / "requirements.txt").write_text("numpy==2.0.0\nscipy\n")
    (project / "conda.yml").write_text("dependencies:\n- python=3.12\n- pip:\n  - torch==2.4.0\n")
    (project / "context").mkdir()
    (project / "context" / "Dockerfile").write_text("FROM ubuntu AS base\nFROM base\n")
    _, document = as_json(envform)
    told = [
        (item["rule"], item["range"]["filename"], item["range"]["start"]["line"]) for item in document["diagnostics"]
    ]
    assert told == [
        ("conda-no-channels", "conda.yml", 1),
        ("pip-missing", "conda.yml", 1),
        ("base-unpinned", "context/Dockerfile", 1),
        ("dep-unpinned", "requirements.txt", 2),
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("main.hcl", UNPINNED.replace('python"', 'python" # envform:ignore base-unpinned')),
        ("main.hcl", UNPINNED.replace("  image", "  # envform:ignore base-unpinned: ours\n  image")),
    ],
)
def test_what_is_ignored_is_not_told(name: str, text: str, project: Path, envform: Envform) -> None:
    (project / name).write_text(text)
    result = envform("validate", "-strict")
    assert (result.exit_code, result.stderr) == (0, "")


def test_an_ignore_that_does_nothing_is_a_warning(project: Path, envform: Envform) -> None:
    (project / "main.hcl").write_text(SOUND + "# envform:ignore dep-unpinned\n")
    result = envform("validate")
    assert result.exit_code == 0
    assert "Warning: Ignore without effect\n  on main.hcl line 8:" in result.stderr


def test_a_document_of_azure_is_named_with_f(project: Path, envform: Envform) -> None:
    (project / "env.yml").write_text("name: training\nimage: ubuntu\nversionn: 1\n")
    assert envform("validate").exit_code == 0
    for words in (("-f", "env.yml"), ("-f=env.yml",), ("--file=env.yml",)):
        result = envform("validate", *words)
        assert result.exit_code == 1
        assert "on env.yml line 3" in result.stderr
        assert "did you mean `version`?" in result.stderr
    missing = envform("validate", "-f", "nothing.yml")
    assert missing.exit_code == 1
    assert "nothing.yml" in missing.stderr


def test_variables_are_taken_from_flags(project: Path, envform: Envform) -> None:
    (project / "main.hcl").write_text(
        SOUND.replace('"python:3.12"', "var.base") + 'variable "base" {\n  type = string\n}\n'
    )
    assert envform("validate", "-var=base=python:3.12").exit_code == 0
    result = envform("validate", "-var=base=python")
    assert (result.exit_code, "base-unpinned" in result.stderr) == (0, True)


def test_mistakes_of_every_kind_are_told_in_one_run(project: Path, envform: Envform) -> None:
    (project / "main.hcl").write_text(
        dedent("""\
        envform {
          registry = "oci:./registry"
          registri = "x"
        }
        environment "a" {
          image = local.base
        }
        enviroment "b" {}
        environment "c" {
          image = "UPPER CASE"
        }
        environment "d" {
          image = = "x"
        }
        """)
    )
    _, document = as_json(envform)
    assert [item["range"]["start"]["line"] for item in document["diagnostics"]] == [3, 6, 8, 10, 13]


def test_the_second_run_says_the_same_until_something_changes(project: Path, envform: Envform) -> None:
    (project / "main.hcl").write_text(
        SOUND + 'environment "b" {\n  image = "python:3.12"\n  requirements_file = "r.txt"\n}\n'
    )
    (project / "r.txt").write_text("numpy\n")
    first = envform("validate")
    assert "Unpinned dependency" in first.stderr
    assert (project / ".envform" / "cache" / "verdict").exists()
    assert envform("validate") == first
    (project / "r.txt").write_text("numpy==2.0.0\n")
    assert envform("validate").stderr == ""
    (project / "r.txt").unlink()
    assert envform("validate").exit_code == 1
    (project / "main.hcl").write_text(UNPINNED)
    assert "Unpinned base image" in envform("validate").stderr


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"{}", b"0" * 64 + b"\n{}"])
def test_a_damaged_cache_is_as_good_as_none(content: bytes, project: Path, envform: Envform) -> None:
    expected = envform("validate")
    for name in ("verdict", "blocks"):
        (project / ".envform" / "cache" / name).write_bytes(content)
    assert envform("validate") == expected


def test_caches_are_not_for_version_control(project: Path, envform: Envform) -> None:
    envform("validate")
    assert (project / ".envform" / ".gitignore").read_text() == "*\n"


def test_without_a_place_for_a_cache_it_works_too(project: Path, envform: Envform) -> None:
    (project / ".envform").write_text("a file where the folder would be")
    assert envform("validate").exit_code == 0


def test_a_cache_folder_that_is_a_link_is_not_followed(
    project: Path, tmp_path_factory: pytest.TempPathFactory, envform: Envform
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (project / ".envform").symlink_to(elsewhere)
    assert envform("validate").exit_code == 0
    assert list(elsewhere.rglob("verdict")) == []
    assert list(elsewhere.rglob("blocks")) == []


def loaded_by(*words: str, cwd: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "reconciler", *words],
        cwd=cwd,
        env=program_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def test_it_loads_none_of_what_only_building_needs(project: Path) -> None:
    first = loaded_by("validate", cwd=project)
    assert not {name.partition(".")[0] for name in first} & HEAVY
    assert "reconciler.language.validation" in first
    second = loaded_by("validate", cwd=project)
    assert "reconciler.language.validation" not in second
