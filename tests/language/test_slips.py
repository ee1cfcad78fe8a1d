"""One slip of the keyboard is one mistake: it must not be told in many ways."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from reconciler.language.configuration import draft
from reconciler.language.no_files import NoFiles
from reconciler.language.validation import validate
from reconciler.model.diagnostic import EnvformError, Severity

SOUND = """\
envform {
  registry  = "oci:./registry"
  workspace = "team"
  defaults {
    platform = "linux/amd64"
    tags     = { team = local.team }
  }
}

variable "region" {
  type        = string
  default     = "eu"
  description = "Where"
  validation {
    condition     = length(var.region) == 2
    error_message = "Two letters, not ${var.region}."
  }
}

variable "sizes" {
  type    = map(object({ cpus = number, gpu = optional(bool, false) }))
  default = { small = { cpus = 1 }, large = { cpus = 8, gpu = true } }
}

locals {
  team  = "ml"
  names = [for name, size in var.sizes : upper(name) if size.cpus > 0]
  base  = "docker.io/library/python:3.12-slim"
}

environment "training" {
  for_each    = var.sizes
  image       = local.base
  name        = "training-${each.key}"
  description = <<-EOT
    ${each.key} in ${var.region}
    %{if each.value.gpu}with%{else}without%{endif} GPU
  EOT
  pip = [
    "numpy==1.26.4",
    "pandas>=2.0,<3", # a comment
  ]
  tags = {
    cpus  = each.value.cpus
    names = join(",", local.names)
  }
  inference_config {
    liveness_route {
      path = "/live"
      port = 8080
    }
    readiness_route {
      path = "/ready"
      port = 8080
    }
    scoring_route {
      path = "/score"
      port = 8080
    }
  }
  lifecycle {
    prevent_destroy = var.region == "eu"
    ignore_changes  = [tags]
    precondition {
      condition     = each.value.cpus >= 1
      error_message = "At least one."
    }
  }
}

environment "serving" {
  count = 2
  image = "docker.io/library/python:3.12"
  name  = "serving-${count.index}"
  conda {
    channels     = ["conda-forge"]
    dependencies = ["python=3.11", "numpy=1.26"]
    pip          = ["torch==2.1"]
  }
  depends_on = [environment.training]
}

output "names" {
  value = [for e in environment.serving : e.name]
}
"""
LINES = SOUND.splitlines(keepends=True)
EVERY = 17


def errors(text: str) -> int:
    """How many errors a text has."""
    try:
        found = validate(draft({"main.hcl": text}, files=NoFiles()), date(2026, 1, 1))
    except EnvformError as error:
        found = error.diagnostics
    return sum(item.severity is Severity.ERROR for item in found)


def test_the_text_itself_is_sound() -> None:
    assert errors(SOUND) == 0


@pytest.mark.parametrize(
    ("slip", "few"),
    [
        ("a letter is left out", lambda at: SOUND[:at] + SOUND[at + 1 :]),
        ("a letter is typed twice", lambda at: SOUND[:at] + SOUND[at] + SOUND[at:]),
        ("another letter is typed", lambda at: SOUND[:at] + "x" + SOUND[at + 1 :]),
    ],
)
def test_of_a_hundred_slips_at_most_three_give_more_than_one_error(slip: str, few: object) -> None:
    assert callable(few), slip
    counted = Counter(errors(few(at)) for at in range(0, len(SOUND), EVERY))
    assert sum(many for number, many in counted.items() if number > 1) <= 0.03 * counted.total()
    assert max(counted) <= 4  # a variable's name in its block: each reference to it is wrong then


def test_a_lost_line_is_one_mistake() -> None:
    counted = Counter(errors("".join([*LINES[:at], *LINES[at + 1 :]])) for at in range(len(LINES)))
    assert max(counted) == 1
