"""Logs of builds and of tests, by what people call the thing that was built: its address, its name, or its hash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.builders.logs import TESTED
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean_address

if TYPE_CHECKING:
    from reconciler.session import Session

_HASH = lazy_pattern(r"[0-9a-f]{6,32}")
FOR = "# for: "
_MOST_HEADS = 2000


def log_folder(root: Path) -> Path:
    """Where a project's logs are."""
    return root / ".envform" / "logs"


@dataclass(frozen=True, slots=True)
class KeptLog:
    """The log of one try at building, or of the tests after it."""

    path: Path

    @property
    def hash(self) -> str:
        """Of the definition that was built."""
        return self.path.parent.name

    def text(self) -> str:
        """All of it; EnvformError where it cannot be read."""
        try:
            return self.path.read_text(encoding="utf-8", errors="replace")
        except OSError as cause:
            detail = f"`{self.path}` cannot be read: {cause.strerror or cause}."
            raise EnvformError(Diagnostic.error("Build log not read", detail)) from cause

    @property
    def of_tests(self) -> bool:
        """Whether it is one of tests."""
        return self.path.name.endswith(TESTED)

    @property
    def addresses(self) -> list[str]:
        """For whom it was built."""
        heads = (line for line in self.text().splitlines()[:_MOST_HEADS] if line.startswith(FOR))
        return [line.removeprefix(FOR) for line in heads]


@dataclass(frozen=True, slots=True)
class Logs:
    """The logs that one project keeps."""

    session: Session

    def latest(self, text: str) -> str:
        """What the newest build of an address, a name or a hash said, and then its tests; EnvformError for no log."""
        kept = sorted(self._kept(), key=lambda log: log.path.name, reverse=True)
        found = next((log for log in kept if log.hash.startswith(text)), None) if _HASH.fullmatch(text) else None
        named = [log for log in kept if text in log.addresses]
        found = found or next(iter(named), None)
        if found is None and (hash := self._registered(text)):
            found = next((log for log in kept if log.hash == hash), None)
        if found is None:
            raise EnvformError(self._none(text, kept))
        of_it = [log for log in kept if log.hash == found.hash]
        built = next((log for log in of_it if not log.of_tests), None)
        tested = next((log for log in (*named, *of_it) if log.of_tests and log.hash == found.hash), None)
        if built and tested and tested.path.name < built.path.name:
            tested = None  # of a build before that one
        return "".join(log.text() for log in (built, tested) if log)

    def of_hash(self, hash: str) -> str:
        """The path of the newest log of a definition, as the project's folder sees it; empty where none is kept."""
        paths = log_folder(self.session.root).glob(f"{hash}/*.log")
        found = sorted((path for path in paths if not path.name.endswith(TESTED)), key=lambda path: path.name)
        return found[-1].relative_to(self.session.root).as_posix() if found else ""

    def _kept(self) -> Iterator[KeptLog]:
        return (KeptLog(path) for path in log_folder(self.session.root).glob("*/*.log"))

    def _registered(self, text: str) -> str:
        """The hash of what is recorded at an address, or called by a name; empty where nothing is."""
        from reconciler.session.catalogue import Called, find
        from reconciler.session.workspaces import current

        state = self.session.recorded
        at = next((one.latest.hash for one in state.environments.values() if str(one.address) == text), "")
        if at:
            return at
        try:
            return find(state, Called.parse(text), current(self.session)).record.hash
        except EnvformError:
            return ""

    def _none(self, text: str, kept: list[KeptLog]) -> Diagnostic:
        known = sorted({address for log in kept for address in log.addresses})
        why = (
            "It is registered, and was not built in this folder: its image was in the registry already, or was built "
            "elsewhere, or the log was taken away since."
            if self._registered(text)
            else "Nothing of that address, name or hash was ever built in this folder."
        )
        hint = did_you_mean_address(text, known)
        return Diagnostic.error("No build log", f"There is no log for `{text}`. {why}", hint=hint)
