"""`envform import -all`: a state is lost, and the registry has what is needed to make it again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from reconciler import Environment, Workspace
from reconciler.model.publication import RECORD_TYPE
from reconciler.oci.reference import Name
from reconciler.registries import open_registry
from reconciler.registries.layout import LayoutRegistry
from tests.builders.debian import debian_base
from tests.builders.making_wheels import TinyWheel
from tests.cli.project import IMAGES, Project
from tests.conformance.images import image_of
from tests.registries.serving import serve_folder
from tests.services.debian_archive import DebianArchive
from tests.services.registry import serve_registry

TRAINING = 'environment "training" {\n  image = BASE\n  description = "DESCRIPTION"\n}\n'
SCORING = """
environment "scoring" {
  name  = "7-eu"
  image = environment.training.image
  tags  = { team = "$${a}" }

  environment_variables = {
    A = "%%{b}"
  }
}
"""
WRITTEN = "imported.envform.hcl"
NO_CHANGES = "No changes."


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.at(tmp_path / "project")


def lose_state(project: Project) -> dict[str, Any]:
    """What was recorded, without what only counts how often that was written."""
    content = remembered(project)
    shutil.rmtree(project.folder / "state")
    return content


def remembered(project: Project) -> dict[str, Any]:
    return {key: value for key, value in project.state.items() if key not in ("checksum", "serial")}


def blobs(project: Project) -> set[str]:
    return {path.name for path in (project.folder / "registry" / "blobs" / "sha256").iterdir()}


def base_variant(project: Project, word: str) -> str:
    LayoutRegistry(project.folder / "images").push(image_of(word), [Name("", word)])
    return f'"oci:./images:{word}"'


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_lost_state_comes_back_as_it_was(project: Project) -> None:
    project.apply(TRAINING.replace("DESCRIPTION", "first") + SCORING)
    project.apply((TRAINING + SCORING).replace("DESCRIPTION", "second"))
    project.apply((TRAINING + SCORING).replace("BASE", base_variant(project, "newer")).replace("DESCRIPTION", "third"))
    before, there = lose_state(project), blobs(project)
    shown = project.run("import", "-all", typed="yes\n").stdout
    assert "training  1, 2 " in shown
    assert "Import complete! 4 versions of 2 environments put on record." in shown
    assert remembered(project) == before
    assert project.summary() == "No changes. Your environments match the configuration."
    assert "No drift." in project.run("drift", "-refresh=deep").stdout
    assert blobs(project) == there, "nothing was built, and nothing was pushed"
    assert not (project.folder / WRITTEN).exists()
    assert "Nothing to import" in project.run("import", "-all").stdout


def test_what_nothing_declares_is_written_down_as_it_was(project: Project) -> None:
    project.apply(TRAINING + SCORING)
    before = lose_state(project)
    project.declare("")
    shown = project.run("import", "-all", "-out=old.hcl", typed="yes\n").stdout
    assert "written into old.hcl" in shown
    assert NO_CHANGES in project.summary()
    project.run("validate")
    text = (project.folder / "old.hcl").read_text()
    assert 'name = "7-eu"' in words(text)
    assert "fmt" not in project.run("fmt", "-check").stdout
    addresses = {one["address"] for one in project.state["environments"].values()}
    assert addresses == {"environment.training", "environment._7-eu"}
    restored = project.state["environments"]["training"]["versions"]
    assert restored == before["environments"]["training"]["versions"]
    below = project.state["environments"]["7-eu"]["versions"][0]["depends_on"]
    assert below == ["environment.training"]


def test_what_was_moved_is_found_where_it_is_now(project: Project) -> None:
    project.apply(TRAINING + SCORING)
    project.apply(TRAINING.replace("BASE", base_variant(project, "newer")) + SCORING)
    assert "Warning" not in project.run("state", "mv", "environment.training", "environment.again").stderr
    moved = TRAINING.replace('"training"', '"again"').replace("image", 'name = "training"\n  image')
    project.declare((moved + SCORING.replace(".training.", ".again.")).replace("BASE", '"oci:./images:newer"'))
    assert NO_CHANGES in project.summary()
    before, there = lose_state(project), blobs(project)
    edits = before["environments"]["training"]["versions"][1]["edits"]
    assert [(one["by"], one["what"]) for one in edits] == [("state mv", ["address"])]
    project.run("import", "-all", "-auto-approve")
    assert remembered(project) == before
    assert NO_CHANGES in project.summary()
    assert blobs(project) == there
    (project.folder / "main.hcl").write_text("nonsense {")
    told = project.run("state", "mv", "environment.again", "environment.third").stderr
    assert told.startswith("Warning: Record in the registry is older than the state\n")


def test_programs_are_told_in_the_stream_of_plan_and_apply(project: Project) -> None:
    project.apply(TRAINING + SCORING)
    before = lose_state(project)
    project.declare(TRAINING)
    said = project.run("import", "-all", "-json", "-auto-approve").stdout
    lines = [json.loads(line) for line in said.splitlines()]
    kinds = [line["type"] for line in lines]
    assert kinds == [
        "version",
        *["planned_change"] * 2,
        "change_summary",
        *["apply_complete"] * 2,
        "change_summary",
    ]
    assert {line["change"]["environment"]: line["change"]["written_to"] for line in lines[1:3]} == {
        "7-eu": WRITTEN,
        "training": None,
    }
    assert lines[-1]["changes"] == {**lines[3]["changes"], "operation": "apply"}
    assert (lines[-1]["changes"]["import"], lines[4]["hook"]["versions"]) == (2, ["1"])
    assert set(project.state["environments"]) == set(before["environments"])
    again = [json.loads(line) for line in project.run("import", "-all", "-json", "-auto-approve").stdout.splitlines()]
    assert [line["type"] for line in again] == ["version", "change_summary"]


def test_whoever_does_not_say_yes_gets_nothing(project: Project) -> None:
    project.apply(TRAINING)
    lose_state(project)
    project.declare("")
    done = project.run("import", "-all", typed="y\n", exit_code=1)
    assert "Import cancelled." in done.stderr
    assert not (project.folder / "state" / "default.json").exists()
    assert not (project.folder / WRITTEN).exists()


def test_a_file_that_is_there_is_not_overwritten(project: Project) -> None:
    project.apply(TRAINING)
    lose_state(project)
    project.declare("")
    (project.folder / WRITTEN).write_text("# mine\n")
    done = project.run("import", "-all", "-auto-approve", exit_code=1)
    assert "File exists" in done.stderr
    assert (project.folder / WRITTEN).read_text() == "# mine\n"
    assert not (project.folder / "state" / "default.json").exists()


def test_what_was_archived_comes_back_archived_and_is_not_written_down(project: Project) -> None:
    project.apply(TRAINING + SCORING)
    project.apply(TRAINING)
    project.run("env", "archive", "training:1")
    before = lose_state(project)
    project.run("import", "-all", "-auto-approve")
    assert remembered(project) == before
    assert not (project.folder / WRITTEN).exists()
    assert "7-eu" in project.run("env", "list", "-archived-only").stdout
    project.run("env", "restore", "7-eu")
    lose_state(project)
    shown = project.run("import", "-all", "-auto-approve").stdout
    assert f"written into {WRITTEN}" in shown


def test_what_is_deleted_does_not_come_back(project: Project) -> None:
    gone = TRAINING.replace("training", "gone").replace("image", 'on_destroy = "delete"\n  image')
    project.apply(TRAINING + gone)
    project.apply(TRAINING)
    registry = LayoutRegistry(project.folder / "registry")
    image = registry.describe(Name("training", "1"))
    assert image is not None
    assert len(registry.referrers(Name("", digest=image.digest))) == 1, "one image, and the record of one environment"
    before = lose_state(project)
    project.run("import", "-all", "-auto-approve")
    assert remembered(project) == before


def test_versions_that_the_state_lacks_are_added_and_others_stay(project: Project) -> None:
    project.apply(TRAINING)
    older = (project.folder / "state" / "default.json").read_bytes()
    project.apply(TRAINING.replace("BASE", base_variant(project, "b")))
    before = lose_state(project)
    (project.folder / "state").mkdir()
    (project.folder / "state" / "default.json").write_bytes(older)
    shown = project.run("import", "-all", "-auto-approve").stdout
    assert "1 version of 1 environment put on record" in shown
    assert remembered(project) == before
    assert NO_CHANGES in project.summary()


def test_what_programs_registered_stays_theirs(project: Project) -> None:
    project.apply(TRAINING)
    ws = Workspace(project.folder)
    ws.environments.create_or_update(Environment(image="oci:./images:base", name="by-hand", tags={"a": "b"}))
    before = lose_state(project)
    shown = project.run("import", "-all", "-auto-approve").stdout
    assert "registered by a program" in shown
    assert remembered(project) == before
    assert not (project.folder / WRITTEN).exists()
    assert NO_CHANGES in project.summary()


def test_packages_come_back_with_their_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = debian_base()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project = Project.at(tmp_path / "project")
    LayoutRegistry(project.folder / "images").push(base, [Name("", "debian")])
    (project.folder / "wheels").mkdir()
    TinyWheel({"shout.py": "print('hello')\n"}, "shout", "1.0").write(project.folder / "wheels")
    pip = 'pip = ["--no-index", "--find-links ./wheels", "shout"]'
    verify = 'verify {\n    imports = ["shout"]\n  }'
    project.apply(
        f'environment "layers" {{\n  image = "oci:./images:debian"\n  {pip}\n}}\n'
        f'environment "tools" {{\n  runtime = "local"\n  {pip}\n\n  {verify}\n}}\n'
    )
    before, there = lose_state(project), blobs(project)
    shutil.rmtree(tmp_path / "cache")
    project.declare("")
    project.run("import", "-all", "-auto-approve")
    assert remembered(project) == before
    assert NO_CHANGES in project.summary()
    assert blobs(project) == there


def test_a_base_image_of_debian_packages_is_written_down_too(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APT_CONFIG", str(DebianArchive(tmp_path / "archive").apt_config()))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    TinyWheel({"tiny.py": "x = 1\n"}).write(project.folder)
    base = 'base_image "python" {\n  debian   = "bookworm"\n  packages = ["python3"]\n}\n'
    pip = 'pip   = ["./tiny-1.0-py3-none-any.whl"]'
    project.apply(f'{base}environment "on" {{\n  image = base_image.python.image\n  {pip}\n}}\n')
    before, there = lose_state(project), blobs(project)
    project.declare("")
    project.run("import", "-all", "-auto-approve")
    assert remembered(project) == before
    assert NO_CHANGES in project.summary()
    assert blobs(project) == there


def test_two_projects_in_one_registry_take_what_is_theirs(project: Project, tmp_path: Path) -> None:
    project.apply(TRAINING)
    other = tmp_path / "other"
    shutil.copytree(IMAGES, other / "images")
    theirs = Project(type(project.envform)(other))
    settings = 'envform {\n  registry = "oci:../project/registry"\n}\n'
    (other / "main.hcl").write_text(settings + 'environment "theirs" {\n  image = "oci:./images:base"\n}\n')
    theirs.run("apply", "-auto-approve")
    lose_state(project)
    done = project.run("import", "-all", "-auto-approve")
    assert set(project.state["environments"]) == {"training"}
    assert "1 more, of another project: `theirs`" in words(done.stderr)
    asked = project.run("import", "-all", "-only=the*", "-auto-approve").stdout
    assert f"written into {WRITTEN}" in asked
    assert NO_CHANGES in project.summary()
    lose_state(project)
    (project.folder / WRITTEN).unlink()
    project.declare("")
    refused = project.run("import", "-all", "-auto-approve", exit_code=1)
    assert "Several projects publish here" in refused.stderr
    unknown = project.run("import", "-all", "-only=trainin", exit_code=1).stderr
    assert "did you mean `training`?" in unknown


def test_another_workspace_keeps_its_own(project: Project) -> None:
    project.apply(TRAINING)
    project.run("workspace", "new", "trial")
    project.apply(TRAINING.replace("BASE", base_variant(project, "trial")))
    project.run("workspace", "select", "default")
    before = lose_state(project)
    done = project.run("import", "-all", "-auto-approve")
    assert remembered(project) == before
    assert [one["version"] for one in before["environments"]["training"]["versions"]] == ["1"]
    assert "Image without a record" not in done.stderr


def test_images_without_a_record_are_told_and_left_alone(project: Project) -> None:
    project.apply(TRAINING)
    registry = LayoutRegistry(project.folder / "registry")
    registry.push(image_of("foreign"), [Name("foreign", "7"), Name("training", "old")])
    lose_state(project)
    done = project.run("import", "-all", "-auto-approve")
    assert "`foreign:7`, `training:old`: published, with nothing that says what it was made from" in words(done.stderr)
    assert set(project.state["environments"]) == {"training"}


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["-all", "environment.training", "training"], "Conflicting flags"),
        (["-all", "-json"], "Nobody can be asked"),
        (["-only=a", "environment.training", "training"], "Conflicting flags"),
        (["environment.training"], "Nothing to import"),
        (["-all", "-out=deeper/old.hcl"], "File would not be configuration"),
        (["-all", "-out=old.yaml"], "File would not be configuration"),
    ],
)
def test_flags_that_make_no_sense_are_refused(project: Project, flags: list[str], said: str) -> None:
    project.apply(TRAINING)
    assert said in project.run("import", *flags, exit_code=1).stderr


def test_what_cannot_be_written_down_is_left_out_and_told(project: Project) -> None:
    (project.folder / "context").mkdir()
    (project.folder / "context" / "constraints.txt").write_text("shout<2\n")
    (project.folder / "wheels").mkdir()
    TinyWheel({"shout.py": ""}, "shout", "1.0").write(project.folder / "wheels")
    pip = '["--no-index", "--find-links ./wheels", "-c ./context/constraints.txt", "shout"]'
    gone = f'environment "gone" {{\n  runtime = "local"\n  pip = {pip}\n}}\n'
    project.apply(TRAINING + gone)
    before = lose_state(project)
    project.declare(TRAINING)
    told = words(project.run("import", "-all", "-auto-approve").stderr)
    assert "Environment cannot be written down" in told
    assert "Declare it, as it was at `environment.gone`, and import again" in told
    assert set(project.state["environments"]) == {"training"}
    assert NO_CHANGES in project.summary()
    project.declare(TRAINING + gone)
    project.run("import", "-all", "-auto-approve")
    assert remembered(project) == before
    assert NO_CHANGES in project.summary()


@contextmanager
def network(kind: str, folder: Path) -> Iterator[str]:
    if kind == "envform registry serve":
        with serve_folder(folder / "layout", folder / "log") as host:
            yield host
    else:
        storage = {"delete": {"enabled": kind == "docker-registry"}}
        with serve_registry(folder, storage=storage) as server:
            yield server.host


@pytest.mark.parametrize("kind", ["docker-registry", "docker-registry that deletes nothing", "envform registry serve"])
def test_registries_on_a_network_have_records_too(project: Project, tmp_path: Path, kind: str) -> None:
    with network(kind, tmp_path) as host:

        def declare(text: str) -> None:
            settings = f'envform {{\n  registry = "{host}/team"\n}}\n'
            (project.folder / "main.hcl").write_text(settings + text.replace("BASE", '"oci:./images:base"'))

        for said in ("first", "second", "first"):
            declare((TRAINING + SCORING).replace("DESCRIPTION", said))
            project.run("apply", "-auto-approve")
        before = lose_state(project)
        project.run("import", "-all", "-auto-approve")
        assert remembered(project) == before
        assert NO_CHANGES in project.summary("-refresh=deep")
        registry = open_registry(f"{host}/team", tmp_path)
        found = registry.referrers(Name("training", "1"))
        kept = {"docker-registry": 1, "envform registry serve": 2}.get(kind, 3)  # a folder has one pool for all names
        assert [one.artifact_type for one in found] == [RECORD_TYPE] * kept
        declare(TRAINING.replace("DESCRIPTION", "first"))
        project.run("apply", "-auto-approve")
        lose_state(project)
        assert "archived" in project.run("import", "-all", "-auto-approve").stdout
        assert json.loads((project.folder / "state" / "default.json").read_text())["environments"]["7-eu"]
        if "nothing" not in kind:
            assert "Nothing to remove" in project.run("gc", "-auto-approve").stdout
