"""Real conda files, requirements, contexts and environments as definitions, beside what Azure's loaders say of them.

What is stricter on purpose is in docs/language.md, under "Azure ML documents" and "Packages and Dockerfiles". Here the
reason begins with these words:
- Copied file …, Invalid Dockerfile, Dockerfile not found: Azure finds out when the build fails.
- Invalid requirement, Invalid conda …, Invalid hash, Unsupported pip option, Unrendered template, Template in …: pip
  and conda would refuse them, or read something else than what is written.
- Variable in a requirement, Credentials …, File outside …, Build context from …: the definition has no identity.
- Duplicate YAML key, Unsupported YAML tag, Invalid YAML, Invalid character encoding: readers of YAML differ there.
- Invalid image reference, Invalid … name, … version, No such file, Invalid Azure ML environment: as for the documents.
"""

from __future__ import annotations

import csv
import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reconciler.language.azureml.dump import dump_environment
from reconciler.language.azureml.inline import read_job_environment
from reconciler.language.configuration import configure
from reconciler.language.definition.azure_hash import anonymous_build_version, anonymous_version, upload_hash
from reconciler.language.definition.conda import CondaFile, parse_conda
from reconciler.language.definition.conda_spec import canonical_channel
from reconciler.language.definition.context import Context as BuildContext
from reconciler.language.definition.context import read_context
from reconciler.language.definition.requirements import Line, Option, parse_requirements
from reconciler.language.evaluation import evaluate
from reconciler.language.files import Files
from reconciler.language.hcl import parse
from reconciler.language.span import RefusedError
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import Mapping as YamlMapping
from reconciler.language.yaml_nodes import plain
from reconciler.model.definition import Definition
from reconciler.model.diagnostic import Diagnostic, Diagnostics
from tests.corpus.azureml import Table, answer, at, corpus, oracle, repository
from tests.language.definition.texts import Texts
from tests.language.projects import ENVFORM
from tests.services.wants import Tell

STRICTER = [
    *("Copied file is not in the build context", "Invalid Dockerfile", "Dockerfile not found"),
    *("Invalid requirement", "Invalid conda", "Invalid hash", "Unsupported pip option", "Unrendered template"),
    *("Template in", "Variable in a requirement", "Credentials in a definition", "File outside of the project"),
    *("Build context from elsewhere", "Duplicate YAML key", "Unsupported YAML tag", "Invalid YAML"),
    *("Invalid character encoding", "Invalid image reference", "Invalid environment name", "Reserved environment name"),
    *("Invalid version", "Ambiguous version", "No such file", "No such folder", "Invalid Azure ML environment"),
]


def finish(table: Table, tell: Tell) -> None:
    if not table.counts:
        pytest.skip("this part of the corpus has no such cases")
    tell(table.show())
    assert table.wrong == []


def indexed(folder: Path, kind: str, note: str = "") -> Iterator[str]:
    """The paths of the files of a kind, of those with a note only."""
    index = folder / "INDEX.csv"
    if index.is_file():
        with index.open(newline="") as file:
            for row in csv.DictReader(file):
                if kind in row["kinds"].split() and (not note or note in row["notes"].split()):
                    yield row["path"]


def read_conda(files: Files, name: str, problems: Diagnostics) -> CondaFile:
    conda = parse_conda(plain(load(files.text(name), name)))
    for finding in conda.findings:
        problems.add(Diagnostic(finding.severity, finding.summary, finding.detail))
    return conda


def differences(conda: CondaFile, case: Mapping[str, Any]) -> Iterator[str]:
    """Where we count otherwise than Azure."""
    # Azure keeps a channel that stands there twice, and counts `-e` as an option.
    options = [entry for _, entry in conda.pip if isinstance(entry, Option) or entry.editable]
    case = {**case, "channels": [*dict.fromkeys(map(canonical_channel, case["channels"]))]}
    found = {
        "channels": conda.channels,
        "n_conda": len(conda.dependencies),
        "n_pip": len(conda.pip) - len(options),
        "pip_options": len(options),
    }
    expected = {**case, "pip_options": len(case["pip_options"])}
    yield from (f"{name}: {value} and not {expected[name]}" for name, value in found.items() if value != expected[name])
    version = conda.python.version if conda.python else ""
    if case["python"] and re.fullmatch("=*[0-9.]+", version) and version.strip("=") != case["python"]:
        yield f"python: {version} and not {case['python']}"


def test_conda_files(tell: Tell) -> None:
    folder, table = corpus(), Table("conda files")
    for case in oracle(folder, "v1_conda.json"):
        files, name = repository(folder, case["path"])
        found = answer(partial(read_conda, files, name))
        table.add(case["path"], "accept" if case["accepted"] else "refuse", found, STRICTER)
        if case["accepted"] and found.value is not None:
            assert list(differences(found.value, case)) == []
    finish(table, tell)


def test_normal_forms_are_stable() -> None:
    folder = corpus()
    for case in oracle(folder, "v1_conda.json"):
        files, name = repository(folder, case["path"])
        conda = answer(partial(read_conda, files, name)).value
        if conda is not None:
            pip = [entry.text for _, entry in conda.pip]
            dependencies: list[object] = [spec.text for _, spec in conda.dependencies]
            again = parse_conda({"channels": conda.channels, "dependencies": [*dependencies, {"pip": pip}]})
            assert [spec for _, spec in again.dependencies] == [spec for _, spec in conda.dependencies]
            assert [entry.text for _, entry in again.pip] == pip


def test_requirements(tell: Tell) -> None:
    folder, table = corpus(), Table("requirements")
    for path in (path for path in indexed(folder, "requirements") if path.endswith(".txt")):
        files, name = repository(folder, path)
        table.add(path, "accept", answer(partial(requirements, files, name)), STRICTER)
    finish(table, tell)


def requirements(files: Files, name: str, problems: Diagnostics) -> tuple[Line, ...]:
    lines = parse_requirements(files.text(name))
    for line in lines:
        if isinstance(line.entry, RefusedError):
            problems.add(Diagnostic.error(line.entry.summary, line.entry.detail))
    return lines


def test_dockerfiles_and_their_folders(tell: Tell) -> None:
    folder, table = corpus(), Table("Dockerfiles")
    for path in (path for path in indexed(folder, "contexts", "dockerfile") if not path.endswith((".yml", ".yaml"))):
        files, name = repository(folder, path)
        place = posixpath.dirname(name) or "."
        found = answer(partial(built, files, place, posixpath.basename(name)))
        table.add(path, "accept", found, STRICTER)
    finish(table, tell)


def built(files: Files, folder: str, dockerfile: str, problems: Diagnostics) -> BuildContext:
    context = read_context(files, folder, dockerfile, {}, "")
    for problem in context.errors:
        problems.add(Diagnostic.error(problem.error.summary, problem.error.detail))
    return context


def contents(files: Files, name: str, text: str, _: Diagnostics) -> Definition:
    """The one environment of an Azure ML document, read to the end."""
    configuration = configure({"envform.hcl": ENVFORM, name: text}, parse, files)
    (address,) = configuration.addresses
    environment = evaluate(configuration, address, {})
    assert bool(environment.image) != bool(environment.contents.context)
    return environment.contents


def test_environment_documents_become_definitions(tell: Tell) -> None:
    folder, table = corpus(), Table("document definitions")
    for case in oracle(folder, "env_yaml.json"):
        if case["accepted"]:
            files, name = repository(folder, case["path"])
            found = answer(partial(contents, files, name, files.text(name)))
            table.add(case["path"], "accept", found, STRICTER)
            if found.value is not None:
                assert (found.value.conda is not None, found.value.context is not None) == (
                    case["form"] == "image+conda",
                    case["form"] == "build",
                )
    finish(table, tell)


def test_inline_environments_become_definitions(tell: Tell) -> None:
    folder, table = corpus(), Table("inline definitions")
    for case in oracle(folder, "inline.json"):
        if case["accepted"] and case.get("expect", "accept") == "accept":
            files, name = repository(folder, case["path"])
            table.add(case["path"], "accept", answer(partial(inline, case, files, name)), STRICTER)
    finish(table, tell)


def inline(case: Mapping[str, Any], files: Files, name: str, problems: Diagnostics) -> Definition | None:
    document = load(files.text(name), name)
    node = at(document, case["yaml_path"])
    assert isinstance(node, YamlMapping)
    found = read_job_environment(document, node, files, problems)
    fields = plain(found) if isinstance(found, YamlMapping) else None
    if not isinstance(fields, dict):
        return None
    return contents(files, "inline.yml", dump_environment({"name": "inline", **fields}), problems)


def test_curated_contexts_are_read(tell: Tell) -> None:
    folder, table = corpus(), Table("curated contexts")
    for case in oracle(folder, "assets_rendered.json"):
        if case["build"]:
            files, name = repository(folder, case["path"])
            place = posixpath.normpath(posixpath.join(posixpath.dirname(name), case["build"]["path"]))
            found = answer(partial(built, files, place, case["build"]["dockerfile_path"]))
            table.add(case["path"], "accept", found, STRICTER)
    finish(table, tell)


def test_azures_own_vectors_of_anonymous_versions() -> None:
    folder = corpus()
    for case in oracle(folder, "hash_anonymous.json"):
        given = case["input"]
        found = anonymous_version(given["image"], given.get("conda_file"), given.get("inference_config"))
        assert found == case["version"], case["label"]
    for case in oracle(folder, "hash_context_trees.json"):
        uploaded = upload_hash(Texts(case["files"]), ".")
        assert uploaded == case["upload_hash"], case["label"]
        assert anonymous_build_version(uploaded, case["dockerfile_path"]) == case["version"], case["label"]


@pytest.mark.parametrize("name", ["env_yaml", "assets_rendered", "inline"])
def test_azures_versions_of_real_environments(name: str) -> None:
    folder = corpus()
    for case in oracle(folder, f"{name}.json"):
        if case.get("reproducible") and case.get("anonymous_version"):
            files, path = repository(folder, case["path"])
            found = answer(
                partial(azures_version, files, path, None if name == "env_yaml" else case.get("environment", case))
            )
            assert found.value in (case["anonymous_version"], None), case["path"]
            assert found.value or any(found.reason.startswith(reason) for reason in STRICTER), found.reason


def azures_version(files: Files, path: str, given: Mapping[str, Any] | None, _: Diagnostics) -> str:
    document: Any = given or plain(load(files.text(path), path))
    folder = posixpath.dirname(path)
    build, conda = document.get("build"), document.get("conda_file")
    if build:
        uploaded = upload_hash(files, posixpath.normpath(posixpath.join(folder, build["path"])))
        return anonymous_build_version(uploaded, build.get("dockerfile_path"))
    if isinstance(conda, str):
        name = posixpath.normpath(posixpath.join(folder, conda))
        loaded = plain(load(files.text(name), name))
        conda = loaded if isinstance(loaded, dict) else None
    return anonymous_version(document["image"], conda, document.get("inference_config"))
