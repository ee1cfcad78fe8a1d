"""Images with the names of packages in place of the packages: for tests of everything around a build."""

from __future__ import annotations

import tarfile
from io import BytesIO

from reconciler.model.definition import Artefact
from reconciler.model.diagnostic import BuildError
from reconciler.model.work import Recipe
from reconciler.oci.assembly import append_layer
from reconciler.oci.image import Image
from reconciler.oci.strict_json import ContentError
from reconciler.protocols import EventSink

RECIPE_VERSION = "1"
_FOLDER = "opt/env/artefacts"


class MemoryBuilder:
    """Puts one layer on the base, with one small file for each artefact of the lock."""

    def build(self, recipe: Recipe, base: Image, emit: EventSink) -> Image:  # noqa: ARG002 - nothing takes time here
        """The image of a lock; a lock without artefacts asks for the base itself."""
        if not recipe.lock.artefacts:
            return base
        layer = _layer(sorted(recipe.lock.artefacts, key=lambda artefact: (artefact.name, artefact.version)))
        history = f"envform: {len(recipe.lock.artefacts)} artefacts"
        try:
            return append_layer(base, layer, history=history, labels=_labels(recipe))
        except ContentError as cause:
            raise BuildError(
                "Base image cannot be built on",
                f"Nothing can be put on the base image `{recipe.definition.image}`: {cause} Choose another base image.",
            ) from cause


def _labels(recipe: Recipe) -> dict[str, str]:
    # only what is true of the image itself: one image may serve many definitions
    return {
        "dev.envform.lock": recipe.lock.digest,
        "dev.envform.recipe": RECIPE_VERSION,
        "org.opencontainers.image.base.name": recipe.definition.image,
        "org.opencontainers.image.base.digest": recipe.lock.base or "",
    }


def _layer(artefacts: list[Artefact]) -> bytes:
    content = BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for artefact in artefacts:
            text = f"{artefact.name} {artefact.version} {artefact.digest}\n".encode()
            member = tarfile.TarInfo(f"{_FOLDER}/{artefact.name}-{artefact.version}")
            member.size = len(text)
            tar.addfile(member, BytesIO(text))
    return content.getvalue()
