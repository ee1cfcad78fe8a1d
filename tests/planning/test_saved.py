"""A plan survives its way through a file, and nothing else passes for one."""

from __future__ import annotations

import json

import pytest

from reconciler.model.diagnostic import EnvformError
from reconciler.model.plan import Plan
from reconciler.planning.saved import dump_plan, load_plan
from tests.planning.test_decide import BASE, PATCHED, TRAINING, decided, registered


def a_plan() -> Plan:
    changes = (decided(TRAINING, None), decided(TRAINING, registered(), base=PATCHED))
    return Plan(lineage="a-lineage", registry="oci:registry", workspace="default", changes=changes)


def test_a_saved_plan_is_the_plan() -> None:
    assert load_plan(dump_plan(a_plan(), "0.1.0"), "p") == a_plan()


def test_equal_plans_are_equal_bytes() -> None:
    assert dump_plan(a_plan(), "0.1.0") == dump_plan(a_plan(), "0.1.0")


def changed(**members: object) -> bytes:
    return json.dumps(json.loads(dump_plan(a_plan(), "0.1.0")) | members).encode()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "form of a plan"),
        (b'{"version": 4, "serial": 1}', "form of a plan"),
        (changed(format_version="2.0"), "reads 1.0"),
        (changed(checksum="sha256:" + BASE.hex), "checksum"),
        (dump_plan(a_plan(), "0.1.0").replace(b"oci:images:base", b"oci:images:evil"), "checksum"),
    ],
)
def test_what_is_no_plan_is_refused_with_the_reason(content: bytes, why: str) -> None:
    with pytest.raises(EnvformError) as raised:
        load_plan(content, "changes.plan")
    (problem,) = raised.value.diagnostics
    assert problem.summary == "Plan file cannot be used"
    assert why in problem.detail
    assert "envform plan -out=changes.plan" in problem.detail
