"""A registered version brought into another registry, with its lock, so that others can use it by a name."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from reconciler.language.rules import check_registry_name, check_version
from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.model.publication import LATEST
from reconciler.model.sharing import REFERRERS, number
from reconciler.oci.reference import LAYOUT, Name, Place
from reconciler.oci.reference_rules import check_repository
from reconciler.session.catalogue import Catalogue

if TYPE_CHECKING:
    from reconciler.registries import Registries
    from reconciler.registries.copying import Copied
    from reconciler.registries.copying_places import FolderPlace, NetworkPlace
    from reconciler.session import Session
    from reconciler.session.catalogue import Found

Tell = Callable[[Digest, int], None]


@dataclass(frozen=True, slots=True)
class Shared:
    """The name that a version has there, its digest, and what that took; None where it was there already.

    `labels` lead to it from now on, and did not before; `moved` are those that led to another version, and which.
    """

    name: str
    version: str
    digest: Digest
    copied: Copied | None
    labels: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]


def share(session: Session, text: str, registry: str, name: str, version: str, tell: Tell) -> Shared:
    """Bring a version into a registry, under its own name and version where no others are given.

    What is there stays what it is: another image under that name is an error; but labels move, there as here. `tell`
    is told of content that is sent.
    """
    from reconciler.registries import Registries
    from reconciler.registries.copying import Copy

    found = Catalogue(session).find(text)
    name, version = name or found.registered.name, version or found.record.version
    place = _checked(registry, name, version)
    registries = Registries(session.root)
    target = registries.place(place.registry, place.repository(name))
    shared = f"{place}:{name}:{version}" if place.registry.startswith(LAYOUT) else f"{place}/{name}:{version}"
    there, image = target.describe(version), found.record.image
    if there is not None and there.digest != image:
        raise EnvformError(_taken(shared, found, there.digest))
    wanted = found.record.details.labels
    led = {one: at.digest if (at := target.describe(one)) else None for one in wanted}
    labels = tuple(one for one in wanted if led[one] != image)
    moved = tuple((one, _version_of(target, before, wanted)) for one in labels if (before := led[one]))
    work = Copy(_source(session, registries, found), target, lambda part: tell(part.digest, part.size))
    for tag in (*(() if there else (version,)), *labels):
        if work.image(Name("", digest=image), tag) is None:
            detail = f"`{found.called}` is registered, and `{session.settings.registry}` no longer has its image."
            raise EnvformError(Diagnostic.error("Image is gone", detail, hint="`envform apply` puts it back"))
    return Shared(shared, version, image, None if there else work.copied, labels, moved)


def _version_of(target: FolderPlace | NetworkPlace, image: Digest, labels: Collection[str]) -> str:
    """What else leads to an image there: the version that a label is taken from, or the image where none does."""
    others = sorted(set(target.tags()) - {*labels, LATEST}, key=lambda one: (number(one), one), reverse=True)
    versions = (one for one in others if not one.startswith(REFERRERS))
    return next((one for one in versions if (found := target.describe(one)) and found.digest == image), image.short)


def _source(session: Session, registries: Registries, found: Found) -> FolderPlace | NetworkPlace:
    own = Place.parse(session.settings.registry)
    return registries.place(own.registry, own.repository(found.registered.name))


def _checked(registry: str, name: str, version: str) -> Place:
    problems = Diagnostics()
    for finding in (check_registry_name(name), check_version(version)):
        if finding:
            problems.add(Diagnostic.error(*finding))
    problems.check()
    try:
        place = Place.parse(registry)
        if not place.registry.startswith(LAYOUT):
            check_repository(place.registry, place.repository(name))
    except ValueError as cause:
        raise EnvformError(Diagnostic.error("Invalid registry", str(cause))) from cause
    return place


def _taken(shared: str, found: Found, there: Digest) -> Diagnostic:
    detail = (
        f"An environment with this name and version already exists in registry: `{shared}` is the image "
        f"{there.short}, and `{found.called}` is {found.record.image.short}. What is published never changes."
    )
    hint = "share it under another `-version` or `-name`"
    return Diagnostic.error("Version is already published with another image", detail, hint=hint)
