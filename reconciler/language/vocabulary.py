"""The blocks that stand at the top level of a configuration."""

from __future__ import annotations

from reconciler.language.base_image_rule import BASE_IMAGE
from reconciler.language.environment_rule import ENVIRONMENT, META, PRECONDITION
from reconciler.language.schema import ArgumentRule, BlockRule, Wanted

_EXPRESSION = ArgumentRule(Wanted.EXPRESSION)
_REQUIRED = ArgumentRule(Wanted.EXPRESSION, required=True)
_STRING = ArgumentRule(Wanted.STRING)
_BOOL = ArgumentRule(Wanted.BOOL)

_NEVER_DEFAULT = {*META, "name", "version", "image"}

DEFAULTS = BlockRule(
    type="defaults",
    labels=(),
    arguments={
        name: ArgumentRule(rule.wanted) for name, rule in ENVIRONMENT.arguments.items() if name not in _NEVER_DEFAULT
    }
    if ENVIRONMENT.arguments
    else {},
    example='defaults {\n  platform = "linux/arm64"\n}',
)

BACKEND = BlockRule(
    type="backend",
    labels=("type",),
    arguments={"path": _STRING},
    example='backend "local" {\n  path = "state"\n}',
)

ENVFORM = BlockRule(
    type="envform",
    labels=(),
    arguments={
        "registry": ArgumentRule(Wanted.STRING, required=True),
        "workspace": _STRING,
        "platform": _STRING,
        "required_version": _STRING,
        "default_images": ArgumentRule(Wanted.STRINGS),
    },
    example='envform {\n  registry = "oci:./registry"\n}',
    blocks={"backend": BACKEND, "defaults": DEFAULTS},
)

VALIDATION = BlockRule(
    type="validation",
    labels=(),
    arguments=PRECONDITION.arguments,
    example='validation {\n  condition     = length(var.region) > 0\n  error_message = "A region is needed."\n}',
    repeated=True,
)

VARIABLE = BlockRule(
    type="variable",
    labels=("name",),
    arguments={
        "type": _EXPRESSION,
        "default": _EXPRESSION,
        "description": _STRING,
        "sensitive": _BOOL,
        "nullable": _BOOL,
    },
    example='variable "region" {\n  type    = string\n  default = "eu"\n}',
    blocks={"validation": VALIDATION},
)

LOCALS = BlockRule("locals", (), None, 'locals {\n  base = "docker.io/library/python:3.12-slim"\n}')

OUTPUT = BlockRule(
    type="output",
    labels=("name",),
    arguments={
        "value": _REQUIRED,
        "description": _STRING,
        "sensitive": _BOOL,
        "depends_on": _EXPRESSION,
    },
    example='output "image" {\n  value = environment.training.image\n}',
    blocks={"precondition": PRECONDITION},
)

DATA = BlockRule(
    type="data",
    labels=("type", "name"),
    arguments={
        "name": ArgumentRule(Wanted.STRING),
        "version": ArgumentRule(Wanted.QUOTED),
        "label": _STRING,
        "registry": _STRING,
        "depends_on": _EXPRESSION,
    },
    example='data "environment" "shared" {\n  name    = "training"\n  version = "3"\n}',
)

ASSERT = BlockRule(
    type="assert",
    labels=(),
    arguments=PRECONDITION.arguments,
    example='assert {\n  condition     = environment.a.version != ""\n  error_message = "There is no version."\n}',
    repeated=True,
    required=True,
)

CHECK = BlockRule(
    type="check",
    labels=("name",),
    arguments={},
    example='check "versions" {\n  assert {\n    condition     = …\n    error_message = "…"\n  }\n}',
    blocks={"assert": ASSERT},
)

MOVED = BlockRule(
    type="moved",
    labels=(),
    arguments={"from": _REQUIRED, "to": _REQUIRED},
    example="moved {\n  from = environment.old\n  to   = environment.new\n}",
)

REMOVED = BlockRule(
    type="removed",
    labels=(),
    arguments={"from": _REQUIRED},
    example="removed {\n  from = environment.old\n  lifecycle {\n    destroy = false\n  }\n}",
    blocks={
        "lifecycle": BlockRule(
            type="lifecycle",
            labels=(),
            arguments={"destroy": ArgumentRule(Wanted.BOOL, required=True)},
            example="lifecycle {\n  destroy = false\n}",
        )
    },
)

IMPORT = BlockRule(
    type="import",
    labels=(),
    arguments={"to": _REQUIRED, "id": ArgumentRule(Wanted.STRING, required=True)},
    example='import {\n  to = environment.training\n  id = "training:3"\n}',
)

BLOCKS = {
    rule.type: rule
    for rule in (ENVFORM, VARIABLE, LOCALS, BASE_IMAGE, ENVIRONMENT, DATA, OUTPUT, CHECK, MOVED, REMOVED, IMPORT)
}
