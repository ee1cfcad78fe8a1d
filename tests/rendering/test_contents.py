"""What a plan shows of packages, contexts and details."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model.address import Address
from reconciler.model.definition import Conda, Context, Definition
from reconciler.model.details import Details
from reconciler.model.digest import Digest
from reconciler.model.plan import Action, Change, DefinitionChanged, Desired, ImageOutcome
from reconciler.model.state import Record
from reconciler.rendering.changes import change_lines
from reconciler.rendering.style import Style

BASE = Digest.of(b"base")
BEFORE = Definition("x:1", BASE, "linux/amd64", ("numpy==1", "pandas"), conda=Conda(("main",), ("python=3.11",)))


def lines(after: Definition, details: Details | None = None) -> list[str]:
    """The change from one definition to the other, as lines without the spaces around them."""
    record = Record("1", BEFORE.hash, BEFORE, BASE, BASE, "2026-01-01T00:00:00Z")
    desired = Desired("2", after.hash, after, None, "", {}, None, details or Details())
    reasons = (DefinitionChanged(("packages[0]",)),)
    change = Change(Address.of("a"), "a", Action.NEW_VERSION, ImageOutcome.BUILD, reasons, record, desired)
    return [line.strip() for line in change_lines(change, Style.plain())]


def test_packages_are_shown_line_by_line() -> None:
    shown = lines(replace(BEFORE, packages=("numpy==2", "pandas")))
    start = next(number for number, line in enumerate(shown) if line.startswith("~ pip "))
    assert shown[start].endswith("= <<-EOT # forces rebuild")
    assert shown[start + 1 : start + 5] == ["- numpy==1", "+ numpy==2", "pandas", "EOT"]


def test_a_context_is_shown_by_what_it_hashes_to() -> None:
    context = Context(Digest.of(b"tree"), "Dockerfile", "ctx", {"A": "b"}, "last")
    shown = "\n".join(lines(Definition("", None, "linux/amd64", context=context)))
    assert f'"context"         = "{context.tree.short}"' in shown
    assert '"args.A"' in shown
    assert "- base" in shown


def test_what_stands_beside_is_shown_too() -> None:
    shown = "\n".join(lines(BEFORE, Details(environment_variables={"A": "b"}, on_destroy="delete")))
    assert '+ "A" = "b"' in shown
    assert "+ on_destroy" in shown
