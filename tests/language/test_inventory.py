"""What a configuration says, for programs: as `terraform show -json` has it for `terraform_data`."""

from __future__ import annotations

import json
from textwrap import dedent

from reconciler.language.configuration import Configuration, configure
from reconciler.language.inventory import inventory, relevant
from tests.language.projects import ENVFORM

PROJECT = """\
    variable "secret" {
      default     = "hunter2"
      description = "Of nobody's business."
      sensitive   = true
    }
    variable "none" { default = null }
    locals { base = environment.many["x"].image }
    environment "many" {
      for_each    = toset(["x", var.none == null ? "y" : "z"])
      image       = "oci:./images:base"
      description = "${each.key} of ${data.environment.other.tags["a b"]}"
      depends_on  = [environment.plain]
      lifecycle { prevent_destroy = true }
    }
    environment "plain" {
      count = 2
      image = "oci:./images:base"
      tags  = { n = 1, upper = "A" }
      conda {
        channels     = ["conda-forge"]
        dependencies = [for name in ["numpy"] : "${name}=1"]
      }
      verify {
        imports = [lower("OS")]
      }
    }
    environment "top" { image = local.base }
    data "environment" "other" { name = "other" }
    output "one" {
      value       = environment.plain[0].tags.upper
      description = "Of the first."
    }
    """


def configured() -> Configuration:
    return configure({"envform.hcl": ENVFORM, "main.hcl": dedent(PROJECT)})


def test_constants_and_references_stand_where_terraform_has_them() -> None:
    # By way of JSON, for that is how it is read.
    found = json.loads(json.dumps(inventory(configured())))
    many, plain, top, other = found["resources"]
    assert many == {
        "address": "environment.many",
        "mode": "managed",
        "type": "environment",
        "name": "many",
        "expressions": {
            "description": {
                "references": [
                    "each.key",
                    'data.environment.other.tags["a b"]',
                    "data.environment.other.tags",
                    "data.environment.other",
                ]
            },
            "image": {"constant_value": "oci:./images:base"},
        },
        "schema_version": 1,
        "for_each_expression": {"references": ["var.none"]},
        "depends_on": ["environment.plain"],
    }
    assert plain["count_expression"] == {"constant_value": 2}
    assert plain["expressions"] == {
        "conda": {
            "channels": {"constant_value": ["conda-forge"]},
            "dependencies": {"constant_value": ["numpy=1"]},
        },
        "image": {"constant_value": "oci:./images:base"},
        "tags": {"constant_value": {"n": 1, "upper": "A"}},
        "verify": {"imports": {}},
    }
    assert top["expressions"] == {"image": {"references": ["local.base"]}}
    assert (other["address"], other["mode"]) == ("data.environment.other", "data")
    assert found["outputs"]["one"] == {
        "expression": {
            "references": [
                "environment.plain[0].tags.upper",
                "environment.plain[0].tags",
                "environment.plain[0]",
                "environment.plain",
            ]
        },
        "description": "Of the first.",
    }
    assert found["variables"] == {
        "secret": {"description": "Of nobody's business.", "sensitive": True},
        "none": {"default": None},
    }


def test_what_changes_take_is_followed_through_locals() -> None:
    assert set(relevant(configured(), ["environment.top", "output.one"])) == {
        ('environment.many["x"]', ("image",)),
        ("environment.plain[0]", ("tags", "upper")),
    }
