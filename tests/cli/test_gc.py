"""`envform gc`: what goes, what stays, and when nothing may go at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.model.publication import CACHE, LOCK_TYPE, RECORD_TYPE
from reconciler.oci.reference import Name
from reconciler.registries import open_registry
from reconciler.registries.layout import LayoutRegistry
from reconciler.session import Session
from tests.cli.project import Project
from tests.conformance.images import artefact_for, image_of
from tests.registries.serving import serve_folder
from tests.services.registry import serve_registry

HASH = "0123456789abcdef" * 2
ENVIRONMENT = 'environment "training" {\n  image = BASE\n  description = "first"\n}\n'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.at(tmp_path / "project")


@pytest.fixture
def registry(project: Project) -> LayoutRegistry:
    return LayoutRegistry(project.folder / "registry")


def grow_old(project: Project) -> None:
    """Nobody has pushed any of it for two hours."""
    for path in (project.folder / "registry" / "blobs" / "sha256").iterdir():
        seconds = path.stat().st_mtime - 7200
        os.utime(path, (seconds, seconds))


def blobs(project: Project) -> set[str]:
    return {path.name for path in (project.folder / "registry" / "blobs" / "sha256").iterdir()}


def base_variant(project: Project, word: str) -> str:
    """A base of its own for an environment."""
    LayoutRegistry(project.folder / "images").push(image_of(word), [Name("", word)])
    return f'"oci:./images:{word}"'


def archived_versions(project: Project, words: str) -> None:
    """An environment with a version for each letter, all of them archived but for the last."""
    for word in words:
        project.apply(f'environment "training" {{\n  image = {base_variant(project, word)}\n}}\n')
    project.run("env", "archive", *(f"training:{number}" for number in range(1, len(words))))


def test_nothing_goes_that_is_on_record(project: Project) -> None:
    project.apply(ENVIRONMENT)
    grow_old(project)
    before = blobs(project)
    assert project.run("gc", "-auto-approve").stdout == "Nothing to remove: every image is needed.\n"
    project.declare("")
    project.run("apply", "-auto-approve")
    assert "Nothing to remove" in project.run("gc", "-auto-approve").stdout, "an archived environment keeps its images"
    assert len(blobs(project) & before) == len(before) - 1, "only its record is another, in the place of the old one"
    assert len(blobs(project)) == len(before)


def test_an_image_that_only_its_hash_names_goes_with_its_lock_and_its_files(
    project: Project, registry: LayoutRegistry
) -> None:
    project.apply(ENVIRONMENT)
    kept = blobs(project)
    image = image_of("left behind", layers=2)
    registry.push(
        artefact_for(image, "its lock", LOCK_TYPE),
        [Name(CACHE, digest=artefact_for(image, "its lock", LOCK_TYPE).digest)],
    )
    registry.push(image, [Name(CACHE, HASH)])
    grow_old(project)
    shown = project.run("gc", "-dry-run").stdout
    assert f"envform:{HASH}  {image.digest.short}  no record has it" in shown
    assert "2 images and 6 files would go" in shown
    assert set(registry.list(CACHE)) >= {HASH}
    done = project.run("gc", typed="yes\n")
    assert "Removed 2 images; " in done.stdout
    assert HASH not in registry.list(CACHE)
    assert blobs(project) == kept
    assert "No changes." in project.run("plan", "-refresh=deep").stdout


def test_whoever_does_not_say_yes_keeps_everything(project: Project, registry: LayoutRegistry) -> None:
    project.apply(ENVIRONMENT)
    registry.push(image_of("left behind"), [Name(CACHE, HASH)])
    done = project.run("gc", typed="y\n", exit_code=1)
    assert "gc cancelled." in done.stderr
    assert HASH in registry.list(CACHE)


def test_a_name_that_somebody_gave_keeps_its_image(project: Project, registry: LayoutRegistry) -> None:
    project.apply(ENVIRONMENT)
    image = image_of("of another project")
    registry.push(image, [Name(CACHE, HASH), Name("theirs", "1"), Name("", "plain")])
    grow_old(project)
    done = project.run("gc", "-auto-approve").stdout
    assert "Nothing to remove" in done
    assert "2 names belong to no record and stay" in done
    assert registry.missing(Name("theirs", "1")) == ()


def test_orphans_go_where_that_is_wanted(project: Project, registry: LayoutRegistry) -> None:
    project.apply(ENVIRONMENT + 'environment "scoring" {\n  image = ' + base_variant(project, "s") + "\n}\n")
    project.run("state", "rm", "environment.scoring")
    grow_old(project)
    done = project.run("gc", "-orphans", "-auto-approve").stdout
    assert "scoring:latest" in done
    assert registry.list("scoring") == {}
    assert set(registry.list("training")) == {"1", "latest"}
    assert registry.missing(Name("training", "1")) == ()


def test_what_another_workspace_has_stays(project: Project) -> None:
    project.apply(ENVIRONMENT)
    project.run("workspace", "new", "trial")
    project.apply('environment "trial" {\n  image = ' + base_variant(project, "trial") + "\n}\n")
    grow_old(project)
    before = project.refs
    for workspace in ("default", "trial"):
        assert "Nothing to remove" in project.run("gc", "-orphans", "-auto-approve", f"-workspace={workspace}").stdout
    assert project.refs == before


def test_files_that_were_just_written_stay_for_whoever_is_about_to_name_them(
    project: Project, registry: LayoutRegistry
) -> None:
    project.apply(ENVIRONMENT)
    grow_old(project)
    registry.push(image_of("young"), [Name(CACHE, HASH)])
    registry.delete(Name(CACHE, HASH))
    before = blobs(project)
    shown = project.run("gc", "-auto-approve").stdout
    assert "3 files" in shown
    assert "too young to go" in shown
    assert blobs(project) == before
    project.run("gc", "-auto-approve", "-older-than=0s")
    assert len(blobs(project)) == len(before) - 3


def test_what_is_younger_than_asked_for_stays(project: Project, registry: LayoutRegistry) -> None:
    project.apply(ENVIRONMENT)
    registry.push(image_of("left behind"), [Name(CACHE, HASH)])
    grow_old(project)
    assert "1 name would go that is not old enough." in project.run("gc", "-older-than=30d", "-auto-approve").stdout
    assert HASH in registry.list(CACHE)
    project.run("gc", "-older-than=90m", "-auto-approve")
    assert HASH not in registry.list(CACHE)


def test_archived_versions_stay_until_somebody_says_how_many(project: Project, registry: LayoutRegistry) -> None:
    archived_versions(project, "abcd")
    grow_old(project)
    assert "Nothing to remove" in project.run("gc", "-auto-approve").stdout
    assert "Nothing to remove" in project.run("gc", "-keep=4", "-auto-approve").stdout
    assert "Nothing to remove" in project.run("gc", "-keep=1", "-older-than=1d", "-auto-approve").stdout
    done = project.run("gc", "-keep=2", "-auto-approve").stdout
    assert "training:1 " in done
    assert "archived" in done
    assert "Removed 2 images and 2 archived versions; " in done
    assert set(registry.list("training")) == {"3", "4", "latest"}
    assert len(registry.list(CACHE)) == 2
    versions = project.state["environments"]["training"]["versions"]
    assert [version["version"] for version in versions] == ["3", "4"]
    entries = json.loads((project.folder / "registry" / "index.json").read_text())["manifests"]
    assert len([entry for entry in entries if entry.get("artifactType") == RECORD_TYPE]) == 2
    assert "No changes." in project.run("plan", "-refresh=deep").stdout
    assert list((project.folder / "state").glob("*.backup")), "what was on record can be looked up"


def test_versions_that_are_in_use_are_never_let_go(project: Project, registry: LayoutRegistry) -> None:
    for word in "abc":
        project.apply(f'environment "training" {{\n  image = {base_variant(project, word)}\n}}\n')
    grow_old(project)
    assert "Nothing to remove" in project.run("gc", "-keep=1", "-auto-approve").stdout
    assert set(registry.list("training")) == {"1", "2", "3", "latest"}


@pytest.mark.parametrize("damage", ["", "{", '{"version": 99}'])
def test_nothing_goes_while_a_state_cannot_be_read(project: Project, registry: LayoutRegistry, damage: str) -> None:
    project.apply(ENVIRONMENT)
    project.run("workspace", "new", "trial")
    project.run("workspace", "select", "default")
    registry.push(image_of("left behind"), [Name(CACHE, HASH)])
    grow_old(project)
    (project.folder / "state" / "trial.json").write_text(damage)
    done = project.run("gc", "-auto-approve", exit_code=1)
    assert "state" in done.stderr.lower()
    assert HASH in registry.list(CACHE)


def test_nothing_goes_where_nothing_was_ever_recorded(project: Project, registry: LayoutRegistry) -> None:
    project.declare(ENVIRONMENT)
    registry.push(image_of("of a lost state"), [Name(CACHE, HASH)])
    done = project.run("gc", "-orphans", "-auto-approve", exit_code=1)
    assert "No state" in done.stderr
    assert HASH in registry.list(CACHE)


def test_nothing_goes_while_a_manifest_cannot_be_read(project: Project, registry: LayoutRegistry) -> None:
    project.apply(ENVIRONMENT)
    broken, left = image_of("broken"), image_of("left behind")
    registry.push(broken, [Name("theirs", "1")])
    registry.push(left, [Name(CACHE, HASH)])
    grow_old(project)
    (project.folder / "registry" / "blobs" / "sha256" / broken.digest.hex).unlink()
    before = blobs(project)
    done = project.run("gc", "-auto-approve", exit_code=1)
    assert broken.digest in done.stderr
    assert blobs(project) == before
    assert HASH in registry.list(CACHE)


def test_nothing_goes_while_somebody_applies(project: Project, registry: LayoutRegistry) -> None:
    project.apply(ENVIRONMENT)
    registry.push(image_of("left behind"), [Name(CACHE, HASH)])
    with Session(project.folder, lambda _: None).locked("apply"):
        done = project.run("gc", "-auto-approve", exit_code=1)
    assert "lock" in done.stderr
    assert HASH in registry.list(CACHE)


@contextmanager
def network(kind: str, folder: Path) -> Iterator[str]:
    if kind == "envform registry serve":
        with serve_folder(folder / "layout", folder / "log") as host:
            yield host
    else:
        storage = {"delete": {"enabled": kind != "nothing is deleted"}}
        with serve_registry(folder, storage=storage) as server:
            yield server.host


def declare_on(project: Project, host: str) -> None:
    text = f'envform {{\n  registry = "{host}/team"\n}}\n{ENVIRONMENT}'
    (project.folder / "main.hcl").write_text(text.replace("BASE", '"oci:./images:base"'))


@pytest.mark.parametrize("kind", ["docker-registry", "envform registry serve"])
def test_images_go_from_a_registry_on_a_network(project: Project, tmp_path: Path, kind: str) -> None:
    with network(kind, tmp_path) as host:
        declare_on(project, host)
        project.run("apply", "-auto-approve")
        registry = open_registry(f"{host}/team", tmp_path)
        image, named = image_of("left behind"), image_of("named")
        lock = artefact_for(image, "its lock", LOCK_TYPE)
        registry.push(image, [Name(CACHE, HASH)])
        record = artefact_for(image, "its record", RECORD_TYPE)
        registry.push(lock, [Name(CACHE, digest=lock.digest)])
        registry.push(record, [Name(CACHE, digest=record.digest)])
        registry.push(named, [Name(CACHE, "f" * 32), Name("theirs", "1")])
        aged = project.run("gc", "-older-than=30d", "-auto-approve").stdout
        assert "does not tell how old they are" in aged
        done = project.run("gc", "-auto-approve").stdout
        assert "Removed 1 image." in done
        assert "collected its garbage" in done
        assert registry.describe(Name(CACHE, digest=image.digest)) is None
        assert registry.describe(Name(CACHE, digest=lock.digest)) is None
        assert registry.describe(Name(CACHE, digest=record.digest)) is None
        assert HASH not in registry.list(CACHE)
        assert "f" * 32 in registry.list(CACHE)
        assert registry.missing(Name("theirs", "1")) == ()
        assert "No changes." in project.run("plan", "-refresh=deep").stdout
        assert "Nothing to remove" in project.run("gc", "-auto-approve").stdout


def test_a_registry_that_deletes_nothing_is_told(project: Project, tmp_path: Path) -> None:
    with network("nothing is deleted", tmp_path) as host:
        declare_on(project, host)
        project.run("apply", "-auto-approve")
        registry = open_registry(f"{host}/team", tmp_path)
        registry.push(image_of("left behind"), [Name(CACHE, HASH)])
        done = project.run("gc", "-auto-approve", exit_code=1)
        assert "storage.delete.enabled" in " ".join(done.stderr.split())
        assert HASH in registry.list(CACHE)
        assert "No changes." in project.run("plan", "-refresh=deep").stdout
