"""What is known of packages and of the layers that they lie in, as it is kept beside images."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob
from reconciler.oci.strict_json import JsonObject

LAYER = "layer"
PACK_TYPE = "application/vnd.dev.envform.layers.pack.v1"
Rows = Mapping[str, JsonObject]


@dataclass(frozen=True, slots=True)
class Volume:
    """`rows` are facts by their kind, by the key of what they are about.

    `files` are small packages that lie in the `pack`, one behind the other in this order: whoever puts them into
    another layer than before need not fetch them.
    """

    rows: Mapping[str, Rows]
    files: tuple[Descriptor, ...] = ()
    pack: Blob | None = None

    def layers(self, keys: Collection[str]) -> Iterator[Descriptor]:
        """The layers that it tells of under some keys, as far as it can be understood."""
        for key in keys:
            row = self.rows.get(key, {}).get(LAYER, {})
            digest, size = row.get("digest"), row.get("size")
            if isinstance(digest, str) and isinstance(size, int):
                try:
                    yield Descriptor("", Digest.parse(digest), size)
                except ValueError:
                    continue
