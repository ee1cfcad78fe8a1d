"""What is known of layers, kept in the registry that has them: so that a machine which never saw a package need not.

A volume is an artefact of its own, under a tag for each key. Nothing in it keeps a layer alive. Whatever is wrong here
is no error: who does not find, fetches and makes.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from threading import RLock
from typing import TypeVar

from reconciler.model.diagnostic import EnvformError, RegistryError
from reconciler.model.digest import Digest, canonical_json
from reconciler.model.publication import CACHE, LAYERS
from reconciler.oci.assembly import artefact
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob, Image
from reconciler.oci.reference import Name
from reconciler.oci.strict_json import ContentError, JsonObject, parse_object
from reconciler.oci.volume import Volume
from reconciler.protocols import Registry
from reconciler.registries.naming import parsed

VOLUME_TYPE = "application/vnd.dev.envform.layers.v1"
FACTS_TYPE = "application/vnd.dev.envform.layers.facts.v1+zlib"
_LARGEST_PACKED, _LARGEST_FACTS, _LARGEST_PACK = 16 << 20, 128 << 20, 64 << 20
_TAG_DIGITS = 32
_AT_ONCE = 8
_Answer = TypeVar("_Answer")


class RegistryLayerIndex:
    """One registry's, asked through its one listing. After the first failure it is left alone for the rest of a run.

    `opened` is the registry, which is opened when it is asked for the first time.
    """

    def __init__(self, opened: Callable[[], Registry]) -> None:
        self._opened = opened
        self._mutex = RLock()
        self._failed = False
        self._tags: dict[str, Digest | None] | None = None
        self._read: dict[Digest, Volume | None] = {}
        self._damaged: set[Digest] = set()

    def find(self, keys: Collection[str]) -> Sequence[Volume]:
        """The volumes in which something stands under these keys."""
        return self._answer(lambda: self._found(keys), ())

    def held(self, layers: Collection[Descriptor]) -> Collection[Digest]:
        """Which of these layers the images' repository has."""
        return self._answer(lambda: self._registry.holds(CACHE, layers), ()) if layers else ()

    def lacking(self, keys: Collection[str]) -> Collection[str]:
        """The keys under which nothing is kept, or nothing that could be read when it was looked for."""
        return self._answer(lambda: [key for key in keys if self._is_lacking(tag_of(key))], ())

    def keep(self, volume: Volume) -> bool:
        """Keep a volume under all its keys."""
        return self._answer(lambda: self._kept(volume), default=False)

    def tidy(self) -> None:
        """Forget volumes none of whose layers is there any more, and those that nobody can read."""
        self._answer(self._tidied, None)

    @cached_property
    def _registry(self) -> Registry:
        return self._opened()

    def _answer(self, ask: Callable[[], _Answer], default: _Answer) -> _Answer:
        with self._mutex:
            if self._failed:
                return default
            try:
                return ask()
            except EnvformError:
                self._failed = True
                return default

    def _listed(self) -> dict[str, Digest | None]:
        if self._tags is None:
            self._tags = dict(self._registry.list(LAYERS))
        return self._tags

    def _is_lacking(self, tag: str) -> bool:
        return tag not in self._listed() or self._listed()[tag] in self._damaged

    def _found(self, keys: Collection[str]) -> Sequence[Volume]:
        tags = self._listed()
        digests = self._digests({tag for tag in map(tag_of, keys) if tag in tags})
        self._learn(digests)
        return [volume for digest in digests if (volume := self._read[digest])]

    def _digests(self, wanted: Collection[str]) -> Sequence[Digest]:
        tags = self._listed()
        unknown = [Name(LAYERS, tag) for tag in sorted(wanted) if tags[tag] is None]
        for name, found in self._registry.describe_many(unknown).items():
            if found:
                tags[name.tag] = found.digest
            else:
                del tags[name.tag]
        return list(dict.fromkeys(digest for tag in sorted(wanted) if (digest := tags.get(tag))))

    def _learn(self, digests: Iterable[Digest]) -> None:
        new = [digest for digest in digests if digest not in self._read]
        if new:
            with ThreadPoolExecutor(min(_AT_ONCE, len(new))) as pool:
                self._read.update(zip(new, pool.map(self._volume, new), strict=True))

    def _volume(self, digest: Digest) -> Volume | None:
        """None for what is damaged or is not ours: that it cannot be read is no reason to read no other."""
        try:
            image = self._registry.pull(Name(LAYERS, digest=digest), "")
            if image and parsed(image).artifact_type != VOLUME_TYPE:
                return None
            volume = read_volume(image) if image else None
        except RegistryError as error:
            if error.temporary:
                raise
            volume = None
        if not volume:
            self._damaged.add(digest)
        return volume

    def _kept(self, volume: Volume) -> bool:
        image = bound(volume)
        self._registry.push(image, [Name(LAYERS, tag) for tag in map(tag_of, volume.rows)])
        self._listed().update(dict.fromkeys(map(tag_of, volume.rows), image.digest))
        return True

    def _tidied(self) -> None:
        digests = self._digests(self._listed())
        self._learn(digests)
        useless = [digest for digest in digests if not self._is_of_use(digest)]
        if useless:
            self._registry.push_all((), [Name(LAYERS, digest=digest) for digest in useless])

    def _is_of_use(self, digest: Digest) -> bool:
        """What is of another kind may be of use to others."""
        volume = self._read[digest]
        if not volume:
            return digest not in self._damaged
        return bool(self._registry.holds(CACHE, list(volume.layers(volume.rows))))


def tag_of(key: str) -> str:
    """The tag under which something is kept."""
    return hashlib.sha256(key.encode()).hexdigest()[:_TAG_DIGITS]


def bound(volume: Volume) -> Image:
    """A volume as it is kept."""
    files = [{"digest": file.digest, "size": file.size} for file in volume.files]
    facts = canonical_json({"rows": {key: dict(rows) for key, rows in volume.rows.items()}, "files": files})
    packed = Blob.of(zlib.compress(facts), FACTS_TYPE)
    return artefact(VOLUME_TYPE, [packed, volume.pack] if volume.pack else [packed])


def read_volume(image: Image) -> Volume | None:
    """A volume as it was kept; None for anything else, for anyone may have put it there."""
    try:
        if parsed(image).artifact_type != VOLUME_TYPE or not 1 <= len(image.layers) <= 2:
            return None
        facts, *packs = image.layers
        value = parse_object(_inflated(facts), "What is known of layers", _LARGEST_FACTS)
        files = tuple(_files(value.get("files")))
        size = sum(file.size for file in files)
        if size != sum(pack.descriptor.size for pack in packs) or size > _LARGEST_PACK:
            return None
        return Volume(_rows(value.get("rows")), files, packs[0] if packs else None)
    except (ContentError, ValueError, TypeError, KeyError, zlib.error):
        return None


def _inflated(facts: Blob) -> bytes:
    if facts.descriptor.size > _LARGEST_PACKED or facts.descriptor.media_type != FACTS_TYPE:
        raise ValueError
    inflate = zlib.decompressobj()
    with facts.open() as stream:
        content = inflate.decompress(stream.read(), _LARGEST_FACTS)
    if not inflate.eof:
        raise ValueError
    return content


def _rows(value: object) -> Mapping[str, Mapping[str, JsonObject]]:
    if not isinstance(value, dict):
        raise TypeError
    for rows in value.values():
        if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
            raise TypeError
    return value


def _files(value: object) -> Iterable[Descriptor]:
    if not isinstance(value, list):
        raise TypeError
    for file in value:
        size = file["size"]
        if not isinstance(size, int) or size < 0:
            raise TypeError
        yield Descriptor("", Digest.parse(file["digest"]), size)
