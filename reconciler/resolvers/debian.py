"""Debian packages made exact, with what they need: chosen by apt, from the lists that its mirrors have now."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock as Mutex
from typing import TypeVar
from urllib.parse import unquote

from reconciler.model.definition import Artefact, Definition, Lock
from reconciler.model.diagnostic import BuildError, ResolutionError
from reconciler.model.digest import Digest, canonical_json
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean
from reconciler.resolvers.debian_apt import Apt, AptError

_LINE = lazy_pattern(r"'[^']*' (?P<file>\S+) (?P<size>\d+) SHA256:(?P<digest>[0-9a-f]{64})")
_UNKNOWN = lazy_pattern(r"Unable to locate package (\S+)|Package '([^']+)' has no (?:installation|available) candidate")
_VERSION = lazy_pattern(r"Version '([^']+)' for '([^']+)' was not found")
_PYTHON = lazy_pattern(r"python(3\.\d+)-minimal")
_ARCHITECTURES = {
    "linux/386": "i386",
    "linux/ppc64le": "ppc64el",
    "linux/arm": "armhf",
    "linux/arm/v7": "armhf",
    "linux/arm/v5": "armel",
}
_AWAY_FOR = 10.0
_Key = tuple[str, str, tuple[str, ...]]
_Unkept = TypeVar("_Unkept", ResolutionError, BuildError)


@dataclass
class DebianResolver:
    """Asks the mirrors once in one run; an answer holds as long as they have the same lists."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    _apts: dict[tuple[str, str], Apt] = field(default_factory=dict, repr=False)
    _found: dict[_Key, Lock] = field(default_factory=dict, repr=False)
    _away: dict[tuple[str, str], tuple[float, AptError]] = field(default_factory=dict, repr=False)
    _mutex: Mutex = field(default_factory=Mutex, repr=False)

    def resolve(self, definition: Definition, python: str, prefer: Lock | None) -> Lock:  # noqa: ARG002 - nothing of either holds packages
        """A lock for the definition's Debian packages; they are followed, so nothing holds them but the mirrors."""
        debian = definition.debian
        if debian is None:
            return Lock(definition.base, definition.platform)
        key = debian.suite, definition.platform, debian.packages
        with self._mutex:
            if key not in self._found:
                self._found[key] = self._resolved(*key)
            return self._found[key]

    def fetch(
        self, suite: str, platform: str, artefacts: Sequence[Artefact], folder: Path, check: Callable[[], None]
    ) -> None:
        """Bring the files of packages into a folder; BuildError where the mirrors do not have them any more.

        What `check` raises meanwhile ends it.
        """
        apt = self._apt(suite, platform, fresh=False)
        wanted = [f"{one.name}={one.version}" for one in artefacts]
        try:
            with apt.locked():
                try:
                    apt.download(wanted, folder, check)
                except AptError:
                    apt.update()  # lists that are older than the mirror name what is not there any more
                    apt.download(wanted, folder, check)
        except OSError as error:
            raise self._unkept(error, BuildError, "Debian packages cannot be kept", "packages") from error
        except (AptError, subprocess.TimeoutExpired) as error:
            raise _not_fetched(suite, str(error)) from error

    def _resolved(self, suite: str, platform: str, packages: tuple[str, ...]) -> Lock:
        try:
            apt = self._apt(suite, platform, fresh=True)
            with apt.locked():
                lines = self._chosen(apt, packages)
        except AptError as error:
            raise self._refused(suite, platform, packages, str(error)) from error
        except subprocess.TimeoutExpired as error:
            raise ResolutionError("Debian archive cannot be asked", f"{error}.", temporary=True) from error
        except OSError as error:
            raise self._unkept(error, ResolutionError, "Lists of Debian packages cannot be kept", "them") from error
        artefacts = sorted((_artefact(line) for line in lines), key=lambda one: one.name)
        pythons = [match[1] for one in artefacts if (match := _PYTHON.fullmatch(one.name))]
        return Lock(None, platform, tuple(artefacts), pythons[-1] if pythons else "")

    def _unkept(self, error: OSError, kind: type[_Unkept], summary: str, what: str) -> _Unkept:
        return kind(
            summary,
            f"apt is to keep {what} below `{self.folder.parent}`, which cannot be used: {error.strerror or error}. "
            "Free some space there, or set `XDG_CACHE_HOME` to a folder that you may write.",
        )

    def _apt(self, suite: str, platform: str, *, fresh: bool) -> Apt:
        """The one for a release; its lists are brought up to date where that was not done in this run."""
        if not platform.startswith("linux/"):
            raise ResolutionError("Debian is not for this platform", f"`{platform}` is none that Debian exists for.")
        key = suite, _ARCHITECTURES.get(platform) or platform.split("/")[1]
        if key not in self._apts:
            apt = Apt(self.folder, *key, environment=self.environment)
            if fresh:
                self._bring_up_to_date(apt)
                self._apts[key] = apt
            return apt
        return self._apts[key]

    def _bring_up_to_date(self, apt: Apt) -> None:
        """Where one base image met silence, a hundred others need not wait for it too."""
        key = apt.suite, apt.architecture
        if (away := self._away.get(key)) and time.monotonic() < away[0] + _AWAY_FOR:
            raise away[1]
        try:
            with apt.locked():
                apt.update()
        except AptError as error:
            self._away[key] = time.monotonic(), error
            raise

    def _chosen(self, apt: Apt, packages: tuple[str, ...]) -> Sequence[str]:
        """What apt says, or said when the lists were just these."""
        key = Digest.of(canonical_json([apt.lists, apt.suite, apt.architecture, list(packages)]))
        kept = self.folder / "chosen" / key.hex
        with suppress(OSError, ValueError):
            known = json.loads(kept.read_text())
            if (
                isinstance(known, list)
                and known
                and all(isinstance(one, str) and _LINE.fullmatch(one) for one in known)
            ):
                return known
        lines = apt.chosen(packages)
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=kept.parent, delete=False) as file:
            json.dump(lines, file)
        Path(file.name).replace(kept)
        return lines

    def _refused(self, suite: str, platform: str, packages: tuple[str, ...], told: str) -> ResolutionError:
        if match := _UNKNOWN.search(told):
            name = match[1] or match[2]
            with suppress(AptError, ResolutionError):
                near = did_you_mean(name, self._apt(suite, platform, fresh=False).names())
                return ResolutionError(
                    "Debian package not found", f"Debian `{suite}` has no package `{name}`.", hint=near
                )
        if match := _VERSION.search(told):
            detail = f"Debian `{suite}` has no version `{match[1]}` of `{match[2]}`; a mirror keeps the newest only."
            return ResolutionError("Debian package not found", detail)
        if "Failed to fetch" in told or "update" in told:
            detail = (
                f"The mirrors of Debian `{suite}` that this machine's apt knows do not all answer, so nobody can tell "
                "which packages there are. Try again when they do, or plan with the packages that are recorded: "
                f'`base = "pin"`. apt says:\n\n{_indented(told)}'
            )
            return ResolutionError("Debian archive cannot be asked", detail, temporary=True)
        listed = ", ".join(packages)
        detail = f"apt finds no way to install {listed} together:\n\n{_indented(told)}"
        return ResolutionError("Debian packages cannot be chosen", detail)


def _artefact(line: str) -> Artefact:
    match = _LINE.match(line)
    if match is None:
        raise AptError(f"a line that is not understood: {line[:200]}")
    name, version, _ = match["file"].removesuffix(".deb").rsplit("_", 2)
    digest = Digest(f"sha256:{match['digest']}")
    return Artefact(name, unquote(version), match["file"], digest, int(match["size"]), "deb")


def _not_fetched(suite: str, told: str) -> BuildError:
    if _VERSION.search(told) or _UNKNOWN.search(told) or "404" in told:
        return BuildError(
            "Debian package is gone",
            f"The mirrors of Debian `{suite}` do not hold a package any more that was chosen from them; they keep the "
            f'newest version only. Plan again, without `base = "pin"`, to take what they have now. apt says:\n\n'
            f"{_indented(told)}",
        )
    return BuildError("Debian package cannot be fetched", f"apt says:\n\n{_indented(told)}", temporary=True)


def _indented(told: str) -> str:
    lines = [line for line in told.splitlines() if line.startswith(("E:", "W:", " "))] or told.splitlines()
    return "\n".join(f"    {line}" for line in lines[:12])
