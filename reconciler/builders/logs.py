"""Logs of builds in a folder of the project: one file for each try, kept under the hash of what was built."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from reconciler.builders.attempt import Attempt
from reconciler.builders.hidden import without_credentials
from reconciler.model.diagnostic import BuildError
from reconciler.model.event import ChangeProgressed, Event, Told
from reconciler.model.work import Recipe
from reconciler.oci.config import read_config
from reconciler.oci.image import Blob, Image
from reconciler.oci.strict_json import ContentError
from reconciler.protocols import Builder, EventSink

TESTED = ".verify.log"  # the end of the names of logs of tests; those of builds have another
_KEPT_OF_EACH = 3
_SHOWN = 15  # lines of it that a message may hold
_MOMENT = 0.05  # after which a signal that has ended a program of ours has reached us as well
_KEPT_FOR = 90 * 24 * 3600.0


@dataclass
class LoggingBuilder:
    """Builds by another builder, and keeps a log of each try. A log that cannot be written stops nobody.

    `addresses` tells by hash for whom it is built; `now` is the time as people write it. A build ends when the user has
    `stopped` it, and after `limit` seconds, 0: it may take as long as it needs. `made` is told of finished layers.
    """

    inner: Builder
    folder: Path
    now: Callable[[], str]
    addresses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stopped: Callable[[], bool] = lambda: False
    limit: float = 0.0
    made: Callable[[Blob], None] = lambda _: None

    def build(self, recipe: Recipe, base: Image, emit: EventSink) -> Image:
        """What the other builder makes, told and written down."""
        attempt = Attempt(emit, made=self.made, stopped=self.stopped, limit=self.limit)
        try:
            path = self._new(recipe.definition.hash)
            file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")
        except OSError:
            with _in_time(attempt):
                return self.inner.build(recipe, base, attempt)
        with file:
            log = _Log(file.write, file.flush, attempt)
            log.begin(recipe, self.now(), self.addresses.get(recipe.definition.hash, ()))
            with log.ending(), _in_time(attempt):
                image = self.inner.build(recipe, base, log.attempt)
                log.end(image)
        return image

    def trim(self) -> None:
        """Take away logs that nobody will ask for; of what is still built, the last ones stay."""
        for folder in _folders(self.folder):
            with suppress(OSError):
                for path in _old(folder):
                    path.unlink(missing_ok=True)
                folder.rmdir()  # where nothing is left

    def _new(self, key: str) -> Path:
        folder = self.folder / key
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{time.time_ns()}.log"


@contextmanager
def _in_time(attempt: Attempt) -> Iterator[None]:
    """What fails once nobody wants it any more failed for that: Ctrl-C ends the programs that builders run, too."""
    try:
        yield
    except BuildError as error:
        time.sleep(_MOMENT)
        if attempt.is_over and error.diagnostics[0].summary != (ended := attempt.ended()).diagnostics[0].summary:
            raise ended from error
        raise


def _folders(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from [path for path in folder.iterdir() if path.is_dir()]


def _old(folder: Path) -> Iterator[Path]:
    found = sorted(folder.glob("*.log"), reverse=True)
    for tested in (False, True):
        logs = [path for path in found if path.name.endswith(TESTED) == tested]
        yield from logs[_KEPT_OF_EACH:]
        yield from (path for path in logs[:_KEPT_OF_EACH] if time.time() - path.stat().st_mtime > _KEPT_FOR)


def _history(image: Image) -> list[str]:
    """What is said of each layer, as far as anything is."""
    try:
        found = read_config(image).get("history")
    except ContentError:
        return []
    entries = found if isinstance(found, list) else []
    layers = [one for one in entries if isinstance(one, dict) and not one.get("empty_layer")]
    return [" ".join(str(one.get("created_by") or one.get("comment") or "").split())[:200] for one in layers]


class _Log:
    """One log while it is written, from any number of threads; each line with the seconds since it began."""

    def __init__(self, write: Callable[[str], object], flush: Callable[[], None], attempt: Attempt) -> None:
        self._write, self._flush = write, flush
        self._begun = attempt.begun
        self._lock = Lock()
        self._called, self._heard = "", 0
        self._emit = attempt.emit
        self.attempt = replace(attempt, emit=self._hear, note=self.note)

    def begin(self, recipe: Recipe, now: str, addresses: Sequence[str]) -> None:
        """For whom it is, and what was resolved."""
        definition, lock = recipe.definition, recipe.lock
        self._called = next(iter(addresses), definition.hash)
        self._head("log of", definition.hash)
        self._head("begun", now)
        for address in addresses:
            self._head("for", address)
        self._head("platform", definition.platform)
        if definition.image:
            self._head("base", f"{definition.image} {lock.base or ''}".rstrip())
        self._head("lock", lock.digest)
        for artefact in lock.artefacts:
            self.note(f"resolved {artefact.name} {artefact.version} {artefact.url} {artefact.digest}")

    def note(self, text: str) -> None:
        """One line more."""
        for line in without_credentials(text).splitlines():
            self._line(f"{time.monotonic() - self._begun:8.2f}  {line}")

    def end(self, image: Image) -> None:
        """What was made, layer by layer where it is told."""
        said = _history(image)
        for at, layer in enumerate(image.layers):
            what = f": {said[at]}" if at < len(said) else ""
            self.note(f"layer {layer.descriptor.digest}, {layer.descriptor.size} bytes{what}")
        self.note(f"image {image.digest}")

    @contextmanager
    def ending(self) -> Iterator[None]:
        """What ends the build is the last thing in the log."""
        try:
            yield
        except BuildError as error:
            for one in error.diagnostics:
                rule = f" [{one.rule}]" if one.rule else ""
                self.note(f"failed: {one.summary}{rule}\n{one.detail}")
            if self._heard > _SHOWN:
                where = f"the whole log: `envform logs {self._called}`"
                error.diagnostics = tuple(replace(one, hint=one.hint or where) for one in error.diagnostics)
            raise

    def _hear(self, event: Event) -> None:
        if isinstance(event, ChangeProgressed):
            self._heard += 1
            amount = f" {event.done}/{event.total}" if event.total else ""
            self.note(f"{event.step}{amount}")
        elif isinstance(event, Told):
            self.note(f"{event.diagnostic.severity}: {event.diagnostic.summary}\n{event.diagnostic.detail}")
        self._emit(event)

    def _head(self, key: str, value: str) -> None:
        self._line(f"# {key}: {value}")

    def _line(self, line: str) -> None:
        with self._lock, suppress(OSError, ValueError):  # a full disk, or a thread that is late
            self._write(f"{line}\n")
            self._flush()
