"""Where a registry's host answers, and where its answers may send us."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import SplitResult, urljoin, urlsplit

from reconciler.oci.reference_rules import DOCKER_HUB

INSECURE = "ENVFORM_INSECURE_REGISTRIES"
_API_HOSTS = {DOCKER_HUB: "registry-1.docker.io"}
_PORTS = {"http": 80, "https": 443}
_PUBLIC, _PRIVATE, _LOOPBACK, _FORBIDDEN = "public", "private", "this machine", "link-local"


def base_url(host: str) -> str:
    """Plain http only for this machine, and for what the user's own list names; never with certificates unchecked."""
    answers = _API_HOSTS.get(host, host)
    plain = host in _insecure() or (_is_loopback(host) and authority_file(host) is None)
    return f"{'http' if plain else 'https'}://{answers}"


def authority_file(host: str) -> Path | None:
    """The certificate that Docker's or Podman's folders hold for a registry."""
    configuration = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    for folder in (configuration / "containers", Path("/etc/containers"), Path("/etc/docker")):
        try:
            found = sorted((folder / "certs.d" / host).glob("*.crt"))
        except OSError:
            continue
        if found:
            return found[0]
    return None


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: what must be equal for a password to be sent."""
    parts = _split(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme, 0)


def redacted(url: str) -> str:
    """An address without what may be secret in it."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that is none"
    shown = f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in shown)[:200]


def follow(url: str, target: str) -> str:
    """Where an answer from `url` sends us; ValueError says why we do not go there."""
    absolute = urljoin(url, target)
    parts = _split(absolute)
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        raise ValueError(f"It sends us to {redacted(absolute)}, which is no plain web address.")
    if origin(absolute) == origin(url):
        return absolute
    if parts.scheme == "http" and not _may_be_plain(parts):
        raise ValueError(f"It sends us to {redacted(absolute)}, where everybody could read along.")
    inner = set(_reach(parts)) - {_PUBLIC} - (set(_reach(_split(url))) - {_FORBIDDEN})
    if inner:
        raise ValueError(
            f"It sends us to {redacted(absolute)}, an address of the kind `{min(inner)}`. A registry that is not there "
            "itself has no business with those."
        )
    return absolute


def _split(url: str) -> SplitResult:
    parts = urlsplit(url)
    _ = parts.port  # raises ValueError for one that is none
    return parts


def _insecure() -> frozenset[str]:
    return frozenset(host.strip().lower() for host in os.environ.get(INSECURE, "").split(",") if host.strip())


def _may_be_plain(parts: SplitResult) -> bool:
    return _is_loopback(parts.netloc) or parts.netloc.lower() in _insecure()


def _is_loopback(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _reach(parts: SplitResult) -> Iterator[str]:
    """The kinds of addresses that a host has. One that only a proxy can find counts as public."""
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or _PORTS[parts.scheme], type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []
    for *_, place in found:
        yield _kind(ipaddress.ip_address(str(place[0]).partition("%")[0]))


def _kind(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback:
        return _LOOPBACK
    if address.is_link_local or address.is_unspecified or address.is_multicast:
        return _FORBIDDEN
    return _PUBLIC if address.is_global else _PRIVATE
