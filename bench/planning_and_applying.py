"""What plan and apply cost, beside terraform's `terraform_data` where that program is on PATH.

CPU seconds (user and system) and the most memory that was resident, of whole processes: the median of three runs, but
for creations, which happen once, and for terraform, which takes minutes.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HEADERS = ("reconciler", "CPU s", "MB", "budget", "terraform CPU s", "MB")
TERRAFORM_ENVIRONMENT = {"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
TIMES = 3
WORKS = ("creations", "no-op plan", "no-op apply", "trivial changes")
SAID = """
variable "said" {
  default = "one"
}
"""
OURS = 'envform {\n  registry = "oci:./registry"\n}\n' + SAID
BODY = """image = "oci:./images:base"
  description = "{name}, ${{var.said}}."
  tags = {{ team = "{name}", tier = "gold" }}"""
KEYS = 'merge([for a in range({count} / 100) : {{ for b in range(100) : "e${{a}}-${{b}}" => a }}]...)'


@dataclass(frozen=True)
class Cost:
    """Of one process: CPU seconds, and megabytes."""

    cpu: float
    memory: float


def rows(scratch: Path, images: Path, envform: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """A line for each promise; what follows on one another is done in one folder."""
    program = shutil.which("terraform")
    for name, count, form, budgets in (
        ("1,000 of one for_each", 1_000, for_each, ("", "1.0 s", "", "5 s")),
        ("1,000 blocks", 1_000, blocks, ("", "0.2 x", "", "")),
        ("10,000 of one for_each", 10_000, for_each, ("", "10 s, 400 MB", "", "")),
    ):
        ours, theirs = scratch / f"ours {name}", scratch / f"theirs {name}"
        shutil.copytree(images, ours / "images")
        (ours / "main.hcl").write_text(OURS + form("environment", count))
        compared: Iterator[Cost | None] = iter((None,) * 4)
        if program and count <= 1_000:
            theirs.mkdir()
            (theirs / "main.tf").write_text(SAID + form('resource "terraform_data"', count))
            subprocess.run((program, "init"), cwd=theirs, check=True, capture_output=True, env=environment())
            compared = costs((program,), theirs, 1)
        for what, cost, other, budget in zip(WORKS, costs(envform, ours, TIMES), compared, budgets, strict=True):
            shown = (f"{other.cpu:.2f}", f"{other.memory:.0f}") if other else ("", "")
            yield f"{what}, {name}", f"{cost.cpu:.2f}", f"{cost.memory:.0f}", budget, *shown


def for_each(kind: str, count: int) -> str:
    """All from one block."""
    return block(kind, "e", "${each.key}", f"for_each = {KEYS.format(count=count)}")


def blocks(kind: str, count: int) -> str:
    """A block for each."""
    return "".join(block(kind, f"e{number}", f"e{number}") for number in range(count))


def block(kind: str, label: str, name: str, more: str = "") -> str:
    """One block of either language."""
    body = BODY.format(name=name)
    if kind != "environment":
        body = "input = {\n  " + body + "\n  }"
    return f'{kind} "{label}" {{\n  {more}\n  {body}\n}}\n'


def costs(program: Sequence[str], folder: Path, times: int) -> Iterator[Cost]:
    """Of the first apply, a plan and an apply that have nothing to do, and one that changes a word everywhere."""
    yield once(program, folder, "apply", "-auto-approve")
    once(program, folder, "plan")
    yield median([once(program, folder, "plan") for _ in range(times)])
    yield median([once(program, folder, "apply", "-auto-approve") for _ in range(times)])
    yield median(
        [once(program, folder, "apply", "-auto-approve", f"-var=said=time{number}") for number in range(times)]
    )


def once(program: Sequence[str], folder: Path, *words: str) -> Cost:
    """One process; its own figures, whatever ran before it."""
    with subprocess.Popen(
        (*program, *words), cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if status:
        raise SystemExit(f"{' '.join((*program, *words))} failed")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def median(found: Sequence[Cost]) -> Cost:
    """Each figure for itself."""
    return Cost(statistics.median(one.cpu for one in found), statistics.median(one.memory for one in found))


def environment() -> dict[str, str]:
    """What neither program is to be surprised by."""
    return {**os.environ, **TERRAFORM_ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": ""}
