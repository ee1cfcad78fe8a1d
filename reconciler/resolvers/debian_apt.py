"""apt with folders of its own: asked as the user who runs envform, and without touching what the machine has."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from reconciler.model.diagnostic import ResolutionError
from reconciler.resolvers.debian_sources import Source, sources_of

_HOOKS = ("Update::Pre-Invoke", "Update::Post-Invoke", "Update::Post-Invoke-Success", "Get::Post-Invoke-Success")
_PATIENCE = 300.0
_LOOK, _LOOKS = 0.5, 3
_NO_ROOM = ("No space left on device", "enough free space in")
# Debian keeps these folders from the PATH of people who are not root.
_SYSTEM = "/usr/sbin:/sbin:/usr/bin:/bin"


class AptError(Exception):
    """What apt said when it refused."""


@dataclass(frozen=True)
class Apt:
    """One release of Debian for one architecture, as this machine's own mirrors have it."""

    folder: Path
    suite: str
    architecture: str
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else uses the folders until the end. Only their owner reads them: sources may hold passwords."""
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._home / "envform.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            os.utime(descriptor)  # used now, for whoever looks what nobody uses
            yield
        finally:
            os.close(descriptor)

    def update(self) -> None:
        """Bring the lists of packages, where the mirrors have newer ones. AptError where they cannot be had."""
        self._run("apt-get", "-qq", "-o", "APT::Update::Error-Mode=any", "update")

    @property
    def lists(self) -> str:
        """What the lists hold, as one digest: while it stays, so does every answer."""
        found = sorted((self._home / "lists").glob("*InRelease")) + sorted((self._home / "lists").glob("*_Release"))
        hashed = hashlib.sha256()
        for path in found:
            hashed.update(path.name.encode() + b"\0" + path.read_bytes())
        return hashed.hexdigest()

    def chosen(self, packages: Sequence[str]) -> Sequence[str]:
        """A line for every package that these need, themselves among it, as apt writes where it would fetch it."""
        told = self._run(
            "apt-get", "-qq", "-y", "-o", "Acquire::ForceHash=SHA256", "--print-uris", "install", "--", *packages
        )
        return [line for line in told.splitlines() if line.startswith("'")]

    def names(self) -> Sequence[str]:
        """Every package that there is."""
        return self._run("apt-cache", "pkgnames").split()

    def download(self, packages: Sequence[str], folder: Path, check: Callable[[], None]) -> None:
        """Bring `NAME=VERSION` packages into a folder, whatever they are called there; what `check` raises ends it."""
        self._run("apt-get", "-qq", "download", "--", *packages, folder=folder, check=check)

    @cached_property
    def _home(self) -> Path:
        stanzas = "\n".join(source.stanza for source in self.sources)
        key = hashlib.sha256(f"{self.suite}\n{self.architecture}\n{stanzas}".encode()).hexdigest()[:16]
        return self.folder / f"{self.suite}-{self.architecture}-{key}"

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Where packages come from; ResolutionError where this machine has no apt, or no Debian in its sources."""
        missing = [name for name in ("apt-get", "dpkg-deb") if self._program(name) is None]
        if missing:
            listed = " and ".join(f"`{name}`" for name in missing)
            raise ResolutionError(
                "Debian packages cannot be used on this machine",
                f"A `base_image` is put together from Debian packages with `apt-get` and `dpkg-deb`, which "
                f"Debian, Ubuntu and their images have, and {listed} cannot be found here. Plan and apply on such a "
                "machine or in such a container; environments can stand on any other `image`, too.",
            )
        found = sources_of(self._source_files(), self.suite)
        if not found:
            raise ResolutionError(
                "No Debian mirror is known",
                f"`base_image` takes the mirrors and keys of this machine's own apt, and among its sources is none "
                f"for Debian `{self.suite}`. On a machine that is no Debian, the archive itself is used once its keys "
                "are there:\n\n    apt-get install debian-archive-keyring",
            )
        return found

    def _source_files(self) -> Iterator[tuple[str, str]]:
        wanted = ["LIST", "Dir::Etc::sourcelist/f", "PARTS", "Dir::Etc::sourceparts/d"]
        told = subprocess.run(
            [str(self._program("apt-config")), "shell", *wanted],
            check=False, capture_output=True, text=True, env=self._variables, timeout=_PATIENCE,
        ).stdout  # fmt: skip
        places = dict(line.partition("=")[::2] for line in told.splitlines())
        whole, parts = (Path(places.get(name, "").strip("'")) for name in ("LIST", "PARTS"))
        named = [*parts.glob("*.list"), *parts.glob("*.sources")] if parts.is_dir() else []
        for path in sorted([*([whole] if whole.is_file() else []), *named]):
            yield path.name, path.read_text(errors="replace")

    def _run(self, *command: str, folder: Path | None = None, check: Callable[[], None] = lambda: None) -> str:
        self._prepare()
        program = str(self._program(command[0]))
        # beside the lists: where a disk is full, it is the one that is looked at
        variables = {**self._variables, "TMPDIR": str(self._home / "temporary")}
        with subprocess.Popen(
            [program, "-c", str(self._home / "apt.conf"), *command[1:]],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables, cwd=folder or self._home,
            stdin=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            try:
                output, errors = _words(process, folder or self._home, check)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            told = errors.strip() or output.strip()
            if any(words in told for words in _NO_ROOM):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder or self._home))
            raise AptError(told)
        return output

    def _prepare(self) -> None:
        for name in ("lists/partial", "archives/partial", "temporary"):
            (self._home / name).mkdir(parents=True, exist_ok=True)
        (self._home / "status").touch()
        for name, text in (("debian.sources", "\n".join(one.stanza for one in self.sources)), ("apt.conf", self._conf)):
            path = self._home / name
            if not path.exists() or path.read_text() != text:
                path.write_text(text)

    @property
    def _conf(self) -> str:
        """Proxies, certificates and logins stay as the machine has them."""
        settings = {
            "Dir::State": self._home,
            "Dir::State::lists": self._home / "lists",
            "Dir::State::status": self._home / "status",
            "Dir::Cache": self._home,
            "Dir::Cache::archives": self._home / "archives",
            "Dir::Etc::sourcelist": self._home / "debian.sources",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "APT::Architecture": self.architecture,
            "APT::Default-Release": "",
            "APT::Install-Recommends": "false",
            "APT::Install-Suggests": "false",
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
            "Acquire::http::Timeout": "20",
            "Acquire::https::Timeout": "20",
        }
        cleared = [f"#clear APT::{name};" for name in _HOOKS]
        cleared += [
            "#clear APT::Architectures;",
            "#clear Acquire::IndexTargets::deb::DEP-11;",
            "#clear DPkg::Post-Invoke;",
        ]
        lines = [f'{name} "{value}";' for name, value in settings.items()]
        return "\n".join([*cleared, *lines, f'APT::Architectures {{ "{self.architecture}"; }};', ""])

    @property
    def _variables(self) -> Mapping[str, str]:
        return {**self.environment, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}

    def _program(self, name: str) -> str | None:
        return shutil.which(name, path=f"{self.environment.get('PATH', os.defpath)}:{_SYSTEM}")


def _words(process: subprocess.Popen[str], folder: Path, check: Callable[[], None]) -> tuple[str, str]:
    """What it printed, once it ended. Where the disk is full apt waits for ever, so that is looked for meanwhile."""
    end, full = time.monotonic() + _PATIENCE, 0
    while True:
        try:
            return process.communicate(timeout=_LOOK)
        except subprocess.TimeoutExpired:
            if time.monotonic() > end:
                raise
        check()
        full = full + 1 if _is_full(folder) else 0
        if full == _LOOKS:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def _is_full(folder: Path) -> bool:
    found = os.statvfs(folder)
    return not (found.f_bavail if os.geteuid() else found.f_bfree)
