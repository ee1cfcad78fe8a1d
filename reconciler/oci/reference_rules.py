"""What the parts of an image reference may look like; each rule speaks in a full sentence."""

from __future__ import annotations

import posixpath

from reconciler.model.digest import Digest
from reconciler.model.pattern import lazy_pattern

DOCKER_HUB = "docker.io"
_HUB_SPELLINGS = frozenset({DOCKER_HUB, "index.docker.io"})
_LONGEST_TEXT = 4096
_LONGEST_NAME = 255
_LONGEST_TAG = 128
_SHOWN = 100

_SCHEME = lazy_pattern(r"[A-Za-z][A-Za-z0-9+.-]*://")
_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_HOST = lazy_pattern(rf"(?P<host>{_LABEL}(\.{_LABEL})*|\[[0-9a-f:.]+\])(:(?P<port>[0-9]{{1,5}}))?")
_COMPONENT = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = lazy_pattern(rf"{_COMPONENT}(/{_COMPONENT})*")
_TAG = lazy_pattern(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_REF = lazy_pattern(r"[A-Za-z0-9_][A-Za-z0-9._+-]*([:/][A-Za-z0-9_][A-Za-z0-9._+-]*)*")
_DIGEST_LIKE = lazy_pattern(r"[A-Za-z0-9+._-]*:[0-9A-Za-z]*")
_IMAGE_ID = lazy_pattern(r"(sha256:)?[0-9a-f]{64}")


def shown(text: str) -> str:
    """A piece of the user's text that is safe to print: escaped and cut."""
    cut = text[:_SHOWN] + ("…" if len(text) > _SHOWN else "")
    return "`" + "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in cut) + "`"


def check_text(text: str, what: str) -> None:
    """Refuse what no reference of any kind may hold."""
    if not text:
        raise ValueError(f"{what} may not be empty.")
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"{what} may not be longer than {_LONGEST_TEXT} characters; this one has {len(text)}.")
    if _SCHEME.match(text):
        raise ValueError(f"{what} is written without a scheme such as `https://`; begin with the host's name.")
    if text != text.strip() or not text.isprintable():
        raise ValueError(f"{what} may hold neither white space around it nor control characters.")


def split_digest(text: str, what: str) -> tuple[str, Digest | None]:
    """The text before `@`, and the digest after it. Text before `@` may be a password, so no message shows it."""
    spelled, at, digest = text.rpartition("@")
    if not at:
        return text, None
    if "@" in spelled or not _DIGEST_LIKE.fullmatch(digest):
        raise ValueError(
            f"{what} may hold an `@` only before a digest (`@sha256:` and 64 hex digits). User names and passwords do "
            "not belong there: take them out."
        )
    return spelled, parse_digest(digest)


def parse_digest(text: str) -> Digest:
    """The digest of a reference."""
    try:
        return Digest.parse(text)
    except ValueError:
        raise ValueError(
            f"{shown(text)} is not a digest that envform can use: write `sha256:` and 64 lower-case hex digits."
        ) from None


def looks_like_host(component: str) -> bool:
    """Whether the part before the first slash is a host, by Docker's rule."""
    return component == "localhost" or any(mark in component for mark in ".:[")


def looks_like_path(text: str) -> bool:
    """Whether somebody meant a folder and left `oci:` out."""
    return text.startswith((".", "/", "~"))


def parse_host(text: str) -> str:
    """HOST[:PORT] in its one spelling: lower case, and one name for Docker Hub."""
    match = _HOST.fullmatch(text.lower())
    if not match:
        raise ValueError(
            f"{shown(text)} is not a host name with an optional port, such as `registry.example.com:5000`."
        )
    if match["port"] is not None and not 1 <= int(match["port"]) <= 65535:
        raise ValueError(f"The port of {shown(text)} must be a number from 1 to 65535.")
    return DOCKER_HUB if match[0] in _HUB_SPELLINGS else match[0]


def check_repository(host: str, repository: str) -> None:
    """Refuse a repository that registries would refuse, some of them with a server error."""
    if not repository:
        raise ValueError("An image reference needs a name after the host, as in `HOST/NAME:TAG`.")
    if repository != repository.lower():
        raise ValueError(f"The name {shown(repository)} must be in lower case; registries refuse upper-case names.")
    if _IMAGE_ID.fullmatch(repository):
        raise ValueError(f"{shown(repository)} is an image's id; write the name that the image has in its registry.")
    if not _REPOSITORY.fullmatch(repository):
        raise ValueError(
            f"{shown(repository)} is not a name of an image: write lower-case letters and digits, separated by `.`, "
            "`_`, `__`, `-` or `/`, none of them first or last."
        )
    if len(host) + 1 + len(repository) > _LONGEST_NAME:
        raise ValueError(f"Host and name together may not be longer than {_LONGEST_NAME} characters.")


def check_tag(tag: str) -> None:
    """Refuse a tag that registries would refuse."""
    if len(tag) > _LONGEST_TAG:
        raise ValueError(f"A tag may not be longer than {_LONGEST_TAG} characters; this one has {len(tag)}.")
    if not _TAG.fullmatch(tag):
        raise ValueError(
            f"{shown(tag)} is not a tag: write letters, digits, `.`, `_` and `-`, with neither `.` nor `-` first."
        )


def check_ref(ref: str) -> None:
    """Refuse a ref name that an image layout cannot keep, or that would not be read back as it was written."""
    if len(ref) > _LONGEST_NAME + _LONGEST_TAG:
        raise ValueError(f"A ref name may not be longer than {_LONGEST_NAME + _LONGEST_TAG} characters.")
    if not _REF.fullmatch(ref):
        raise ValueError(
            f"{shown(ref)} is not a ref name of an image layout, such as `base` or `training:3`: write letters, "
            "digits, `.`, `_`, `+` and `-`, with `:` and `/` only between them."
        )


def parse_folder(text: str) -> str:
    """The DIR of `oci:DIR` in its one spelling."""
    if not text:
        raise ValueError("`oci:` needs a folder after it, as in `oci:./images`.")
    if ":" in text or "@" in text:
        raise ValueError(f"The folder {shown(text)} of an image layout may hold neither `:` nor `@`.")
    if text.startswith("~"):
        raise ValueError(
            f"The folder {shown(text)} of an image layout begins with `~`, which only shells know. Write its path."
        )
    folder = posixpath.normpath(text)
    return "/" + folder.lstrip("/") if folder.startswith("/") else folder
