"""An environment that is there already, as a definition of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reconciler.language.sketches.sketch import Field, Section, Sketch, unusable
from reconciler.model.environment import DEFAULT_PLATFORM

if TYPE_CHECKING:
    from reconciler.model.definition import Definition
    from reconciler.model.details import Details, InferenceConfig, Route, Verify
    from reconciler.model.environment import Environment
    from reconciler.model.state import Record

_COPY = "copy its `base_image` block"
_ROUTES = ("liveness_route", "readiness_route", "scoring_route")


def sketch_environment(environment: Environment, name: str) -> Sketch:
    """What is declared, called otherwise."""
    definition = environment.definition(environment.image, None)
    return _sketch(name, definition, environment.description, environment.tags, environment.details)


def sketch_record(record: Record, name: str) -> Sketch:
    """What is registered, called otherwise; its versions begin anew."""
    return _sketch(name, record.definition, record.description, record.tags, record.details)


def _sketch(name: str, definition: Definition, description: str, tags: Mapping[str, str], details: Details) -> Sketch:
    if definition.debian is not None:
        raise unusable("It is made of Debian packages: what can be cloned stands on an image.", _COPY)
    sketch = Sketch(name=name)
    sections: dict[str, Field | None] = {
        "description": description,
        "tags": tags,
        "image": definition.image,
        "accelerator": definition.conda.accelerator if definition.conda else "",
        "dockerfile": "".join(f"{line}\n" for line in definition.dockerfile),
        "docker_steps": definition.steps,
        "user_managed": details.user_managed,
        "interpreter_path": definition.interpreter or details.interpreter_path,
        "python_version": definition.python,
        "pip": _pip(definition, sketch) if definition.conda is None else (),
        "exclude_newer": definition.exclude_newer,
        "allow_source_builds": definition.allow_source_builds,
        "platform": ""
        if definition.platform == DEFAULT_PLATFORM or definition.runtime == "local"
        else definition.platform,
        "runtime": definition.runtime if definition.runtime != "container" else "",
        "environment_variables": details.environment_variables,
        "properties": details.properties,
        "conda": _conda(definition, sketch),
        "build": _build(definition),
        "spark": _spark(definition),
        "on_destroy": details.on_destroy if details.on_destroy != "archive" else "",
        "compat_hash": "azureml" if details.compat_hash else "",
        "verify": _verify(details.verify) if details.verify else None,
        "inference_config": _inference(details.inference_config) if details.inference_config else None,
    }
    sketch.fields.update({key: value for key, value in sections.items() if value})
    return sketch


def _pip(definition: Definition, sketch: Sketch) -> tuple[str, ...]:
    if definition.constraints:
        sketch.leave(
            f"The constraints {', '.join(definition.constraints[:5])}: they stand in a file of their own.",
            "write them into a file, and add `-c FILE` to `pip`",
        )
    return (*definition.options, *definition.packages)


def _conda(definition: Definition, sketch: Sketch) -> Section | None:
    if definition.conda is None:
        return None
    conda, pip = definition.conda, _pip(definition, sketch)
    lists = {"channels": conda.channels, "dependencies": conda.dependencies, "pip": pip}
    return Section({key: texts for key, texts in lists.items() if texts})


def _build(definition: Definition) -> Section | None:
    context = definition.context
    if context is None:
        return None
    named = {"dockerfile_path": context.dockerfile} if context.dockerfile != "Dockerfile" else {}
    target = {"target": context.target} if context.target else {}
    arguments = {"args": context.arguments} if context.arguments else {}
    return Section({"path": context.path, **named, **target, **arguments})


def _verify(verify: Verify) -> Section:
    said: dict[str, Field] = {"imports": verify.imports, "commands": verify.commands}
    given = {key: texts for key, texts in said.items() if texts}
    return Section({**given, **({"pip_check": True} if verify.pip_check else {}), "timeout": verify.timeout})


def _spark(definition: Definition) -> Section | None:
    spark = definition.spark
    if spark is None:
        return None
    lists = {"repositories": spark.repositories, "packages": spark.packages}
    return Section({key: texts for key, texts in lists.items() if texts})


def _inference(config: InferenceConfig) -> Section:
    return Section({name: _route(getattr(config, name)) for name in _ROUTES})


def _route(route: Route) -> Section:
    return Section({"path": route.path, "port": route.port})
