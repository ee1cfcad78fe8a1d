"""Two projects that publish the same name in one registry: neither undoes what the other did."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.project import Project
from tests.cli.terminal import REPOSITORY, Envform

ONE = 'environment "one" {\n  image = "oci:./images:base"\n  LABELS\n}\n'
OTHER = ONE.replace("images:base", "images:other")
PROD = 'labels = ["prod"]'
NAME = "org.opencontainers.image.ref.name"
WARNING = "Warning: Tag was moved by another writer"


@pytest.fixture
def projects(tmp_path: Path) -> tuple[Project, Project]:
    """Each with images and a state of its own, and one registry."""
    (tmp_path / "registry").mkdir()
    for name in ("first", "second"):
        shutil.copytree(REPOSITORY / "golden" / "images", tmp_path / name / "images")
        (tmp_path / name / "registry").symlink_to(tmp_path / "registry")
    return Project(Envform(tmp_path / "first")), Project(Envform(tmp_path / "second"))


def version_at(project: Project, tag: str) -> str:
    """The version that a tag leads to."""
    index = json.loads((project.folder / "registry" / "index.json").read_text())
    noted = ((one.get("annotations", {}).get(NAME), one["digest"]) for one in index["manifests"])
    found: dict[str, str] = {name: digest for name, digest in noted if name}
    versions = (name for name in sorted(found) if name.removeprefix("one:").isdigit())
    return next(name for name in versions if found[name] == found[f"one:{tag}"])


def test_latest_is_the_newest_version_whoever_registered_it(projects: tuple[Project, Project]) -> None:
    first, second = projects
    first.apply(ONE.replace("LABELS", ""))
    second.apply(OTHER.replace("LABELS", ""))
    for verb in ("plan", "drift"):
        told = first.run(verb)
        assert WARNING in told.stderr
        assert "`one:latest` leads to version 2, and 1 is the newest that is recorded here. Those" in " ".join(
            told.stderr.split()
        )
    assert first.summary().startswith("No changes.")
    assert WARNING not in second.run("plan").stderr
    first.run("apply", "-auto-approve")
    assert version_at(first, "latest") == "one:2"


def test_a_repair_of_something_else_leaves_the_tag_where_it_is(projects: tuple[Project, Project]) -> None:
    first, second = projects
    first.apply(ONE.replace("LABELS", ""))
    second.apply(OTHER.replace("LABELS", ""))
    place = first.folder / "registry" / "index.json"
    index = json.loads(place.read_text())
    kept = [one for one in index["manifests"] if one.get("annotations", {}).get(NAME) != "one:1"]
    place.write_text(json.dumps({**index, "manifests": kept}))
    assert "1 to change" in first.summary()
    first.run("apply", "-auto-approve")
    assert (version_at(first, "1"), version_at(first, "latest")) == ("one:1", "one:2")


def test_who_registers_a_newer_version_has_the_tag(projects: tuple[Project, Project]) -> None:
    first, second = projects
    first.apply(ONE.replace("LABELS", ""))
    second.apply(OTHER.replace("LABELS", ""))
    first.run("apply", "-auto-approve", "-replace=environment.one")
    assert first.summary().startswith("No changes.")
    assert second.summary().startswith("No changes.")
    assert WARNING in second.run("plan").stderr
    assert WARNING not in first.run("plan").stderr


def test_a_label_stays_with_who_gave_it_last(projects: tuple[Project, Project]) -> None:
    first, second = projects
    first.apply(ONE.replace("LABELS", PROD))
    second.apply(OTHER.replace("LABELS", PROD))
    assert "`one:prod` leads to version 2" in " ".join(first.run("plan").stderr.split())
    first.apply(ONE.replace("LABELS", f'{PROD}\n  description = "new"'))
    assert version_at(first, "prod") == "one:2"
    first.apply(ONE.replace("LABELS", ""))
    assert version_at(first, "prod") == "one:2"
    first.apply(ONE.replace("LABELS", PROD))
    assert version_at(first, "prod") == "one:1"
    assert WARNING in second.run("plan").stderr
