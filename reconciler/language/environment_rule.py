"""What an `environment` block is made of."""

from __future__ import annotations

from reconciler.language.schema import ArgumentRule, BlockRule, Wanted

_CONDITION = {
    "condition": ArgumentRule(Wanted.EXPRESSION, required=True),
    "error_message": ArgumentRule(Wanted.EXPRESSION, required=True),
}
_CONDITION_EXAMPLE = '{\n  condition     = …\n  error_message = "…"\n}'

PRECONDITION = BlockRule("precondition", (), _CONDITION, f"precondition {_CONDITION_EXAMPLE}", repeated=True)
POSTCONDITION = BlockRule("postcondition", (), _CONDITION, f"postcondition {_CONDITION_EXAMPLE}", repeated=True)

LIFECYCLE = BlockRule(
    type="lifecycle",
    labels=(),
    arguments={
        "prevent_destroy": ArgumentRule(Wanted.BOOL),
        "ignore_changes": ArgumentRule(Wanted.EXPRESSION),
        "replace_triggered_by": ArgumentRule(Wanted.EXPRESSION),
    },
    example="lifecycle {\n  prevent_destroy = true\n}",
    blocks={"precondition": PRECONDITION, "postcondition": POSTCONDITION},
)

META = {
    "for_each": ArgumentRule(Wanted.EXPRESSION),
    "count": ArgumentRule(Wanted.EXPRESSION),
    "depends_on": ArgumentRule(Wanted.EXPRESSION),
}

CONDA = BlockRule(
    type="conda",
    labels=(),
    arguments={
        "channels": ArgumentRule(Wanted.LIST),
        "dependencies": ArgumentRule(Wanted.LIST),
        "pip": ArgumentRule(Wanted.LIST),
    },
    example='conda {\n  channels     = ["conda-forge"]\n  dependencies = ["python=3.11", "numpy=1.26"]\n}',
)

BUILD = BlockRule(
    type="build",
    labels=(),
    arguments={
        "path": ArgumentRule(Wanted.STRING, required=True),
        "dockerfile_path": ArgumentRule(Wanted.STRING),
        "args": ArgumentRule(Wanted.STRINGS),
        "target": ArgumentRule(Wanted.STRING),
    },
    example='build {\n  path = "context"\n}',
)

_ROUTE = {
    "path": ArgumentRule(Wanted.STRING, required=True),
    "port": ArgumentRule(Wanted.NUMBER, required=True),
}


def _route(name: str) -> BlockRule:
    return BlockRule(name, (), _ROUTE, f'{name} {{\n  path = "/"\n  port = 8080\n}}', required=True)


ROUTES = ("liveness_route", "readiness_route", "scoring_route")
INFERENCE_CONFIG = BlockRule(
    type="inference_config",
    labels=(),
    arguments={},
    example="inference_config {\n  liveness_route {\n    …\n  }\n  …\n}",
    blocks={name: _route(name) for name in ROUTES},
)

SPARK = BlockRule(
    type="spark",
    labels=(),
    arguments={"repositories": ArgumentRule(Wanted.LIST), "packages": ArgumentRule(Wanted.LIST)},
    example='spark {\n  packages = ["com.example:library:1.0"]\n}',
)

VERIFY = BlockRule(
    type="verify",
    labels=(),
    arguments={
        "imports": ArgumentRule(Wanted.LIST),
        "commands": ArgumentRule(Wanted.LIST),
        "pip_check": ArgumentRule(Wanted.BOOL),
        "timeout": ArgumentRule(Wanted.NUMBER),
    },
    example='verify {\n  imports = ["numpy"]\n}',
)

ENVIRONMENT = BlockRule(
    type="environment",
    labels=("name",),
    arguments={
        **META,
        "name": ArgumentRule(Wanted.STRING),
        "version": ArgumentRule(Wanted.QUOTED),
        "description": ArgumentRule(Wanted.STRING),
        "tags": ArgumentRule(Wanted.STRINGS),
        "labels": ArgumentRule(Wanted.LIST),
        "properties": ArgumentRule(Wanted.STRINGS),
        "image": ArgumentRule(Wanted.STRING),
        "accelerator": ArgumentRule(Wanted.STRING),
        "dockerfile": ArgumentRule(Wanted.STRING),
        "docker_steps": ArgumentRule(Wanted.LIST),
        "conda_file": ArgumentRule(Wanted.ANY),
        "pip": ArgumentRule(Wanted.LIST),
        "requirements_file": ArgumentRule(Wanted.STRING),
        "python_version": ArgumentRule(Wanted.QUOTED),
        "exclude_newer": ArgumentRule(Wanted.STRING),
        "allow_source_builds": ArgumentRule(Wanted.BOOL),
        "user_managed": ArgumentRule(Wanted.BOOL),
        "interpreter_path": ArgumentRule(Wanted.STRING),
        "environment_variables": ArgumentRule(Wanted.STRINGS),
        "os_type": ArgumentRule(Wanted.STRING),
        "platform": ArgumentRule(Wanted.STRING),
        "runtime": ArgumentRule(Wanted.STRING),
        "base": ArgumentRule(Wanted.STRING),
        "packages": ArgumentRule(Wanted.STRING),
        "on_destroy": ArgumentRule(Wanted.STRING),
        "compat_hash": ArgumentRule(Wanted.STRING),
    },
    example='environment "training" {\n  image = "docker.io/library/python:3.12-slim"\n}',
    blocks={
        "build": BUILD,
        "conda": CONDA,
        "inference_config": INFERENCE_CONFIG,
        "spark": SPARK,
        "verify": VERIFY,
        "lifecycle": LIFECYCLE,
    },
    dynamic=True,
)
