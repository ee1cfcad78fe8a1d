"""Every function that Terraform has is called the same way here, or refused on purpose."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reconciler.language.functions.impure import impure_names
from reconciler.language.functions.lazy import LAZY
from reconciler.language.functions.signature import Parameter, Signature
from reconciler.language.functions.table import find, functions
from tests.language.evaluated import type_name

RECORDED: dict[str, Any] = json.loads((Path(__file__).parent / "signatures.json").read_text(encoding="utf-8"))


def described(signature: Signature) -> dict[str, Any]:
    found: dict[str, Any] = {
        "parameters": [parameter(one) for one in signature.parameters],
        "result": type_name(signature.result),
    }
    return {**found, "variadic": parameter(signature.variadic)} if signature.variadic else found


def parameter(one: Parameter) -> dict[str, Any]:
    found = {"name": one.name, "type": type_name(one.type)}
    return {**found, "nullable": True} if one.nullable else found


def test_all_118_functions_are_there_or_refused_and_there_are_no_others() -> None:
    assert len(RECORDED) == 118
    assert set(RECORDED) == set(functions()) | set(LAZY) | impure_names()
    assert not set(functions()) & impure_names()


def test_a_function_is_found_by_the_name_it_has() -> None:
    assert [name for name, signature in functions().items() if signature.name != name] == []
    assert find("nope") is None


@pytest.mark.parametrize("name", sorted(functions()))
def test_a_function_takes_and_gives_the_same_types(name: str) -> None:
    assert described(functions()[name]) == RECORDED[name]


def test_the_terraform_program_has_the_functions_that_are_written_down() -> None:
    if shutil.which("terraform") is None:
        pytest.skip("wants terraform: not installed")
    run = subprocess.run(["terraform", "metadata", "functions", "-json"], capture_output=True, text=True, check=True)
    names = json.loads(run.stdout)["function_signatures"]
    assert {name for name in names if "::" not in name} == set(RECORDED)
