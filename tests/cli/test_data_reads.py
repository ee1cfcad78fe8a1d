"""Data that a plan cannot look up: because the plan itself registers it, or because only building tells which it is."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.cli.project import Project
from tests.cli.terminal import REPOSITORY, Envform

CASE = REPOSITORY / "golden" / "base-patched-under-packages"
BUILT = 'environment "a" {\n  image = "oci:./images:python"\n  pip = ["./wheels/alpha-1.0-py3-none-any.whl"]\n}\n'
READ = 'data "environment" "x" {\n  name = environment.a.name\n}\n'
ON_DATA = 'environment "top" {\n  image = data.environment.x.image\n}\n'
OUTPUT = 'output "o" {\n  value = data.environment.x.digest\n}\n'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for name in ("images", "wheels"):
        shutil.copytree(CASE / name, tmp_path / name)
    return Project(Envform(tmp_path))


def test_what_the_plan_registers_is_known_to_what_looks_it_up(project: Project) -> None:
    project.declare(BUILT + READ + ON_DATA + OUTPUT)
    plan = project.run("plan").stdout
    assert "\n <= read (data)\n" in plan
    assert "  # data.environment.x will be read during apply\n  # (depends on an environment with changes" in plan
    assert '\n <= data "environment" "x" {\n      + digest   = (known after apply)\n' in plan
    assert "Plan: 2 to add, 0 to change, 0 to destroy." in plan
    assert "  + o = (known after apply)\n" in plan
    applied = project.run("apply", "-auto-approve")
    digest = project.state["environments"]["a"]["versions"][0]["image"]
    assert f'o = "{digest}"' in applied.stdout
    lines = applied.stderr.splitlines()
    created = next(place for place, line in enumerate(lines) if line.startswith("environment.a: Creation complete"))
    assert lines.index("environment.top: Creating...") > created
    assert lines[-2] == "data.environment.x: Reading..."
    assert lines[-1].startswith("data.environment.x: Read complete after 0s [version=1 digest=")
    assert project.summary().startswith("No changes.")


def test_a_saved_plan_and_its_json_tell_what_is_read(project: Project) -> None:
    project.declare(BUILT + READ + OUTPUT)
    project.run("plan", "-out=saved.plan")
    shown = json.loads(project.run("show", "-json", "saved.plan").stdout)
    read = shown["resource_changes"][0]
    assert (read["address"], read["mode"], read["action_reason"]) == (
        "data.environment.x",
        "data",
        "read_because_dependency_pending",
    )
    assert read["change"]["actions"] == ["read"]
    assert read["change"]["after_unknown"] == {"digest": True}
    assert read["change"]["after"]["version"] == "1"
    assert "Reading..." in project.run("apply", "saved.plan").stderr


def test_which_data_is_meant_may_be_known_after_building_only(project: Project) -> None:
    project.declare(BUILT + 'data "environment" "x" {\n  name = split(":", environment.a.digest)[0]\n}\n' + OUTPUT)
    plan = project.run("plan").stdout
    assert "(config refers to values not yet known)" in plan
    told = project.run("apply", "-auto-approve", exit_code=1)
    assert "`data.environment.x` looks for an environment `sha256`" in " ".join(told.stderr.split())
    assert "on main.hcl line 8" in told.stderr
    assert "Apply failed. Finished before that: 1 added" in told.stdout
    assert project.state["serial"] == 2
    assert project.state["environments"].keys() == {"a"}


def test_an_output_known_after_apply_may_stand_beside_data_that_was_looked_up(project: Project) -> None:
    old = 'environment "old" {\n  image = "oci:./images:python"\n}\n'
    project.apply(old)
    data = 'data "environment" "x" {\n  name = "old"\n}\n'
    both = 'output "both" {\n  value = "${data.environment.x.version} ${environment.a.digest}"\n}\n'
    whole = 'output "whole" {\n  value = environment.a\n}\n'
    assert 'both = "1 sha256:' in project.apply(old + BUILT + data + both + whole)
    assert project.summary().startswith("No changes.")


def test_data_that_names_what_is_declared_is_told_how_to_come_after_it(project: Project) -> None:
    project.declare(BUILT + 'data "environment" "x" {\n  name = "a"\n}\n')
    told = " ".join(project.run("plan", exit_code=1).stderr.split())
    assert "hint: refer to `environment.a` itself, or write `depends_on = [environment.a]`" in told


def test_a_version_that_stays_is_looked_up_at_once(project: Project) -> None:
    project.apply(BUILT)
    version = 'data "environment" "x" {\n  name = environment.a.name\n  version = "1"\n}\n'
    changed = BUILT.replace('whl"]', 'whl", "./wheels/beta-1.0-py3-none-any.whl"]')
    project.declare(changed + version + OUTPUT)
    plan = project.run("plan").stdout
    assert "<=" not in plan
    assert '+ o = "sha256:' in plan


def test_a_label_leads_where_it_will_lead(project: Project) -> None:
    looked_up = READ.replace("}", '  label = "stable"\n}') + ON_DATA
    nowhere = "looks for the label `stable` of `a`"
    project.declare(BUILT + looked_up)
    assert nowhere in project.run("plan", exit_code=1).stderr
    project.apply(BUILT.replace("]\n", ']\n  labels = ["stable"]\n') + looked_up)
    project.declare(BUILT + looked_up)
    told = project.run("plan", exit_code=1).stderr
    assert nowhere in told
    assert "There it has: 1, latest." in " ".join(told.split())
    newer = BUILT.replace("]\n", ']\n  python_version = "3.11"\n')
    project.declare(newer + looked_up)
    assert "environment.top" not in project.run("plan").stdout
    project.run("apply", "-auto-approve")
    assert project.summary().startswith("No changes.")


def test_a_saved_plan_brings_its_variables_along(project: Project) -> None:
    declared = 'variable "word" {\n  type = string\n}\nvariable "many" {\n  type = map(list(number))\n}\n'
    output = 'output "o" {\n  value = "${var.word} ${sum(var.many["a"])} ${environment.a.digest}"\n}\n'
    project.declare(declared + BUILT + output)
    project.run("plan", "-var=word=${x} é", "-var=many={a=[1, 2]}", "-out=saved.plan")
    assert 'o = "$${x} é 3 sha256:' in project.run("apply", "saved.plan").stdout


def test_only_a_sensitive_variable_is_given_again_beside_a_saved_plan(project: Project) -> None:
    declared = 'variable "word" {\n  type = string\n  sensitive = true\n}\n'
    project.declare(declared + BUILT + 'output "o" {\n  value = var.word\n  sensitive = true\n}\n')
    project.run("plan", "-var=word=secret", "-out=saved.plan")
    assert "secret" not in (project.folder / "saved.plan").read_text()
    assert "Error: No value for required variable" in project.run("apply", "saved.plan", exit_code=1).stderr
    project.run("apply", "-var=word=secret", "saved.plan")


def test_a_saved_plan_is_not_finished_with_another_configuration(project: Project) -> None:
    output = 'output "o" {\n  value = environment.a.digest\n}\n'
    project.declare(BUILT + output)
    project.run("plan", "-out=saved.plan")
    project.declare(BUILT)
    told = " ".join(project.run("apply", "saved.plan", exit_code=1).stderr.split())
    assert "Error: Configuration has changed since the plan" in told
    assert "leaves `output.o` to be worked out from the configuration during apply, and `main.hcl` changed" in told
    assert not project.folder.joinpath("state", "default.json").exists()


LATE = BUILT + READ + (
    'environment "b" {\n  image = "oci:./images:python"\n  description = "on ${data.environment.x.digest}"\n'
    '  tags = { base = environment.a.digest, by = "hand" }\n  environment_variables = { ROOT = environment.a.digest }\n'
    '  lifecycle {\n    ignore_changes = [tags["by"]]\n    postcondition {\n'
    '      condition = startswith(self.tags.base, "sha256:")\n      error_message = "What is it?"\n    }\n  }\n}\n'
    'environment "c" {\n  image = "oci:./images:python"\n  properties = { on = environment.b.tags.base }\n}\n'
)  # fmt: skip


def test_what_changes_no_image_is_worked_out_in_the_midst_of_apply(project: Project) -> None:
    project.declare(LATE)
    plan = project.run("plan", "-out=saved.plan").stdout
    for name in ("description", "environment_variables", "tags", "properties"):
        assert re.search(rf"\+ {name} += \(known after apply\)\n", plan)
    applied = project.run("apply", "saved.plan").stderr.splitlines()
    read = next(place for place, line in enumerate(applied) if line.startswith("data.environment.x: Read complete"))
    assert read < applied.index("environment.c: Creating...")
    digest = project.state["environments"]["a"]["versions"][0]["image"]
    b, c = (project.state["environments"][name]["versions"][0] for name in "bc")
    assert (b["description"], b["tags"]) == (f"on {digest}", {"base": digest, "by": "hand"})
    assert b["details"]["environment_variables"] == {"ROOT": digest}
    assert c["details"]["properties"] == {"on": digest}
    assert project.summary().startswith("No changes.")


def test_what_is_worked_out_late_is_held_to_its_conditions_and_leaves_alone_what_is_ignored(project: Project) -> None:
    project.apply(LATE)
    changed = LATE.replace('whl"]', 'whl", "./wheels/beta-1.0-py3-none-any.whl"]').replace("hand", "foot")
    project.declare(changed.replace('"sha256:")', '"md5:")'))
    assert "~ tags                  = {" in project.run("plan").stdout
    told = project.run("apply", "-auto-approve", exit_code=1)
    assert "Error: Resource postcondition failed" in told.stderr
    assert "environment.c: Skipped (environment.b failed)" in told.stderr
    project.apply(changed)
    digest = project.state["environments"]["a"]["versions"][1]["image"]
    (b,) = project.state["environments"]["b"]["versions"]
    assert b["tags"] == {"base": digest, "by": "hand"}
    assert project.summary().startswith("No changes.")


def test_what_is_worked_out_late_needs_the_configuration_of_the_plan(project: Project) -> None:
    project.declare(LATE)
    project.run("plan", "-out=saved.plan")
    project.declare(LATE + "\n")
    told = " ".join(project.run("apply", "saved.plan", exit_code=1).stderr.split())
    assert "leaves `data.environment.x`, `environment.b`, `environment.c` to be worked out" in told


def test_what_makes_an_image_cannot_be_worked_out_late(project: Project) -> None:
    project.declare(BUILT + 'environment "b" {\n  image = "x@${environment.a.digest}"\n}\n')
    assert "Error: Value not known yet" in project.run("plan", exit_code=1).stderr


def test_another_value_for_a_variable_is_refused_beside_a_saved_plan(project: Project) -> None:
    project.declare('variable "word" {}\nvariable "other" {}\n' + BUILT + 'output "o" {\n  value = var.word\n}\n')
    project.run("plan", "-var=word=a", "-var=other=b", "-out=saved.plan")
    told = project.run("apply", "-var=word=c", "saved.plan", exit_code=1).stderr
    assert "Error: Variable differs from the saved plan" in told
    assert "another value is given for `word`." in " ".join(told.split())
    assert 'o = "a"' in project.run("apply", "-var=word=a", "saved.plan").stdout


def test_targets_read_what_they_are_worked_out_from_and_nothing_else(project: Project) -> None:
    project.declare(LATE + 'data "environment" "y" {\n  name = environment.a.name\n}\n')
    targeted = project.run("plan", "-target=environment.b").stdout
    assert "data.environment.x will be read during apply" in targeted
    assert "data.environment.y" not in targeted
    assert "will be read" not in project.run("plan", "-target=environment.a").stdout
    assert "data.environment.x: Reading..." in project.run("apply", "-auto-approve", "-target=environment.b").stderr
    assert project.state["environments"].keys() == {"a", "b"}
