"""Plans as JSON for programs that know Terraform's form."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from reconciler.model.address import Address
from reconciler.model.beside import Checked, Read
from reconciler.model.definition import Artefact, Lock
from reconciler.model.digest import Digest
from reconciler.model.event import ApplyFinished, PlanFinished, Planned
from reconciler.model.plan import (
    Action,
    BasePatched,
    Change,
    DefinitionChanged,
    DependencyChanged,
    ImageMissing,
    ImageOutcome,
    Imported,
    Moved,
    NotInConfiguration,
    Orphan,
    OutputChange,
    Plan,
    ReplaceRequested,
    TagMoved,
)
from reconciler.model.state import RecordedOutput, Registered, State
from reconciler.rendering.documents import plan_document, state_document
from reconciler.rendering.json_lines import json_lines
from tests.rendering.plan_form import Changed, Document
from tests.rendering.plans import BASE, DEFINITION, OTHER, change, creation, desired, output, plan, record, unchanged


def document(shown: Plan) -> Document:
    """Read back; anything that does not have the form raises."""
    text = plan_document(shown, "0.1.0")
    assert text.endswith("}\n")
    return Document.model_validate_json(text)


def drawn(one: Change) -> Changed:
    """One change of a plan, read back."""
    (found,) = document(plan(one)).resource_changes
    assert isinstance(found, Changed)
    return found


def test_what_is_not_known_is_left_out_and_marked() -> None:
    found = drawn(creation("x"))
    assert (found.address, found.name, found.index) == ('environment.a["x"]', "a", "x")
    assert found.change.actions == ["create"]
    assert found.change.before is None
    assert found.change.after is not None
    assert "digest" not in found.change.after
    assert found.change.after_unknown == {"digest": True}
    assert found.change.after["pip"] == ["numpy==1.26", "torch==2.1"]
    assert found.change.after["hash"] == DEFINITION.hash


def test_what_stays_is_listed_too() -> None:
    found = drawn(unchanged())
    assert found.change.actions == ["no-op"]
    assert found.change.before == found.change.after


def test_a_new_version_is_an_update_for_older_ones_stay() -> None:
    reasons = (
        BasePatched("x", BASE, OTHER),
        DefinitionChanged(("packages[0]", "context.arguments.A")),
        ReplaceRequested(),
    )
    found = drawn(change(Action.NEW_VERSION, *reasons, before=record(), after=desired(version="2")))
    assert found.change.actions == ["update"]
    assert found.action == "new-version"
    assert found.change.replace_paths == [["base_digest"], ["pip", 0], ["build", "args", "A"]]
    assert found.action_reason == "replace_by_request"
    assert found.version.model_dump() == {"before": "1", "after": "2"}
    assert [reason["kind"] for reason in found.reasons] == ["base_patched", "definition_changed", "replace_requested"]
    assert found.reasons[1]["paths"] == ["pip[0]", "build.args.A"]


def test_what_goes_says_why_in_the_words_of_terraform() -> None:
    because = {
        "block": "delete_because_no_resource_config",
        "each_key": "delete_because_each_key",
        "count_index": "delete_because_count_index",
        "repetition": "delete_because_wrong_repetition",
    }
    for reason, word in because.items():
        gone = change(Action.ARCHIVE, NotInConfiguration(reason), image=ImageOutcome.NONE, before=record())  # type: ignore[arg-type]
        found = drawn(gone)
        assert (found.change.actions, found.change.after, found.action_reason) == (["delete"], None, word)
    forgotten = drawn(change(Action.FORGET, image=ImageOutcome.NONE, before=record()))
    assert forgotten.change.actions == ["forget"]
    triggered = drawn(
        change(Action.NEW_VERSION, DependencyChanged(("environment.b",)), before=record(), after=desired())
    )
    assert triggered.action_reason == "replace_by_triggers"


def test_moves_and_imports_have_terraform_s_places() -> None:
    moved = drawn(change(Action.UPDATE, Moved(Address.of("old")), before=record(), after=desired(image=BASE)))
    assert moved.previous_address == "environment.old"
    imported = drawn(change(Action.IMPORT, Imported("a:1"), image=ImageOutcome.NONE, after=desired(image=BASE)))
    assert imported.change.importing is not None
    assert imported.change.importing.id == "a:1"
    assert imported.change.actions == ["no-op"]


def test_drift_goes_from_what_was_recorded_to_what_is_there() -> None:
    moved = change(Action.REPAIR, TagMoved("a:1", BASE, OTHER), before=record(), after=desired(image=BASE))
    missing = change(Action.REPAIR, ImageMissing("a:1"), key="b", before=record(), after=desired(image=BASE))
    found = document(plan(moved, missing)).resource_drift
    assert [one.change.before and one.change.before["digest"] for one in found] == [BASE, BASE]
    assert [one.change.after and one.change.after["digest"] for one in found] == [OTHER, None]


def test_packages_are_told_before_and_after() -> None:
    def lock(version: str) -> Lock:
        wheel = Artefact("numpy", version, "numpy.whl", Digest.of(version.encode()), 7)
        return Lock(BASE, "linux/amd64", (wheel,))

    one = change(Action.NEW_VERSION, before=record(), after=desired(lock=lock("2")))
    found = drawn(replace(one, lock_before=lock("1"))).change
    assert found.before is not None
    assert found.after is not None
    assert (found.before["packages"], found.after["packages"]) == ({"numpy": "1"}, {"numpy": "2"})


def test_outputs_have_values_and_types_where_they_may_be_seen() -> None:
    outputs = (
        output("list", None, ["a", 1, {"b": None}]),
        OutputChange("later", None, RecordedOutput(), known=False),
        OutputChange("secret", None, RecordedOutput(sensitive=True)),
        output("gone", True, None),
        output("same", 1.5, 1.5),
    )
    found = document(plan(outputs=outputs))
    assert {name: one.actions for name, one in found.output_changes.items()} == {
        "list": ["create"],
        "later": ["create"],
        "secret": ["create"],
        "gone": ["delete"],
        "same": ["no-op"],
    }
    planned = found.planned_values.outputs
    assert planned["list"].type == ["tuple", ["string", "number", ["object", {"b": "dynamic"}]]]
    assert planned["later"].model_dump(exclude_unset=True) == {"sensitive": False}
    assert planned["secret"].model_dump(exclude_unset=True) == {"sensitive": True}
    assert "gone" not in planned
    assert found.prior_state.values.outputs["gone"].value is True
    assert found.output_changes["later"].after_unknown


def test_whether_it_can_be_applied_is_told() -> None:
    assert document(plan(unchanged())).applyable is False
    whole = document(plan(creation(), orphans=(Orphan("envform", "0", None),)))
    assert (whole.applyable, whole.complete, whole.errored) == (True, True, False)
    limited = document(plan(creation(), targets=("environment.a",)))
    assert (limited.applyable, limited.complete) == (True, False)
    failed = document(plan(creation(), errored=True))
    assert (failed.applyable, failed.complete, failed.errored) == (False, False, True)


def test_a_state_has_the_same_form_as_the_values_of_a_plan() -> None:
    names = {"b": Address.of("b", "y"), "a": Address.of("a")}
    kept = {name: Registered(name, address, (record(), record(version="2"))) for name, address in names.items()}
    found = json.loads(state_document(State("lineage", environments=kept, outputs={"o": RecordedOutput(1)}), "0.1.0"))
    resources = found["values"]["root_module"]["resources"]
    assert [one["address"] for one in resources] == ["environment.a", 'environment.b["y"]']
    assert resources[0]["values"]["versions"] == ["1", "2"]
    assert found["values"]["outputs"] == {"o": {"sensitive": False, "type": "number", "value": 1}}
    assert json.loads(state_document(State(""), "0.1.0")) == {"format_version": "1.0"}


def events(event: Any) -> list[dict[str, Any]]:
    """The lines of one event, read back."""
    return [json.loads(line) for line in json_lines(event, "now")]


def test_the_stream_says_what_changes_and_not_only_that_something_does() -> None:
    (line,) = events(Planned(change(Action.UPDATE, before=record(), after=desired(image=BASE, description="new"))))
    assert (line["type"], line["change"]["action"], line["change"]["actions"]) == (
        "planned_change",
        "update",
        ["update"],
    )
    assert "description" not in line["change"]["before"]
    assert line["change"]["after"]["description"] == "new"


def test_the_end_of_a_plan_tells_outputs_in_a_line_of_their_own() -> None:
    outputs = (output("new", None, 1), output("same", 1, 1), OutputChange("s", None, RecordedOutput(sensitive=True)))
    summary, told = events(PlanFinished(plan(creation(), outputs=outputs)))
    assert summary["changes"]["add"] == 1
    assert (told["type"], told["@message"]) == ("outputs", "Outputs: 2")
    assert told["outputs"] == {
        "new": {"sensitive": False, "action": "create"},
        "s": {"sensitive": True, "action": "create"},
    }
    assert len(events(PlanFinished(plan(creation())))) == 1


def test_the_end_of_an_apply_tells_the_values_of_outputs() -> None:
    kept = {"n": RecordedOutput([1]), "s": RecordedOutput(sensitive=True)}
    _, told = events(ApplyFinished(added=1, changed=0, destroyed=0, outputs=kept))
    assert told["outputs"] == {
        "n": {"sensitive": False, "type": ["tuple", ["number"]], "value": [1]},
        "s": {"sensitive": True},
    }


def test_data_that_apply_looks_up_stands_before_the_changes() -> None:
    read = Read("data.environment.x", "config_unknown", {"name": "x", "tags": {"a": "1"}}, ("digest", "version"))
    shown = document(plan(creation(), reads=(read,)))
    found = shown.resource_changes[0]
    assert (found.address, found.mode, found.name) == ("data.environment.x", "data", "x")
    assert found.action_reason == "read_because_config_unknown"
    assert found.change.after == {"name": "x", "tags": {"a": "1"}}
    assert found.change.after_unknown == {"digest": True, "version": True}
    assert shown.planned_values.root_module.resources[0].address == "data.environment.x"


def test_variables_are_told_and_sensitive_ones_only_named() -> None:
    given = {"n": RecordedOutput([1, 2]), "s": RecordedOutput(sensitive=True)}
    found = document(plan(variables=given)).variables
    assert found["n"].value == [1, 2]
    assert (found["s"].value, found["s"].sensitive) == (None, True)


def test_checks_have_terraforms_form() -> None:
    checks = (Checked("bad", "fail", ("No.",)), Checked("good", "pass"))
    bad, good = document(plan(checks=checks)).checks
    assert (bad.address.kind, bad.address.name, bad.address.to_display) == ("check", "bad", "check.bad")
    assert [problem.message for problem in bad.instances[0].problems] == ["No."]
    assert (bad.status, good.status) == ("fail", "pass")
