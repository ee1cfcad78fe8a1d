"""Each real document, inline environment and reference gets Azure's verdict, or a stricter one with a reason.

What is stricter on purpose is in docs/language.md, under "Azure ML documents"; here the reason begins with these words:
- Template in …: a name `{{asset.name}}` that nobody has filled in is a name for Azure.
- Duplicate YAML key, Unsupported YAML tag, Invalid YAML: Azure keeps the last one, or reads what others do not.
- Ambiguous version, Invalid version, Invalid … name, Reserved …, Invalid image reference: Azure refuses them later.
- No such file or folder, where the corpus does not hold the file (`reproducible` is false): Azure's loader had it.
- Invalid Azure ML environment, Outside …: rows of the table in the documentation.
"""

from __future__ import annotations

import posixpath
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reconciler.language.azureml.assets import parse_asset, read_asset
from reconciler.language.azureml.documents import read_document
from reconciler.language.azureml.dump import dump_environment
from reconciler.language.azureml.inline import read_job_environment
from reconciler.language.azureml.references import parse_reference
from reconciler.language.configuration import configure
from reconciler.language.evaluation import evaluate
from reconciler.language.files import Files
from reconciler.language.hcl import parse
from reconciler.language.kinds_of_files import specification_of
from reconciler.language.source import ProjectFiles
from reconciler.language.span import RefusedError
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import Mapping, Plain, YamlDocument, plain
from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError
from tests.corpus.azureml import Answer, Table, answer, at, corpus, oracle, repository
from tests.language.projects import ENVFORM
from tests.services.wants import Tell

STRICTER = [
    *("Template in", "Duplicate YAML key", "Unsupported YAML tag", "Invalid YAML", "Invalid Azure ML environment"),
    *("Ambiguous version", "Invalid version", "Invalid environment name", "Reserved environment name"),
    *("Invalid image reference", "File outside of the project", "Credentials in a definition"),
    "Build context from elsewhere",
]
MISSING = "No such file or folder"
_ASKED = re.compile(r"\{\{latest-(?:image-tag|pypi-version)")


def finish(table: Table, tell: Tell) -> None:
    if not table.counts:
        pytest.skip("this part of the corpus has no such cases")
    tell(table.show())
    assert table.wrong == []


def read(files: Files, name: str) -> Answer:
    folder = name.rpartition("/")[0]
    return answer(lambda problems: read_document(load(files.text(name), name), folder, files, problems))


def form(fields: dict[str, Plain]) -> str:
    return "build" if "build" in fields else "image+conda" if "conda_file" in fields else "image"


def test_environment_documents(tell: Tell) -> None:
    folder, table = corpus(), Table("environment documents")
    for case in oracle(folder, "env_yaml.json"):
        files, name = repository(folder, case["path"])
        found = read(files, name)
        table.add(case["path"], "accept" if case["accepted"] else "refuse", found, [*STRICTER, *unshipped(case)])
        if not case["accepted"]:
            expected = {"unrendered template": "{{", "preview form (docker:)": "preview"}.get(case["reason"], "")
            assert any(expected in reason for reason in found.reasons), (case["path"], found.reasons)
        elif found.value is not None:
            check_fields(case, found.value, files, name)
    finish(table, tell)


def unshipped(case: dict[str, Any]) -> list[str]:
    """The corpus does not hold the files of all contexts."""
    return [] if case.get("reproducible", True) else [MISSING]


def check_fields(case: dict[str, Any], found: Mapping, files: ProjectFiles, name: str) -> None:
    """The form, name and version are Azure's, and what is printed is read back as the same."""
    fields = plain(found)
    assert isinstance(fields, dict)
    assert (form(fields), fields["name"], fields.get("version")) == (case["form"], case["name"], case["version"])
    printed = dump_environment(fields)
    document = load(printed, name)
    problems = Diagnostics()
    again = plain(read_document(document, "", files, problems))
    assert again == fields
    assert isinstance(again, dict)
    assert dump_environment(again) == printed


def test_edges(tell: Tell, tmp_path: Path) -> None:
    (tmp_path / "ctx").mkdir()
    (tmp_path / "ctx" / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "c.yml").write_text("name: x\ndependencies: [python=3.10]\n")
    (tmp_path / "nodict.yml").write_text("- a\n")
    (tmp_path / "tmpl.yml").write_text("dependencies:\n- x={{y}}\n- {{z}}\n")
    files, table = ProjectFiles(tmp_path), Table("edges")
    for case in oracle(corpus(), "edge.json"):
        found = answer(partial(validated, files, case["yaml"]))
        expected = "accept" if case["expect"] == "decide" else case["expect"]
        table.add(case["case"], expected, found, STRICTER if case["expect"] == "decide" else ())
    finish(table, tell)


def validated(files: Files, text: str, problems: Diagnostics) -> object:
    """The one environment of a document, evaluated to the end."""
    configuration = configure({"envform.hcl": ENVFORM, "case.yml": text}, parse, files)
    problems.extend(configuration.warnings)
    (address,) = configuration.addresses
    return evaluate(configuration, address, {})


def test_inline_environments(tell: Tell) -> None:
    folder, table = corpus(), Table("inline environments")
    for case in oracle(folder, "inline.json"):
        files, name = repository(folder, case["path"])
        found = answer(partial(inline, case, files, name))
        expected = case.get("expect") or ("accept" if case["accepted"] else "refuse")
        table.add(case["path"], expected, found, [*STRICTER, *unshipped(case)])
        if found.value is not None:
            fields = plain(found.value)
            assert isinstance(fields, dict)
            assert form(fields) == case["form"]
    finish(table, tell)


def inline(case: dict[str, Any], files: Files, name: str, problems: Diagnostics) -> object:
    document = load(files.text(name), name)
    node = at(document, case["yaml_path"])
    assert isinstance(node, Mapping)
    return read_job_environment(document, node, files, problems)


def test_references(tell: Tell) -> None:
    table = Table("references")
    for case in oracle(corpus(), "refs.json"):
        try:
            found = Answer(parse_reference(case["ref"]), ())
        except RefusedError as refused:
            found = Answer(None, (Diagnostic.error(refused.summary, refused.detail),))
        expected = case["expect"] if case["expect"].startswith("refuse") else "accept"
        table.add(case["ref"], expected, found)
    finish(table, tell)


def test_curated_specifications_are_read_through_their_assets(tell: Tell) -> None:
    folder, table = corpus(), Table("curated specifications")
    for case in oracle(folder, "assets_rendered.json"):
        files, specification = repository(folder, case["path"])
        name = asset_of(files, specification)
        found = answer(partial(curated, files, name))
        table.add(case["path"], "accept" if case["accepted"] else "refuse", found, [*STRICTER, *unshipped(case)])
        if found.value is not None:
            check_asset(case, found.value[1], specification)
            check_templates(case, files, load(files.text(name), name))
    finish(table, tell)


def curated(files: Files, name: str, problems: Diagnostics) -> tuple[YamlDocument, Mapping] | None:
    return read_asset(load(files.text(name), name), files, problems)


def asset_of(files: ProjectFiles, specification: str) -> str:
    """The asset that names a specification: beside it, or in a folder above."""
    folder = posixpath.dirname(specification)
    for above in (folder, posixpath.dirname(folder)):
        for name in (posixpath.join(above, "asset.yaml"), posixpath.join(above, "asset.yml")):
            named = specification_of(name, files.text(name)) if files.kind(name) == "file" else ""
            if named and posixpath.normpath(named) == specification:
                return name
    return posixpath.join(folder, "asset.yaml")


def check_asset(case: dict[str, Any], environment: Mapping, specification: str) -> None:
    fields = plain(environment)
    assert isinstance(fields, dict)
    tags = fields.get("tags") or {}
    assert isinstance(tags, dict)
    assert (fields["name"], fields.get("os_type")) == (case["name"], case["os_type"])
    assert sorted(tags) == case["tag_keys"]
    if case["build"]:
        build = fields["build"]
        assert isinstance(build, dict)
        place = specification.rpartition("/")[0]
        assert build["path"] == posixpath.normpath(posixpath.join(place, case["build"]["path"]))
        assert build.get("dockerfile_path", "Dockerfile") == case["build"]["dockerfile_path"]


def check_templates(case: dict[str, Any], files: ProjectFiles, asset: YamlDocument) -> None:
    """Where the build context still asks for what a registry or index holds, that is an error that names it."""
    context = files.root / case["path"].split("/", 2)[2].rpartition("/")[0] / (case["build"] or {}).get("path", ".")
    asks = any(_ASKED.search(path.read_text(errors="replace")) for path in context.rglob("*") if path.is_file())
    found = answer(lambda problems: parse_asset(asset, files, problems))
    assert (found.value is None) == asks, (case["path"], found.reasons)
    assert not asks or "`{{latest-" in found.reason


def test_a_conda_file_is_named_when_it_stands_in_place_of_an_environment() -> None:
    folder = corpus()
    for case in oracle(folder, "v1_conda.json")[:60]:
        files, name = repository(folder, case["path"])
        try:
            text = files.text(name)
            root = load(text, name).root
        except (EnvformError, RefusedError):
            continue
        if isinstance(root, Mapping) and root.get("dependencies") is not None and root.get("image") is None:
            assert read(files, name).reason.startswith("Conda file in place of an environment")
