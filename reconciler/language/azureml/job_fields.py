"""The fields of a command job that say nothing of what is run, and those that ask for more than one machine."""

from __future__ import annotations

from reconciler.language.azureml.fields import Reader, said
from reconciler.language.yaml_nodes import Mapping, Scalar
from reconciler.model.suggestion import did_you_mean

_READ = ("type", "command", "environment", "code", "environment_variables", "inputs", "outputs", "compute", "limits")
# How a job is listed, and with whose rights a service runs it.
_HARMLESS = (
    *("$schema", "name", "display_name", "experiment_name", "description", "tags", "properties", "parent_job_name"),
    *("identity", "services", "queue_settings"),
)
_OF_CLUSTERS = ("distribution", "resources")
KNOWN = (*_READ, *_HARMLESS, *_OF_CLUSTERS)
_COMMAND = "command"
_TYPES = ("automl", _COMMAND, "import", "parallel", "pipeline", "spark", "sweep")
_RESOURCES = ("docker_args", "instance_count", "instance_type", "locations", "max_instance_count", "properties")
_MEMORY = "shm_size"


def check_type(root: Mapping, reader: Reader) -> bool:
    """Whether it is a command job; without a `type` it is one where it has a command."""
    node = root.get("type")
    if node is None or (isinstance(node, Scalar) and node.text == _COMMAND):
        return True
    text = node.text if isinstance(node, Scalar) else said(node)
    if text in _TYPES:
        detail = f"This is a `{text}` job. envform runs `command` jobs: one command in one environment."
        reader.refuse(node, detail)
    else:
        reader.refuse(node, f"`{text[:60]}` is no type of jobs.", did_you_mean(text, _TYPES))
    return False


def tell_unused(root: Mapping, reader: Reader) -> None:
    """Warn of what asks for more than this machine gives."""
    if (key := root.key("distribution")) is not None:
        reader.warn(key, "`distribution` starts a job as several processes. Here it is started once, on this machine.")
    resources = reader.mapping(root, "resources")
    if resources is None:
        return
    reader.refuse_unknown(resources, (*_RESOURCES, _MEMORY), "`resources`")
    count, arguments = resources.get("instance_count"), resources.key("docker_args")
    if isinstance(count, Scalar) and count.plain not in (1, "1"):
        reader.warn(count, f"`instance_count` is {count.text}. Here the job runs once, on this machine.")
    if arguments is not None:
        reader.warn(arguments, "`docker_args` is not used here.", "`-gpus` and `-mount` are flags of `envform run`")


def read_limit(root: Mapping, reader: Reader) -> float:
    """The seconds that `limits.timeout` gives the job; 0 where nothing is said."""
    limits = reader.mapping(root, "limits")
    if limits is None:
        return 0.0
    reader.refuse_unknown(limits, ("timeout",), "`limits`")
    node = limits.get("timeout")
    if node is None:
        return 0.0
    if isinstance(node, Scalar) and isinstance(node.plain, int) and node.kind == "int" and node.plain > 0:
        return float(node.plain)
    reader.refuse(node, "`limits.timeout` is a number of seconds above 0.")
    return 0.0
