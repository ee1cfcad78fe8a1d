"""Curated environments are read as registries keep them: through their `asset.yaml`, with dots in their names."""

from __future__ import annotations

from pathlib import Path

from tests.cli.terminal import Envform
from tests.language.projects import ENVFORM

SPECIFICATION = """\
$schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
name: "{{asset.name}}"
version: "{{asset.version}}"
image: docker.io/library/python:3.12-slim
"""


def project(root: Path, asset: str) -> Envform:
    (root / "envform.hcl").write_text(ENVFORM)
    (root / "asset.yaml").write_text(asset)
    (root / "spec.yaml").write_text(SPECIFICATION)
    return Envform(root)


def test_a_curated_name_with_dots_is_valid_to_the_end(tmp_path: Path) -> None:
    envform = project(tmp_path, "name: sklearn-1.5\nversion: 3\ntype: environment\nspec: spec.yaml\n")
    (tmp_path / "main.hcl").write_text('environment "own" {\n  image = environment.sklearn-1_5.image\n}\n')
    found = envform("validate")
    assert found.exit_code == 0, found.stderr
    assert "2 environments" in found.stdout


def test_a_curated_name_is_held_to_the_rule_of_registries(tmp_path: Path) -> None:
    found = project(tmp_path, "name: sklearn.\nversion: 3\ntype: environment\nspec: spec.yaml\n")("validate")
    assert found.exit_code == 1
    assert "does not end in a dot" in " ".join(found.stderr.split())


def test_an_asset_is_known_however_its_yaml_is_written(tmp_path: Path) -> None:
    envform = project(tmp_path, '{"type": "environment", name: a, version: 3, spec: "spec.yaml"}\n')
    found = envform("validate")
    assert found.exit_code == 0, found.stderr
    assert "1 environment," in found.stdout
