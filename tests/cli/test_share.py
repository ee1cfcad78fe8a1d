"""`envform env share` and `env wait`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler import Workspace
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.debian import debian_base
from tests.cli.project import Project
from tests.cli.terminal import program_environment
from tests.services.registry import RegistryServer

DECLARED = 'environment "training" {\n  image = BASE\n}\n'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "ours").mkdir()
    return Project.at(tmp_path / "ours")


def test_a_version_is_shared_once_and_never_changes_there(project: Project, tmp_path: Path) -> None:
    project.apply(DECLARED)
    done = project.run("env", "share", "training", "-registry=oci:../shared", "-name=tab.ular", "-version=7")
    digest = project.state["environments"]["training"]["versions"][0]["image"]
    assert done.stdout.startswith(f"oci:../shared:tab.ular:7 is {digest}\n")
    again = project.run("env", "share", "training@latest", "-registry=oci:../shared", "-name=tab.ular", "-version=7")
    assert again.stdout == "Nothing to do: oci:../shared:tab.ular:7 is this image already.\n"
    index = json.loads((tmp_path / "shared" / "index.json").read_text())
    named = [one.get("annotations", {}).get("org.opencontainers.image.ref.name") for one in index["manifests"]]
    assert "tab.ular:7" in named
    LayoutRegistry(project.folder / "images").push(debian_base(), [Name("", "debian")])
    project.apply(DECLARED.replace("BASE", '"oci:./images:debian"'))
    words = ("training:2", "-registry=oci:../shared", "-name=tab.ular", "-version=7")
    told = project.run("env", "share", *words, exit_code=1)
    assert "already exists in registry" in " ".join(told.stderr.split())


def test_labels_are_shared_and_move(project: Project, tmp_path: Path) -> None:
    labelled = DECLARED.replace("BASE", 'BASE\n  labels = ["prod", "eu"]')
    project.apply(labelled)
    share = ("env", "share", "training", "-registry=oci:../shared")
    done = project.run(*share).stdout
    assert done.endswith("oci:../shared:training:1 is called there, too: eu, prod.\n")
    assert project.run(*share).stdout.startswith("Nothing to do:")
    LayoutRegistry(project.folder / "images").push(debian_base(), [Name("", "debian")])
    project.apply(labelled.replace("BASE", '"oci:./images:debian"').replace('"prod", "eu"', '"prod"'))
    done = project.run(*share).stdout
    assert done.endswith(
        "oci:../shared:training:2 is called there, too: prod.\nThe label `prod` moved there from 1 to 2.\n"
    )
    shared = LayoutRegistry(tmp_path / "shared")
    tags = {tag: shared.describe(Name("training", tag)) for tag in ("1", "2", "prod", "eu")}
    assert (tags["prod"], tags["eu"]) == (tags["2"], tags["1"])


def test_a_version_is_shared_over_a_network(project: Project, registry_server: RegistryServer) -> None:
    project.apply(DECLARED)
    place = f"{registry_server.host}/shared-by-test"
    name = Workspace(project.folder).environments.share("training", "1", registry_name=place, share_with_version="4")
    assert name == f"{place}/training:4"
    project.run("copy", name, "oci:../back:training:4")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["training:2", "-registry=oci:../shared"], "has no version `2`"),
        (["training", "-registry=shared"], "is not a registry"),
        (["training", "-registry=oci:../shared", "-version=latest"], "always means the most recently created"),
        (["training", "-registry=oci:../shared", "-name=a b"], "cannot name an environment in a registry"),
    ],
)
def test_what_cannot_be_shared_is_told(project: Project, words: list[str], told: str) -> None:
    project.apply(DECLARED)
    assert told in " ".join(project.run("env", "share", *words, exit_code=1).stderr.split())


def test_waiting_ends_when_the_version_is_there_or_the_time_is_over(project: Project) -> None:
    project.declare(DECLARED)
    words = [sys.executable, "-m", "reconciler", "env", "wait", "training:1", "-timeout=50s"]
    with subprocess.Popen(
        words, cwd=project.folder, env=program_environment(), stdout=subprocess.PIPE, text=True
    ) as waiting:
        project.run("apply", "-auto-approve")
        told, _ = waiting.communicate(timeout=60)
    assert (waiting.returncode, told[:18]) == (0, "training:1 sha256:")
    told = project.run("env", "wait", "training:2", "-timeout=1s", exit_code=1).stderr
    assert "within 1 second: " in " ".join(told.split())
    assert "has no version `2`" in " ".join(told.split())
