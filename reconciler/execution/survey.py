"""Looks at base images and at the workspace's registry, asking each question once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

from reconciler.model.diagnostic import Diagnostic, EnvformError, RegistryError
from reconciler.model.digest import Digest
from reconciler.model.environment import Environment
from reconciler.model.frozen import dataclass
from reconciler.model.observation import NOTHING_SEEN, Level, Observation
from reconciler.model.plan import Orphan
from reconciler.model.publication import CACHE, LAYERS, expected_tags
from reconciler.model.state import Registered
from reconciler.model.suggestion import did_you_mean
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Image
from reconciler.oci.reference import Name, Reference
from reconciler.protocols import Registry

OpenRegistry = Callable[[str], Registry]
Key = tuple[str, str]
Descriptions = Mapping[Name, Descriptor | None]
NO_IMAGE = Digest.of(b"")  # in the place of what a list leaves out
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Base:
    """What a base image's reference means today for one platform: an image, perhaps found through an `index`.

    The index is not what a base is known by: it also moves when images for other platforms do.

    `own` is an image of this workspace, called by its hash: that says what it is, so no digest needs to. It may not be
    built yet: then there is no digest, and `content` is an image with the same interpreter, where there is one.
    `python` is the X.Y that it will have, empty for none, where its lock tells.
    """

    reference: str
    digest: Digest | None
    content: Image | None
    own: bool = False
    python: str | None = None
    index: Digest | None = None


NOWHERE = Base("", None, None)  # a Dockerfile names what it stands on


class Bases:
    """Each distinct base and platform is looked up once; those that this very plan will publish need no looking.

    `cache` is the repository in which the workspace keeps its images by hash.
    """

    def __init__(self, open_registry: OpenRegistry, cache: str) -> None:
        self._open_registry = open_registry
        self._cache = cache
        self._found: dict[tuple[str, str], Base] = {}
        self._planned: dict[str, Base] = {}
        self._foreseen: dict[tuple[str, str], Future[Image | None]] = {}

    def foresee(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Begin to ask for references and platforms that will be looked up, where asking takes a while."""
        far = []
        for image, platform in dict.fromkeys(wanted):
            with suppress(EnvformError, ValueError):  # told when it is looked up, if it is
                reference = Reference.parse(image)
                if not (image.startswith(f"{self._cache}:") or self._open_registry(reference.registry).at_hand):
                    far.append((reference, platform))
        if len(far) > 1:
            pool = ThreadPoolExecutor(_AT_ONCE)
            for reference, platform in far:
                self._foreseen[str(reference), platform] = pool.submit(self._pulled, reference, platform)
            pool.shutdown(wait=False)

    def _pulled(self, reference: Reference, platform: str) -> Image | None:
        return self._open_registry(reference.registry).pull(reference.name, platform)

    def will_be(self, reference: str, image: Digest | None, content: Image | None, python: str | None = None) -> None:
        """A reference that apply makes true before anybody pulls it."""
        self._planned[reference] = Base(reference, image, content, own=True, python=python)

    def look_up(self, environment: Environment) -> Base:
        """The base of an environment; EnvformError at its `image` where there is none to be had."""
        if not environment.image:
            return NOWHERE
        key = (environment.image, environment.platform)
        if key not in self._found:
            try:
                self._found[key] = self._asked(environment)
            except EnvformError as error:
                place = environment.places.get("image")
                told = (replace(problem, address=environment.address).at(place) for problem in error.diagnostics)
                raise EnvformError(*told) from error
        return self._found[key]

    def _asked(self, environment: Environment) -> Base:
        reference = Reference.parse(environment.image)
        if planned := self._planned.get(str(reference)):
            return self._with_content(planned, reference.name, environment.platform)
        registry = self._open_registry(reference.registry)
        foreseen = self._foreseen.get((str(reference), environment.platform))
        image = foreseen.result() if foreseen else self._pulled(reference, environment.platform)
        if image is None:
            raise EnvformError(_not_found(environment, reference, registry))
        own = str(reference).startswith(f"{self._cache}:")
        return Base(str(reference), image.digest, image, own, index=image.index)

    def _with_content(self, planned: Base, name: Name, platform: str) -> Base:
        """What an engine has built can be looked at once it is there."""
        if planned.content or planned.digest is None:
            return planned
        registry = self._open_registry(Reference.parse(planned.reference).registry)
        return replace(planned, content=registry.pull(name, platform))


def _not_found(environment: Environment, reference: Reference, registry: Registry) -> Diagnostic:
    tags = registry.list(reference.name.repository)
    there = f" Under that name it holds: {', '.join(sorted(tags)[:5])}." if tags else ""
    return Diagnostic.error(
        "Base image not found",
        f"`{environment.image}` does not exist: `{reference.registry}` was asked and holds no such image.{there}",
        hint=did_you_mean(reference.name.tag, tags),
    )


class RegistrySurvey:
    """What the workspace's registry holds: one listing for each repository, one question for each tag at most.

    Where a listing has its price, names that nothing changes about are not listed: the cache has all of their images.
    Names that are `expected` to be new are listed together, once the first of them is.
    """

    def __init__(
        self, registry: Registry, level: Level, registered: Collection[Registered], expected: Collection[str] = ()
    ) -> None:
        self._registry = registry
        self._expected = set(expected)
        self._looks = level is not Level.NONE
        self._listed: dict[str, dict[str, Digest | None]] = {}
        self._described: set[str] = set()
        self._asked: defaultdict[str, dict[str, Digest | None]] = defaultdict(dict)
        self._alike = _alike(registered)
        names = (environment.name for environment in registered) if registry.at_hand else ()
        for name in (CACHE, *names) if self._looks else ():
            self._list(name)
        if level in (Level.DIGESTS, Level.DEEP):
            self._ask_for_digests(registered)
        elif self._looks and not registry.at_hand:
            self._ask_for_doubtful(registered)
        self._hollow = dict(self._look_inside(registered)) if level is Level.DEEP else {}

    def of(self, name: str, *, renamed: bool = False) -> Observation:
        """All that concerns one environment, registered or not. What is renamed has not been published as that yet."""
        if not self._looks:
            return NOTHING_SEEN
        repositories = {CACHE: self._list(CACHE)}
        if not renamed and (self._registry.at_hand or name in self._listed):
            repositories[name] = self._list(name)
        elif not renamed and name in self._asked:
            repositories[name] = self._asked[name]
        return Observation(repositories, self._hollow, self._alike)

    def closely(self, name: str) -> Observation:
        """The same of an environment that is to be published: every tag that its name has, with digests."""
        if self._looks and not self._registry.at_hand and name not in self._described:
            names = self._list_expected() if name in self._expected else [name]
            self._described.update(names)
            listed = {one: self._list(one) for one in names}
            unknown = [Name(one, tag) for one, tags in listed.items() for tag, digest in tags.items() if digest is None]
            for asked, descriptor in self._registry.describe_many(unknown).items():
                listed[asked.repository][asked.tag] = descriptor.digest if descriptor else None
        return self.of(name)

    def orphans(self, registered: Iterable[Registered]) -> Iterator[Orphan]:
        """What the registry holds and no record owns."""
        owned = {key for environment in registered for key in expected_tags(environment)}
        for repository in sorted({*self._listed, *self._registry.catalog()} - {LAYERS}):
            for tag, digest in sorted(self._list(repository).items()):
                if (repository, tag) not in owned:
                    yield Orphan(repository, tag, digest)

    def _list(self, repository: str) -> dict[str, Digest | None]:
        if repository not in self._listed:
            self._listed[repository] = dict(self._registry.list(repository))
        return self._listed[repository]

    def _list_expected(self) -> list[str]:
        names, self._expected = sorted(self._expected), set()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for name, tags in zip(names, pool.map(self._registry.list, names), strict=True):
                self._listed.setdefault(name, dict(tags))
        return names

    def _look_inside(self, registered: Iterable[Registered]) -> Iterator[tuple[Digest, tuple[Digest, ...]]]:
        """Each image once, through a tag that leads to it; what is not there at all was seen before."""
        images: dict[Digest, Name] = {}
        for environment in registered:
            for (repository, tag), image in expected_tags(environment).items():
                if self._seen(repository).get(tag) == image:
                    images.setdefault(image, Name(repository, tag, image))
        found = self._registry.missing_many(images.values())
        yield from ((image, tuple(found[name])) for image, name in images.items() if found[name])

    def _ask_for_digests(self, registered: Collection[Registered]) -> None:
        """A listing may name what is gone, or not tell the digest; and one that came over a network may be wrong."""
        wanted = _expected(registered)
        near = self._registry.at_hand
        found = self._ask(Name(*key) for key in wanted if not near or key[1] in self._listed[key[0]])
        if not near:
            self._make_sure(found, wanted)

    def _ask_for_doubtful(self, registered: Collection[Registered]) -> None:
        """Nothing is known to be gone or moved only because a list says so, which nobody can verify."""
        wanted = {key: images for key, images in _expected(registered).items() if key[0] in self._listed}
        doubtful = [
            Name(repository, tag)
            for (repository, tag), images in wanted.items()
            if self._listed[repository].get(tag, NO_IMAGE) not in (None, *images)
        ]
        self._make_sure(self._ask(doubtful), wanted)

    def _make_sure(self, found: Descriptions, wanted: Mapping[Key, Collection[Digest]]) -> None:
        """A tag has moved for certain where what it is said to mean is there; a header may be changed on its way."""
        moved = [
            Name(name.repository, digest=descriptor.digest)
            for name, descriptor in found.items()
            if descriptor and descriptor.digest not in wanted[name.repository, name.tag]
        ]
        for name, descriptor in self._registry.describe_many(moved).items():
            if descriptor is None:
                raise _contradiction(name)

    def _ask(self, names: Iterable[Name]) -> Descriptions:
        found = self._registry.describe_many(names)
        for name, descriptor in found.items():
            seen = self._seen(name.repository)
            if descriptor is None:
                seen.pop(name.tag, None)
            else:
                seen[name.tag] = descriptor.digest
        return found

    def _seen(self, repository: str) -> dict[str, Digest | None]:
        return self._listed[repository] if repository in self._listed else self._asked[repository]


def _expected(registered: Iterable[Registered]) -> dict[Key, set[Digest]]:
    """Each tag that is to be there, and what is recorded for it."""
    expected: defaultdict[Key, set[Digest]] = defaultdict(set)
    for environment in registered:
        for key, image in expected_tags(environment).items():
            expected[key].add(image)
    return {key: expected[key] for key in sorted(expected)}


def _contradiction(name: Name) -> RegistryError:
    return RegistryError(
        "Registry contradicts itself",
        f"A tag in `{name.repository}` is said to mean {name.digest}, and that is not there. Somebody may have moved "
        "it this moment, or something between here and there changes answers. Nothing is concluded from that: try "
        "again.",
        temporary=True,
    )


def _alike(registered: Iterable[Registered]) -> Mapping[str, frozenset[Digest]]:
    """Where one definition has several images; most have one, which needs no saying."""
    images: defaultdict[str, set[Digest]] = defaultdict(set)
    for environment in registered:
        for record in environment.versions:
            images[record.hash].add(record.image)
    return {key: frozenset(found) for key, found in images.items() if len(found) > 1}
