"""What goes wrong with a registry on a network: all of it means "cannot tell", none of it "not there"."""

from __future__ import annotations

import json

from reconciler.model.diagnostic import RegistryError
from reconciler.registries.remote_addresses import redacted

_SHOWN = 200


def unreachable(host: str, reason: str, *, temporary: bool = False) -> RegistryError:
    """No answer, after all tries."""
    return RegistryError(
        "Registry cannot be reached",
        f"`{host}` was asked and did not answer: {plain(reason)}. What it holds is not known, so nothing is concluded "
        "from that. Try again when it answers.",
        temporary=temporary,
    )


def denied(host: str, status: int, url: str, body: bytes) -> RegistryError:
    """401 or 403."""
    return RegistryError(
        "Registry refuses access",
        f"`{host}` answers {status} to a request for {redacted(url)}{_said(body)}. Whether the image is there is not "
        "known. Check that the name is right and that you may use it. Log in with a name and a password or a token "
        f"that may:\n\n    envform login {host}",
    )


def unexpected(host: str, status: int, method: str, url: str, body: bytes) -> RegistryError:
    """A status that stands for no answer to what was asked."""
    return RegistryError(
        "Registry failed",
        f"`{host}` answers {status} to {method} {redacted(url)}{_said(body)}. What it holds is not known, so nothing "
        "is concluded from that.",
    )


def unintelligible(host: str, url: str, why: str) -> RegistryError:
    """An answer that no registry should give."""
    return RegistryError(
        "Registry answers unintelligibly",
        f"What `{host}` answers for {redacted(url)} cannot be used. {why} It may be no registry at all, or something "
        "between here and there that answers in its place.",
    )


def misled(host: str, why: object) -> RegistryError:
    """An answer that sends us where we do not go."""
    return RegistryError(
        "Registry sends requests elsewhere", f"`{host}` was asked. {why} Nothing was sent there, no password either."
    )


def not_able(host: str, what: str, instead: str) -> RegistryError:
    """Something that the protocol knows and this registry does not do."""
    return RegistryError("Registry does not do this", f"`{host}` does not {what}. {instead}")


def plain(text: str) -> str:
    """Somebody else's words, so that they can neither steer a terminal nor fill it."""
    return "".join(c if c.isprintable() else " " for c in text)[:_SHOWN]


def codes(body: bytes) -> tuple[str, ...]:
    """The error codes that a body tells, where it is the JSON that registries send."""
    return tuple(str(one.get("code", "")) for one in _errors(body))


def _said(body: bytes) -> str:
    words = [plain(str(one.get("message") or one.get("code") or "")) for one in _errors(body)]
    told = "; ".join(word for word in words if word)
    return f" and says: {told.rstrip('.')}" if told else ""


def _errors(body: bytes) -> list[dict[str, object]]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return []
    errors = value.get("errors") if isinstance(value, dict) else None
    return [one for one in errors if isinstance(one, dict)][:5] if isinstance(errors, list) else []
