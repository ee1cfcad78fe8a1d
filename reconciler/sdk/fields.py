"""Between what programs say of an environment and what a file would say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.sdk.conda_dependencies import CondaDependencies
from reconciler.sdk.environment import Environment
from reconciler.sdk.sections import BuildContext

if TYPE_CHECKING:
    from reconciler.model.definition import Definition
    from reconciler.session.catalogue import Found

_PLAIN = ("name", "version", "description", "image", "tags", "properties", "inference_config", "os_type")
_ALSO = ("environment_variables", "interpreter_path", "user_managed")


def fields_of(environment: Environment, root: Path) -> dict[str, Any]:
    """The arguments and blocks of a file in the folder; what is not said is left out."""
    said = {name: getattr(environment, name) for name in (*_PLAIN, *_ALSO)}
    said["conda_file"] = _conda_file(environment.conda_file, root)
    said["dockerfile"] = _dockerfile(environment.dockerfile)
    if (context := environment.context) is not None:
        said["build"] = {"path": within(root, context.path), "dockerfile_path": context.dockerfile_path}
    more = {name: within(root, one) if isinstance(one, Path) else one for name, one in environment.more.items()}
    fields = {name: one for name, one in (said | more).items() if one not in (None, "", {}, False)}
    if "version" in fields:
        fields["version"] = str(fields["version"])
    return fields


def environment_of(found: Found) -> Environment:
    """What is registered, so that to register it again changes nothing."""
    record = found.record
    definition, details = record.definition, record.details
    environment = Environment(
        found.registered.name,
        version=record.version,
        description=record.description or None,
        image=definition.image or None,
        build=_context(definition),
        conda_file=_conda(definition),
        tags=record.tags,
        properties=details.properties,
        inference_config=asdict(details.inference_config) if details.inference_config else None,
        environment_variables=details.environment_variables,
        dockerfile="\n".join(definition.dockerfile) or None,
        interpreter_path=details.interpreter_path or None,
        user_managed=details.user_managed,
    )
    environment.more = _more(definition)
    environment.hash, environment.digest, environment.created = record.hash, record.image, record.created
    return environment


def within(root: Path, path: str | Path) -> str:
    """A path of the current folder as the workspace's folder sees it."""
    relative = os.path.relpath(Path(path).absolute(), root.absolute())
    if relative.startswith(".."):
        detail = f"`{path}` lies outside of the workspace's folder `{root}`, and only what lies in it may be read."
        raise EnvformError(Diagnostic.error("File outside of the project", detail))
    return Path(relative).as_posix()


def _conda_file(given: object, root: Path) -> object:
    if isinstance(given, CondaDependencies):
        return given.as_dict()
    return within(root, given) if isinstance(given, (str, Path)) else given


def _dockerfile(given: str | None) -> str | None:
    if given is None or "\n" in given or not Path(given).is_file():
        return given
    return Path(given).read_text(encoding="utf-8")


def _context(definition: Definition) -> BuildContext | None:
    context = definition.context
    return BuildContext(Path(context.path), context.dockerfile) if context else None


def _conda(definition: Definition) -> Mapping[str, object] | None:
    conda = definition.conda
    if conda is None:
        return None
    pip = [*definition.options, *definition.packages]
    return {"channels": list(conda.channels), "dependencies": [*conda.dependencies, *([{"pip": pip}] if pip else [])]}


def _more(definition: Definition) -> dict[str, Any]:
    pip = [] if definition.conda else [*definition.options, *definition.packages]
    said = {
        "pip": pip,
        "docker_steps": list(definition.steps),
        "python_version": definition.python,
        "exclude_newer": definition.exclude_newer,
        "runtime": definition.runtime if definition.runtime != "container" else "",
    }
    spark = definition.spark
    blocks = {"spark": {"repositories": list(spark.repositories), "packages": list(spark.packages)}} if spark else {}
    return {name: one for name, one in (said | blocks).items() if one}
