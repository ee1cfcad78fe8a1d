"""What an engine has to make first, and packages in layers of ours above that."""

from __future__ import annotations

from reconciler.builders.spark import with_spark
from reconciler.model.work import Recipe
from reconciler.oci.image import Image
from reconciler.protocols import Builder, EventSink


class CompositeBuilder:
    """Steps and Dockerfiles go to the engine; the image that it makes is the base of the packages."""

    def __init__(self, engine: Builder, layers: Builder, conda: Builder, debian: Builder, venv: Builder) -> None:
        self._engine = engine
        self._debian = debian
        self._layers = layers
        self._conda = conda
        self._venv = venv

    def build(self, recipe: Recipe, base: Image, emit: EventSink) -> Image:
        """The image for a recipe; an engine is asked for nothing where there is nothing for it to do."""
        if recipe.definition.debian:
            return self._debian.build(recipe, base, emit)
        if recipe.definition.runtime == "local":
            return self._venv.build(recipe, base, emit)
        if recipe.definition.needs_engine:
            base = self._engine.build(recipe, base, emit)
        image = (self._conda if recipe.definition.conda else self._layers).build(recipe, base, emit)
        return with_spark(recipe, image)
