"""Plans in the conversation of a pull request: what users wrote there stays text."""

from __future__ import annotations

import re
from dataclasses import replace

from reconciler.model.diagnostic import Severity
from reconciler.model.plan import Action, ImageMissing, MetadataChanged, Orphan
from reconciler.rendering.markdown import LIMIT, code, drift_markdown, plan_markdown
from reconciler.rendering.plan import cautions
from tests.rendering.plans import BASE, DEFINITION, change, creation, desired, output, plan, record, unchanged

EVIL = "</code></details> @everyone #1 [x](http://evil.example) ![](x) **b** `a` ```\n# heading\n<script> | a |"


def test_a_change_is_folded_and_drawn_as_a_difference() -> None:
    assert (
        plan_markdown(plan(creation()))
        == f"""\
## envform plan: 1 to add, 0 to change, 0 to destroy

Plan: 1 to add, 0 to change, 0 to destroy.  
Images: 1 to build, 0 to rebase, 0 from cache, 0 unchanged.  

Workspace <code>default</code>, registry <code>oci&#58;registry</code>

<details><summary><code>+</code> <code>environment&#46;a</code> will be created</summary>

```diff
+   environment "a" {{
+       base_digest = "{BASE.short}"
+       digest      = (known after apply)
+       hash        = "{DEFINITION.hash[:12]}"
+       image       = "registry.example.com/base:1"
+       name        = "a"
+       pip         = [
+           "numpy==1.26",
+           "torch==2.1",
        ]
+       platform    = "linux/amd64"
+       version     = "1"
    }}
```

</details>
"""  # noqa: W291  (two blanks at the end of a line break it)
    )


def test_nothing_that_users_wrote_leaves_its_block_of_code() -> None:
    evil = replace(creation(), after=desired(description=EVIL, version=EVIL, tags={EVIL: EVIL}))
    text = plan_markdown(plan(replace(evil, action=Action.NEW_VERSION, before=record()), workspace=EVIL))
    outside = re.sub(r"^(`{3,})diff\n.*?\n\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert "evil" in outside
    for harm in ("@", "](", "http:", "**", "<script", "`", "\n# ", "|"):
        assert harm not in outside.replace("## envform", ""), harm
    assert outside.count("<details>") == outside.count("</details>") == 1
    fences = re.findall(r"^`+", text, re.MULTILINE)
    assert fences == ["````", "````"]


def test_a_page_that_would_be_too_long_is_cut_between_changes() -> None:
    changes = [creation(str(number)) for number in range(500)]
    text = plan_markdown(plan(*changes))
    assert LIMIT - 2000 < len(text) <= LIMIT
    shown = text.count("<details>")
    assert text.count("</details>") == shown
    assert text.endswith(
        f"**{500 - shown} more changes are left out**, for this page would be too long. See all: `envform plan`\n"
    )


def test_one_change_that_is_too_long_alone_is_only_named() -> None:
    long = replace(creation("long"), after=desired(description="x" * LIMIT))
    text = plan_markdown(plan(long, creation("short")))
    assert "lines, too many for this page." in text
    assert "left out" not in text
    assert '+       name        = "a-short"\n' in text


def test_outputs_orphans_and_limits_are_told() -> None:
    whole = plan(
        creation(),
        outputs=(output("o", "x", "`y`"),),
        orphans=(Orphan("envform", "0", BASE),),
        targets=("environment.*",),
    )
    text = plan_markdown(whole)
    assert '```diff\n!   o = "x" -> "`y`"\n```\n' in text
    assert "<summary>Images that no record owns: 1</summary>" in text
    assert "> **Warning:** the plan is limited to <code>environment&#46;&#42;</code>" in text
    assert [caution.severity for caution in cautions(whole)] == [Severity.WARNING]


def test_a_plan_that_does_nothing_says_so() -> None:
    assert plan_markdown(plan(unchanged())).startswith("## envform plan: no changes\n\n**Your environments match")


def test_a_plan_that_failed_says_so() -> None:
    text = plan_markdown(plan(creation(), errored=True))
    assert text.startswith("## envform plan: failed\n")
    assert "to add" not in text


def test_drift_is_a_page_of_its_own() -> None:
    missing = change(Action.REPAIR, ImageMissing("a:1"), before=record(), after=desired(image=BASE))
    assert (
        drift_markdown(plan(missing, unchanged("b")))
        == """\
## envform drift: 1

Drift: 1 environment differs from the record.

<details open><summary><code>environment&#46;a</code> has changed</summary>

```
a:1 is missing from the registry
```

</details>
"""
    )
    assert drift_markdown(plan(unchanged())).startswith("## envform drift: none\n")


def test_metadata_is_no_reason_beside_the_difference() -> None:
    changed = change(
        Action.UPDATE, MetadataChanged(("description",)), before=record(), after=desired(image=BASE, description="new")
    )
    assert '+       description = "new"\n' in plan_markdown(plan(changed))


def test_code_is_the_text_itself_to_whoever_reads_it() -> None:
    import html

    assert html.unescape(code("a_b.*[`<x>`]")) == "<code>a_b.*[`<x>`]</code>"
