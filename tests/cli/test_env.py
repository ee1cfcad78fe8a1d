"""`envform env`: environments by their names."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import yaml

from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.small_bases import PYTHON, python_base
from tests.cli.project import Project

TWO = """
environment "training" {
  image       = BASE
  description = "What every training job runs in."
}

environment "serving" {
  image                 = environment.training.image
  environment_variables = { PORT = "80" }
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two environments, one on top of the other, each in two versions: the second was asked for."""
    project = Project.at(tmp_path)
    project.apply(TWO)
    project.run("apply", "-auto-approve", "-replace=environment.*")
    return project


def names(project: Project, *flags: str) -> list[str]:
    listed = json.loads(project.run("env", "list", "-o=json", *flags).stdout)["environments"]
    return [f"{one['name']}:{one['version']}" for one in listed]


def test_list_shows_the_latest_version_of_each_by_name(project: Project) -> None:
    lines = project.run("env", "list").stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["name", "version"], ["serving", "2"], ["training", "2"]]
    assert lines[2].endswith("What every training job runs in.")
    assert names(project, "-name=training") == ["training:2", "training:1"]


def test_all_forms_say_the_same(project: Project) -> None:
    for words in (["list"], ["show", "training"], ["diff", "training", "serving"], ["history"]):
        as_json = json.loads(project.run("env", *words, "-o", "json").stdout)
        as_yaml = project.run("env", *words, "-output=yaml").stdout
        assert yaml.safe_load(as_yaml) == as_json
        assert as_yaml.startswith("format_version: '1.0'\n")
        assert as_json["format_version"] == "1.0"


def test_a_clone_in_another_folder_stands_on_the_same_image(project: Project) -> None:
    project.run("env", "clone", "training", "mine", "-out=other/mine.hcl")
    text = (project.folder / "other/mine.hcl").read_text()
    assert 'image       = "oci:../images:base"' in text
    project.run("-chdir=other", "plan")


def test_show_tells_what_is_on_record_and_who_stands_on_it(project: Project) -> None:
    text = project.run("env", "show", "training").stdout
    assert text.startswith("# training:2, declared at environment.training:\n")
    assert 'used_by        = [\n        "serving:2",\n    ]' in text
    shown = json.loads(project.run("env", "show", "training:1", "-o=json").stdout)
    assert (shown["version"], shown["latest"], shown["versions"]) == ("1", False, ["1", "2"])
    assert (shown["layers"], shown["used_by"]) == (1, ["serving:2"])
    assert shown["definition"]["image"] == "oci:images:base"
    project.apply(TWO.replace("BASE", 'BASE\n  os_type = "linux"\n  python_version = "3.11"'))
    users = [json.loads(project.run("env", "show", f"azureml:training:{n}", "-o=json").stdout)["used_by"] for n in "13"]
    assert users == [["serving:2"], ["serving:3"]]


def test_show_tells_how_the_image_was_found_where_that_was_kept(project: Project) -> None:
    assert 'origin         = "registered as it is"' in project.run("env", "show", "training").stdout
    state = project.state
    for record in state["environments"]["training"]["versions"]:
        assert record.pop("origin") == {"how": "ready"}
    del state["checksum"]
    lines = json.dumps({**state, "serial": state["serial"] + 1}, indent=2, sort_keys=True)[2:] + "\n"
    checksum = hashlib.sha256(lines.encode()).hexdigest()
    (project.folder / "older.json").write_text(f'{{\n  "checksum": "sha256:{checksum}",\n{lines}')
    project.run("state", "push", "older.json")
    assert "origin" not in project.run("env", "show", "training").stdout
    assert json.loads(project.run("env", "show", "training", "-o=json").stdout)["origin"] is None


def test_show_tells_what_is_on_record_where_the_image_is_gone(project: Project) -> None:
    digest = json.loads(project.run("env", "show", "training", "-o=json").stdout)["digest"]
    (project.folder / "registry" / "blobs" / "sha256" / digest.removeprefix("sha256:")).unlink()
    done = project.run("env", "show", "training")
    assert done.stderr.startswith("Warning: Image is gone\n")
    assert digest in done.stdout
    assert "size" not in done.stdout


def test_diff_draws_what_differs_and_says_when_nothing_does(project: Project) -> None:
    text = project.run("env", "diff", "training", "serving").stdout
    assert text.startswith("# training:2 -> serving:2:\n")
    assert '+ "PORT" = "80"' in text
    assert project.run("env", "diff", "training:1", "training@latest").stdout == (
        "No differences. training:1 and training:2 are the same image of the same definition.\n"
    )


def test_diff_tells_how_large_the_images_are(project: Project) -> None:
    larger = python_base({**PYTHON, "usr/lib/more": b"more" * 10_000})
    LayoutRegistry(project.folder / "images").push(larger, [Name("", "larger")])
    project.apply('environment "larger" {\n  image = "oci:./images:larger"\n}\n')
    text = project.run("env", "diff", "training", "larger").stdout
    assert "~ size" in text
    assert "KiB" in text


def test_diff_with_the_registry_tells_what_it_really_holds(project: Project) -> None:
    diff = ("env", "diff", "training", "registry")
    assert project.run(*diff).stdout == "No differences. oci:./registry holds training:2 as it is on record.\n"
    registry = LayoutRegistry(project.folder / "registry")
    larger = python_base({**PYTHON, "usr/lib/more": b"more" * 10_000})
    registry.push(larger, [Name("training", "2")])
    text = project.run(*diff).stdout
    assert text.startswith("# training:2 -> registry:\n")
    assert f"-> {larger.digest.short}" in text.replace('"', "")
    assert "~ record_kept = true -> false" in " ".join(text.split())
    told = json.loads(project.run(*diff, "-o=json").stdout)
    assert set(told["changed"]) == {"digest", "published", "record_kept", "size"}
    assert told["changed"]["published"]["to"]["training:2"] == larger.digest
    registry.delete(Name("training", "2"))
    assert json.loads(project.run(*diff, "-o=json").stdout)["changed"]["digest"]["to"] is None
    project.run("apply", "-auto-approve")
    assert "No differences." in project.run(*diff).stdout


def test_diff_with_the_registry_tells_what_an_image_lacks_and_what_is_older_there(project: Project) -> None:
    shutil.copytree(project.folder / "registry", project.folder / "older")
    project.apply(TWO.replace("What every training job runs in.", "Newer."))
    assert project.run("env", "diff", "training", "registry").stdout.startswith("No differences.")
    shutil.rmtree(project.folder / "registry")
    (project.folder / "older").rename(project.folder / "registry")
    image = LayoutRegistry(project.folder / "registry").pull(Name("training", "2"), "linux/amd64")
    assert image
    layer = image.layers[0].descriptor.digest
    (project.folder / "registry" / "blobs" / "sha256" / layer.removeprefix("sha256:")).unlink()
    told = json.loads(project.run("env", "diff", "training", "registry", "-o=json").stdout)["changed"]
    assert told["missing"]["to"] == [layer]
    assert told["description"] == {"from": "Newer.", "to": "What every training job runs in."}


def test_history_is_told_by_name(project: Project) -> None:
    lines = project.run("env", "history", "serving").stdout.splitlines()[1:]
    assert [line.split()[1:3] for line in lines] == [["serving", "2"], ["serving", "1"]]


def test_history_tells_what_was_changed_later_and_keeps_no_value(project: Project) -> None:
    changed = TWO.replace("What every training job", "What each training job").replace('"80"', '"8080"')
    project.apply(changed)
    project.run("env", "archive", "training:1")
    project.apply(changed.replace('PORT = "8080"', 'HOST = "::"'))
    rows = json.loads(project.run("env", "history", "-o=json").stdout)["history"]
    told = [(one["name"], one["version"], one["change"]) for one in rows if one["edit"]]
    assert sorted(told) == [
        ("serving", "2", "changed by apply: environment_variables.HOST, environment_variables.PORT"),
        ("serving", "2", "changed by apply: environment_variables.PORT"),
        ("training", "1", "archived by env archive"),
        ("training", "2", "changed by apply: description"),
    ]
    assert [row["edit"]["at"] if row["edit"] else row["created"] for row in rows] == sorted(
        (row["edit"]["at"] if row["edit"] else row["created"] for row in rows), reverse=True
    )
    assert "8080" not in json.dumps(project.state), "what was taken out is gone"
    assert "archived by env archive" in project.run("env", "history", "training").stdout


def test_what_is_archived_is_hidden_until_it_is_restored(project: Project) -> None:
    assert project.run("env", "archive", "serving", "training:1").stdout == "Archived serving.\nArchived training:1.\n"
    shown = project.run("env", "show", "serving:2").stdout
    assert shown.startswith("# serving:2, archived, last declared at environment.serving:\n")
    assert project.run("env", "show", "training:1").stdout.startswith("# training:1, declared at environment.training:")
    assert names(project) == ["training:2"]
    assert names(project, "-archived-only") == ["serving:2"]
    assert names(project, "-include-archived") == ["serving:2", "training:2"]
    assert names(project, "-name=training") == ["training:2"]
    assert names(project, "-name=training", "-archived-only") == ["training:1"]
    assert "serving" in project.run("env", "history", "azureml:serving").stdout
    assert (
        project.run("env", "archive", "azureml:serving@latest").stdout
        == "Nothing to do: all of it is archived already.\n"
    )
    assert project.run("env", "restore", "serving", "training:1").stdout == "Restored serving.\nRestored training:1.\n"
    assert names(project, "-name=training") == ["training:2", "training:1"]
    assert project.summary().startswith("No changes.")


def test_archiving_is_recorded_as_a_whole_or_not_at_all(project: Project) -> None:
    before = project.state
    project.run("env", "archive", "serving", "trainin", exit_code=1)
    assert project.state == before
    project.run("env", "archive", "serving")
    assert project.state["serial"] == before["serial"] + 1


def test_what_is_archived_and_declared_comes_back_with_the_next_apply(project: Project) -> None:
    project.run("env", "archive", "serving")
    assert project.summary() != "No changes. Your environments match the configuration."
    project.run("apply", "-auto-approve")
    assert names(project) == ["serving:2", "training:2"]


@pytest.mark.parametrize(
    ("words", "summary", "hint"),
    [
        (["show", "trainin"], "Unknown environment", "did you mean `training`?"),
        (
            ["show", "environment.training"],
            "Unknown environment",
            "the environment at `environment.training` is called",
        ),
        (["show", "training:3"], "Unknown version", ""),
        (["clone", "envform-skleam", "mine"], "Unknown environment", "did you mean `envform-sklearn`?"),
        (["clone", "Microsoft-x", "mine"], "Unknown environment", "`envform env list -curated` shows"),
        (["show", "training:latest"], "Unknown version", "did you mean `training@latest`?"),
        (["show", "training@lates"], "Unknown label", "did you mean `latest`?"),
        (["show", "training:2@prod"], "Invalid environment name", "A version and a label are given"),
        (["diff", "registry", "training"], "Wrong order", "envform env diff training registry"),
        (["list", "-curated", "-name=training"], "Flags that exclude each other", ""),
        (["show", "training@2"], "Unknown label", "did you mean `training:2`?"),
        (["show", "training:1@latest"], "Invalid environment name", ""),
        (["show", "training:"], "Invalid environment name", ""),
        (["show", ""], "Invalid environment name", ""),
        (["diff", "training", "servin"], "Unknown environment", "did you mean `serving`?"),
        (["history", "servin"], "Unknown environment", "did you mean `serving`?"),
        (["list", "-name=servin"], "Unknown environment", "did you mean `serving`?"),
        (["list", "-archived-only", "-include-archived"], "Flags that exclude each other", ""),
        (["list", "-o=xml"], "Invalid value", ""),
        (["lst"], "Unknown command", "did you mean `list`?"),
    ],
)
def test_what_is_mistyped_is_guessed(project: Project, words: list[str], summary: str, hint: str) -> None:
    told = project.run("env", *words, exit_code=1).stderr
    assert told.startswith(f"Error: {summary}\n")
    assert hint in " ".join(told.split())


def test_before_anything_is_recorded_it_says_so(tmp_path: Path) -> None:
    project = Project.at(tmp_path)
    project.declare(TWO)
    assert project.run("env", "list", exit_code=1).stderr.startswith("Error: No state\n")


def test_where_all_is_archived_the_list_says_that_there_is_nothing(project: Project) -> None:
    project.run("env", "archive", "serving", "training")
    assert project.run("env", "list").stdout == "All that is registered is archived; -include-archived lists it.\n"
