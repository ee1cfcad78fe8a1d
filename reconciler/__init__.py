"""envform: plan and apply for machine-learning environments.

Programs use it by these names; `envform` on a command line does the same through the same session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.model.release import __version__

if TYPE_CHECKING:
    from reconciler.sdk import (
        AssetTypes,
        BuildContext,
        CommandJob,
        CondaDependencies,
        ContainerRegistry,
        DockerBuildContext,
        DockerConfiguration,
        EnvformError,
        Environment,
        Experiment,
        Input,
        InputOutputModes,
        ListViewType,
        MLClient,
        Output,
        ResourceNotFoundError,
        Run,
        RunConfiguration,
        ScriptRunConfig,
        SparkPackage,
        Workspace,
        command,
        load_environment,
    )

__all__ = [
    "AssetTypes",
    "BuildContext",
    "CommandJob",
    "CondaDependencies",
    "ContainerRegistry",
    "DockerBuildContext",
    "DockerConfiguration",
    "EnvformError",
    "Environment",
    "Experiment",
    "Input",
    "InputOutputModes",
    "ListViewType",
    "MLClient",
    "Output",
    "ResourceNotFoundError",
    "Run",
    "RunConfiguration",
    "ScriptRunConfig",
    "SparkPackage",
    "Workspace",
    "__version__",
    "command",
    "load_environment",
]


def __getattr__(name: str) -> object:
    """Names of the SDK, whose rooms a program pays for when it first asks for one."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from reconciler import sdk

    return getattr(sdk, name)


def __dir__() -> list[str]:
    return sorted(__all__)
