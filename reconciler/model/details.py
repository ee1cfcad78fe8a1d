"""What stands with a version beside its description and tags: none of it changes the image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """Where a server in the image answers."""

    path: str
    port: int


@dataclass(frozen=True, slots=True)
class InferenceConfig:
    """What asks a model server whether it lives, whether it is ready, and for its answers."""

    liveness_route: Route
    readiness_route: Route
    scoring_route: Route


@dataclass(frozen=True, slots=True)
class Verify:
    """What an image must pass before a version of it is registered, all of it in so many seconds."""

    imports: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    pip_check: bool = False
    timeout: int = 600


@dataclass(frozen=True, slots=True)
class Details:
    """How a version is used, and what becomes of it when it is no longer declared."""

    properties: Mapping[str, str] = field(default_factory=dict)
    environment_variables: Mapping[str, str] = field(default_factory=dict)
    inference_config: InferenceConfig | None = None
    user_managed: bool = False
    interpreter_path: str = ""
    on_destroy: Literal["archive", "delete"] = "archive"
    compat_hash: str = ""
    verify: Verify | None = None
    labels: tuple[str, ...] = ()


_NONE = Details()


def no_details() -> Details:
    """A default that is made once: pydantic would copy a plain one for each record that it reads."""
    return _NONE
