"""A conda file that is already loaded: lists and mappings, wherever they come from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TypeGuard

from reconciler.language.definition.conda_spec import Spec, canonical_channel, parse_spec
from reconciler.language.definition.credentials import refuse_credentials, refuse_secret
from reconciler.language.definition.finding import Finding, Path
from reconciler.language.definition.requirements import Entry, parse_entry
from reconciler.language.span import RefusedError
from reconciler.model.diagnostic import Severity
from reconciler.model.frozen import dataclass
from reconciler.model.suggestion import did_you_mean

INVALID = "Invalid conda file"
_KEYS = ("name", "channels", "dependencies", "prefix", "variables")
_OF_MLFLOW = {"python", "build_dependencies"}


@dataclass(slots=True)
class CondaFile:
    """What a conda file asks for, in order and in normal form; its `name` and `prefix` mean nothing."""

    channels: list[str] = field(default_factory=list)
    dependencies: list[tuple[Path, Spec]] = field(default_factory=list)
    pip: list[tuple[Path, Entry]] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    has_pip_list: bool = False
    findings: list[Finding] = field(default_factory=list)

    @property
    def python(self) -> Spec | None:
        """The Python that it asks for."""
        return next((spec for _, spec in self.dependencies if spec.name == "python"), None)

    def refuse(self, path: Path, detail: str, hint: str = "", *, summary: str = INVALID) -> None:
        """Keep one mistake."""
        self.findings.append(Finding(path, summary, detail, hint))

    def warn(self, path: Path, summary: str, detail: str, hint: str = "") -> None:
        """Keep what Azure ML takes without a word and the user should know."""
        self.findings.append(Finding(path, summary, detail, hint, Severity.WARNING))


def parse_conda(tree: object) -> CondaFile:
    """Read a loaded conda file; all that is wrong with it is in the findings, by the path of the value."""
    conda = CondaFile()
    if not isinstance(tree, Mapping):
        what = "is empty" if tree is None else f"holds {_named(tree)}"
        hint = "" if tree is None else "dependencies: [python=3.11, …]"
        conda.refuse((), f"A conda file is a mapping with the key `dependencies`, and this one {what}.", hint)
        return conda
    if _OF_MLFLOW & tree.keys():
        _refuse_mlflow(tree, conda)
        return conda
    _check_keys(tree, conda)
    _channels(tree.get("channels"), conda)
    _dependencies(tree, conda)
    _variables(tree.get("variables"), conda)
    return conda


def _refuse_mlflow(tree: Mapping[object, object], conda: CondaFile) -> None:
    key = next(str(key) for key in tree if key in _OF_MLFLOW)
    detail = (
        f"The key `{key}` is of MLflow's `python_env.yaml`, which is no conda file. Set `python_version` to its "
        "`python`, and list its dependencies in `pip` or in a `requirements_file`."
    )
    conda.refuse((key,), detail)


def _check_keys(tree: Mapping[object, object], conda: CondaFile) -> None:
    for key, value in tree.items():
        if key in ("name", "prefix"):
            if value is not None and not isinstance(value, str):
                conda.warn(
                    (str(key),), "Conda file has an odd name", f"`{key}` is {_named(value)}. It means nothing here."
                )
        elif key not in _KEYS:
            known = ", ".join(f"`{known}`" for known in _KEYS)
            detail = f"There is no key `{str(key)[:60]}` in conda files. They have: {known}."
            conda.refuse((str(key),), detail, did_you_mean(str(key), _KEYS))
        elif value is None and key in ("channels", "dependencies"):
            conda.refuse((str(key),), f"`{key}` is empty here, and it is a list.", "leave it out, or list something")


def _channels(value: object, conda: CondaFile) -> None:
    if value is None:
        return
    if not _is_list(value):
        conda.refuse(("channels",), f"`channels` is a list of texts, and this is {_named(value)}.")
        return
    for at, channel in enumerate(value):
        path: Path = ("channels", at)
        if not isinstance(channel, str) or not channel.strip():
            conda.refuse(path, f"A channel is a name or an address, and this is {_named(channel)}.")
            continue
        try:
            refuse_credentials(channel)
            _refuse_token(channel)
        except RefusedError as error:
            conda.findings.append(Finding.refused(path, error))
            continue
        name = canonical_channel(channel)
        if name in conda.channels:
            conda.warn(path, "Channel listed twice", f"`{name[:80]}` stands above already; the first place counts.")
        else:
            conda.channels.append(name)


def _refuse_token(channel: str) -> None:
    if re.search(r"://[^/]+/t/[^/]+/", f"{channel}/"):
        refuse_credentials(re.sub(r"://([^/]+)/t/[^/]+/", r"://token@\1/", f"{channel}/"))


def _dependencies(tree: Mapping[object, object], conda: CondaFile) -> None:
    value = tree.get("dependencies")
    if "dependencies" not in tree:
        detail = "A conda file lists what it wants under `dependencies`, and this one has nothing there."
        conda.warn((), "Conda file without dependencies", detail)
        return
    if value is None:
        return
    if not _is_list(value):
        conda.refuse(("dependencies",), f"`dependencies` is a list, and this is {_named(value)}.")
        return
    for at, item in enumerate(value):
        path: Path = ("dependencies", at)
        if isinstance(item, Mapping):
            _pip_block(item, path, conda)
        elif isinstance(item, str):
            _dependency(item, path, conda)
        else:
            hint = "quote it, and write the package's name before a version" if isinstance(item, (int, float)) else ""
            conda.refuse(path, f"A dependency is a text such as `numpy=1.26`, and this is {_named(item)}.", hint)


def _dependency(text: str, path: Path, conda: CondaFile) -> None:
    try:
        conda.dependencies.append((path, parse_spec(text)))
    except RefusedError as error:
        conda.findings.append(Finding.refused(path, error))


def _pip_block(item: Mapping[str, object], path: Path, conda: CondaFile) -> None:
    for key, value in item.items():
        if key != "pip":
            near = did_you_mean(str(key), ("pip",)) or f"a text with a colon and a space must be quoted: '{key}: …'"
            detail = f"A mapping among the dependencies is a list for pip, `pip: […]`, and this is `{str(key)[:60]}`."
            conda.refuse((*path, key), detail, near)
        elif not _is_list(value):
            conda.refuse((*path, key), f"`pip` is a list of texts, and this is {_named(value)}.")
        elif conda.has_pip_list:
            detail = "There is a list for pip above already, and conda would use only the last one."
            conda.refuse((*path, key), detail, "join the two lists")
        else:
            conda.has_pip_list = True
            for at, entry in enumerate(value):
                _pip_item(entry, (*path, "pip", at), conda)


def _pip_item(item: object, path: Path, conda: CondaFile) -> None:
    if not isinstance(item, str):
        conda.refuse(path, f"A requirement is a text such as `numpy==1.26.4`, and this is {_named(item)}.")
        return
    try:
        conda.pip.append((path, parse_entry(item)))
    except RefusedError as error:
        conda.findings.append(Finding.refused(path, error))


def _variables(value: object, conda: CondaFile) -> None:
    if value is None:
        return
    if not isinstance(value, Mapping):
        conda.refuse(("variables",), f"`variables` is a mapping of texts, and this is {_named(value)}.")
        return
    for name, text in value.items():
        path: Path = ("variables", name)
        if not isinstance(text, (str, int, float)) or isinstance(text, bool):
            conda.refuse(path, f"The value of a variable is a text, and that of `{name}` is {_named(text)}.")
            continue
        try:
            refuse_secret("environment variable", str(name), str(text))
        except RefusedError as error:
            conda.findings.append(Finding.refused(path, error))
        else:
            conda.variables[str(name)] = str(text)


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _named(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the truth value `{str(value).lower()}`"
    if isinstance(value, (int, float)):
        return f"the number `{value}`"
    if isinstance(value, str):
        return "an empty text" if not value.strip() else f"the text `{value[:60]}`"
    return "a mapping" if isinstance(value, Mapping) else "a list"
