"""What becomes of environments by `moved`, `removed`, `import`, targets, replacement and destruction."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.cli.project import Project
from tests.cli.terminal import REPOSITORY
from tests.conformance.images import image_of

TWO = 'environment "one" {\n  image = BASE\n}\nenvironment "two" {\n  image = environment.one.image\n}\n'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.at(tmp_path)


def test_a_moved_environment_keeps_its_history_under_its_new_name(project: Project) -> None:
    project.apply('environment "old" {\n  image = BASE\n}\n')
    project.declare(
        'environment "new" {\n  image = BASE\n}\nmoved {\n  from = environment.old\n  to = environment.new\n}\n'
    )
    plan = project.run("plan").stdout
    assert "environment.old has moved to environment.new" in plan
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in plan
    project.run("apply", "-auto-approve")
    assert project.state["environments"].keys() == {"new"}
    assert {"new:1", "new:latest"} <= project.refs
    assert project.summary().startswith("No changes.")


def test_nothing_is_moved_to_a_name_under_which_others_publish(project: Project) -> None:
    project.apply('environment "old" {\n  image = BASE\n}\n')
    LayoutRegistry(project.folder / "registry").push(image_of("foreign"), [Name("new", "1")])
    moved = "moved {\n  from = environment.old\n  to = environment.new\n}\n"
    project.declare('environment "new" {\n  image = BASE\n}\n' + moved)
    told = project.run("plan", exit_code=1).stderr
    assert "Name is already published by others" in told
    assert "Give it another `name`, or the one that it had." in " ".join(told.split())
    assert "0 added, 1 changed" in project.apply('environment "new" {\n  image = BASE\n  name = "old"\n}\n' + moved)


def test_a_moved_block_takes_all_its_instances_along(project: Project) -> None:
    project.apply('environment "old" {\n  for_each = toset(["a", "b"])\n  image = BASE\n  name = "n-${each.key}"\n}\n')
    moved = "moved {\n  from = environment.old\n  to = environment.new\n}\n"
    project.declare(
        'environment "new" {\n  for_each = toset(["a", "b"])\n  image = BASE\n  name = "n-${each.key}"\n}\n' + moved
    )
    assert project.summary() == "Plan: 0 to add, 2 to change, 0 to destroy."


def test_what_cannot_move_stays_and_is_told(project: Project) -> None:
    project.apply('environment "a" {\n  image = BASE\n}\nenvironment "b" {\n  image = BASE\n}\n')
    project.declare('environment "b" {\n  image = BASE\n}\nmoved {\n  from = environment.a\n  to = environment.b\n}\n')
    done = project.run("plan")
    assert "Warning: Unresolved address change" in done.stderr
    assert "Plan: 0 to add, 0 to change, 1 to destroy." in done.stdout


def test_a_removed_block_forgets_and_leaves_the_images(project: Project) -> None:
    project.apply(TWO)
    project.apply(
        'environment "one" {\n  image = BASE\n}\n'
        "removed {\n  from = environment.two\n  lifecycle {\n    destroy = false\n  }\n}\n"
    )
    assert project.state["environments"].keys() == {"one"}
    assert "two:1" in project.refs


def test_on_destroy_delete_takes_the_names_out_of_the_registry(project: Project) -> None:
    project.apply(
        'environment "one" {\n  image = BASE\n}\nenvironment "gone" {\n  image = BASE\n  on_destroy = "delete"\n}\n'
    )
    project.declare('environment "one" {\n  image = BASE\n}\n')
    assert "# environment.gone will be deleted" in project.run("plan").stdout
    assert "0 added, 0 changed, 1 destroyed" in project.run("apply", "-auto-approve").stdout
    assert project.refs == {"one:1", "one:latest"}
    assert project.run("drift").stdout.startswith("No drift.")


def test_destroy_archives_everything_and_a_second_one_nothing(project: Project) -> None:
    project.apply(TWO + 'output "image" {\n  value = environment.two.image\n}\n')
    done = project.run("destroy", "-auto-approve")
    assert "Plan: 0 to add, 0 to change, 2 to destroy." in done.stdout
    progress = [line for line in done.stderr.splitlines() if line.endswith("Archiving...")]
    assert progress == ["environment.two: Archiving...", "environment.one: Archiving..."]
    assert "outputs" not in project.state
    assert "No changes." in project.run("destroy", "-auto-approve").stdout


def test_destroying_a_target_takes_along_what_stands_on_it(project: Project) -> None:
    project.apply(TWO)
    assert project.summary("-destroy", "-target=environment.one") == "Plan: 0 to add, 0 to change, 2 to destroy."
    assert project.summary("-destroy", "-target=environment.two") == "Plan: 0 to add, 0 to change, 1 to destroy."


def test_what_stood_on_each_other_at_different_times_can_be_taken_down_together(project: Project) -> None:
    block = 'environment "{}" {{\n  image = BASE\n{}}}\n'
    project.apply(block.format("a", "  depends_on = [environment.b]\n") + block.format("b", ""))
    project.apply(block.format("a", "") + block.format("b", '  description = "new"\n  depends_on = [environment.a]\n'))
    assert "Resources: 0 added, 0 changed, 2 destroyed." in project.apply("")


def test_what_is_protected_is_not_destroyed(project: Project) -> None:
    project.apply('environment "one" {\n  image = BASE\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n')
    done = project.run("destroy", "-auto-approve", exit_code=1)
    assert "Error: Environment is protected" in done.stderr
    assert "main.hcl line" in done.stderr


def test_a_target_brings_what_it_stands_on_and_nothing_else(project: Project) -> None:
    project.declare(TWO + 'environment "three" {\n  image = BASE\n}\n')
    assert project.summary("-target=environment.two") == "Plan: 2 to add, 0 to change, 0 to destroy."
    assert project.summary("-target=environment.t*") == "Plan: 3 to add, 0 to change, 0 to destroy."
    assert project.summary("-target=environment.one", "-target=environment.three").startswith("Plan: 2 to add")


@pytest.mark.parametrize("flag", ["-target", "-replace", "-upgrade"])
def test_an_address_that_matches_nothing_is_an_error_with_a_suggestion(project: Project, flag: str) -> None:
    project.declare(TWO)
    done = project.run("plan", f"{flag}=environment.too", exit_code=1)
    assert "Error: Address matches nothing" in done.stderr
    assert "did you mean `environment.two`?" in done.stderr


def test_replace_registers_a_new_version_and_those_who_are_triggered_follow(project: Project) -> None:
    text = TWO.replace(
        "environment.one.image\n", "BASE\n  lifecycle {\n    replace_triggered_by = [environment.one.version]\n  }\n"
    )
    project.apply(text)
    plan = project.run("plan", "-replace=environment.one").stdout
    assert "# (as requested with -replace)" in plan
    assert "due to changes in replace_triggered_by: environment.one.version" in plan
    assert "Plan: 0 to add, 2 to change, 0 to destroy." in plan
    project.run("apply", "-auto-approve", "-replace=environment.one")
    assert {"one:1", "one:2", "two:1", "two:2"} <= project.refs
    assert project.summary().startswith("No changes.")


def test_a_fixed_version_cannot_be_replaced(project: Project) -> None:
    project.apply('environment "one" {\n  image = BASE\n  version = "7"\n}\n')
    done = project.run("plan", "-replace=environment.one", exit_code=1)
    assert "Error: Version is fixed, so nothing can replace it" in done.stderr


def test_what_is_published_is_imported_by_a_block_or_the_command(project: Project) -> None:
    declared = 'environment "one" {\n  image = BASE\n}\n'
    project.apply(declared)
    before = project.state["environments"]["one"]["versions"][0]["image"]
    (project.folder / "state" / "default.json").unlink()
    (project.folder / "state" / "default.json.backup").unlink(missing_ok=True)
    for journal in (project.folder / "state").glob("*.journal"):
        journal.unlink()
    project.declare(declared + 'import {\n  to = environment.one\n  id = "one:1"\n}\n')
    assert project.summary() == "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy."
    project.declare(declared)
    done = project.run("import", "-auto-approve", "environment.one", "one:1")
    assert '(imported from "one:1")' in done.stdout
    assert project.state["environments"]["one"]["versions"][0]["image"] == before
    assert "Environment is managed already" in project.run("import", "environment.one", "one:1", exit_code=1).stderr


@pytest.mark.parametrize(
    ("words", "summary"),
    [
        (("environment.none", "one:1"), "Nothing to import to"),
        (("environment.one", "other:1"), "Import id has another name"),
        (("environment.one", "one:9"), "Cannot import what is not there"),
    ],
)
def test_what_cannot_be_imported_is_said(project: Project, words: tuple[str, str], summary: str) -> None:
    project.declare('environment "one" {\n  image = BASE\n}\n')
    assert f"Error: {summary}" in project.run("import", *words, exit_code=1).stderr


def test_orphans_are_images_that_no_record_owns(project: Project) -> None:
    project.apply(TWO)
    project.run("state", "rm", "environment.two")
    project.declare('environment "one" {\n  image = BASE\n}\n')
    plan = project.run("plan", "-orphans").stdout
    assert re.search(r"two +1 ", plan)
    assert not re.search(r"one +1 ", plan)


def test_a_plan_file_takes_no_planning_flags(project: Project) -> None:
    project.declare(TWO)
    project.run("plan", "-out=saved.plan")
    done = project.run("apply", "saved.plan", "-target=environment.one", exit_code=1)
    assert "Error: Plan file with planning flags" in done.stderr


def test_a_target_that_has_moved_away_means_its_new_address(project: Project) -> None:
    project.apply('environment "old" {\n  image = BASE\n}\n')
    project.declare(
        'environment "new" {\n  image = BASE\n}\nmoved {\n  from = environment.old\n  to = environment.new\n}\n'
    )
    plan = project.run("plan", "-target=environment.old").stdout
    assert "environment.old has moved to environment.new" in plan
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in plan


@pytest.mark.parametrize("repetition", ["count = 0", "for_each = {}", "count = length([])"])
def test_a_block_that_makes_no_instance_still_protects(project: Project, repetition: str) -> None:
    lifecycle = "  lifecycle {\n    prevent_destroy = true\n  }\n"
    project.apply(f'environment "kept" {{\n  image = BASE\n{lifecycle}}}\n')
    project.declare(f'environment "kept" {{\n  {repetition}\n  image = BASE\n{lifecycle}}}\n')
    for verb in (("plan",), ("plan", "-destroy")):
        told = project.run(*verb, exit_code=1).stderr
        assert "Error: Environment is protected\n  on main.hcl line 4" in told


def test_what_is_destroyed_is_not_held_to_its_preconditions(project: Project) -> None:
    condition = '    precondition {\n      condition = 1 == CHECK\n      error_message = "no"\n    }\n'
    text = f'environment "one" {{\n  image = BASE\n  lifecycle {{\n{condition}  }}\n}}\n'
    project.apply(text.replace("CHECK", "1"))
    project.declare(text.replace("CHECK", "2"))
    assert "Resource precondition failed" in project.run("plan", exit_code=1).stderr
    assert project.summary("-destroy") == "Plan: 0 to add, 0 to change, 1 to destroy."


def test_drift_is_told_where_a_plan_would_be_refused_for_what_it_takes_away(project: Project) -> None:
    protected = 'environment "kept" {\n  COUNT\n  image = BASE\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n'
    project.apply(protected.replace("COUNT", "") + 'environment "b" {\n  image = BASE\n}\n')
    project.declare(protected.replace("COUNT", "count = 0") + 'environment "b" {\n  image = BASE\n}\n')
    project.run("drift")
    index = project.folder / "registry" / "index.json"
    index.write_text(index.read_text().replace('"b:1"', '"c:1"'))
    said = project.run("drift", exit_code=2)
    assert "b:1 is missing from the registry" in said.stdout
    assert "Environment is protected" in project.run("plan", exit_code=1).stderr


def test_drift_says_nothing_where_it_may_not_look(project: Project) -> None:
    project.apply(TWO)
    for word in ("none", "false"):
        told = project.run("drift", f"-refresh={word}", exit_code=1)
        assert "Error: Drift cannot be told without looking" in told.stderr
        assert not told.stdout


def test_markdown_tells_a_move_and_counts_imports(project: Project) -> None:
    project.apply('environment "old" {\n  name = "n"\n  image = BASE\n}\n')
    project.declare('environment "new" {\n  name = "n"\n  image = BASE\n}\n')
    page = project.run("plan", "-format=markdown").stdout
    assert "<code>environment&#46;old</code> has moved to <code>environment&#46;new</code></summary>" in page
    (project.folder / "state").rename(project.folder / "lost")
    project.declare(
        'environment "new" {\n  name = "n"\n  image = BASE\n}\nimport {\n  to = environment.new\n  id = "n"\n}\n'
    )
    page = project.run("plan", "-format=markdown").stdout
    assert page.startswith("## envform plan: 1 to import, 0 to add, 0 to change, 0 to destroy\n")


@pytest.mark.parametrize(
    ("flag", "meant"),
    [("-input=false", "never asks"), ("-lock=false", "nothing is locked"), ("-refresh-only", "drift")],
)
def test_what_scripts_give_to_terraform_is_told_with_what_to_do(project: Project, flag: str, meant: str) -> None:
    told = project.run("plan", flag, exit_code=1).stderr
    assert "Error: Unknown flag" in told
    assert meant in told.partition("hint:")[2]


def test_a_version_that_is_asked_for_with_a_known_definition_has_a_known_digest(project: Project) -> None:
    shutil.copytree(REPOSITORY / "golden" / "base-patched-under-packages" / "wheels", project.folder / "wheels")
    shutil.copytree(
        REPOSITORY / "golden" / "base-patched-under-packages" / "images", project.folder / "images", dirs_exist_ok=True
    )
    text = (
        'environment "one" {\n  image = "oci:./images:python"\n  version = "7"\n'
        '  pip = ["./wheels/alpha-1.0-py3-none-any.whl"]\n}\n'
    )
    project.apply(text)
    project.declare(text.replace('"7"', '"8"'))
    plan = project.run("plan").stdout
    assert "version 8 is asked for" in plan
    assert "(known after apply)" not in plan
    project.declare(text.replace("alpha", "beta"))
    assert "(different: files.wheels/alpha-1.0-py3-none-any.whl, files.wheels/beta" in " ".join(
        project.run("plan", exit_code=1).stderr.split()
    )


def test_a_version_that_stood_on_what_is_gone_is_published_again_as_the_newest_one_is_made(tmp_path: Path) -> None:
    project = Project.at(tmp_path)
    project.apply('environment "c" {\n  image = BASE\n}\nenvironment "d" {\n  image = environment.c.image\n}\n')
    shutil.rmtree(project.folder / "registry")
    project.apply('environment "d" {\n  image = BASE\n}\n')
    assert {"d:1", "d:2", "d:latest"} <= project.refs


def test_what_is_doubtful_about_a_definition_is_told_while_it_is_being_registered(project: Project) -> None:
    digest = LayoutRegistry(project.folder / "images").describe(Name("", "base"))
    declared = (
        f'environment "a" {{\n  image = "oci:./images:base@{digest.digest if digest else ""}"\n  base = "follow"\n}}\n'
    )
    project.declare(declared)
    assert project.run("plan").stderr.startswith("Warning: Argument without effect\n  on main.hcl line 6,")
    project.run("apply", "-auto-approve")
    assert "Argument without effect" not in project.run("plan").stderr
    assert "Argument without effect" in project.run("validate").stderr


def test_a_build_argument_for_nothing_is_told_by_the_plan(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")  # nobody answers there, and nothing is built
    (project.folder / "ctx").mkdir()
    (project.folder / "ctx/Dockerfile").write_text("FROM scratch\nARG VERSION\nCOPY Dockerfile /\n")
    project.declare('environment "a" {\n  build {\n    path = "ctx"\n    args = { VERSON = "1" }\n  }\n}\n')
    told = " ".join(project.run("plan", exit_code=1).stderr.split())
    assert 'Argument without effect on main.hcl line 7, in environment "a"' in told
    assert "no `ARG VERSON`" in told
    assert "hint: did you mean `VERSION`?" in told
