"""What an `environment` block gives."""

from __future__ import annotations

from reconciler.language.arguments import check_arguments
from reconciler.language.declaration import Declaration
from reconciler.language.filled import Filled, fill
from reconciler.language.rules import check_image, check_name, check_platform, check_version
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.model.diagnostic import Diagnostics

_CHECKS = {"name": check_name, "version": check_version, "image": check_image, "platform": check_platform}


def read_environment(declaration: Declaration, scope: Scope, problems: Diagnostics) -> Filled:
    """The values of a block; all that is wrong with them is added to the problems."""
    filled = fill(declaration, scope, problems)
    check_arguments(declaration, filled.arguments, _CHECKS, problems)
    if "name" not in declaration.arguments or filled.arguments.get("name", "") is None:
        _check_label(declaration, problems)
    return filled


def _check_label(declaration: Declaration, problems: Diagnostics) -> None:
    finding = check_name(declaration.label)
    if finding is not None:
        label = declaration.block.labels[0]
        hint = "the label is the name too, unless the argument `name` gives another one"
        declaration.report(SpanError(*finding, label.start, label.end, hint=hint), problems)
