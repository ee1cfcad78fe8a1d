"""What Dockerfiles and build contexts hold: the images they stand on, and all that an engine is to be sent."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from reconciler.builders.docker.blueprint import Blueprint, Foundation, Sent
from reconciler.builders.docker.context import changed
from reconciler.builders.docker.dockerfile import steps_on
from reconciler.execution.survey import Bases, OpenRegistry
from reconciler.language.definition.context import joined, read_context
from reconciler.language.definition.dockerfile import parse_dockerfile
from reconciler.language.definition.stages import Stage, made, origins_of, stages_of
from reconciler.language.files import Files, TreeEntry
from reconciler.language.remembered_files import RememberedFiles
from reconciler.language.rules import check_image
from reconciler.language.source import ProjectFiles
from reconciler.language.span import RefusedError
from reconciler.model.definition import Context, Definition
from reconciler.model.diagnostic import Diagnostic, RegistryError
from reconciler.model.digest import Digest
from reconciler.model.environment import Environment
from reconciler.oci.image import Image
from reconciler.oci.reference import Reference


def foundations(text: str, arguments: Mapping[str, str], target: str) -> tuple[Foundation, ...]:
    """The images that a build of the target takes: what its stages stand on, and what they copy or mount from.

    Other stages are none, and neither is `scratch`.
    """
    stages = stages_of(parse_dockerfile(text), arguments, [])
    found = []
    for stage in made(stages, target):
        names = {other.name for other in stages[: stage.number] if other.name}
        if stage.base and stage.base != "scratch" and stage.base.lower() not in names:
            found.append(Foundation(stage.line, stage.written, stage.base, platform=stage.platform or ""))
        found.extend(_copied(stage, {"scratch", *(other.name for other in stages)}))
    return tuple(dict.fromkeys(found))


def _copied(stage: Stage, names: Collection[str]) -> Iterator[Foundation]:
    for line, origin in origins_of(stage):
        if not (origin.isdecimal() or origin.lower() in names or "$" in origin or check_image(origin)):
            yield Foundation(line, origin, origin, is_copied=True)


@dataclass
class Foundations:
    """What FROMs lead to while planning; `warnings` are about those of which nobody here can tell."""

    files: Files
    bases: Bases
    open_registry: OpenRegistry
    warnings: list[Diagnostic] = field(default_factory=list)

    def digests(self, environment: Environment) -> Mapping[str, Digest]:
        """By reference, but for images of this workspace, whose name is a hash already."""
        contents, found = environment.contents, {}
        for foundation in _of(contents, self.files):
            reference = foundation.reference
            elsewhere = foundation.platform not in ("", environment.platform)
            if "@" in reference or elsewhere or not self._can_be_asked(environment, reference):
                continue
            base = self.bases.look_up(_standing_on(environment, reference))
            if base.digest and not base.own:
                found[reference] = base.digest
        return found

    def _can_be_asked(self, environment: Environment, reference: str) -> bool:
        try:
            self.open_registry(Reference.parse(reference).registry)
        except RegistryError:
            self.warnings.append(_unpinned(environment, reference))
            return False
        return True


def _standing_on(environment: Environment, reference: str) -> Environment:
    """As if the image of a Dockerfile were its own, so that what is wrong with that is told there."""
    found = (environment.places.get(name) for name in ("dockerfile", "build", "docker_steps"))
    place = next((one for one in found if one), None)
    places = {**environment.places, "image": place} if place else environment.places
    return replace(environment, image=reference, places=places)


def _of(definition: Definition, files: Files) -> tuple[Foundation, ...]:
    if context := definition.context:
        text = files.text(joined(context.path, context.dockerfile))
        return foundations(text, context.arguments, context.target)
    return foundations(_text_of(definition), {}, "")


def _text_of(definition: Definition) -> str:
    """A Dockerfile that is written out; of steps, one on nothing, for what they are taken on is known otherwise."""
    return "\n".join([*definition.dockerfile, ""]) if definition.dockerfile else steps_on("scratch", definition.steps)


def _unpinned(environment: Environment, reference: str) -> Diagnostic:
    place = environment.places.get("dockerfile") or environment.places.get("build")
    return Diagnostic.warning(
        "Base image is not followed",
        f"`FROM {reference}` names an image in a registry that envform cannot ask, so what its tag means is decided by "
        "the Docker engine while it builds, and a newer image is not seen by any plan.",
        hint="write its digest, as in `FROM NAME@sha256:…`",
        address=environment.address,
    ).at(place)


@dataclass(frozen=True)
class Blueprints:
    """What an engine is to build, read from the project again when it is built."""

    root: Path
    open_registry: OpenRegistry

    def of(self, definition: Definition) -> Blueprint:
        """The blueprint; BuildError where the project holds something else than was planned."""
        context = definition.context
        if context is None:
            text = _text_of(definition)
            return Blueprint(text, foundations=_pinned(foundations(text, {}, ""), definition))
        files = RememberedFiles(ProjectFiles(self.root))
        try:
            given = (context.dockerfile, context.arguments, context.target)
            found = read_context(files, context.path, *given)
        except RefusedError as cause:
            raise changed(context.path) from cause
        if found.tree != context.tree:
            raise changed(context.path)
        standing = foundations(found.text, context.arguments, context.target)
        return Blueprint(
            dockerfile=found.text,
            name=found.dockerfile,
            foundations=_pinned(standing, definition),
            files=[self._sent(files, context, entry) for entry in found.sent],
            arguments=context.arguments,
            target=context.target,
        )

    def find(self, foundation: Foundation, platform: str) -> Image | None:
        """An image that a Dockerfile stands on; None where only the engine can reach its registry."""
        reference = Reference.parse(foundation.reference)
        try:
            registry = self.open_registry(reference.registry)
        except RegistryError:
            return None
        digest = foundation.digest or reference.name.digest
        name = replace(reference.name, digest=digest) if digest else reference.name
        image = registry.pull(name, foundation.platform or platform)
        if image is None:
            raise RegistryError(
                "Base image is gone",
                f"`{foundation.reference}`, on which a Dockerfile stands, is not in `{reference.registry}` any more as "
                "it was when this was planned. Plan again.",
            )
        return image

    def _sent(self, files: Files, context: Context, entry: TreeEntry) -> Sent:
        if entry.kind != "file":
            return Sent(entry.name, "link" if entry.kind == "link" else "folder", target=entry.target)
        name = joined(context.path, entry.name)
        digest = files.digest(name)
        return Sent(entry.name, "file", entry.executable, entry.size, digest=digest, open=partial(self._open, name))

    def _open(self, name: str) -> BinaryIO:
        path = (self.root / name).resolve()
        return path.open("rb") if self.root.resolve() in path.parents else BytesIO()


def _pinned(found: tuple[Foundation, ...], definition: Definition) -> tuple[Foundation, ...]:
    here = ("", definition.platform)
    bases = definition.bases
    return tuple(replace(one, digest=bases.get(one.reference) if one.platform in here else None) for one in found)
