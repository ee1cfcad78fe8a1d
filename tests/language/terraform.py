"""Asks the terraform program what expressions are worth. Run as a module to write expressions.jsonl again.

Each expression is an output in a file of its own, so that the ones with mistakes are told apart and set aside.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

CASES = Path(__file__).parent / "expressions.jsonl"


def recorded() -> list[dict[str, Any]]:
    """Terraform's answers as they were written down; `ours` and `why` where envform means to differ."""
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]


def ask(expressions: Sequence[str], folder: Path) -> list[dict[str, Any]]:
    """For each expression its value and type, or the summary of its error."""
    for number, expression in enumerate(expressions):
        text = f'output "t{number}" {{\n  value = {expression}\n}}\n'
        (folder / f"t{number}.tf").write_text(text, encoding="utf-8")
    answers: dict[int, dict[str, Any]] = {}
    while failed := list(_failed(_terraform(folder, "plan", "-input=false", "-out=plan", "-json"))):
        for number, answer in failed:
            answers.setdefault(number, answer)
            (folder / f"t{number}.tf").unlink(missing_ok=True)
    shown = json.loads("".join(_terraform(folder, "show", "-json", "plan")))["planned_values"].get("outputs", {})
    null = {"value": None, "type": "dynamic"}
    return [answers.get(n) or _answer(shown.get(f"t{n}", null)) for n in range(len(expressions))]


def _answer(output: dict[str, Any]) -> dict[str, Any]:
    return {"value": output.get("value"), "type": output.get("type")}


def _terraform(folder: Path, *arguments: str) -> list[str]:
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    run = subprocess.run(
        ["terraform", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return run.stdout.splitlines()


def _failed(lines: Iterable[str]) -> Iterable[tuple[int, dict[str, Any]]]:
    for line in lines:
        diagnostic = json.loads(line).get("diagnostic", {})
        if diagnostic.get("severity") == "error":
            name = diagnostic["range"]["filename"] if "range" in diagnostic else _named(diagnostic["detail"])
            yield int(name[1:-3]), {"error": diagnostic["summary"]}


def _named(detail: str) -> str:
    """Infinity fails without a range; the detail names the output."""
    return detail.split('output value "')[1].split('"', maxsplit=1)[0] + ".tf"


def main() -> None:
    """Write all answers again, keeping where and why envform differs."""
    cases = recorded()
    with TemporaryDirectory() as folder:
        answers = ask([case["expression"] for case in cases], Path(folder))
    kept = [{key: case[key] for key in ("ours", "why") if key in case} for case in cases]
    lines = [
        json.dumps({"expression": case["expression"], **answer, **own})
        for case, answer, own in zip(cases, answers, kept, strict=True)
    ]
    CASES.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(cases)} expressions, {sum('error' in answer for answer in answers)} of them refused\n")


if __name__ == "__main__":
    main()
