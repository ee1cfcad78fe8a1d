"""References in every form that jobs use, and those that only look like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.language.azureml.inline import read_job_environment
from reconciler.language.azureml.references import EnvironmentReference, FileReference, parse_reference
from reconciler.language.source import ProjectFiles
from reconciler.language.span import RefusedError
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import Mapping, Plain, plain
from reconciler.model.diagnostic import Diagnostic, Diagnostics

FULL = "azureml:/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("azureml:a:1", EnvironmentReference("a", "1")),
        ("env:a:1.2", EnvironmentReference("a", "1.2")),
        ("azureml:a:1:2", EnvironmentReference("a", "1:2")),
        ("azureml:a@latest", EnvironmentReference("a", label="latest")),
        ("azureml:AzureML-x-1.0", EnvironmentReference("AzureML-x-1.0")),
        ("azureml://registries/r/environments/n/versions/3", EnvironmentReference("n", "3", registry="r")),
        ("azureml://registries/r/environments/n/labels/x", EnvironmentReference("n", label="x", registry="r")),
        (f"{FULL}/Environments/n/versions/3", EnvironmentReference("n", "3", scope=FULL.removeprefix("azureml:"))),
        ("file:./env.yml", FileReference("./env.yml")),
        ("file:C:\\work\\env.yml", FileReference("C:\\work\\env.yml")),
    ],
)
def test_each_form_is_understood(text: str, expected: object) -> None:
    found = parse_reference(text)
    assert found == expected
    if isinstance(found, EnvironmentReference):
        assert found.is_pinned == bool(found.version)
        assert parse_reference(str(found)) == found


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("my-env:1", "`azureml:my-env:1`"),
        ("AZUREML:x:1", "`azureml:`"),
        ("azurml:x:1", "`azureml`"),
        ("env.yml", "`file:env.yml`"),
        ("azureml:x/versions/2", "`azureml:x:2`"),
        ("azureml:registries/azureml/environments/x/labels/latest", "azureml://registries/"),
        ("azureml://registries/r/environment/n/versions/3", "`environments`"),
        (f"{FULL}/environments/e/labels/latest", "`azureml:e@latest`"),
        ("azureml:x:latest", "`@latest`"),
        ("${{parameters.environment}}", "name and version"),
        ("azureml://registries/<registry>/environments/n/versions/1", "name and version"),
        ("$(environment)", "name and version"),
        (f"{FULL.replace('resourceGroups', 'resourcegroups')}/environments/e/versions/1", "capitals count"),
        (f"{FULL.replace(':/', ':')}/environments/e/versions/1", "`azureml:/subscriptions/`"),
    ],
)
def test_what_was_meant_is_suggested(text: str, hint: str) -> None:
    with pytest.raises(RefusedError) as caught:
        parse_reference(text)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "azureml:",
        "azureml:@latest",
        "azureml: x:1",
        "azureml:x:",
        "azureml:x@",
        "azureml:x:1@latest",
        "azureml:a b:1",
        "azureml://registries/r/environments/n",
        "azureml://registries//environments/n/versions/1",
        "azureml:/subscriptions/s",
        "file:",
        "azureml:-x:1",
        "azureml:x.:1",
        "https://example.org",
        "azureml:x:1\n",
        "azureml:é:1",
    ],
)
def test_what_azure_would_misread_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        parse_reference(text)


def test_a_file_reference_is_read_from_beside_the_job(tmp_path: Path) -> None:
    (tmp_path / "jobs" / "envs").mkdir(parents=True)
    (tmp_path / "jobs" / "envs" / "conda.yml").write_text("dependencies: [python=3.12]\n")
    (tmp_path / "jobs" / "envs" / "env.yml").write_text("image: python:3.12\nconda_file: conda.yml\n")
    found, _ = job_environment(tmp_path, "file:./envs/env.yml")
    assert found == {"image": "python:3.12", "conda_file": "jobs/envs/conda.yml"}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("none.yml", "no file `none.yml` beside this document, in `jobs`"),
        ("C:\\work\\env.yml", "no file"),
        ("../../x.yml", "out of the project"),
        ("list.yml", "is no environment"),
        ("broken.yml", "never closed"),
    ],
)
def test_a_file_reference_that_leads_to_no_environment_is_refused(tmp_path: Path, path: str, said: str) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "list.yml").write_text("- a\n")
    (tmp_path / "jobs" / "broken.yml").write_text("a: [\n")
    found, (told,) = job_environment(tmp_path, f"file:{path}")
    assert found is None
    assert said in told.detail


def job_environment(root: Path, reference: str) -> tuple[Plain, tuple[Diagnostic, ...]]:
    job = load(f"environment: '{reference}'\n", "jobs/job.yml")
    assert isinstance(job.root, Mapping)
    node = job.root.get("environment")
    assert node is not None
    problems = Diagnostics()
    found = read_job_environment(job, node, ProjectFiles(root), problems)
    assert found is None or isinstance(found, Mapping)
    return plain(found), tuple(problems)
