"""Logging in to registries and out again; of a project they know nothing."""

from __future__ import annotations

from reconciler.model.diagnostic import RegistryError
from reconciler.oci.reference_rules import parse_host


def log_in(host: str, username: str, password: str) -> str:
    """Show a name and a password to a registry, and keep them if it takes them; what to tell about that."""
    from reconciler.registries import docker_config
    from reconciler.registries.docker_config_edit import store
    from reconciler.registries.remote_login import check_login

    host = _host(host)
    credentials = docker_config.Credentials(username, password)
    asked = check_login(host, credentials)
    helper = store(host, credentials)
    where = f"`docker-credential-{helper}`" if helper else f"`{docker_config.files()[0]}`, unencrypted"
    said = f"Logged in to {host}." if asked else f"{host} asks nobody for a password, so nobody has checked this one."
    return f"{said} The password is kept by {where}." if helper else f"{said} The password is kept in {where}."


def log_out(host: str) -> str:
    """Forget what is kept for a registry; what to tell about that."""
    from reconciler.registries.docker_config_edit import erase

    host = _host(host)
    return f"Logged out of {host}." if erase(host) else f"Nobody was logged in to {host}."


def _host(text: str) -> str:
    bare = text.removeprefix("https://").removeprefix("http://").rstrip("/")
    try:
        return parse_host(bare)
    except ValueError as cause:
        raise RegistryError(
            "Invalid registry host", f"{cause} Names and passwords belong to a whole registry, so no path follows."
        ) from cause
