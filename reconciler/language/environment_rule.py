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

ENVIRONMENT = BlockRule(
    type="environment",
    labels=("name",),
    arguments={
        **META,
        "name": ArgumentRule(Wanted.STRING),
        "version": ArgumentRule(Wanted.QUOTED),
        "description": ArgumentRule(Wanted.STRING),
        "tags": ArgumentRule(Wanted.STRINGS),
        "image": ArgumentRule(Wanted.STRING, required=True),
        "platform": ArgumentRule(Wanted.STRING),
    },
    example='environment "training" {\n  image = "docker.io/library/python:3.12-slim"\n}',
    blocks={"lifecycle": LIFECYCLE},
    dynamic=True,
)
