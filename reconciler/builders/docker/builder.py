"""Images from a Docker engine: sent what was planned, and what it makes taken out of it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from reconciler.builders.attempt import Attempt
from reconciler.builders.docker import failures
from reconciler.builders.docker.archive import archived
from reconciler.builders.docker.blueprint import Blueprint, Foundation
from reconciler.builders.docker.context import place_for_context, write_context
from reconciler.builders.docker.dockerfile import frontend_of, standing_on, steps_on, without_frontend
from reconciler.builders.docker.engine import Engine
from reconciler.builders.docker.log import BuildLog
from reconciler.builders.docker.order import Order
from reconciler.builders.docker.saved import read_saved
from reconciler.builders.layers.cache import Cache
from reconciler.model.address import Address
from reconciler.model.definition import Definition
from reconciler.model.diagnostic import BuildError
from reconciler.model.digest import Digest
from reconciler.model.event import ChangeProgressed
from reconciler.model.pattern import lazy_pattern
from reconciler.model.work import Recipe
from reconciler.oci.assembly import append_layers
from reconciler.oci.config import read_config
from reconciler.oci.image import Blob, Image
from reconciler.oci.strict_json import ContentError
from reconciler.protocols import EventSink

RECIPE_VERSION = "docker-1"
_USUAL_FRONTEND = lazy_pattern(r"(docker\.io/)?docker/dockerfile(:\S+)?(@\S+)?")
_BASES = "envform.invalid/base"  # a registry that cannot be, so that nobody fetches or pushes it


@dataclass
class DockerBuilder:
    """Builds what a definition says with an engine.

    `blueprint` gives what Dockerfiles and contexts hold now, and refuses what is not as it was planned; `find` gives an
    image that we can fetch ourselves, and None for those that the engine has to fetch.
    """

    engine: Engine
    cache: Cache
    blueprint: Callable[[Definition], Blueprint]
    find: Callable[[Foundation, str], Image | None]
    _names: dict[str, int] = field(default_factory=dict)
    _mutex: Lock = field(default_factory=Lock)

    def build(self, recipe: Recipe, base: Image, emit: EventSink) -> Image:
        """The image of a recipe, without its packages; `base` is what its steps are taken on."""
        definition = recipe.definition
        blueprint, under = self.blueprint(definition), {}
        if definition.steps and not definition.dockerfile:
            under = {_name_of(base): base}
            blueprint = replace(blueprint, dockerfile=steps_on(_name_of(base), definition.steps))
        found = {one: self.find(one, definition.platform) for one in blueprint.foundations}
        own = {one: image for one, image in found.items() if image is not None}
        with self._loaded(under | {_name_of(image): image for image in own.values()}):
            names = {one: _name_of(image) for one, image in own.items()}
            for foundation in found.keys() - own.keys():
                names[foundation] = self._pulled(foundation, foundation.platform or definition.platform)
            text = standing_on(blueprint.dockerfile, names)
            bases = [*under.values(), *own.values()]
            return self._made(recipe, replace(blueprint, dockerfile=text), bases, emit)

    def _made(self, recipe: Recipe, blueprint: Blueprint, bases: list[Image], emit: EventSink) -> Image:
        definition = recipe.definition
        attempt, log = Attempt.of(emit), BuildLog(emit)
        text = self._readable(blueprint.dockerfile, definition.platform, emit)
        with place_for_context() as context:
            write_context(blueprint.files, blueprint.name, text, context)
            order = Order(context, blueprint.name, definition.platform, blueprint.arguments, blueprint.target)
            made = self.engine.build(order, log, attempt)
        try:
            with self.engine.saved(made) as archive, _room_in(self.cache.folder):
                image = read_saved(archive, _layers_of(bases), self.cache)
            return _labelled(image, recipe)
        except ContentError as cause:
            raise failures.unreadable(self.engine.asked, str(cause)) from cause
        finally:
            self.engine.drop(made)

    def _readable(self, text: str, platform: str, emit: EventSink) -> str:
        """The Dockerfile as the engine can read it: what is to read it is fetched first, or it is read without."""
        frontend = frontend_of(text)
        if not frontend or self.engine.fetches_frontends or self.engine.knows(frontend):
            return text
        try:
            self.engine.pull(frontend, platform)
        except BuildError:
            if not _USUAL_FRONTEND.fullmatch(frontend):
                raise
            said = f"`{frontend}` cannot be fetched: the engine reads the Dockerfile as it knows how to."
            emit(ChangeProgressed(Address(""), said))
            return without_frontend(text)
        return text

    def _pulled(self, foundation: Foundation, platform: str) -> str:
        """What the engine is to call an image that it fetches itself."""
        repository = foundation.reference.partition("@")[0]
        pinned = f"{repository}@{foundation.digest}" if foundation.digest else foundation.reference
        self.engine.pull(pinned, platform)
        return pinned

    @contextmanager
    def _loaded(self, images: dict[str, Image]) -> Iterator[None]:
        """While the block lasts the engine has these images under these names; builds that run share them."""
        begun: list[str] = []
        try:
            for name, image in images.items():
                with self._mutex:
                    self._names[name] = self._names.get(name, 0) + 1
                    begun.append(name)
                    if not self.engine.knows(name):
                        self._load(image, name)
            yield
        finally:
            for name in begun:
                with self._mutex:
                    self._names[name] -= 1
                    if not self._names[name]:
                        self.engine.forget(name)

    def _load(self, image: Image, name: str) -> None:
        config = image.config.descriptor.digest
        if self.engine.knows(config):
            self.engine.tag(config, name)
        else:
            self.engine.load(archived(image, name), name)


def _name_of(base: Image) -> str:
    return f"{_BASES}:{base.digest.hex[:32]}"


@contextmanager
def _room_in(folder: Path) -> Iterator[None]:
    """What this machine cannot write is not the engine's fault, and no better in a second."""
    try:
        yield
    except OSError as cause:
        if cause.errno is None or isinstance(cause, (ConnectionError, TimeoutError)):
            raise  # of the connection
        raise BuildError(
            "Cache cannot be used",
            f"What the engine has made is kept in `{folder}`, which cannot be used: {cause.strerror}. Free some space "
            "there, or set `XDG_CACHE_HOME` to a folder that you may write.",
        ) from cause


def _layers_of(bases: list[Image]) -> dict[Digest, Blob]:
    """The layers of images by the digests under which an engine may give them back."""
    known: dict[Digest, Blob] = {}
    for base in bases:
        known |= {layer.descriptor.digest: layer for layer in base.layers}
        with suppress(ContentError):
            root = read_config(base).get("rootfs")
            stated = root.get("diff_ids") if isinstance(root, dict) else None
            known |= {Digest(str(digest)): layer for digest, layer in zip(stated or (), base.layers, strict=False)}
    return known


def _labelled(image: Image, recipe: Recipe) -> Image:
    origin = {
        "org.opencontainers.image.base.name": recipe.definition.image,
        "org.opencontainers.image.base.digest": recipe.lock.base or "",
    }
    origin = {name: value for name, value in origin.items() if value}
    labels = {"dev.envform.lock": recipe.lock.digest, "dev.envform.recipe": RECIPE_VERSION, **origin}
    return append_layers(image, (), labels=labels, variables={}, annotations=origin)
