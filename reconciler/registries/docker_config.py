"""The names and passwords that Docker, Podman and `envform login` keep for registries."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.model.diagnostic import RegistryError
from reconciler.oci.reference_rules import DOCKER_HUB
from reconciler.registries.remote_addresses import base_url

_HUB_KEY = "https://index.docker.io/v1/"
_HUB_SPELLINGS = frozenset({"index.docker.io", "registry-1.docker.io"})
_PROGRAM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_SENDABLE = re.compile(r"[\x21-\x7e]+")
_PORT = "443"
_TIMEOUT = 30
_TOKEN_USER = "<token>"  # noqa: S105 - the name under which helpers keep a token


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name with its password, a token that others are made from, or one that is shown to the registry as it is."""

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    registry_token: str = field(default="", repr=False)


def files() -> Sequence[Path]:
    """Where credentials may be, the first of which is written to."""
    if named := os.environ.get("REGISTRY_AUTH_FILE"):
        return (Path(named),)
    docker = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return (docker, Path(runtime) / "containers" / "auth.json") if runtime else (docker,)


def find(host: str, repository: str = "") -> Credentials | None:
    """What is kept for a repository of a registry, the nearest first; RegistryError where that cannot be read."""
    host = normal(host)
    for path in files():
        found = _in_file(path, read(path), host, repository)
        if found:
            return found
    return None


def read(path: Path) -> dict[str, object]:
    """A file of credentials; empty where there is none."""
    try:
        value = json.loads(path.read_bytes() or b"{}")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError) as cause:
        reason = cause.strerror if isinstance(cause, OSError) else "it is not valid JSON"
        raise _unusable(f"`{path}` cannot be read: {reason}.") from cause
    if not isinstance(value, dict):
        raise _unusable(f"`{path}` does not hold a JSON object.")
    return value


def section(value: Mapping[str, object], name: str) -> Mapping[str, object]:
    """A part of the file that maps something."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def helper_for(value: Mapping[str, object], host: str) -> str:
    """The program that keeps the credentials of a host, where one does."""
    own = _by_meaning(section(value, "credHelpers"))
    name = next(filter(None, map(own.get, _alike(host))), None) or value.get("credsStore") or ""
    if not isinstance(name, str) or (name and not _PROGRAM.fullmatch(name)):
        raise _unusable("The name of a credential helper may hold letters, digits, `.`, `_` and `-` only.")
    return name


def server(host: str) -> str:
    """What a registry is called in these files and by these programs."""
    return _HUB_KEY if host == DOCKER_HUB else host


def normal(key: str) -> str:
    """The registry, and perhaps the repository, that somebody's key means; a whole address means a registry."""
    scheme, _, bare = key.rpartition("://")
    bare = re.sub(r"/v[12]$", "", bare.rstrip("/"))
    name, slash, rest = bare.partition("/")
    name = name.lower()
    known = DOCKER_HUB if name in _HUB_SPELLINGS else name
    return known if scheme else known + slash + rest


def run_helper(name: str, action: str, given: str) -> subprocess.CompletedProcess[str]:
    """Ask a helper; what it says may be a secret and goes into no message."""
    try:
        return subprocess.run(
            [f"docker-credential-{name}", action],
            input=given,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as cause:
        raise _unusable(f"The program `docker-credential-{name}` did not answer in {_TIMEOUT} seconds.") from cause
    except OSError as cause:
        raise _unusable(f"The program `docker-credential-{name}` cannot be run: {cause.strerror}.") from cause


def _in_file(path: Path, value: Mapping[str, object], host: str, repository: str) -> Credentials | None:
    helper = helper_for(value, host)
    if helper:
        found = _from_helper(helper, server(host))
        if found:
            return found
    kept = _by_meaning(section(value, "auths"))
    for key in (key for one in _alike(host) for key in _nearest(one, repository)):
        entry = kept.get(key)
        if isinstance(entry, dict) and (found := _from_entry(path, key, entry)):
            return found
    return None


def _by_meaning(found: Mapping[str, object]) -> Mapping[str, object]:
    """What is under a key as we would write it counts before what is under another spelling of it."""
    meant = {normal(key): entry for key, entry in found.items()}
    return meant | {key: found[key] for key in meant if key in found}


def _alike(host: str) -> Sequence[str]:
    """The names of one registry: with the port that https has anyway, and without it."""
    bare, colon, port = host.rpartition(":")
    if colon and port.isdigit():
        return (host, bare) if port == _PORT else (host,)
    return (host, f"{host}:{_PORT}") if base_url(host).startswith("https:") else (host,)


def _nearest(host: str, repository: str) -> Iterator[str]:
    parts = [part for part in repository.split("/") if part]
    for count in range(len(parts), -1, -1):
        yield "/".join([host, *parts[:count]])


def _from_entry(path: Path, key: str, entry: Mapping[str, object]) -> Credentials | None:
    username, password, identity = (entry.get(name) for name in ("username", "password", "identitytoken"))
    if entry.get("auth"):
        try:
            pair = base64.b64decode(str(entry["auth"]), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as cause:
            raise _unusable(f"`auth` of `{key}` in `{path}` is not what base64 makes of a text.") from cause
        username, _, password = pair.partition(":")
        password = password.rstrip("\0")
    token = entry.get("registrytoken") or ""
    if not isinstance(token, str) or (token and not _SENDABLE.fullmatch(token)):
        raise _unusable(f"`registrytoken` of `{key}` in `{path}` is no token.")
    if token:
        return Credentials(registry_token=token)
    texts = [text if isinstance(text, str) else "" for text in (username, password, identity)]
    return _credentials(*texts) if any(texts) else None


def _from_helper(name: str, key: str) -> Credentials | None:
    done = run_helper(name, "get", key)
    if done.returncode:
        if "credentials not found" in (done.stdout + done.stderr).lower():
            return None
        raise _unusable(f"The program `docker-credential-{name}` failed with exit code {done.returncode}.")
    try:
        said = json.loads(done.stdout)
        return _credentials(str(said["Username"]), str(said["Secret"]), "")
    except (ValueError, KeyError, TypeError) as cause:
        raise _unusable(f"The program `docker-credential-{name}` answers something else than credentials.") from cause


def _credentials(username: str, password: str, identity: str) -> Credentials:
    if username == _TOKEN_USER:
        return Credentials("", "", password)
    return Credentials(username, password, identity)


def _unusable(what: str) -> RegistryError:
    return RegistryError(
        "Credentials cannot be used",
        f"{what} Put that right, or log in again; without it nobody can tell whether there is a password to use.",
    )
