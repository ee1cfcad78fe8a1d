"""What each instruction of a Dockerfile takes, as BuildKit checks it before it builds anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean

_FLAG = lazy_pattern(r"--(?P<name>[A-Za-z][A-Za-z0-9-]*)?(?:=(?P<value>\S*))?(?:\s+|$)")
_SWITCHES = frozenset({"link", "keep-git-dir", "parents", "unpack"})
_COPY = ("from", "chown", "chmod", "link", "parents", "exclude")
_FLAGS: Mapping[str, tuple[str, ...]] = {
    "FROM": ("platform",),
    "COPY": _COPY,
    "ADD": ("chown", "chmod", "link", "keep-git-dir", "checksum", "unpack", "exclude"),
    "RUN": ("mount", "network", "security", "device"),
    "HEALTHCHECK": ("interval", "timeout", "start-period", "start-interval", "retries"),
}
_MODES: Mapping[str, tuple[str, ...]] = {
    "type": ("bind", "cache", "tmpfs", "secret", "ssh"),
    "network": ("default", "none", "host"),
    "security": ("insecure", "sandbox"),
}
_DURATION = lazy_pattern(r"(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+|0")
_NEVER_TRIGGERED = ("ONBUILD", "FROM", "MAINTAINER")
_WORD = lazy_pattern(r"""(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'\\]|\\$)+|["']""")


def mistakes_in(keyword: str, arguments: str) -> Iterator[tuple[str, str]]:
    """Details and hints of all that makes the form of an instruction wrong."""
    rest = arguments
    if keyword in _FLAGS:
        wrong, rest = _flags(keyword, arguments)
        yield from wrong
        if wrong:
            return
    if check := _CHECKS.get(keyword):
        yield from check(keyword, rest)


def _flags(keyword: str, arguments: str) -> tuple[list[tuple[str, str]], str]:
    known, wrong = _FLAGS[keyword], []
    while arguments.startswith("--") and (found := _FLAG.match(arguments)) and found["name"]:
        name, value = found["name"], found["value"]
        if name not in known:
            listed = ", ".join(f"`--{flag}`" for flag in known)
            meant = did_you_mean(f"--{name}", [f"--{flag}" for flag in known]) or f"there are {listed}"
            wrong.append((f"`{keyword}` has no flag `--{name[:40]}`.", meant))
        elif not value and name not in _SWITCHES:
            wrong.append((f"The flag `--{name}` needs a value: `--{name}=…`.", ""))
        elif keyword == "HEALTHCHECK" and name != "retries" and not _DURATION.fullmatch(value or ""):
            wrong.append((f"`{(value or '')[:40]}` is no duration; `--{name}` takes such as `30s` or `1m30s`.", ""))
        elif keyword == "RUN":
            wrong.extend(_modes(name, value or ""))
        arguments = arguments[found.end() :]
    return wrong, arguments


def _modes(flag: str, value: str) -> Iterator[tuple[str, str]]:
    """What is wrong with the word that a flag of `RUN` takes; variables in it are known only while it is built."""
    name, mode = flag, value
    if flag == "mount":
        types = [part for part in value.replace('"', "").split(",") if part.startswith("type=")]
        name, mode = "type", types[0].removeprefix("type=") if types else "bind"
    known = _MODES.get(name, (mode,))
    if mode.lower() not in known and "$" not in mode:
        listed = ", ".join(f"`{word}`" for word in known)
        subject = "mount of the type" if flag == "mount" else f"{flag} mode"
        yield f"BuildKit has no {subject} `{mode[:40]}`.", did_you_mean(mode, known) or f"there are {listed}"


def _copy(keyword: str, rest: str) -> Iterator[tuple[str, str]]:
    listed = _json(rest)
    if len(rest.split() if listed is None else listed) < 2:
        hint = "a JSON list has double quotes" if rest.startswith("[") and listed is None else ""
        yield f"`{keyword}` takes at least one source and a destination, and this is only one word.", hint


def _pairs(keyword: str, rest: str) -> Iterator[tuple[str, str]]:
    found = _WORD.findall(rest)
    if any(word in ('"', "'") for word in found):
        yield (
            f"A quote in this `{keyword}` is never closed.",
            "a quote that is part of a text stands behind a backslash",
        )
        return
    if keyword != "ARG" and "=" not in found[0]:
        if len(found) < 2:
            yield f"`{keyword}` takes a name and a value, `NAME=VALUE`, and this is only a name.", ""
        return
    for word in found:
        name, equals, _ = word.partition("=")
        if not name:
            yield f"In this `{keyword}` a name is missing before `=`.", "there is no space around `=`"
        elif not equals and keyword != "ARG":
            hint = f'a value with spaces is quoted: {found[0].partition("=")[0]}="…"'
            yield f"`{word[:40]}` has no `=`; each word of this `{keyword}` is `NAME=VALUE`.", hint


def _json_only(keyword: str, rest: str) -> Iterator[tuple[str, str]]:
    if not _json(rest):
        yield f'`{keyword}` takes a JSON list of texts, such as `{keyword} ["/bin/bash", "-c"]`.', ""


def _volume(keyword: str, rest: str) -> Iterator[tuple[str, str]]:
    listed = _json(rest)
    if listed is not None and not (listed and all(item.strip() for item in listed)):
        yield f"`{keyword}` names at least one folder, and none of them may be empty.", ""


def _healthcheck(_: str, rest: str) -> Iterator[tuple[str, str]]:
    kind, _, command = rest.partition(" ")
    if kind.upper() not in ("NONE", "CMD"):
        yield f"`HEALTHCHECK` takes `CMD COMMAND` or `NONE`, and not `{kind[:40]}`.", ""
    elif (kind.upper() == "CMD") != bool(command.strip()):
        yield "`HEALTHCHECK NONE` stands alone, and behind `HEALTHCHECK CMD` stands a command.", ""


def _onbuild(_: str, rest: str) -> Iterator[tuple[str, str]]:
    trigger = rest.split(maxsplit=1)[0].upper()
    if trigger in _NEVER_TRIGGERED:
        yield f"`{trigger}` cannot stand behind `ONBUILD`.", ""


def _json(text: str) -> list[str] | None:
    if not text.startswith("["):
        return None
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return listed if isinstance(listed, list) and all(isinstance(item, str) for item in listed) else None


_CHECKS: Mapping[str, Callable[[str, str], Iterator[tuple[str, str]]]] = {
    "COPY": _copy,
    "ADD": _copy,
    "ENV": _pairs,
    "LABEL": _pairs,
    "ARG": _pairs,
    "SHELL": _json_only,
    "VOLUME": _volume,
    "HEALTHCHECK": _healthcheck,
    "ONBUILD": _onbuild,
}
