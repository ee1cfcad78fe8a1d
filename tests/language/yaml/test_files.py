"""Which YAML files of a folder are read, and which are nobody's concern."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.language.source import read_project
from reconciler.model.diagnostic import EnvformError

DECLARED = "$schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json\nname: a\nimage: x\n"


def test_our_files_and_declared_environments_are_read_and_others_left_alone(tmp_path: Path) -> None:
    (tmp_path / "main.envform.yaml").write_text("locals: {}\n")
    (tmp_path / "more.envform.yml").write_text("locals: {}\n")
    (tmp_path / "env.yml").write_text("\ufeff# comment\n" + DECLARED)
    (tmp_path / "quoted.yaml").write_text('name: a\n"$schema": "https://x/environment.schema.json" # last\n')
    (tmp_path / "flow.yml").write_text('{name: b, image: x, "$schema": https://x/environment.schema.json}\n')
    (tmp_path / "folded.yml").write_text("  name: c\n  $schema: >-\n    https://x/environment.schema.json\n")
    (tmp_path / "nested.yml").write_text("environment:\n  $schema: https://x/environment.schema.json\n")
    (tmp_path / "job.yml").write_text("$schema: https://x/commandJob.schema.json\nenvironment: azureml:a:1\n")
    (tmp_path / "text.yml").write_text("about: see environment.schema.json\n  $schema: environment.schema.json\n")
    (tmp_path / "broken.yml").write_text("a: [\n")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "nowhere.yml").symlink_to("nothing")
    (tmp_path / ".hidden.envform.yaml").write_text("")
    declared = ["env.yml", "flow.yml", "folded.yml"]
    assert list(read_project(tmp_path)) == [*declared, "main.envform.yaml", "more.envform.yml", "quoted.yaml"]


def test_named_documents_are_read_whatever_they_declare(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "env.yml").write_text("name: a\nimage: x\n")
    assert list(read_project(tmp_path, ["./jobs/env.yml"])) == ["jobs/env.yml"]


@pytest.mark.parametrize(
    ("name", "summary"),
    [("no.yml", "No such file"), ("../x.yml", "File outside of the project"), ("env.json", "Unsupported file")],
)
def test_a_named_document_that_cannot_be_read_is_told(tmp_path: Path, name: str, summary: str) -> None:
    with pytest.raises(EnvformError) as caught:
        read_project(tmp_path, [name])
    assert [item.summary for item in caught.value.diagnostics] == [summary]


def test_a_specification_is_read_through_its_asset(tmp_path: Path) -> None:
    (tmp_path / "asset.yaml").write_text("name: a\nversion: auto\ntype: environment\nspec: spec.yaml\n")
    (tmp_path / "spec.yaml").write_text(DECLARED)
    assert list(read_project(tmp_path)) == ["asset.yaml"]
    (tmp_path / "asset.yaml").write_text("name: a\ntype: model\nspec: spec.yaml\n")
    assert list(read_project(tmp_path)) == ["spec.yaml"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_other_encodings_are_named(tmp_path: Path, encoding: str) -> None:
    mark = b"\xfe\xff" if encoding.endswith("be") else b""
    (tmp_path / "env.yml").write_bytes(mark + DECLARED.encode(encoding))
    with pytest.raises(EnvformError) as caught:
        read_project(tmp_path)
    (found,) = caught.value.diagnostics
    assert found.summary == "Invalid character encoding"
    assert "UTF-16" in found.detail
