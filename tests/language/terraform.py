"""Asks the terraform program what expressions are worth. Run as a module to write the recorded answers again.

Each expression is an output, and the input of a resource, in a file of its own, so that the ones with mistakes are
told apart and set aside. The output gives value and type, the resource what is unknown and what is sensitive in it.
A case with a type is handed to a module whose variable has that type, and comes back from there.
Words after the command are the names of recordings; none means all of them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FOLDER = Path(__file__).parent
RECORDINGS = ("expressions", "typed_expressions", "conversions")

# What expressions may refer to. Resources that do not exist yet give unknown values of the type of their input.
_LATER = {
    "text": '"a"',
    "number": "1",
    "bool": "true",
    "list": 'tolist(["a"])',
    "numbers": "tolist([1])",
    "set": 'toset(["a"])',
    "map": 'tomap({a = "a"})',
    "tuple": '["a", 1]',
    "object": '{a = "a", b = 1}',
}
SURROUNDINGS = """
resource "terraform_data" "id" {}

locals {
  secret  = sensitive("x")
  secrets = sensitive(["x", "y"])
  hidden  = { key = sensitive("x"), open = 1 }
  number  = sensitive(3)
  truth   = sensitive(true)
  later   = jsondecode(terraform_data.id.id)
  later_secret = sensitive(terraform_data.id.id)
""" + "".join(f"  later_{name} = terraform_data.later_{name}.output\n" for name in _LATER)
SURROUNDINGS += "}\n" + "".join(
    f'resource "terraform_data" "later_{name}" {{\n  input = {value}\n}}\n' for name, value in _LATER.items()
)


def recorded(name: str = "expressions") -> list[dict[str, Any]]:
    """Terraform's answers as they were written down; `ours` and `why` where envform means to differ."""
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def ask(cases: Sequence[Mapping[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """For each case its value, type, unknown and sensitive parts, or the summary of its error."""
    (folder / "surroundings.tf").write_text(SURROUNDINGS, encoding="utf-8")
    for number, case in enumerate(cases):
        (folder / f"t{number}.tf").write_text(_text(number, case, folder), encoding="utf-8")
    answers: dict[int, dict[str, Any]] = {}
    for step in (["init"], ["plan", "-input=false", "-out=plan"]):
        while failed := list(_failed(_terraform(folder, *step, "-json"))):
            for number, answer in failed:
                answers.setdefault(number, answer)
                (folder / f"t{number}.tf").unlink(missing_ok=True)
    shown = json.loads("".join(_terraform(folder, "show", "-json", "plan")))
    outputs = shown["planned_values"].get("outputs", {})
    changes = {change["name"]: change["change"] for change in shown["resource_changes"]}
    return [answers.get(n) or _answer(outputs.get(f"t{n}", {}), changes[f"t{n}"]) for n in range(len(cases))]


def _text(number: int, case: Mapping[str, Any], folder: Path) -> str:
    value, module = case["expression"], ""
    if "as" in case:
        (folder / f"m{number}").mkdir()
        body = f'variable "x" {{\n  type = {case["as"]}\n}}\noutput "y" {{\n  sensitive = true\n  value = var.x\n}}\n'
        (folder / f"m{number}" / f"t{number}.tf").write_text(body, encoding="utf-8")
        module = f'module "m{number}" {{\n  source = "./m{number}"\n  x = {value}\n}}\n'
        value = f"module.m{number}.y"
    text = f'output "t{number}" {{\n  sensitive = true\n  value = {value}\n}}\n'
    return module + text + f'resource "terraform_data" "t{number}" {{\n  input = {value}\n}}\n'


def _answer(output: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    unknown = list(places(change["after_unknown"].get("input", False)))
    answer = {"value": change["after"].get("input") if unknown else output.get("value")}
    if not unknown:
        answer["type"] = output.get("type", "dynamic")
    marks = {"unknown": unknown, "sensitive": list(places(change["after_sensitive"].get("input", False)))}
    return {**answer, **{name: found for name, found in marks.items() if found}}


def places(tree: object, path: str = "") -> Iterator[str]:
    """Where in a tree of lists and mappings there is a True; the empty text is the tree itself."""
    if tree is True:
        yield path
    elif isinstance(tree, list):
        for number, part in enumerate(tree):
            yield from places(part, f"{path}/{number}")
    elif isinstance(tree, dict):
        for key in sorted(tree):
            yield from places(tree[key], f"{path}/{key}")


def _terraform(folder: Path, *arguments: str) -> list[str]:
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    run = subprocess.run(
        ["terraform", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return [line for line in run.stdout.split("\n") if line]


def _failed(lines: Iterable[str]) -> Iterable[tuple[int, dict[str, Any]]]:
    for line in lines:
        diagnostic = json.loads(line).get("diagnostic", {})
        if diagnostic.get("severity") == "error":
            # Infinity fails without a range; the message names the output or the resource.
            told = diagnostic.get("range", {}).get("filename") or diagnostic["summary"] + diagnostic["detail"]
            found = re.search(r"\bt([0-9]+)\b", told)
            if found:
                yield int(found[1]), {"error": re.split(r" \S*\bt[0-9]+\b", diagnostic["summary"])[0]}


def _record(name: str) -> None:
    cases = recorded(name)
    with TemporaryDirectory() as folder:
        answers = ask(cases, Path(folder))
    lines = [
        json.dumps({**_only(case, "as", "expression"), **answer, **_only(case, "ours", "why")})
        for case, answer in zip(cases, answers, strict=True)
    ]
    (FOLDER / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write(f"{name}: {len(cases)} expressions, {sum('error' in answer for answer in answers)} refused\n")


def _only(case: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: case[name] for name in names if name in case}


if __name__ == "__main__":
    for recording in sys.argv[1:] or RECORDINGS:
        _record(recording)
