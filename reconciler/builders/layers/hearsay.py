"""What those know who publish in the same registry: asked for what is not known here, and told what is new to them.

What a layer holds is a function of its packages, so what others say could be made here as well. It is believed as far
as their images would be: whoever may write the one may write the other. Files are believed by their digests alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from threading import Lock

from reconciler.builders.layers.cache import Cache
from reconciler.builders.layers.contents import Contents
from reconciler.builders.layers.grouping import SOLO_FROM
from reconciler.builders.layers.gzip_members import Written
from reconciler.builders.layers.index import Index
from reconciler.builders.layers.making import form_of, written_of
from reconciler.builders.layers.packages import Fetch, Seen
from reconciler.model.definition import Artefact
from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob
from reconciler.oci.strict_json import JsonObject
from reconciler.oci.volume import LAYER, PACK_TYPE, Rows, Volume
from reconciler.protocols import LayerIndex

_CONTENTS = "contents"
BASE = "base"
Sound = Mapping[str, Callable[[JsonObject], bool]]
OF_PACKAGES: Sound = {_CONTENTS: Contents.is_sound}
_MOST_PATHS = 100_000
_MOST_PACKED = 32 << 20


class Hearsay:
    """`fetch` brings what nobody has told of; `others` is the index of the registry."""

    def __init__(self, cache: Cache, fetch: Fetch, others: LayerIndex) -> None:
        self._cache = cache
        self._fetch = fetch
        self._others = others
        self._index = Index(cache.folder / "layers.sqlite")
        self._mutex = Lock()
        self._packed: dict[Digest, Volume] = {}
        self._untold: dict[str, Artefact | None] = {}
        self._half_told: set[str] = set()
        self._lost: set[Digest] = set()

    def learn(self, keys: Collection[str], sound: Sound = OF_PACKAGES) -> bool:
        """Ask for what is not known here; whether anything was learnt. `sound` says of a kind what can be true."""
        told: dict[str, JsonObject] = {}
        layers: dict[str, Written] = {}
        for volume in self._others.find(keys):
            self._packed.update((file.digest, volume) for file in volume.files)
            for key in volume.rows.keys() & set(keys):
                rows = volume.rows[key]
                told |= {f"{kind} {key}": row for kind, row in rows.items() if kind in sound and sound[kind](row)}
                if layer := _layer(rows):
                    layers[key] = layer
                else:
                    self._half_told.add(key)
        held = self._others.held({_descriptor(layer) for layer in layers.values()})
        told |= {f"{LAYER} {key}": form_of(layer) for key, layer in layers.items() if layer.digest in held}
        known = self._index.get(told)
        new = {name: row for name, row in told.items() if name not in known}
        if new:
            self._index.put_all(new)
        return bool(new)

    def fetch(self, artefact: Artefact, seen: Seen) -> Path:
        """The file of an artefact: from a pack in the registry if it is in one, else from where the lock says."""
        if volume := self._packed.get(artefact.digest):
            with self._mutex:
                if artefact.digest in self._packed and not self._cache.find("artefacts", artefact.digest):
                    self._unpack(volume)
        return self._fetch(artefact, seen)

    def tell(self, packages: Mapping[str, Artefact], others: Iterable[str]) -> None:
        """These packages, and what else has a key, are in an image: others are told once that is published."""
        small = {key: artefact if artefact.size < SOLO_FROM else None for key, artefact in packages.items()}
        with self._mutex:
            self._untold |= small | dict.fromkeys(others)

    def publish(self) -> None:
        """Tell what others do not know."""
        with self._mutex:
            untold, self._untold = self._untold, {}
        if not untold:
            return
        lost = {key for key, artefact in untold.items() if artefact and artefact.digest in self._lost}
        lacking = {*self._others.lacking(untold), *lost}
        wanted = [key for key in untold if key in lacking or key in self._half_told]
        rows = self._rows(wanted)
        news = {key: rows[key] for key in wanted if key in rows and (key in lacking or LAYER in rows[key])}
        for volume in self._volumes(news, untold):
            if not self._others.keep(volume):
                return

    def _rows(self, keys: Iterable[str]) -> Mapping[str, Rows]:
        """What is known here under some keys, but for packages whose layer did not come into the registry."""
        rows: dict[str, dict[str, JsonObject]] = {}
        for name, row in self._index.get(f"{kind} {key}" for key in keys for kind in (_CONTENTS, LAYER, BASE)).items():
            kind, _, key = name.partition(" ")
            rows.setdefault(key, {})[kind] = row
        layers = {key: layer for key, found in rows.items() if (layer := _layer(found))}
        held = self._others.held({_descriptor(layer) for layer in layers.values()})
        for key, layer in layers.items():
            if layer.digest not in held:
                del rows[key]
        return rows

    def _volumes(self, rows: Mapping[str, Rows], artefacts: Mapping[str, Artefact | None]) -> Iterator[Volume]:
        """In pieces that nobody finds too large."""
        piece: dict[str, Rows] = {}
        files: dict[Digest, bytes] = {}
        paths = packed = 0
        for key, found in rows.items():
            piece[key] = found
            paths += len(Contents.of_form(found[_CONTENTS]).files) if _CONTENTS in found else 0
            artefact = artefacts[key]
            path = self._cache.find("artefacts", artefact.digest) if artefact else None
            if artefact and path and path.stat().st_size < SOLO_FROM:
                files[artefact.digest] = path.read_bytes()
                packed += len(files[artefact.digest])
            if paths > _MOST_PATHS or packed > _MOST_PACKED:
                yield _volume(piece, files)
                piece, files, paths, packed = {}, {}, 0, 0
        if piece:
            yield _volume(piece, files)

    def _unpack(self, volume: Volume) -> None:
        """Keep the files of a pack; one that is not what it is said to be is fetched, and told again."""
        kept = set[Digest]()
        try:
            with volume.pack.open() if volume.pack else BytesIO() as pack:
                for file in volume.files:
                    content = pack.read(file.size)
                    if Digest.of(content) == file.digest:
                        self._keep(content, file.digest)
                        kept.add(file.digest)
        except RegistryError as error:
            if error.temporary:
                return
        finally:  # not before: whoever wants another file of it waits until all are there
            for file in volume.files:
                self._packed.pop(file.digest, None)
        self._lost.update(file.digest for file in volume.files if file.digest not in kept)

    def _keep(self, content: bytes, digest: Digest) -> None:
        with self._cache.locked("artefact", digest):
            if not self._cache.find("artefacts", digest):
                with self._cache.new_file() as (path, file):
                    file.write(content)
                    file.flush()
                    self._cache.keep(path, "artefacts", digest)


def _layer(rows: Rows) -> Written | None:
    try:
        return written_of(rows[LAYER]) if LAYER in rows else None
    except ValueError:
        return None


def _descriptor(layer: Written) -> Descriptor:
    return Descriptor("", layer.digest, layer.size)


def _volume(rows: Mapping[str, Rows], files: Mapping[Digest, bytes]) -> Volume:
    described = tuple(Descriptor("", digest, len(content)) for digest, content in files.items())
    return Volume(rows, described, Blob.of(b"".join(files.values()), PACK_TYPE) if files else None)
