"""Addresses of indexes and files: what may be told of them, and who may be let in."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from reconciler.model.pattern import lazy_pattern

_USER_INFO = lazy_pattern(r"(?<=://)[^/\s@`\"']*@")
_SECRET = lazy_pattern(
    r"([?&](?:sig|signature|x-amz-[a-z-]+|x-goog-[a-z-]+|access_token|token|api_?key|password)=)[^&#\s`\"')]+",
    re.IGNORECASE,
)


def redacted(text: str) -> str:
    """Any text, without the credentials in the addresses that it holds."""
    return _SECRET.sub(r"\1****", _USER_INFO.sub("", text))


def public(url: str) -> str:
    """An address as it may be recorded: no user, no password, no signed query, no fragment."""
    parts = urlsplit(url)
    query = "" if _SECRET.search(f"?{parts.query}") else parts.query
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def file_url(path: str) -> str:
    """The address of a file by its absolute path, whatever its name holds; `,` and ` ` separate uv's lists."""
    return f"file://{quote(path, safe='/')}"


def is_address(text: str) -> bool:
    """Whether a text has a scheme; a path has none."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text) is not None


def without_name(index: str) -> str:
    """An index's address alone; uv lets a name stand before it."""
    return re.sub(r"^[A-Za-z0-9_.-]+=", "", index)


def with_login(index: str, environment: Mapping[str, str]) -> str:
    """The address of an index, with the user and password that the environment has for its name."""
    address = without_name(index)
    name = re.sub(r"[^A-Z0-9]", "_", index.removesuffix(address).removesuffix("=").upper())
    user, password = (environment.get(f"UV_INDEX_{name}_{what}", "") for what in ("USERNAME", "PASSWORD"))
    parts = urlsplit(address)
    if not name or not (user or password) or "@" in parts.netloc:
        return address
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{parts.netloc}"))


def _realm(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower()


class Credentials:
    """What this machine has set up for its indexes: a host's user and password, taken from their addresses."""

    def __init__(self, urls: Iterable[str], netrc: str = "") -> None:
        self._netrc = netrc or None
        self._known: Mapping[tuple[str, str], str] = {
            _realm(url): urlsplit(url).netloc.rpartition("@")[0] for url in urls if "@" in urlsplit(url).netloc
        }

    def lent_to(self, url: str) -> str:
        """An address with what is known for its host; uv itself looks into netrc."""
        parts = urlsplit(url)
        known = self._known.get(_realm(url))
        if not known or "@" in parts.netloc:
            return url
        return urlunsplit((parts.scheme, f"{known}@{parts.netloc}", parts.path, parts.query, parts.fragment))

    def authorization(self, url: str) -> str:
        """The header that lets a request in; empty where nothing is known, in netrc neither."""
        known = self._known.get(_realm(url)) or _of_netrc(urlsplit(url).hostname or "", self._netrc)
        if not known:
            return ""
        user, _, password = known.partition(":")
        return f"Basic {b64encode(f'{unquote(user)}:{unquote(password)}'.encode()).decode()}"


def _of_netrc(host: str, file: str | None) -> str:
    from netrc import NetrcParseError, netrc

    try:
        found = netrc(file).authenticators(host)
    except (OSError, NetrcParseError):
        return ""
    return f"{quote(found[0], safe='')}:{quote(found[2] or '', safe='')}" if found else ""
