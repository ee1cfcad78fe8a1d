"""envform for programs: Azure ML's own words, in both of its styles, over the session that the command line uses."""

from reconciler.model.diagnostic import EnvformError
from reconciler.sdk.conda_dependencies import CondaDependencies
from reconciler.sdk.environment import Environment
from reconciler.sdk.jobs import CommandJob, Experiment, Run, ScriptRunConfig, command
from reconciler.sdk.loading import load_environment
from reconciler.sdk.sections import BuildContext
from reconciler.sdk.workspace import Workspace

MLClient = Workspace

__all__ = [
    "BuildContext",
    "CommandJob",
    "CondaDependencies",
    "EnvformError",
    "Environment",
    "Experiment",
    "MLClient",
    "Run",
    "ScriptRunConfig",
    "Workspace",
    "command",
    "load_environment",
]
