"""Whole plans as people read them."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from reconciler.model.definition import Artefact, Lock
from reconciler.model.digest import Digest
from reconciler.model.plan import (
    Action,
    DestroyRequested,
    ImageOutcome,
    Imported,
    NotInConfiguration,
    Orphan,
    OutputChange,
    PackageMoved,
    PackagesUpgraded,
    PublishedElsewhere,
    ReplaceRequested,
)
from reconciler.model.state import RecordedOutput
from reconciler.rendering.outputs import outputs_text
from reconciler.rendering.plan import cautions, plan_text, summary_text
from reconciler.rendering.source_lines import columns
from reconciler.rendering.style import PLAIN
from tests.rendering.plans import BASE, DEFINITION, OTHER, change, creation, desired, output, plan, record, unchanged


def test_columns_of_a_table_hold_for_wide_characters() -> None:
    lines = summary_text(plan(creation("日本"), creation("jp")), PLAIN).splitlines()[1:3]
    places = [columns(line[: line.index("  1 ")]) for line in lines]
    assert places[0] == places[1]


def test_only_symbols_that_are_used_are_explained() -> None:
    gone = change(Action.DELETE, DestroyRequested(), image=ImageOutcome.NONE, before=record())
    assert (
        plan_text(plan(gone), PLAIN)
        == f"""\
envform compared the configuration with the recorded state and the registry.
Actions are indicated with the following symbols:
  x delete

envform will perform the following actions:

  # environment.a will be deleted
  # (because everything is to be destroyed)
  x environment "a" {{
      - base_digest = "{BASE.short}" -> null
      - digest      = "{BASE.short}" -> null
      - hash        = "{DEFINITION.hash[:12]}" -> null
      - image       = "registry.example.com/base:1" -> null
      - name        = "a" -> null
      - pip         = [
          - "numpy==1.26",
          - "torch==2.1",
        ] -> null
      - platform    = "linux/amd64" -> null
      - version     = "1" -> null
    }}

Plan: 0 to add, 0 to change, 1 to destroy.
Images: 0 to build, 0 to rebase, 0 from cache, 0 unchanged.
"""
    )


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        ("normal", "No changes. Your environments match the configuration.\n"),
        ("unlooked", "No changes. Your environments match the configuration.\n"),
        ("destroy", "No changes. No environments need to be destroyed.\n"),
    ],
)
def test_a_plan_that_does_nothing_says_so(mode: str, sentence: str) -> None:
    assert plan_text(plan(unchanged(), mode=mode), PLAIN).startswith(sentence)


def test_imports_and_what_is_forgotten_are_counted_in_the_summary() -> None:
    imported = change(Action.IMPORT, Imported("a:1"), key="b", image=ImageOutcome.NONE, after=desired(image=BASE))
    gone = NotInConfiguration()
    forgotten = change(Action.FORGET, gone, key="c", image=ImageOutcome.NONE, before=record())
    shown = plan_text(plan(creation(), imported, forgotten), PLAIN)
    assert "Plan: 1 to import, 1 to add, 0 to change, 0 to destroy, 1 to forget.\n" in shown
    assert (
        f"""\
  # environment.a["b"] will be imported
  # (imported from "a:1")
  & environment "a" {{
        base_digest = "{BASE.short}"
        digest      = "{BASE.short}"
"""
        in shown
    )
    assert '# environment.a["c"] will be removed from the envform state but will not be destroyed\n' in shown


def test_outputs_that_change_follow_the_summary() -> None:
    outputs = (
        output("count", 1, 2),
        output("gone", "x", None),
        OutputChange("later", None, RecordedOutput(), known=False),
        output("same", "x", "x"),
        OutputChange("secret", RecordedOutput("x"), RecordedOutput(sensitive=True)),
        output("what", ["a", "b"], ["a", "c"]),
    )
    shown = plan_text(plan(creation(), outputs=outputs), PLAIN)
    assert (
        shown.partition("unchanged.\n")[2]
        == """
Changes to Outputs:
  # Warning: secret will be marked as sensitive and will not
  # display in UI output after applying this change.
  ~ count  = 1 -> 2
  - gone   = "x" -> null
  + later  = (known after apply)
  ~ secret = (sensitive value)
  ~ what   = [
        "a",
      ~ "b" -> "c",
    ]
"""
    )


def test_a_plan_that_changes_outputs_alone_says_so() -> None:
    assert (
        plan_text(plan(unchanged(), outputs=(output("a", None, "x"),)), PLAIN)
        == """\
Changes to Outputs:
  + a = "x"

You can apply this plan to save these new output values to the envform state,
without changing any real environments.
"""
    )


def test_recorded_outputs_are_written_as_hcl() -> None:
    outputs = {
        "text": RecordedOutput("two\n::error::lines"),
        "secret": RecordedOutput(sensitive=True),
        "list": RecordedOutput(["a", {"b": True}]),
    }
    assert (
        outputs_text(outputs, PLAIN)
        == """\
Outputs:

list = [
  "a",
  {
    "b" = true
  },
]
secret = <sensitive>
text = <<EOT
two
\\u003a:error::lines
EOT
"""
    )


def test_a_plan_that_failed_shows_how_far_it_came() -> None:
    shown = plan_text(plan(creation(), errored=True), PLAIN)
    assert "envform planned the following actions, but then encountered a problem:\n" in shown
    assert shown.endswith("\nPlanning failed. envform encountered an error while generating this plan.\n")
    assert "to add" not in shown


def test_orphans_are_listed() -> None:
    orphans = (Orphan("envform", "0" * 32, BASE), Orphan("training", "7", None))
    assert plan_text(plan(orphans=orphans), PLAIN).endswith(
        f"""
Orphans: 2 images in the registry belong to no record:

  repository    tag                               digest
  envform       00000000000000000000000000000000  {BASE.short}
  training      7                                 unknown
"""
    )


def test_a_limited_plan_is_called_incomplete() -> None:
    assert cautions(plan(creation())) == ()
    (caution,) = cautions(plan(creation(), targets=("environment.a",)))
    assert caution.summary == "Targeting is in effect"
    assert "`environment.a`" in caution.detail


def test_packages_that_are_upgraded_are_shown_where_only_the_reason_tells_them() -> None:
    moved = (PackageMoved("numpy", "1.26", "2.0"), PackageMoved("new", "", "1"), PackageMoved("old", "1", ""))
    upgraded = change(
        Action.NEW_VERSION, PackagesUpgraded(moved), before=record(), after=desired(image=OTHER, version="2")
    )
    shown = plan_text(plan(upgraded), PLAIN)
    assert "  # (packages upgraded: numpy, new, old)\n" in shown
    assert (
        """\
      ~ packages    = {
          + "new"   = "1"
          ~ "numpy" = "1.26" -> "2.0"
          - "old"   = "1" -> null
        }
"""
        in shown
    )


def test_what_is_fetched_for_several_images_is_counted_once() -> None:
    wheel = Artefact("torch", "2.1", "https://example.org/torch.whl", Digest.of(b"torch"), 3 << 29)
    lock = Lock(BASE, "linux/amd64", (wheel,))
    changes = [change(key=key, after=desired(lock=lock)) for key in ("a", "b")]
    assert plan_text(plan(*changes), PLAIN).endswith("Download: at most 1.5 GiB in 1 package.\n")
    unknown = [change(after=desired(lock=Lock(BASE, "linux/amd64", (replace(wheel, size=0),))))]
    assert plan_text(plan(*unknown), PLAIN).endswith("Download: an unknown amount in 1 package.\n")


def test_the_summary_has_a_line_for_each_change() -> None:
    asked = change(Action.NEW_VERSION, ReplaceRequested(), before=record(), after=desired(version="2"))
    digits = DEFINITION.hash[:12]
    assert (
        summary_text(plan(asked, unchanged("b"), creation("c")), PLAIN)
        == f"""\
    environment         version    hash          image
±   environment.a       1 -> 2     {digits}  build
+   environment.a["c"]  1          {digits}  build

Plan: 1 to add, 1 to change, 0 to destroy.
Images: 2 to build, 0 to rebase, 0 from cache, 1 unchanged.
"""
    )


def test_what_stays_costs_nothing_and_what_changes_little() -> None:
    idle, busy = (plan(*(kind(str(number)) for number in range(1000))) for kind in (unchanged, creation))
    start = time.process_time()
    plan_text(idle, PLAIN)
    after_idle = time.process_time()
    plan_text(busy, PLAIN)
    assert after_idle - start < 0.05
    assert time.process_time() - after_idle < 0.6


def test_a_lost_state_is_thought_of_where_nothing_is_recorded_and_names_are_taken() -> None:
    taken = [change(Action.CREATE, PublishedElsewhere(("1",)), key=key, after=desired()) for key in "bcdef"]
    text = " ".join(plan_text(plan(*taken), PLAIN).split())
    assert "hint: nothing is recorded here, and the registry has versions of `a-b`, `a-c`, `a-d` and 2 more;" in text
    assert "`envform import -all`" in text
    assert "import -all" not in plan_text(plan(*taken, unchanged("g")), PLAIN)
    assert "import -all" not in plan_text(plan(creation("a")), PLAIN)
