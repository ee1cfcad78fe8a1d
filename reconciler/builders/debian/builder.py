"""Debian packages → a base image of one layer; the same lock gives the same bytes on every machine."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from reconciler.builders.attempt import Attempt
from reconciler.builders.debian.files import Files
from reconciler.builders.layers.cache import Cache
from reconciler.builders.layers.gzip_members import GzipMembers, Written
from reconciler.builders.layers.told import told
from reconciler.model.address import Address
from reconciler.model.definition import Artefact, Debian, Lock
from reconciler.model.diagnostic import BuildError
from reconciler.model.digest import Digest, canonical_json
from reconciler.model.event import ChangeProgressed
from reconciler.model.work import Recipe
from reconciler.oci import media_types
from reconciler.oci.assembly import assemble
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob, Image
from reconciler.protocols import EventSink

RECIPE_VERSION = "debian-2"
FetchAll = Callable[[str, str, Sequence[Artefact], Path, Callable[[], None]], None]
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CREATED = "1980-01-01T00:00:00Z"
_SELDOM = 1.0
_FETCHED = "fetched-"
_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


class DebianBuilder:
    """Unpacks packages without root, without a container, and without running a script of theirs.

    `fetch` brings the files of packages of a release and platform into a folder, unless what it asks meanwhile raises.
    """

    def __init__(self, cache: Cache, fetch: FetchAll) -> None:
        self._cache = cache
        self._fetch = fetch

    def build(self, recipe: Recipe, base: Image, emit: EventSink) -> Image:
        """The image; `base` is nothing. What was made from the same packages before is not made again."""
        debian = recipe.definition.debian
        if debian is None:
            return base
        with told(self._cache, f"debian:{debian.suite}"), self._cache.locked("debian", recipe.lock.digest):
            layer = self._known(recipe.lock) or self._made(debian, recipe.lock, emit)
        return self._image(debian, recipe.lock, layer)

    def _opened(self, layer: Written) -> BinaryIO:
        path = self._cache.find("blobs", layer.digest)
        if path is None:
            raise BuildError("Cache cannot be used", "A layer that was made is gone from the cache. Apply again.")
        return path.open("rb")

    def _known(self, lock: Lock) -> Written | None:
        with suppress(OSError, ValueError, TypeError, KeyError):
            kept = json.loads(self._note(lock).read_text())
            layer = Written(Digest.parse(kept["digest"]), int(kept["size"]), Digest.parse(kept["diff_id"]))
            if self._cache.find("blobs", layer.digest, layer.size):
                return layer
        return None

    def _note(self, lock: Lock) -> Path:
        return self._cache.folder / "debian" / f"{RECIPE_VERSION}-{lock.digest.hex}.json"

    def _made(self, debian: Debian, lock: Lock, emit: EventSink) -> Written:
        packages = self._packages(debian, lock, emit)
        with self._cache.new_file() as (path, file):
            layer = _write_layer(packages, lock.platform.split("/")[1], file, Attempt.of(emit))
            file.flush()
            self._cache.keep(path, "blobs", layer.digest)
        note = self._note(lock)
        note.parent.mkdir(parents=True, exist_ok=True)
        with self._cache.new_file() as (path, file):
            file.write(canonical_json({"digest": layer.digest, "diff_id": layer.diff_id, "size": layer.size}))
            file.flush()
            path.replace(note)
        return layer

    def _packages(self, debian: Debian, lock: Lock, emit: EventSink) -> dict[str, Path]:
        """The file of each package, by its name; what is not in the cache is fetched together."""
        missing = [one for one in lock.artefacts if self._cache.find("artefacts", one.digest) is None]
        if missing:
            size = sum(one.size for one in missing) >> 20
            emit(ChangeProgressed(Address(""), "Fetching Debian packages, MiB:", 0, size))
            with self._fetching() as folder:
                self._fetch(debian.suite, lock.platform, missing, folder, Attempt.of(emit).check)
                self._keep(folder, missing)
        found = {one.name: self._cache.find("artefacts", one.digest) for one in lock.artefacts}
        return {name: path for name, path in found.items() if path}

    @contextmanager
    def _fetching(self) -> Iterator[Path]:
        """Where packages are fetched to, locked as long as we live; those of processes that were killed are removed."""
        with ExitStack() as stack:
            with self._cache.locked("fetching", ""):
                for left in self._cache.folder.glob(f"{_FETCHED}*"):
                    with suppress(OSError), _locked(left):
                        shutil.rmtree(left, ignore_errors=True)
                folder = tempfile.TemporaryDirectory(dir=self._cache.folder, prefix=_FETCHED)
                name = stack.enter_context(folder)
                stack.enter_context(_locked(Path(name)))
            yield Path(name)

    def _keep(self, folder: Path, wanted: Sequence[Artefact]) -> None:
        """Whatever the files are called, what is in them decides which package they are."""
        brought: dict[Digest, Path] = {}
        for path in folder.iterdir():
            with path.open("rb") as file:
                brought[Digest.of_stream(file)] = path
        for artefact in wanted:
            if artefact.digest not in brought:
                raise BuildError(
                    "Debian package is not the locked one",
                    f"`{artefact.name}` {artefact.version} was fetched, and is not the file with the digest "
                    f"{artefact.digest} that the lock names. Nothing was built. Plan again to take what the mirrors "
                    "have now.",
                )
            self._cache.keep(brought[artefact.digest], "artefacts", artefact.digest)

    def _image(self, debian: Debian, lock: Lock, layer: Written) -> Image:
        system, architecture, *variant = lock.platform.split("/")
        variables = [f"PATH={_PATH}", "LANG=C.UTF-8"]
        if any(one.name == "ca-certificates" for one in lock.artefacts):
            variables.append(f"SSL_CERT_FILE={_BUNDLE}")
        labels = {"dev.envform.lock": lock.digest, "dev.envform.recipe": RECIPE_VERSION}
        config = {
            "os": system,
            "architecture": architecture,
            **({"variant": variant[0]} if variant else {}),
            "created": _CREATED,
            "config": {"Env": variables, "Cmd": ["/bin/sh"], "Labels": labels},
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id]},
            "history": [
                {"created": _CREATED, "created_by": f"envform: {len(lock.artefacts)} packages of {debian.suite}"}
            ],
        }
        blob = Blob(Descriptor(f"{media_types.OCI_LAYER}+gzip", layer.digest, layer.size), lambda: self._opened(layer))
        return assemble(Blob.of(canonical_json(config), media_types.OCI_CONFIG), [blob])


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """OSError where somebody else has it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


class _Out:
    """A layer's file as one that is written to, as long as somebody wants it."""

    def __init__(self, members: GzipMembers, attempt: Attempt) -> None:
        self._members = members
        self._attempt = attempt

    def write(self, data: bytes) -> int:
        self._attempt.check()
        self._members.store(data)
        return len(data)


def _write_layer(packages: dict[str, Path], architecture: str, file: BinaryIO, attempt: Attempt) -> Written:
    members = GzipMembers(file, packed=True)
    _write_files(packages, Files(cast("BinaryIO", _Out(members, attempt)), architecture), attempt)
    return members.finish()


def _write_files(packages: dict[str, Path], files: Files, attempt: Attempt) -> None:
    files.begin()
    controls, due = {}, 0.0
    for number, (name, path) in enumerate(sorted(packages.items())):
        if time.monotonic() >= due:
            due = time.monotonic() + _SELDOM
            attempt(ChangeProgressed(Address(""), "Unpacking Debian packages:", number, len(packages)))
        with _opened(name, path) as archive:
            files.add(name, archive)
        controls[name] = _control(name, path)
    files.end(controls)


@contextmanager
def _opened(name: str, path: Path) -> Iterator[BinaryIO]:
    command = [_program("dpkg-deb"), "--fsys-tarfile", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as unpacking:
        output = cast("BinaryIO", unpacking.stdout)
        try:
            yield output
            output.read()
        except BaseException:
            unpacking.kill()
            raise
    if unpacking.returncode:
        raise BuildError("Damaged Debian package", f"`dpkg-deb` cannot unpack the file of `{name}`.")


def _control(name: str, path: Path) -> str:
    command = [_program("dpkg-deb"), "--field", str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    if "No space left on device" in done.stderr:
        detail = f"`dpkg-deb` has no room in `{tempfile.gettempdir()}`. Free some space there, or set `TMPDIR`."
        raise BuildError("Temporary folder is full", detail)
    if done.returncode:
        raise BuildError("Damaged Debian package", f"`dpkg-deb` cannot read what the file of `{name}` says of itself.")
    return done.stdout


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BuildError(
            "Debian packages cannot be used on this machine",
            f"A `base_image` is put together with `{name}`, which cannot be found here. Apply on a "
            "Debian or Ubuntu machine, or in one of their containers.",
        )
    return found
