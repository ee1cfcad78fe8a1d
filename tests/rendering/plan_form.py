"""The form of `envform show -json`, as programs that know Terraform's would write it down."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Action = Literal["no-op", "create", "read", "update", "delete", "forget"]
Hash = str | None


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Sides(_Form):
    """What was, and what will be."""

    before: Hash
    after: Hash


class Importing(_Form):
    """Where it comes from."""

    id: str


class Difference(_Form):
    """Terraform's `change`."""

    actions: list[Action]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    after_unknown: dict[str, Literal[True]] | Literal[False]
    before_sensitive: dict[str, Any] | Literal[False]
    after_sensitive: dict[str, Any] | Literal[False]
    replace_paths: list[list[str | int]] | None = None
    importing: Importing | None = None


class _Resource(_Form):
    address: str
    mode: Literal["managed", "data"]
    type: Literal["environment"]
    name: str
    index: str | int | None = None


class Drifted(_Resource):
    """One of `resource_drift`."""

    change: Difference
    reasons: list[dict[str, Any]]


class Changed(_Resource):
    """One of `resource_changes`."""

    previous_address: str | None = None
    action_reason: str | None = None
    change: Difference
    action: str
    environment: str
    image: Literal["build", "rebase", "reuse", "none"]
    version: Sides
    hash: Sides
    reasons: list[dict[str, Any]]


class Read(_Resource):
    """One of `resource_changes`: data that apply looks up."""

    mode: Literal["data"]
    action_reason: Literal["read_because_config_unknown", "read_because_dependency_pending"]
    change: Difference
    action: Literal["read"]


class Held(_Resource):
    """What stands at an address."""

    schema_version: int
    values: dict[str, Any]


class Resources(_Form):
    """All of them; there are no modules."""

    resources: list[Held]


class Output(_Form):
    """An output, with its value where it may be seen."""

    sensitive: bool
    type: Any = None
    value: Any = None


class Values(_Form):
    """Outputs and environments."""

    outputs: dict[str, Output]
    root_module: Resources


class Prior(_Form):
    """What was recorded."""

    format_version: str
    envform_version: str
    values: Values


class OutputDifference(_Form):
    """One of `output_changes`."""

    actions: list[Action]
    before: Any
    after: Any = None
    after_unknown: bool
    before_sensitive: bool
    after_sensitive: bool


class Orphan(_Form):
    """An image that no record owns."""

    repository: str
    tag: str
    digest: str | None


class Variable(_Form):
    """What a variable was given, where it may be seen."""

    value: Any = None
    sensitive: Literal[True] | None = None


class CheckAddress(_Form):
    """Which `check` block it is."""

    kind: Literal["check"] = "check"
    name: str = ""
    to_display: str


class Problem(_Form):
    """What does not hold."""

    message: str


class CheckInstance(_Form):
    """There is one of each."""

    address: CheckAddress
    status: Literal["pass", "fail", "error", "unknown"]
    problems: list[Problem] = []


class Check(_Form):
    """One of `checks`."""

    address: CheckAddress
    status: Literal["pass", "fail", "error", "unknown"]
    instances: list[CheckInstance]


class Document(_Form):
    """The whole."""

    format_version: Literal["1.0"]
    envform_version: str
    registry: str
    workspace: str
    variables: dict[str, Variable]
    planned_values: Values
    resource_drift: list[Drifted]
    resource_changes: list[Changed | Read]
    output_changes: dict[str, OutputDifference]
    prior_state: Prior
    orphans: list[Orphan]
    checks: list[Check]
    timestamp: str
    mode: Literal["normal", "destroy", "unlooked"]
    targets: list[str]
    applyable: bool
    complete: bool
    errored: bool
