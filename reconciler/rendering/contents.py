"""What a version holds, under the names that users write in an `environment` block."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reconciler.model.definition import Conda, Context, Definition, Spark
from reconciler.model.details import Details, InferenceConfig, Route, Verify
from reconciler.model.digest import Digest
from reconciler.model.plan import Desired
from reconciler.model.state import Record
from reconciler.rendering.locks import size_text
from reconciler.rendering.values import UNKNOWN, Block, Map, Value

HASH_DIGITS = 12
# Attributes whose value is made from the definition, so that their change makes another image.
DEFINING = frozenset(
    {
        "allow_source_builds",
        "base_digest",
        "base_digests",
        "build",
        "conda",
        "constraints",
        "debian",
        "docker_steps",
        "dockerfile",
    }
    | {"exclude_newer", "files", "image", "interpreter_path", "packages", "pip", "platform", "python_version"}
    | {"accelerator", "runtime", "spark"}
)

Spell = Callable[[Digest], str]


def short(digest: Digest) -> str:
    """A digest as people compare it."""
    return digest.short


def contents(name: str, version: Record | Desired, spell: Spell = str) -> dict[str, Value]:
    """All of a version; what is not set is absent. People are shown short digests, programs whole ones."""
    digits = HASH_DIGITS if spell is short else None
    description = {"description": version.description} if version.description else {}
    tags = {"tags": Map(version.tags)} if version.tags else {}
    return {
        **_defining(version.definition, spell),
        **_beside(version.details),
        **description,
        **tags,
        "digest": spell(version.image) if version.image else UNKNOWN,
        "hash": version.hash[:digits],
        "name": name,
        "version": version.version,
        **(dict.fromkeys(version.late, UNKNOWN) if isinstance(version, Desired) else {}),
    }


def _defining(definition: Definition, spell: Spell) -> dict[str, Value]:
    pip = [*definition.options, *definition.packages]
    everything: dict[str, Value] = {
        "allow_source_builds": definition.allow_source_builds,
        "accelerator": definition.conda.accelerator if definition.conda else None,
        "base_digest": spell(definition.base) if definition.base else None,
        "base_digests": Map({reference: spell(digest) for reference, digest in definition.bases.items()}),
        "build": _build(definition.context, spell),
        "conda": _conda(definition.conda, pip),
        "constraints": list(definition.constraints),
        "debian": definition.debian.suite if definition.debian else None,
        "docker_steps": list(definition.steps),
        "dockerfile": "\n".join(definition.dockerfile),
        "exclude_newer": definition.exclude_newer,
        "files": Map({path: spell(digest) for path, digest in definition.files.items()}),
        "image": definition.image,
        "interpreter_path": definition.interpreter,
        "packages": list(definition.debian.packages) if definition.debian else None,
        "pip": pip if definition.conda is None else None,
        "platform": definition.platform,
        "python_version": definition.python,
        "runtime": definition.runtime if definition.runtime != "container" else None,
        "spark": _spark(definition.spark),
    }
    return {name: value for name, value in everything.items() if value}


def _beside(details: Details) -> dict[str, Value]:
    everything: dict[str, Value] = {
        "compat_hash": details.compat_hash,
        "environment_variables": Map(details.environment_variables),
        "inference_config": _inference(details.inference_config),
        "labels": list(details.labels),
        "on_destroy": details.on_destroy if details.on_destroy != "archive" else None,
        "properties": Map(details.properties),
        "user_managed": details.user_managed,
        "verify": _verify(details.verify),
    }
    if details.interpreter_path:
        everything["interpreter_path"] = details.interpreter_path
    return {name: value for name, value in everything.items() if value}


def _build(context: Context | None, spell: Spell) -> Value:
    if context is None:
        return None
    arguments = {"args": Map(context.arguments)} if context.arguments else {}
    target = {"target": context.target} if context.target else {}
    said = {"dockerfile_path": context.dockerfile, "files_digest": spell(context.tree), "path": context.path}
    return Block({**said, **_files(context, spell), **arguments, **target})


def _files(context: Context, spell: Spell) -> dict[str, Value]:
    """How many; of what was recorded before they were counted nobody knows."""
    if not context.files:
        return {}
    ignored: dict[str, Value] = {"files_ignored": context.ignored} if context.ignored else {}
    return {
        "files": context.files,
        "files_size": size_text(context.size) if spell is short else context.size,
        **ignored,
    }


def _conda(conda: Conda | None, pip: Sequence[str]) -> Value:
    if conda is None:
        return None
    return _lists({"channels": conda.channels, "dependencies": conda.dependencies, "pip": pip})


def _spark(spark: Spark | None) -> Value:
    return _lists({"packages": spark.packages, "repositories": spark.repositories}) if spark else None


def _lists(lists: Mapping[str, Sequence[str]]) -> Block:
    return Block({name: list(texts) for name, texts in lists.items() if texts})


def _verify(verify: Verify | None) -> Value:
    if verify is None:
        return None
    lists: dict[str, Value] = {"commands": list(verify.commands), "imports": list(verify.imports)}
    asked = lists | {"pip_check": verify.pip_check}
    return Block({name: value for name, value in asked.items() if value} | {"timeout": verify.timeout})


def _inference(config: InferenceConfig | None) -> Value:
    if config is None:
        return None
    routes = ("liveness_route", "readiness_route", "scoring_route")
    return Block({name: _route(getattr(config, name)) for name in routes})


def _route(route: Route) -> Block:
    return Block({"path": route.path, "port": route.port})
