"""The `envform` block."""

from __future__ import annotations

from reconciler.language.arguments import check_arguments
from reconciler.language.declaration import Declaration
from reconciler.language.filled import fill
from reconciler.language.rules import check_registry, check_workspace
from reconciler.language.scope import Scope
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.environment import DEFAULT_WORKSPACE, Settings


def read_settings(declaration: Declaration, problems: Diagnostics) -> Settings:
    """What the block sets; what is wrong with it is added to the problems."""
    given = fill(declaration, Scope(), problems).arguments
    check_arguments(declaration, given, {"registry": check_registry, "workspace": check_workspace}, problems)
    return Settings(str(given.get("registry") or ""), str(given.get("workspace") or DEFAULT_WORKSPACE))
