"""The `envform` block."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.language.arguments import check_arguments
from reconciler.language.chosen_images import ImageTable
from reconciler.language.declaration import Declaration
from reconciler.language.filled import Filled, fill
from reconciler.language.hidden import Hidden
from reconciler.language.inputs import Inputs
from reconciler.language.rules import check_image, check_platform, check_registry, check_workspace
from reconciler.language.scope import Scope
from reconciler.language.versions import check_version
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.environment import DEFAULT_WORKSPACE, Settings
from reconciler.model.frozen import dataclass

BACKENDS = ("local",)

_CHECKS = {"registry": check_registry, "workspace": check_workspace, "platform": check_platform}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What environments take where they say nothing themselves; `images` are what they stand on then."""

    filled: Filled | None = None
    platform: str | None = None
    images: ImageTable = ImageTable()


def read_settings(
    declaration: Declaration, scope: Scope, inputs: Inputs, problems: Diagnostics
) -> tuple[Settings, Defaults]:
    """What the block sets; what is wrong with it is added to the problems."""
    before = len(problems.items)
    filled = fill(declaration, scope, problems)
    check_arguments(declaration, filled.arguments, _CHECKS, problems)
    for name in sorted(filled.sensitive | filled.unknown):
        # What is unknown here stands on something that was told to be wrong already.
        if name in filled.sensitive:
            filled.report(
                "Sensitive value", f"`{name}` is shown in plans, so it cannot be sensitive.", problems, at=name
            )
    required = filled.text("required_version")
    wrong = check_version(required, inputs.version) if required else None
    if wrong is not None:
        filled.report(*wrong, problems, at="required_version")
    defaults = filled.block("defaults")
    if defaults is not None:
        check_arguments(defaults.declaration, defaults.arguments, {"platform": check_platform}, problems)
    settings = Settings(
        registry=filled.text("registry") or "",
        workspace=inputs.workspace or filled.text("workspace") or DEFAULT_WORKSPACE,
        backend=_backend(filled.block("backend"), problems),
    )
    Hidden.of(filled).mask(problems, before)
    own = filled.strings("default_images") or {}
    for name, image in own.items():
        if finding := check_image(image):
            filled.report(*finding, problems, at="default_images", hint=f"it is the image for `{name}`")
    return settings, Defaults(defaults, filled.text("platform"), ImageTable(inputs.bases, own))


def _backend(filled: Filled | None, problems: Diagnostics) -> tuple[str, Mapping[str, str]] | None:
    if filled is None:
        return None
    (type_,) = filled.labels
    if type_ not in BACKENDS:
        known = ", ".join(f"`{name}`" for name in BACKENDS)
        detail = f"There is no backend of type `{type_}`. This version of envform has: {known}."
        filled.report("Unsupported backend type", detail, problems)
    return type_, {name: value for name, value in filled.arguments.items() if isinstance(value, str)}
