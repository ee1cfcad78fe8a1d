"""envform for programs: Azure ML's own words, in both of its styles, over the session that the command line uses."""

from reconciler.model.diagnostic import EnvformError, NotFoundError
from reconciler.sdk.conda_dependencies import CondaDependencies
from reconciler.sdk.environment import Environment
from reconciler.sdk.environments import ListViewType
from reconciler.sdk.jobs import AssetTypes, CommandJob, Input, InputOutputModes, Output, command
from reconciler.sdk.loading import load_environment
from reconciler.sdk.run_configuration import DockerConfiguration, RunConfiguration, ScriptRunConfig
from reconciler.sdk.runs import Experiment, Run
from reconciler.sdk.sections import BuildContext, ContainerRegistry, SparkPackage
from reconciler.sdk.workspace import Workspace

MLClient = Workspace
DockerBuildContext = BuildContext
ResourceNotFoundError = NotFoundError

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
    "command",
    "load_environment",
]
