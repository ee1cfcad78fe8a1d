"""Asks the terraform program how it draws changes of values. Run as a module to write the recorded answers again.

Each case is the input of one instance of `terraform_data`, before and after; what is drawn between its `input` and its
`output` is the answer. Cases are made from a fixed seed; those that envform means to draw otherwise say why.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reconciler.rendering.body import Body
from reconciler.rendering.style import PLAIN

RECORDING = Path(__file__).parent / "terraform_bodies.jsonl"
_CASES = 120
# What envform means to draw otherwise, and why.
_DIFFERENT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "of equal length, and elements moved: terraform compares place by place, envform shows what came and what went": (
        {"pip": ["a", "b", "c", "d"]},
        {"pip": ["b", "c", "d", "e"]},
    ),
    "what stands for a template in HCL is doubled by envform, so that the text can be copied": (
        {"text": "a"},
        {"text": "${x} %{y}"},
    ),
    "terraform counts bytes where envform counts columns": ({"é": "1", "a": "2"}, {"é": "2", "a": "3"}),
}
_TEXTS = (
    *("a", "b", "c", "numpy==1.26", "torch==2.1", "x y", 'quo"te', "back\\slash", "é", "日本", "", "pip"),
    *("line\ntwo", "one\ntwo\nthree\n", '{"a":1}', "[1,2]", '{"a": [1, {"b":"c"}]}'),
)
_KEYS = ("a", "bb", "ccc", "name", "id", "tags", "with space", "x-y", "k_1")
_PLAIN = (1, 2, 1.5, True, False, None, 10000)
_MAIN = """
resource "terraform_data" "case" {
  for_each = jsondecode(file("values.json"))
  input    = each.value
}
"""


def recorded() -> list[dict[str, Any]]:
    """Terraform's answers as they were written down."""
    return [json.loads(line) for line in RECORDING.read_text(encoding="utf-8").splitlines()]


def ask(cases: Sequence[Mapping[str, Any]], folder: Path) -> list[str]:
    """How terraform draws each of them."""
    (folder / "main.tf").write_text(_MAIN, encoding="utf-8")
    _values(folder, cases, "before")
    for step in (["init"], ["apply", "-auto-approve"]):
        _terraform(folder, *step)
    _values(folder, cases, "after")
    text = _terraform(folder, "plan")
    return [_drawn(text, number) for number in range(len(cases))]


def ours(case: Mapping[str, Any]) -> str:
    """How envform draws it."""
    return "      ~ input  = " + "\n".join(Body(PLAIN).change(case["before"], case["after"], 1))


def _values(folder: Path, cases: Sequence[Mapping[str, Any]], side: str) -> None:
    values = {f"{number:03}": case[side] for number, case in enumerate(cases)}
    (folder / "values.json").write_text(json.dumps(values), encoding="utf-8")


def _drawn(text: str, number: int) -> str:
    """Without blanks at the ends of lines, which envform does not write."""
    found = re.search(rf'# \S+\["{number:03}"\].*?\n(      ~ input  = .*?)\n      ~ output', text, re.DOTALL)
    assert found, f"case {number} is not drawn"
    return "\n".join(line.rstrip() for line in found[1].split("\n"))


def _terraform(folder: Path, *words: str) -> str:
    settings = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    command = ["terraform", *words, "-no-color"]
    return subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=True).stdout


class _Maker:
    """Random values, and changes of them such as people make."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def case(self) -> dict[str, Any]:
        """An object, and the same with something changed in it."""
        while True:
            before = {self._random.choice(_KEYS): self._value(0) for _ in range(self._random.randrange(1, 5))}
            after = self._changed(before)
            if isinstance(after, dict) and after != before:
                return {"before": before, "after": after}

    def _value(self, depth: int) -> Any:
        draw = self._random.random()
        if depth < 3 and draw < 0.25:
            return [self._value(depth + 1) for _ in range(self._random.randrange(6))]
        if depth < 3 and draw < 0.5:
            return {self._random.choice(_KEYS): self._value(depth + 1) for _ in range(self._random.randrange(5))}
        return self._random.choice(_TEXTS if draw < 0.85 else _PLAIN)

    def _changed(self, value: Any) -> Any:
        if self._random.random() < 0.1:
            return self._value(1)
        if isinstance(value, list):
            return self._list(value)
        if isinstance(value, dict):
            return self._object(value)
        if isinstance(value, str) and "\n" in value:
            lines = value.split("\n")
            lines.insert(self._random.randrange(len(lines) + 1), self._random.choice(["new", "two", "other"]))
            return "\n".join(lines)
        return self._value(2) if self._random.random() < 0.5 else value

    def _list(self, value: list[Any]) -> list[Any]:
        kept = list(value)
        for _ in range(self._random.randrange(1, 3)):
            at = self._random.randrange(len(kept) + 1)
            if at < len(kept):
                kept[at : at + 1] = self._random.choice([[], [self._changed(kept[at])]])
            else:
                kept.append(self._value(2))
        return kept

    def _object(self, value: dict[str, Any]) -> dict[str, Any]:
        kept = dict(value)
        for _ in range(self._random.randrange(1, 3)):
            key = self._random.choice([*kept, *_KEYS])
            if key in kept and self._random.random() < 0.3:
                del kept[key]
            else:
                kept[key] = self._changed(kept[key]) if key in kept else self._value(2)
        return kept


def _record() -> None:
    maker = _Maker(7)
    cases = [maker.case() for _ in range(_CASES)]
    cases += [{"before": before, "after": after, "why": why} for why, (before, after) in _DIFFERENT.items()]
    with TemporaryDirectory() as folder:
        answers = ask(cases, Path(folder))
    lines = [json.dumps({**case, "drawn": answer}) + "\n" for case, answer in zip(cases, answers, strict=True)]
    RECORDING.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    _record()
