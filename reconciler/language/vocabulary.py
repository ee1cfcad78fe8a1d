"""The blocks that stand at the top level of a configuration."""

from __future__ import annotations

from reconciler.language.environment_rule import ENVIRONMENT
from reconciler.language.schema import ArgumentRule, BlockRule, Wanted

ENVFORM = BlockRule(
    type="envform",
    labels=(),
    arguments={
        "registry": ArgumentRule(Wanted.STRING, required=True),
        "workspace": ArgumentRule(Wanted.STRING),
    },
    example='envform {\n  registry = "oci:./registry"\n}',
)

BLOCKS = {rule.type: rule for rule in (ENVFORM, ENVIRONMENT)}
