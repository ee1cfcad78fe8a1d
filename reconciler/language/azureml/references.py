"""References to environments, as jobs spell them."""

from __future__ import annotations

import re

from reconciler.language.span import RefusedError
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean

_INVALID = "Invalid environment reference"
_NAME = lazy_pattern(r"(?![\-_.])[a-zA-Z0-9\-_.]{1,255}(?<!\.)")
_SHORT = lazy_pattern(r"[\w.-]+(?:[:@][^/:@]+)?")
_TEMPLATE = lazy_pattern(r"\$\{\{.*\}\}|\{\{.*\}\}|\$\(\w*\)|\$\w+|<[^<>]*>")
_WITHIN_REGISTRY = ("environments", ("versions", "labels"))
_LATEST = "latest"
_LONGEST = 2000
_SLASHED = (
    ("registr", "an address in a registry begins with `azureml://registries/`"),
    ("subscriptions", "a full id begins with `azureml:/subscriptions/`"),
)


@dataclass(frozen=True, slots=True)
class EnvironmentReference:
    """An environment that was registered somewhere; without version and label it cannot be used yet.

    `registry` is empty for the workspace's own ones; `scope` is the beginning of a full id, which names a workspace.
    """

    name: str
    version: str = ""
    label: str = ""
    registry: str = ""
    scope: str = ""

    @property
    def is_pinned(self) -> bool:
        """Whether it will mean the same tomorrow."""
        return bool(self.version)

    def __str__(self) -> str:
        kind, value = ("labels", self.label) if self.label else ("versions", self.version)
        tail = f"environments/{self.name}/{kind}/{value}"
        if self.scope:
            return f"azureml:{self.scope}/{tail}"
        if self.registry:
            return f"azureml://registries/{self.registry}/{tail}"
        return f"azureml:{self.name}" + (f"@{self.label}" if self.label else f":{self.version}" if self.version else "")


@dataclass(frozen=True, slots=True)
class FileReference:
    """A document that holds the environment, relative to the one that refers to it."""

    path: str


Parsed = EnvironmentReference | FileReference


def parse_reference(text: str) -> Parsed:
    """What a reference means, without looking for it; RefusedError when it means nothing, or not what it seems to."""
    if len(text) > _LONGEST:
        raise RefusedError(_INVALID, f"`{text[:60]}…` is too long: nothing is called so.")
    if found := _TEMPLATE.search(text):
        detail = f"`{found.group()[:80]}` in `{text[:120]}` waits to be filled in by somebody or something else."
        raise RefusedError(_INVALID, detail, "write the name and version that are meant")
    if text != text.strip() or any(character.isspace() for character in text):
        raise RefusedError(_INVALID, f"`{text[:120]}` holds white space, which would become part of the name.")
    prefix, colon, rest = text.partition(":")
    if not colon or prefix not in _FORMS:
        raise _unknown_form(text, prefix if colon else "")
    return _FORMS[prefix](text, rest)


def _unknown_form(text: str, prefix: str) -> RefusedError:
    detail = (
        f"`{text[:120]}` does not say what kind of reference it is. There are `azureml:NAME:VERSION`, "
        "`azureml:NAME@latest`, `azureml://registries/REGISTRY/environments/NAME/versions/VERSION`, "
        "`env:NAME:VERSION` and `file:PATH`."
    )
    if prefix.lower() in _FORMS:
        hint = f"write the prefix in lower case, `{prefix.lower()}:`"
    elif text.endswith((".yml", ".yaml")):
        hint = f"if a file is meant, write `file:{text}`"
    elif meant := did_you_mean(prefix, ["azureml"]):
        hint = meant
    else:
        hint = f"if a registered environment is meant, write `azureml:{text}`" if _SHORT.fullmatch(text) else ""
    return RefusedError(_INVALID, detail, hint)


def _azureml(text: str, rest: str) -> Parsed:
    if rest.startswith("//"):
        return _registry(text, rest[2:])
    if rest.startswith("/"):
        return _full_id(text, rest)
    return _short(text, rest)


def _short(text: str, rest: str) -> EnvironmentReference:
    name, at, label = rest.partition("@")
    name, colon, version = name.partition(":")
    if "/" in rest:
        detail = f"`{text[:120]}` holds a `/`. A short reference is a name, then `:` and a version or `@` and a label."
        hint = next((hint for start, hint in _SLASHED if name.startswith(start)), "")
        raise RefusedError(_INVALID, detail, hint or _short_hint(rest))
    if colon and at:
        detail = f"`{text[:120]}` gives a version and a label. It can have only one of them."
        raise RefusedError(_INVALID, detail)
    if (colon and not version) or (at and not label):
        detail = f"`{text[:120]}` ends where a {'version' if colon else 'label'} should follow."
        raise RefusedError(_INVALID, detail)
    _check_name(text, name)
    _check_version(text, version)
    return EnvironmentReference(name, version, _checked_label(text, label))


def _short_hint(rest: str) -> str:
    found = re.fullmatch(r"([^/:@]+)/(versions|labels)/([^/:@]+)", rest)
    if found is None:
        return ""
    return f"write `azureml:{found[1]}{':' if found[2] == 'versions' else '@'}{found[3]}`"


def _registry(text: str, rest: str) -> EnvironmentReference:
    parts = rest.split("/")
    if parts[0] != "registries":
        hint = did_you_mean(parts[0], ["registries"])
        raise RefusedError(_INVALID, f"`{text[:120]}` should go on with `registries/` after `azureml://`.", hint)
    if len(parts) < 2 or not _NAME.fullmatch(parts[1]):
        raise RefusedError(_INVALID, f"`{text[:120]}` names no registry after `registries/`.")
    return _within(text, parts[2:], registry=parts[1])


def _full_id(text: str, rest: str) -> EnvironmentReference:
    parts = rest.split("/")
    fixed = [*parts[1:9:2], parts[6]] if len(parts) > 8 else []
    wanted = ["subscriptions", "resourceGroups", "providers", "workspaces", "Microsoft.MachineLearningServices"]
    if fixed != wanted or not all(parts[2:9:2]):
        detail = (
            f"`{text[:120]}` is no full id. It reads `azureml:/subscriptions/S/resourceGroups/G/providers/"
            "Microsoft.MachineLearningServices/workspaces/W/environments/NAME/versions/VERSION`."
        )
        is_case = [part.lower() for part in fixed] == [part.lower() for part in wanted]
        raise RefusedError(_INVALID, detail, "capitals count, so write the fixed words as they are here" * is_case)
    found = _within(text, [parts[9].lower() if len(parts) > 9 else "", *parts[10:]], scope="/".join(parts[:9]))
    if found.label:
        detail = f"`{text[:120]}` has a label, and Azure ML takes only versions in full ids."
        raise RefusedError(_INVALID, detail, f"write `azureml:{found.name}@{found.label}` in that workspace")
    return found


def _within(text: str, parts: list[str], *, registry: str = "", scope: str = "") -> EnvironmentReference:
    kind, selectors = _WITHIN_REGISTRY
    if not parts or parts[0] != kind:
        given = parts[0] if parts else ""
        detail = f"`{text[:120]}` should go on with `{kind}/`" + (f", not with `{given}/`." if given else ".")
        raise RefusedError(_INVALID, detail, did_you_mean(given, [kind]))
    if len(parts) != 4 or parts[2] not in selectors or not parts[3]:
        detail = f"`{text[:120]}` should end in `{kind}/NAME/versions/VERSION` or `{kind}/NAME/labels/latest`."
        raise RefusedError(_INVALID, detail)
    _check_name(text, parts[1])
    if parts[2] == "labels":
        return EnvironmentReference(parts[1], "", _checked_label(text, parts[3]), registry, scope)
    _check_version(text, parts[3])
    return EnvironmentReference(parts[1], parts[3], "", registry, scope)


def _file(text: str, rest: str) -> FileReference:
    path = rest.removeprefix("//")
    if not path:
        raise RefusedError(_INVALID, f"`{text}` names no file.")
    return FileReference(path)


def _check_name(text: str, name: str) -> None:
    if not name:
        raise RefusedError(_INVALID, f"`{text[:120]}` has no name.")
    if not _NAME.fullmatch(name):
        detail = f"`{name[:80]}` cannot name an environment: a name holds up to 255 letters, digits, `-`, `_` and `.`."
        raise RefusedError(_INVALID, detail)


def _check_version(text: str, version: str) -> None:
    if version.lower() == _LATEST:
        detail = f"`{text[:120]}` asks for a version that is called `{version}`."
        raise RefusedError(_INVALID, detail, "the most recently created version is written `@latest`")


def _checked_label(text: str, label: str) -> str:
    if label and not re.fullmatch(r"[\w.-]{1,255}", label):
        raise RefusedError(_INVALID, f"`{label[:80]}` in `{text[:120]}` cannot be a label.")
    return label


_FORMS = {"azureml": _azureml, "env": _short, "file": _file}
