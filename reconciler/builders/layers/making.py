"""Layers that are made only when nobody has made them before, and whose bytes are read only when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import BinaryIO

from reconciler.builders.layers.cache import Cache
from reconciler.builders.layers.gzip_members import Written
from reconciler.builders.layers.index import Index
from reconciler.model.diagnostic import BuildError
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.oci import media_types
from reconciler.oci.config import Addition
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob
from reconciler.oci.strict_json import JsonObject

MEDIA_TYPE = media_types.OCI_LAYER + "+gzip"
Write = Callable[[BinaryIO], Written]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A layer by what it is made from: its key in the index, what history says, and how to write it."""

    key: str
    history: str
    write: Write


class LayerMaker:
    """Turns what is wanted into layers, each made once by all threads and processes."""

    def __init__(self, cache: Cache, index: Index) -> None:
        self._cache = cache
        self._index = index

    def known(self, keys: Iterable[str]) -> dict[str, Written]:
        """The layers that were made before, wherever their bytes may be."""
        return {key: found for key, form in self._index.get(keys).items() if (found := written_of(form))}

    def layer(self, wanted: Wanted) -> Addition:
        """A layer, made now if it is not known."""
        with self._cache.locked("layer", wanted.key):
            found = self.known([wanted.key]).get(wanted.key)
            written = found or self._make(wanted)
        return self.of_known(wanted, written)

    def of_known(self, wanted: Wanted, written: Written) -> Addition:
        """A layer that is known; when its bytes are asked for and gone, they are made again."""
        descriptor = Descriptor(MEDIA_TYPE, written.digest, written.size)
        blob = Blob(descriptor, partial(self._open, wanted, written))
        return Addition(blob, written.diff_id, wanted.history)

    def _open(self, wanted: Wanted, written: Written) -> BinaryIO:
        path = self._cache.find("blobs", written.digest, written.size)
        if path is None:
            with self._cache.locked("layer", wanted.key):
                path = self._cache.find("blobs", written.digest, written.size)
                if path is None and self._make(wanted) != written:
                    raise BuildError(
                        "Layer is not what it was",
                        f"The layer of {wanted.history.removeprefix('envform: ')} was known as {written.digest}, and "
                        "is another one now that it was made again. What was known of it is forgotten; plan again.",
                    )
                path = path or self._cache.find("blobs", written.digest, written.size)
        if path is None:
            raise BuildError("Layer is gone", f"The layer {written.digest} was taken away while it was written.")
        return path.open("rb")

    def _make(self, wanted: Wanted) -> Written:
        with self._cache.new_file() as (path, file):
            written = wanted.write(file)
            file.flush()
            self._cache.keep(path, "blobs", written.digest)
        self._index.put(wanted.key, form_of(written))
        return written


def form_of(written: Written) -> JsonObject:
    """A layer as it is kept."""
    return {"digest": written.digest, "size": written.size, "diff_id": written.diff_id}


def written_of(form: JsonObject) -> Written | None:
    """A layer as it was kept, if that is what this is."""
    digest, size, diff_id = form.get("digest"), form.get("size"), form.get("diff_id")
    if isinstance(digest, str) and isinstance(diff_id, str) and isinstance(size, int):
        return Written(Digest.parse(digest), size, Digest.parse(diff_id))
    return None
