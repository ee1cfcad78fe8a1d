"""No secret reaches a file that is kept, whatever is done with it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.terminal import REPOSITORY, Envform

SECRET = "hunter2hunter2"
MAIN = """
envform {
  registry = "oci:./registry"
}

variable "password" {
  type      = string
  sensitive = true
}

environment "training" {
  image = "oci:./images:base"
}
"""
OUTPUT = """
output "password" {
  value     = "prefix-${var.password}"
  sensitive = true
}

output "plain" {
  value = environment.training.name
}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(REPOSITORY / "examples" / "01-quickstart" / "images", tmp_path / "images")
    monkeypatch.setenv("ENVFORM_VAR_password", SECRET)
    (tmp_path / "main.hcl").write_text(MAIN + OUTPUT)
    return tmp_path


def holding(folder: Path) -> list[str]:
    """Files in which the secret stands, whole or in part."""
    parts = (SECRET.encode(), SECRET[:7].encode())
    return [
        str(path) for path in folder.rglob("*") if path.is_file() and any(one in path.read_bytes() for one in parts)
    ]


def test_a_sensitive_output_is_recorded_without_its_value(project: Path, envform: Envform) -> None:
    result = envform("apply", "-auto-approve")
    assert result.exit_code == 0, result.stderr
    assert envform("plan", "-out=changes.plan").exit_code == 0
    for change in (["state", "mv", "environment.training", "environment.b"], ["state", "rm", "*"]):
        assert envform(*change).exit_code == 0
    assert holding(project) == []
    pulled = envform("state", "pull").stdout
    assert '"plain"' in pulled
    assert SECRET not in pulled + result.stdout + result.stderr


def test_a_sensitive_value_in_an_environment_is_refused_before_anything_is_kept(
    project: Path, envform: Envform
) -> None:
    main = MAIN.replace('"oci:./images:base"', '"oci:./images:base"\n  tags = {\n    p = var.password\n  }')
    (project / "main.hcl").write_text(main)
    result = envform("apply", "-auto-approve")
    assert result.exit_code == 1
    assert SECRET not in result.stdout + result.stderr
    assert holding(project) == []
