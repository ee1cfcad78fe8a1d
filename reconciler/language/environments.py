"""What an `environment` block gives."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.language.arguments import Declaration, Given, check_arguments, label_text, read_arguments
from reconciler.language.rules import check_image, check_name, check_platform, check_version
from reconciler.language.scope import Scope
from reconciler.language.span import SpanError
from reconciler.model.diagnostic import Diagnostics

_CHECKS = {"name": check_name, "version": check_version, "image": check_image, "platform": check_platform}


def read_environment(declaration: Declaration, scope: Scope, problems: Diagnostics) -> Mapping[str, Given | None]:
    """The values of a block's arguments; all that is wrong with them is added to the problems."""
    given = read_arguments(declaration, scope, problems)
    check_arguments(declaration, given, _CHECKS, problems)
    if "name" not in declaration.arguments or given.get("name", "") is None:
        _check_label(declaration, problems)
    return given


def _check_label(declaration: Declaration, problems: Diagnostics) -> None:
    label = declaration.block.labels[0]
    finding = check_name(label_text(label))
    if finding is not None:
        hint = "the label is the name too, unless the argument `name` gives another one"
        declaration.report(SpanError(*finding, label.start, label.end, hint=hint), problems)
