"""One package of conda, in the one spelling that is hashed."""

from __future__ import annotations

import re
from functools import lru_cache

from reconciler.language.definition.credentials import refuse_credentials
from reconciler.language.definition.template import find_template
from reconciler.language.span import RefusedError
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

INVALID = "Invalid conda package"
_NAME = lazy_pattern(r"(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*)\s*(?P<rest>.*)")
_DATE = lazy_pattern(r"\d{4}-\d\d?-\d\d?")
_BRACKETS = lazy_pattern(r"(?P<head>[^\[]*)\[(?P<inside>.*)\]")
_FIELD = lazy_pattern(
    r"\s*(?P<key>\w+)\s*=\s*(?:'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|(?P<bare>[^,'\"\s]+))\s*(?:,|$)"
)
_FIELDS = {"version", "build", "build_number", "channel", "subdir", "md5", "sha256", "license", "url", "fn"}
_COMPARISON = lazy_pattern(r"(?P<operator>~=|==|!=|<=|>=|<|>|=)?\s*(?P<version>[^\s=<>~,|()]+)")
_SEVERAL_BUILT = lazy_pattern(
    r"(?P<version>.*[,|]\s*(?:~=|==|!=|<=|>=|<|>|=)?\s*[^\s=<>~,|]*[^\s=<>~,|!])(?:\s*=\s*|\s+)(?P<build>[^\s=<>~,|]+)"
)
_VERSION = lazy_pattern(r"[A-Za-z0-9_.*+!-]+|\^.*\$")
_BUILD = lazy_pattern(r"[A-Za-z0-9_.*+-]+|\^.*\$")
_PACKAGE_FILE = lazy_pattern(r"\S+\.(conda|tar\.bz2)(#[0-9a-f]{32,64})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Spec:
    """`text` is the normal form; `version` as it is asked for, with its operator."""

    text: str
    name: str
    version: str = ""
    build: str = ""
    channel: str = ""
    template: str = ""

    @property
    def pinned(self) -> bool:
        """Whether one version is meant: `=1.2` counts, as everybody takes it for a pin."""
        return self.version.startswith("=") and "|" not in self.version and not self.version.strip("=").startswith("*")


@lru_cache(maxsize=65536)
def parse_spec(text: str) -> Spec:
    """The package that a text asks for; RefusedError when it asks for none."""
    stripped = text.partition("#")[0].strip() if "://" not in text else text.strip()
    if not stripped:
        raise RefusedError(INVALID, "An empty text asks for no package. Remove it, or name a package.")
    if template := find_template(stripped):
        name = _NAME.match(stripped)
        return Spec(" ".join(stripped.split()), name["name"].lower() if name else "", template=template)
    if stripped.startswith("-"):
        raise RefusedError(INVALID, f"`{stripped[:80]}` is an option of pip. Move it into the list under `pip:`.")
    if _PACKAGE_FILE.fullmatch(stripped):
        refuse_credentials(stripped)
        return Spec(stripped, re.split(r"[/\\]", stripped)[-1].rsplit("-", 2)[0].lower(), "==", "", "")
    channel, rest = _channel(stripped)
    return _package(stripped, channel, rest)


def _channel(text: str) -> tuple[str, str]:
    if "::" not in text:
        return "", text
    channel, _, rest = text.partition("::")
    refuse_credentials(channel)
    if not channel.strip() or not rest.strip() or re.search(r"\s", channel.strip()):
        detail = f"In `{text[:80]}` a channel stands before `::`, and a package after it: `conda-forge::numpy`."
        raise RefusedError(INVALID, detail)
    return canonical_channel(channel), rest.strip()


def canonical_channel(channel: str) -> str:
    """A channel without the slashes around it; its letters count."""
    return channel.strip().rstrip("/")


def _package(text: str, channel: str, rest: str) -> Spec:
    fields: dict[str, str] = {}
    if bracket := _BRACKETS.fullmatch(rest):
        fields = _fields(text, bracket["inside"])
        rest = bracket["head"].strip()
    found = _NAME.fullmatch(rest)
    if not found or _DATE.fullmatch(rest):
        detail = f"`{text[:80]}` does not begin with the name of a package, such as `numpy=1.26`."
        raise RefusedError(INVALID, detail)
    version, build = _version_and_build(text, found["rest"].strip())
    version = _version(text, fields.pop("version", "")) if "version" in fields else version
    alone = not ("|" in version or "," in version)
    if alone and "build" in fields and version.startswith("=") and not version.startswith("==") and "*" not in version:
        version += ".*"  # "a=1[build=b]" is any 1.x, and "a=1=b" is 1 alone
    build = fields.pop("build", build)
    channel = canonical_channel(fields.pop("channel", channel))
    name = found["name"].lower()
    if build and not version:
        version = "=*"
    if alone and build and version.startswith("=="):
        version = version[1:]
    if build and not (alone and version.startswith("=")):
        fields |= {"version": f"'{version}'", "build": build}
    others = ",".join(f"{key}={value}" for key, value in sorted(fields.items()))
    simple = "" if "version" in fields else f"{version}{f'={build}' if build else ''}"
    head = f"{channel}::{name}" if channel else name
    written = f"{head}{simple}{f'[{others}]' if others else ''}"
    return Spec(written, name, version, build, channel)


def _fields(text: str, inside: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    at = 0
    while at < len(inside.rstrip()):
        found = _FIELD.match(inside, at)
        if not found or found["key"].lower() not in _FIELDS:
            detail = f"In `{text[:80]}` the brackets hold `key=value` pairs, such as `[version='>=1.2', build=py310*]`."
            raise RefusedError(INVALID, detail)
        fields[found["key"].lower()] = found["single"] or found["double"] or found["bare"] or ""
        at = found.end()
    return fields


def _version_and_build(text: str, rest: str) -> tuple[str, str]:
    if not rest:
        return "", ""
    if several := _SEVERAL_BUILT.fullmatch(rest):
        return _version(text, several["version"]), _build(text, several["build"])
    if rest[0] in "~=!<>":
        return _compared(text, rest)
    words = rest.split()
    if re.search(r"[<>=~,|]", rest):
        return _version(text, rest), ""
    if len(words) > 2:
        raise _not_a_version(text, rest)
    # Behind a space a version is exact, as conda prints it: "numpy 1.26.4 py310_0".
    version = _version(text, f"=={words[0]}") if "*" not in words[0] else _version(text, f"={words[0]}")
    return version, _build(text, words[1]) if len(words) == 2 else ""


def _compared(text: str, rest: str) -> tuple[str, str]:
    operator = rest[:2] if rest[:2] in ("==", "~=", "!=", "<=", ">=") else rest[0]
    after = rest[len(operator) :].strip()
    if "," in after or "|" in after:
        return _version(text, rest), ""
    version, equals, build = after.partition("=")
    if not equals and len(words := version.split()) == 2:
        version, build = words
    return _version(text, f"{operator}{version.strip()}"), _build(text, build.strip()) if build.strip() else ""


def _build(text: str, build: str) -> str:
    if not _BUILD.fullmatch(build):
        raise RefusedError(INVALID, f"In `{text[:80]}` `{build[:40]}` is no build that conda knows.")
    return build


def _version(text: str, written: str) -> str:
    """Alternatives in their order; of one alternative the parts that must all hold, sorted.

    A part without an operator means one version alone, as conda takes it beside others and in brackets.
    """
    return "|".join(",".join(sorted(_part(text, part) for part in each.split(","))) for each in written.split("|"))


def _part(text: str, part: str) -> str:
    found = _COMPARISON.fullmatch(part.strip())
    if not found or not _VERSION.fullmatch(found["version"]):
        raise _not_a_version(text, part)
    is_pattern = "*" in found["version"] or found["version"].startswith("^")
    return f"{found['operator'] or ('=' if is_pattern else '==')}{found['version']}"


def _not_a_version(text: str, part: str) -> RefusedError:
    detail = f"In `{text[:80]}` the part `{part.strip()[:40]}` is no version that conda knows."
    return RefusedError(INVALID, detail, "such as numpy=1.26, numpy>=1.24,<2 or pytorch=2.1.0=py310_cuda*")
