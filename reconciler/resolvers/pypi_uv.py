"""Runs uv. Nothing of this machine that would change what is chosen reaches it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from reconciler.model.diagnostic import ResolutionError
from reconciler.model.frozen import dataclass
from reconciler.model.number_text import counted
from reconciler.resolvers.pypi_addresses import Credentials, without_name
from reconciler.resolvers.pypi_machine import Indexes
from reconciler.resolvers.pypi_request import Request
from reconciler.resolvers.pypi_target import Target
from reconciler.resolvers.scratch import scratch

_OURS = ("UV_", "PIP_", "PYTHON", "VIRTUAL_ENV", "CONDA_", "RUST_")
# How uv reaches the world, which says nothing about what it finds there.
_KEPT = {
    "UV_CACHE_DIR", "UV_NO_CACHE", "UV_HTTP_TIMEOUT", "UV_HTTP_CONNECT_TIMEOUT", "UV_HTTP_RETRIES", "UV_OFFLINE",
    "UV_REQUEST_TIMEOUT", "UV_NATIVE_TLS", "UV_SYSTEM_CERTS", "UV_KEYRING_PROVIDER", "UV_CONCURRENT_DOWNLOADS",
}  # fmt: skip
_CREDENTIALS = ("_USERNAME", "_PASSWORD")
_FINDING = threading.Lock()
# Each run is as wide as uv likes; more at once would only wait for each other.
_AT_ONCE = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


@dataclass(frozen=True, slots=True)
class Answer:
    """Two views of one resolution: who wanted whom, and where each file lies. `told` is uv's other words.

    Paths may be relative to `folder`, which is gone.
    """

    annotated: str
    pylock: str
    told: str
    folder: str


class UvError(Exception):
    """uv could not resolve; holds its words as they came."""


@dataclass(frozen=True, slots=True)
class Uv:
    """How uv is run for one resolution."""

    request: Request
    target: Target
    places: Indexes
    credentials: Credentials
    environment: Mapping[str, str]
    deadline: float
    exclude_newer: str = ""

    def resolve(self, held: str) -> Answer:
        """Resolve; `held` are lines `name==version` that hold where they fit. UvError says why it cannot."""
        end = time.monotonic() + self.deadline
        with _AT_ONCE, scratch() as folder:
            asked, found = folder / "requirements.in", folder / "found.txt"
            asked.write_text("".join(f"{line}\n" for line in self.request.lines), encoding="utf-8")
            found.write_text(held, encoding="utf-8")
            annotated = ["--annotation-style", "split", "--emit-index-annotation", "--no-header"]
            constraints = self._constraints(folder)
            _, told = self._run(asked, ["--output-file", found, *annotated, *constraints], end)
            exact = ["--no-deps", "--no-header", "--format", "pylock.toml"]
            try:  # all of it was just read; asking again would only take time, and might bring another answer
                pylock, _ = self._run(found, [*exact, "--offline"], end)
            except UvError:
                pylock, _ = self._run(found, exact, end)
            return Answer(found.read_text(encoding="utf-8"), pylock, told, str(folder))

    def build(self, source: Path, folder: Path) -> None:
        """Build the wheel of a source, which runs its code. UvError holds what the build said."""
        command: list[str | Path] = [
            _program(), "build", "--wheel", "--out-dir", folder, "--no-create-gitignore", "--force-pep517",
            "--no-config", "--no-sources", "--no-python-downloads", "--python", sys.executable, *self._where(),
        ]  # fmt: skip
        with _AT_ONCE, scratch() as empty:
            self._call([*command, source.absolute()], empty, time.monotonic() + self.deadline)

    def _constraints(self, folder: Path) -> list[str | Path]:
        options: list[str | Path] = []
        for address in self.request.elsewhere:
            options += ["--constraints", address]
        if self.request.constraints:
            path = folder / "constraints.txt"
            path.write_text("".join(f"{line}\n" for line in self.request.constraints), encoding="utf-8")
            options += ["--constraints", path]
        return options

    def _run(self, source: Path, options: Sequence[str | Path], end: float) -> tuple[str, str]:
        return self._call([_program(), "pip", "compile", source, *options, *self._always()], source.parent, end)

    def _call(self, command: Sequence[str | Path], folder: Path, end: float) -> tuple[str, str]:
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=max(end - time.monotonic(), 1),
                umask=0o022,  # modes of what is built are bytes of the wheel
            )
        except subprocess.TimeoutExpired as cause:
            raise _too_slow(self.deadline) from cause
        except OSError as cause:
            raise ResolutionError("uv cannot be started", f"The program that resolves: {cause.strerror}.") from cause
        told = done.stderr.decode("utf-8", "replace")
        if done.returncode:
            raise UvError(told)
        return done.stdout.decode("utf-8", "replace"), told

    def _always(self) -> list[str]:
        options = [
            "--no-config", "--no-sources", "--no-python-downloads", "--python", sys.executable,
            "--python-version", self.target.python, *self._platform(), *self._where(),
        ]  # fmt: skip
        if not self.request.build:
            options += ["--only-binary", ":all:"]
        if self.request.prereleases:
            options += ["--prerelease", "allow"]
        return options

    def _platform(self) -> list[str]:
        return ["--python-platform", self.target.platform] if self.target.platform else []

    def _where(self) -> list[str]:
        options = ["--index-strategy", "unsafe-first-match" if self.places.together else "first-index"]
        if self.exclude_newer:
            options += ["--exclude-newer", self.exclude_newer]
        return [*options, "--no-index"] if self.places.disabled else options

    def _environment(self) -> dict[str, str]:
        """Addresses go here and not into arguments, which everybody on the machine can read."""
        kept = {name: value for name, value in self.environment.items() if _is_kept(name)}
        places = self.places
        said = {
            "UV_DEFAULT_INDEX": places.default and self._let_in(places.default),
            "UV_INDEX": " ".join(map(self._let_in, places.extra)),
            "UV_FIND_LINKS": ",".join(self._let_in(link).replace(",", "%2C") for link in places.links),
            "UV_INSECURE_HOST": " ".join(places.trusted),
        }
        if places.certificates:
            kept.setdefault("SSL_CERT_FILE", places.certificates)
        if places.proxy:
            kept.setdefault("ALL_PROXY", places.proxy)
        spoken = {
            "SOURCE_DATE_EPOCH": "315532800",
            "NO_COLOR": "1",
            "UV_NO_WRAP": "1",
            "UV_NO_PROGRESS": "1",
            "LC_ALL": "C.UTF-8",
        }
        return {**kept, **{name: value for name, value in said.items() if value}, **spoken}

    def _let_in(self, index: str) -> str:
        address = without_name(index)
        return index.removesuffix(address) + self.credentials.lent_to(address)


def _is_kept(name: str) -> bool:
    credentials = name.startswith("UV_INDEX_") and name.endswith(_CREDENTIALS)
    return credentials or name in _KEPT or not name.startswith(_OURS)


@cache
def _program() -> str:
    from uv import find_uv_bin

    try:
        with _FINDING:  # it asks sysconfig, which gives half an answer while another thread asks it for the first time
            return find_uv_bin()
    except FileNotFoundError as cause:
        raise ResolutionError(
            "uv cannot be started", "The package `uv`, which envform resolves with, is installed without its program."
        ) from cause


def _too_slow(deadline: float) -> ResolutionError:
    return ResolutionError(
        "Resolving took too long",
        f"No answer within {counted(round(deadline), 'second')}. The index may be slow, or the requirements may leave "
        "too many versions open: narrower ones help.",
        temporary=True,
    )
