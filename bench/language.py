"""What validating costs, beside `terraform validate` over as many resources where that program is on PATH.

"Nothing cached" has neither the project's cache nor the user's; "again" changes nothing; "one edit" changes one block.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from measuring import Work, median_cpu

TERRAFORM_ENVIRONMENT = {"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
HEADERS = ("language", "CPU s", "budget s", "terraform s", "ratio")
ENVFORM_BLOCK = 'envform {\n  registry = "oci:./registry"\n}\n'
BLOCK = """
# Environment number {0}: what the vision team trains with, kept by the platform group.
environment "training-{0}" {{
  image       = "docker.io/library/python:3.12.{1}-slim@sha256:{0:064x}"
  description = "Training environment number {0} of the vision team, with a description of everyday length."

  tags = {{
    team    = "vision-{1}"
    owner   = "someone.{1}@example.com"
    cost    = "cc-{1}"
    purpose = "nightly-training-run-{0}"
    tier    = "gold"
  }}
}}
"""
TERRAFORM_BLOCK = """
resource "terraform_data" "training-{0}" {{
  input = {{
    image       = "docker.io/library/python:3.12.{1}-slim@sha256:{0:064x}"
    description = "Training environment number {0} of the vision team, with a description of everyday length."
    tags = {{
      team    = "vision-{1}"
      owner   = "someone.{1}@example.com"
      cost    = "cc-{1}"
      purpose = "nightly-training-run-{0}"
      tier    = "gold"
    }}
  }}
}}
"""
FOR_EACH = """
environment "training" {
  for_each = { for number in range(1000) : "team-${number}" => "docker.io/library/python:3.12.${number % 10}-slim" }

  image       = each.value
  description = "What ${each.key} trains with."
  tags        = { team = each.key, tier = "gold" }
}
"""
TERRAFORM_FOR_EACH = """
resource "terraform_data" "training" {
  for_each = { for number in range(1000) : "team-${number}" => "docker.io/library/python:3.12.${number % 10}-slim" }
  input    = { image = each.value, description = "What ${each.key} trains with.", tags = { team = each.key } }
}
"""


def rows(scratch: Path, envform: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A line of the table for each promise."""
    for name, ours, theirs, budgets, times in (
        ("1,000 blocks", blocks(1_000, BLOCK), blocks(1_000, TERRAFORM_BLOCK), (3.0, 0.4, 0.0), 5),
        ("one for_each of 1,000", FOR_EACH, TERRAFORM_FOR_EACH, (0.0, 0.6, 0.0), 5),
        ("10,000 blocks", blocks(10_000, BLOCK), blocks(10_000, TERRAFORM_BLOCK), (0.0, 0.0, 0.0), 1),
    ):
        folder = scratch / name.replace(" ", "-")
        compared = terraform_cpu(folder / "terraform", theirs, times)
        for (label, work), budget in zip(works(folder, ours, envform), budgets, strict=True):
            seconds = median_cpu(replace(work, times=times))
            ratio = f"{seconds / compared:.2f}" if compared else ""
            shown = f"{compared:.2f}" if compared else "not on PATH"
            yield f"validate {name}, {label}", f"{seconds:.2f}", f"{budget:.1f}" if budget else "", shown, ratio


def blocks(count: int, form: str) -> str:
    """So many blocks of one form, about 500 bytes each."""
    return "".join(form.format(number, number % 10) for number in range(count))


def works(folder: Path, text: str, envform: tuple[str, ...]) -> Iterator[tuple[str, Work]]:
    """The three ways to validate a project."""
    folder.mkdir(exist_ok=True)
    main, users = folder / "main.hcl", folder / "users-cache"
    main.write_text(ENVFORM_BLOCK + text)
    work = Work("", (*envform, "validate"), folder, environment={"XDG_CACHE_HOME": str(users)})
    yield "nothing cached", replace(work, before=functools.partial(forget, folder / ".envform", users))
    yield "again", work
    yield "one edit", replace(work, before=edits(main))


def forget(*places: Path) -> None:
    """Remove all that was kept between runs."""
    for place in places:
        shutil.rmtree(place, ignore_errors=True)


def edits(main: Path) -> Callable[[], None]:
    """Each call changes a description in one block."""
    text, count = main.read_text(), 0

    def edit() -> None:
        nonlocal count
        count += 1
        main.write_text(text.replace('description = "', f'description = "{count} ', 1))

    return edit


def terraform_cpu(folder: Path, text: str, times: int) -> float:
    """What the same costs there; 0 where there is no such program."""
    program = shutil.which("terraform")
    if program is None:
        return 0
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text(text)
    env = {**os.environ, **TERRAFORM_ENVIRONMENT}
    subprocess.run((program, "init", "-no-color"), cwd=folder, env=env, check=True, capture_output=True)
    return median_cpu(Work("", (program, "validate"), folder, times=times, environment=TERRAFORM_ENVIRONMENT))
