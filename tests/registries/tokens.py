"""A token service, as registries in use have one: it knows one person; docker-registry believes what it gives."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.registries.scripted import Ask, Scripted, scripted
from tests.services.registry import RegistryServer, serve_registry
from tests.services.wants import require

SERVICE, ISSUER, REFRESH = "the registry", "envform's tests", "refresh-me"
BASIC = "Basic " + base64.b64encode(b"ann:pa:ss").decode()


class TokenService(Scripted):
    """Ann may do all, by her password or her refresh token; strangers may pull what is public."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.key, self.certificate = folder / "token.key", folder / "token.crt"
        self.life = 300
        make = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tokens")
        command = (require("openssl"), *make, "-keyout", self.key, "-out", self.certificate)
        subprocess.run(command, check=True, capture_output=True)
        self.on("GET", "/token.*", self.by_password)
        self.on("POST", "/token", self.by_refresh_token)

    def by_password(self, ask: Ask) -> None:
        query = parse_qs(urlsplit(ask.path).query)
        shown = ask.headers.get("Authorization", "")
        if shown not in ("", BASIC) or query["service"] != [SERVICE]:
            ask.json({"errors": [{"code": "UNAUTHORIZED"}]}, 401)
        else:
            ask.json({"token": self.token(query.get("scope", []), known=bool(shown)), "expires_in": self.life})

    def by_refresh_token(self, ask: Ask) -> None:
        form = parse_qs(ask.sent.decode())
        if form["refresh_token"] != [REFRESH] or form["service"] != [SERVICE]:
            ask.json({"errors": [{"code": "UNAUTHORIZED"}]}, 401)
        else:
            scopes = form.get("scope", [""])[0].split()
            ask.json({"access_token": self.token(scopes, known=True), "expires_in": self.life})

    def token(self, scopes: list[str], *, known: bool) -> str:
        """A JSON web token, signed as its header says."""
        lines = self.certificate.read_text().split("-----")[2]
        head = {"typ": "JWT", "alg": "RS256", "x5c": ["".join(lines.split())]}
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": "ann" if known else "",
            "aud": SERVICE,
            "nbf": now - 60,
            "exp": now + 600,
            "iat": now,
            "jti": str(len(self.asked)),
            "access": [right for scope in scopes for right in granted(scope, known=known)],
        }
        signed = f"{coded(json.dumps(head).encode())}.{coded(json.dumps(claims).encode())}"
        command = (require("openssl"), "dgst", "-sha256", "-sign", self.key)
        signature = subprocess.run(command, input=signed.encode(), check=True, capture_output=True).stdout
        return f"{signed}.{coded(signature)}"


def granted(scope: str, *, known: bool) -> Iterator[dict[str, object]]:
    """What somebody gets of what is asked for."""
    kind, name, actions = scope.split(":")
    wanted = [action for action in actions.split(",") if known or (name.startswith("public/") and action == "pull")]
    if wanted:
        yield {"type": kind, "name": name, "actions": wanted}


def coded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@contextmanager
def token_guarded(folder: Path) -> Iterator[tuple[RegistryServer, TokenService]]:
    """A real registry that believes this service and nobody else."""
    with scripted(TokenService(folder)) as service:
        settings = {
            "realm": f"http://{service.host}/token",
            "service": SERVICE,
            "issuer": ISSUER,
            "rootcertbundle": str(service.certificate),
        }
        with serve_registry(folder, auth={"token": settings}) as server:
            yield server, service
