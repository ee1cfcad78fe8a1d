"""envform for programs: Azure ML's own words, in both of its styles, over the session that the command line uses."""

from reconciler.model.diagnostic import EnvformError
from reconciler.sdk.conda_dependencies import CondaDependencies
from reconciler.sdk.environment import Environment
from reconciler.sdk.environments import ListViewType
from reconciler.sdk.jobs import CommandJob, Experiment, Input, Output, Run, ScriptRunConfig, command
from reconciler.sdk.loading import load_environment
from reconciler.sdk.run_configuration import DockerConfiguration, RunConfiguration
from reconciler.sdk.sections import BuildContext, ContainerRegistry, SparkPackage
from reconciler.sdk.workspace import Workspace

MLClient = Workspace
DockerBuildContext = BuildContext

__all__ = [
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
    "ListViewType",
    "MLClient",
    "Output",
    "Run",
    "RunConfiguration",
    "ScriptRunConfig",
    "SparkPackage",
    "Workspace",
    "command",
    "load_environment",
]
