"""The hashes of definitions are a promise: golden/hashes/README.md says how it is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reconciler.language.configuration import configure
from reconciler.language.evaluation import evaluate
from reconciler.language.hcl import parse
from reconciler.model.digest import Digest
from tests.language.definition.texts import Texts
from tests.language.projects import ENVFORM

VECTORS = Path(__file__).parents[2] / "golden" / "hashes" / "vectors.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text())
BY_NAME = {case["case"]: case for case in CASES}


def hash_of(case: dict[str, Any]) -> str:
    """The hash of the one environment that a case declares."""
    block = f'environment "a" {{\n{case["block"]}}}\n'
    configuration = configure({"envform.hcl": ENVFORM, "main.hcl": block}, parse, Texts(case.get("files", {})))
    (address,) = configuration.addresses
    environment = evaluate(configuration, address, {})
    return environment.definition(environment.image, Digest.of(b"base") if environment.image else None).hash


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_a_hash_is_what_it_always_was(case: dict[str, Any], request: pytest.FixtureRequest) -> None:
    found = hash_of(case)
    if request.config.getoption("--rewrite-golden"):
        case["hash"] = found
        VECTORS.write_text(json.dumps(CASES, indent=2, ensure_ascii=False) + "\n")
    assert found == case["hash"]


@pytest.mark.parametrize("case", [case for case in CASES if "same_as" in case], ids=lambda case: str(case["case"]))
def test_what_means_the_same_has_the_same_hash(case: dict[str, Any]) -> None:
    assert hash_of(case) == hash_of(BY_NAME[case["same_as"]])


def test_all_others_differ() -> None:
    hashes = {case["case"]: hash_of(case) for case in CASES if "same_as" not in case}
    assert len(set(hashes.values())) == len(hashes)
