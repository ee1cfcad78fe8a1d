"""Secrets have no place in a definition: it is hashed, recorded, planned and published."""

from __future__ import annotations

import re

from reconciler.language.span import RefusedError
from reconciler.model.pattern import lazy_pattern
from reconciler.model.token import TOKEN

_SUMMARY = "Credentials in a definition"
_USER_INFO = lazy_pattern(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<user>[^/?#\s@]*)@", re.IGNORECASE)
_SIGNATURE = lazy_pattern(
    r"[?&](sig|signature|x-amz-signature|x-goog-signature|access_token|token|api_?key)=[^&#\s]", re.IGNORECASE
)
_VARIABLE = lazy_pattern(r"\$\{\w+\}|\$\(\w+\)|\$\w+|%\w+%")
_SECRET_WORDS = {
    "password", "passwd", "pwd", "passphrase", "secret", "token", "apikey", "credential", "credentials", "pat",
}  # fmt: skip
_SECRET_KEYS = {"access", "account", "api", "private", "secret", "shared", "storage", "subscription"}
_WHY = (
    "A definition is hashed, recorded in the state and published with the image, so whoever can read those could read "
    "the secret."
)
WAY_OUT = (
    "Credentials for registries are taken from the Docker configuration, those for package indexes from netrc or a "
    "keyring, when something is built."
)


def refuse_credentials(url: str) -> None:
    """RefusedError where an address holds a user, a password, a token or a signature; the secret is never repeated."""
    found = _USER_INFO.search(url)
    if found:
        user, _, password = found["user"].partition(":")
        if found["scheme"].lower().endswith("ssh") and not password and not _VARIABLE.search(user):
            return
        host = url[found.end() :].partition("/")[0]
        what = "a variable for its credentials" if _VARIABLE.search(found["user"]) else "credentials"
        raise RefusedError(_SUMMARY, f"The address of `{host[:80]}` holds {what}. {_WHY} {WAY_OUT}")
    if _SIGNATURE.search(url):
        shown = url.partition("?")[0][:80]
        raise RefusedError(_SUMMARY, f"The address `{shown}` is signed or holds a token. {_WHY} {WAY_OUT}")


def looks_secret(name: str) -> bool:
    """Whether a variable of this name holds a secret: HF_TOKEN does, TOKENIZERS_PARALLELISM does not."""
    words = re.split(r"[^a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())
    last = words[-1]
    return last in _SECRET_WORDS or (last in ("key", "sas") and len(words) > 1 and words[-2] in _SECRET_KEYS)


def refuse_secret(kind: str, name: str, value: str | None) -> None:
    """RefusedError where a variable that is named like a secret is given a value, or any one a value like a token."""
    if not value or _VARIABLE.fullmatch(value):
        return
    hint = "give secrets when the environment is used (`envform run -env`)"
    if looks_secret(name):
        detail = f"The {kind} `{name}` is named like a secret, and its value stands in the definition. {_WHY}"
        raise RefusedError(_SUMMARY, detail, hint)
    if TOKEN.search(value):
        raise RefusedError(_SUMMARY, f"The value of the {kind} `{name}` looks like somebody's token. {_WHY}", hint)
