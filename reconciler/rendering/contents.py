"""What a definition and its details hold, as the attributes of a block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.model.definition import Context, Definition
from reconciler.model.details import Details, InferenceConfig
from reconciler.rendering.attributes import Value


def defining(definition: Definition) -> Mapping[str, Value]:
    """All that is in the hash; what is not set is empty, and so it is not shown."""
    conda, spark = definition.conda, definition.spark
    return {
        "base": definition.base.short if definition.base else None,
        "build": _context(definition.context),
        "conda.channels": _lines(conda.channels if conda else ()),
        "conda.dependencies": _lines(conda.dependencies if conda else ()),
        "constraints": _lines(definition.constraints),
        "docker_steps": _lines(definition.steps),
        "dockerfile": _lines(definition.dockerfile),
        "files": {path: digest.short for path, digest in definition.files.items()},
        "image": definition.image,
        "interpreter": definition.interpreter,
        "pip": _lines(definition.packages),
        "pip_options": _lines(definition.options),
        "platform": definition.platform,
        "python_version": definition.python,
        "runtime": definition.runtime if definition.runtime != "container" else None,
        "spark.packages": _lines(spark.packages if spark else ()),
        "spark.repositories": _lines(spark.repositories if spark else ()),
    }


def beside(details: Details) -> Mapping[str, Value]:
    """All that is not in the hash, apart from description and tags."""
    return {
        "environment_variables": details.environment_variables,
        "inference_config": _routes(details.inference_config),
        "interpreter_path": details.interpreter_path,
        "on_destroy": details.on_destroy if details.on_destroy != "archive" else None,
        "properties": details.properties,
        "user_managed": "true" if details.user_managed else None,
    }


def _lines(texts: Iterable[str]) -> str:
    """A list is shown line by line, so that what moved in it can be seen."""
    return "".join(f"{text}\n" for text in texts)


def _context(context: Context | None) -> Mapping[str, str]:
    if context is None:
        return {}
    arguments = {f"args.{name}": value for name, value in context.arguments.items()}
    shown = {"context": context.tree.short, "dockerfile_path": context.dockerfile, "path": context.path}
    return {**shown, **arguments, **({"target": context.target} if context.target else {})}


def _routes(config: InferenceConfig | None) -> Mapping[str, str]:
    if config is None:
        return {}
    routes = {name: getattr(config, name) for name in ("liveness_route", "readiness_route", "scoring_route")}
    return {name: f"{route.path} on port {route.port}" for name, route in routes.items()}
