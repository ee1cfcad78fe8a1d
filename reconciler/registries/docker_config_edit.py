"""Credentials put where Docker and its helpers keep them, and taken out again."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from reconciler.model.diagnostic import RegistryError
from reconciler.registries import docker_config
from reconciler.registries.docker_config import Credentials, helper_for, normal, read, run_helper, section, server


def store(host: str, credentials: Credentials) -> str:
    """Keep them for a registry; the name of the helper that does, or none: they stand in the file for all to read."""
    path = docker_config.files()[0]
    value = read(path)
    helper = helper_for(value, host)
    if helper:
        known = {"ServerURL": server(host), "Username": credentials.username, "Secret": credentials.password}
        _told(helper, "store", json.dumps(known))
        return helper
    pair = base64.b64encode(f"{credentials.username}:{credentials.password}".encode()).decode()
    kept = {key: entry for key, entry in section(value, "auths").items() if normal(key) != host}
    _write(path, {**value, "auths": {**kept, server(host): {"auth": pair}}})
    return ""


def erase(host: str) -> bool:
    """Forget them; whether there were any."""
    path = docker_config.files()[0]
    value = read(path)
    known = docker_config.find(host) is not None
    helper = helper_for(value, host)
    if helper and known:
        _told(helper, "erase", server(host))
    auths = section(value, "auths")
    kept = {key: entry for key, entry in auths.items() if normal(key) != host}
    if len(kept) != len(auths):
        _write(path, {**value, "auths": kept})
    return known


def _told(helper: str, action: str, given: str) -> None:
    code = run_helper(helper, action, given).returncode
    if code:
        raise RegistryError(
            "Credentials cannot be kept",
            f"The program `docker-credential-{helper}`, asked to {action} them, failed with exit code {code}.",
        )


def _write(path: Path, value: dict[str, object]) -> None:
    """Whole or not at all, for nobody else to read; a link stays a link."""
    try:
        target = path.resolve()
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(json.dumps(value, indent="\t") + "\n")
                file.flush()
                os.fsync(descriptor)
            Path(name).replace(target)
        finally:
            with suppress(FileNotFoundError):
                Path(name).unlink()
    except OSError as cause:
        raise RegistryError(
            "Credentials cannot be kept", f"`{path}` cannot be written: {cause.strerror}. Nothing was changed."
        ) from cause
