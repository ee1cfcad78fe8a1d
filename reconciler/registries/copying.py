"""Images taken from one place to another as they are: every platform, and what is attached to them.

Content that the target has is left alone, so a copy that was stopped is simply started again. Names are set last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from errno import ECANCELED
from functools import partial
from io import RawIOBase
from threading import Event, Lock
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from reconciler.model.digest import Digest
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob
from reconciler.oci.manifest import Index, Manifest
from reconciler.oci.media_types import is_elsewhere
from reconciler.oci.reference import Name
from reconciler.registries import failures
from reconciler.registries.pulling import read_manifest

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_AT_ONCE = 4
_DEEPEST = 8


class Source(Protocol):
    """One repository that images are taken from."""

    where: str

    def describe(self, reference: str) -> Descriptor | None:
        """What a tag or a digest points at."""

    def open(self, descriptor: Descriptor) -> BinaryIO:
        """Content, verified while it is read."""

    def referrers(self, subject: Digest) -> Sequence[Descriptor]:
        """What is attached to an image."""

    def tags(self) -> Sequence[str]:
        """All tags of the repository."""

    def lend(self, descriptor: Descriptor) -> None:
        """Let others beside it that share its storage have this content without sending it."""


class Target(Protocol):
    """One repository that images are brought to."""

    def keep(self, blob: Blob) -> None:
        """Have this content; it is opened only where it must be sent."""

    def put(self, raw: bytes, found: Manifest | Index) -> None:
        """Keep a manifest whose content is there."""

    def name(self, raw: bytes, found: Manifest | Index, tag: str) -> None:
        """Let a tag mean a manifest; or, without one, let it be found by its digest."""


@dataclass
class Copied:
    """What was done: content sent and its bytes, content that needed no sending, images and attachments named."""

    sent: int = 0
    size: int = 0
    there: int = 0
    digests: dict[str, Digest] = field(default_factory=dict)


class Copy:
    """From one repository to another; `tell` is told of all content that has to be sent."""

    def __init__(self, source: Source, target: Target, tell: Callable[[Descriptor], None]) -> None:
        self._source = source
        self._target = target
        self._tell = tell
        self._stopped = Event()
        self._seen: set[Digest] = set()
        self._mutex = Lock()
        self.copied = Copied()

    def image(self, name: Name, tag: str) -> Digest | None:
        """Copy what a tag or digest means, and give it a tag there; None where there is no such image."""
        descriptor = self._source.describe(name.digest or name.tag)
        if descriptor is None:
            return None
        raw, found = self._tree(descriptor, 0)
        self._target.name(raw, found, tag)
        self.copied.digests[tag] = descriptor.digest
        return descriptor.digest

    def _tree(self, descriptor: Descriptor, depth: int) -> tuple[bytes, Manifest | Index]:
        raw, found = read_manifest(self._source, descriptor)
        if descriptor.digest in self._seen:
            return raw, found
        if depth > _DEEPEST:
            raise failures.malformed(self._source.where, ValueError("Its manifests are nested too deeply."))
        self._seen.add(descriptor.digest)
        if isinstance(found, Index):
            for below in found.manifests:
                self._tree(below, depth + 1)
        else:
            self._blobs(found)
        self._target.put(raw, found)
        self._attached(descriptor.digest, depth)
        return raw, found

    def _attached(self, subject: Digest, depth: int) -> None:
        """A list of what is attached says what its writers say: only what names its subject itself is taken."""
        for entry in self._source.referrers(subject):
            descriptor = self._source.describe(entry.digest)
            if descriptor is None or descriptor.digest in self._seen:
                continue
            _, found = read_manifest(self._source, descriptor)
            if found.subject is not None and found.subject.digest == subject:
                self._tree(descriptor, depth + 1)

    def _blobs(self, manifest: Manifest) -> None:
        named = (*manifest.layers, manifest.config)
        parts = {part.digest: part for part in named if not is_elsewhere(part.media_type)}
        new = [part for digest, part in parts.items() if digest not in self._seen]
        self._seen.update(parts)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            try:
                list(pool.map(self._blob, new))
            except BaseException:
                self._stopped.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _blob(self, part: Descriptor) -> None:
        self._source.lend(part)
        counted = _Counted(partial(self._begun, part))
        self._target.keep(Blob(part, counted.open))
        with self._mutex:
            self.copied.sent += counted.opened
            self.copied.size += part.size * counted.opened
            self.copied.there += not counted.opened

    def _begun(self, part: Descriptor) -> BinaryIO:
        self._tell(part)
        return cast("BinaryIO", _Stoppable(self._source.open(part), self._stopped))


@dataclass
class _Counted:
    """Content that knows whether anybody wanted it."""

    inner: Callable[[], BinaryIO]
    opened: bool = False

    def open(self) -> BinaryIO:
        """It, and now it is known."""
        self.opened = True
        return self.inner()


class _Stoppable(RawIOBase):
    """Content that breaks off once the copy has: who waits for a large blob is not made to wait for its end."""

    def __init__(self, inner: BinaryIO, stopped: Event) -> None:
        self._inner = inner
        self._stopped = stopped

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """What comes next."""
        if self._stopped.is_set():
            raise OSError(ECANCELED, "The copy was stopped")
        view = memoryview(buffer).cast("B")
        piece = self._inner.read(len(view))
        view[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Both ends."""
        self._inner.close()
        super().close()
