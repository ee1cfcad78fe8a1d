"""Whether layers that others have made are looked up in the registry, and told to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import Diagnostic, EnvformError

if TYPE_CHECKING:
    from reconciler.protocols import LayerIndex, Registry

LAYER_INDEX = "ENVFORM_LAYER_INDEX"


def is_wanted() -> bool:
    """It is, unless somebody said `off`; EnvformError for what is neither."""
    said = os.environ.get(LAYER_INDEX, "") or "on"
    if said in ("on", "off"):
        return said == "on"
    detail = f"`{LAYER_INDEX}` is `{said}`. Write `off` to leave the registry's layer index alone, or `on`."
    raise EnvformError(Diagnostic.error("Invalid choice of the layer index", detail))


def open_layer_index(registry: Callable[[], Registry]) -> LayerIndex | None:
    """The index of the workspace's registry; None where it is switched off."""
    if not is_wanted():
        return None
    from reconciler.registries.layer_index import RegistryLayerIndex

    return RegistryLayerIndex(registry)
