"""The files of a lock, brought once and kept by their digest: from indexes, and from the project's own folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from reconciler.builders.artefact_download import Download, Http
from reconciler.builders.layers.cache import Cache
from reconciler.model.definition import Artefact
from reconciler.model.diagnostic import BuildError
from reconciler.model.digest import Digest

Seen = Callable[[int], None]
_CHUNK = 1 << 20


class ArtefactFiles:
    """Fetches artefacts into a cache; what comes out has the digest that the lock says, whatever went in."""

    def __init__(self, cache: Cache, root: Path, http: Http) -> None:
        self._cache = cache
        self._root = root
        self._http = http

    def fetch(self, artefact: Artefact, seen: Seen) -> Path:
        """Where the file is; `seen` is told of each piece that had to be brought. Raises BuildError."""
        try:
            with self._cache.locked("artefact", artefact.digest):
                found = self._cache.find("artefacts", artefact.digest)
                return found or self._bring(artefact, seen)
        except OSError as cause:
            raise BuildError(
                "Package cannot be kept",
                f"The file of `{artefact.name} {artefact.version}` cannot be written to the cache "
                f"`{self._cache.folder}`: {cause.strerror or cause}. Free some space there, or set `XDG_CACHE_HOME` "
                "to a folder that you may write.",
            ) from cause

    def _bring(self, artefact: Artefact, seen: Seen) -> Path:
        scheme = urlsplit(artefact.url).scheme
        if scheme in ("http", "https"):
            partial = self._cache.resumable(artefact.digest)
            self._http.download(Download(artefact, partial), seen)
            return self._cache.keep(partial, "artefacts", artefact.digest)
        if scheme == "built":
            return self._copy(artefact, self._built(artefact), seen)
        if scheme == "file":
            return self._copy(artefact, Path(unquote(urlsplit(artefact.url).path)), seen)
        return self._copy(artefact, self._own(artefact), seen)

    def _built(self, artefact: Artefact) -> Path:
        """What a resolver built from source, on this machine."""
        path = self._cache.folder / "built" / artefact.url.removeprefix("built:")
        if not path.is_file():
            raise BuildError(
                "Built package is not on this machine",
                f"`{artefact.name} {artefact.version}` was built from source elsewhere, or is gone from the cache "
                f"`{self._cache.folder}`. Apply where it was built, or build it again here:\n\n"
                "    envform apply -upgrade",
            )
        with suppress(OSError):
            os.utime(path)  # used now, for whoever looks what nobody uses
        return path

    def _own(self, artefact: Artefact) -> Path:
        """A file of the project; one that lies elsewhere, be it through a link, is not read."""
        root = os.path.realpath(self._root)
        path = Path(os.path.realpath(self._root / artefact.url))
        if not path.is_relative_to(root):
            raise BuildError(
                "Package file lies outside the project",
                f"`{artefact.name} {artefact.version}` comes from `{artefact.url}`, which is not inside the "
                "project's folder. Copy the file into the project.",
            )
        return path

    def _copy(self, artefact: Artefact, source: Path, seen: Seen) -> Path:
        # never used where it lies: between being hashed and being read it could change
        with self._cache.new_file() as (path, file):
            hasher, size = hashlib.sha256(), 0
            for chunk in _pieces(artefact, source):
                file.write(chunk)
                hasher.update(chunk)
                size += len(chunk)
                seen(len(chunk))
            found = Digest(f"sha256:{hasher.hexdigest()}")
            if found != artefact.digest or artefact.size not in (0, size):
                raise BuildError(
                    "Package file is not the locked one",
                    f"`{artefact.url}` has the digest {found}, and the lock of `{artefact.name} {artefact.version}` "
                    f"says {artefact.digest}. The file was changed after planning; plan again to use it as it is now.",
                )
            file.flush()
            return self._cache.keep(path, "artefacts", artefact.digest)


def _pieces(artefact: Artefact, source: Path) -> Iterator[bytes]:
    try:
        with _regular(source) as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as cause:
        raise BuildError(
            "Package file cannot be read",
            f"`{artefact.name} {artefact.version}` comes from the file `{artefact.url}`, which cannot be read: "
            f"{cause.strerror or cause}.",
        ) from cause


def _regular(path: Path) -> BinaryIO:
    if path.exists() and not path.is_file():  # a pipe would block for ever
        raise OSError("it is not a plain file")
    return path.open("rb")
