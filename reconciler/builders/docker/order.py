"""One build as an engine is asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """The context is an archive, `dockerfile` a name in it; `network` is empty for what the engine usually has."""

    context: BinaryIO
    dockerfile: str
    platform: str
    arguments: Mapping[str, str]
    target: str
    network: str = ""
