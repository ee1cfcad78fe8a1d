"""Whether a registry takes a name and a password."""

from __future__ import annotations

from reconciler.model.diagnostic import RegistryError
from reconciler.registries.docker_config import Credentials
from reconciler.registries.remote_client import Client
from reconciler.registries.remote_http import Request


def check_login(host: str, credentials: Credentials) -> bool:
    """Whether it wanted to see them at all; RegistryError where it takes others only."""
    client = Client(host, find=lambda _: credentials)
    answer = client.ask(Request("GET", client.url("")), (), 200, 401, 403)
    if answer.status != 200:
        raise RegistryError(
            "Login refused",
            f"`{host}` answers {answer.status} to this name and password. Nothing was kept. Many registries take a "
            "token that is made on their pages in place of the password.",
        )
    return client.is_guarded
