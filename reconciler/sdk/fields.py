"""Between what programs say of an environment and what a file would say."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.sdk.conda_dependencies import CondaDependencies
from reconciler.sdk.environment import Environment
from reconciler.sdk.sketched import sketched

if TYPE_CHECKING:
    from reconciler.session.catalogue import Found

_PLAIN = ("name", "version", "description", "tags", "properties", "inference_config", "os_type")
_ALSO = ("environment_variables", "interpreter_path", "user_managed")
_WITH_CREDENTIALS = "Credentials in a definition"
_DEFAULT_INTERPRETER = "python"


def fields_of(environment: Environment, root: Path, images: Mapping[str, str], problems: Diagnostics) -> dict[str, Any]:
    """The arguments and blocks of a file in the folder; what is not said is left out, and what cannot be, too.

    `images` are those to take in the place of others.
    """

    def path(given: str | Path) -> str | None:
        return within(root, given, problems)

    said = _said(environment, path)
    said["image"] = _image(environment, images)
    said["dockerfile"] = _dockerfile(environment.dockerfile, problems)
    if environment.interpreter_path == _DEFAULT_INTERPRETER:
        del said["interpreter_path"]
    _refuse_credentials(environment, problems)
    return {name: one for name, one in said.items() if one not in (None, "", {}, False)}


def described(environment: Environment) -> dict[str, Any]:
    """All that is said of it, with whole paths; two that say the same are equal."""

    def path(given: str | Path) -> str:
        return str(Path(given).resolve())

    said = {**_said(environment, path), "image": environment.image, "dockerfile": environment.dockerfile}
    return {name: one for name, one in said.items() if one not in (None, "", {}, [], False)}


def _said(environment: Environment, path: Callable[[str | Path], str | None]) -> dict[str, Any]:
    said = {name: getattr(environment, name) for name in (*_PLAIN, *_ALSO)}
    packages = environment.python.packages
    for name, given in {**environment.more, **packages}.items():
        of_file = name in ("conda_file", "requirements_file") and isinstance(given, str)
        said[name] = path(given) if of_file or isinstance(given, Path) else given
    if isinstance(said.get("conda_file"), CondaDependencies):
        said["conda_file"] = said["conda_file"].as_dict()
    if (context := environment.context) is not None:
        folder = path(context.path)
        said["build"] = {"path": folder, "dockerfile_path": context.dockerfile_path} if folder is not None else None
    said["spark"] = environment.spark.block
    if environment.requirements and not environment.requirements.keys() & packages.keys():
        said = {name: one for name, one in said.items() if name not in environment.requirements}
    return said


def _image(environment: Environment, images: Mapping[str, str]) -> str | None:
    image, registry = environment.image, environment.docker.base_image_registry.address
    if not image:
        return None
    image = f"{registry}/{image}" if registry and not image.startswith(f"{registry}/") else image
    untagged = image.partition("@")[0]
    untagged = untagged[: untagged.rfind(":")] if ":" in untagged.rpartition("/")[2] else untagged
    return images.get(image) or images.get(untagged) or image


def _refuse_credentials(environment: Environment, problems: Diagnostics) -> None:
    registry = environment.docker.base_image_registry
    if registry.username or registry.password:
        host = registry.address or "HOST"
        detail = (
            "`docker.base_image_registry` has a user name or a password. A definition is hashed, recorded and "
            "published, so it holds none; whoever builds has them from where Docker keeps them."
        )
        problems.add(Diagnostic.error(_WITH_CREDENTIALS, detail, hint=f"envform login {host}"))


def environment_of(found: Found, root: Path, hear: Callable[[Diagnostic], None] = lambda _: None) -> Environment:
    """What is registered, so that to register it again changes nothing; what it could not hold of that is heard."""
    record, name = found.record, found.registered.name
    if record.definition.debian is not None:
        environment = Environment(name, description=record.description or None, tags=record.tags)
    else:
        from reconciler.session.cloning import sketch_record

        sketch = sketch_record(record, name)
        environment = placed(Environment(name, **sketched(sketch)), root)
        for told in sketch.told:
            hear(told)
    environment.version, environment.latest_version = record.version, found.registered.latest.version
    environment.hash, environment.digest, environment.created = record.hash, record.image, record.created
    if record.details.labels:
        environment.more["labels"] = list(record.details.labels)
    environment.registered = described(environment)
    return environment


def placed(environment: Environment, root: Path) -> Environment:
    """The same for a program in another folder: paths of the workspace's folder as the current folder sees them."""
    if environment.context is not None:
        environment.context.path = root / environment.context.path
    return environment


def within(root: Path, path: str | Path, problems: Diagnostics) -> str | None:
    """A path of the current folder as the workspace's folder sees it."""
    relative = os.path.relpath(Path(path).absolute(), root.absolute())
    if relative == ".." or relative.startswith(f"..{os.sep}"):
        detail = f"`{path}` lies outside of the workspace's folder `{root}`, and only what lies in it may be read."
        problems.add(Diagnostic.error("File outside of the project", detail))
        return None
    return Path(relative).as_posix()


def _dockerfile(given: str | None, problems: Diagnostics) -> str | None:
    if given is None or "\n" in given.strip() or not _is_path(given):
        return given
    try:
        return Path(given.strip()).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        detail = f"`{given.strip()}` was taken for the path of a Dockerfile, and cannot be read: {cause}."
        problems.add(Diagnostic.error("No such Dockerfile", detail))
        return None


def _is_path(given: str) -> bool:
    """One word is no Dockerfile, and two words are no path."""
    return len(given.split()) == 1
