"""A conda file that a program puts together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

_DEFAULT_PYTHON = "python=3.11"


class CondaDependencies:
    """Channels, conda's packages and pip's, in the order in which they were added; one of each name."""

    def __init__(self, conda_dependencies_file_path: str | Path | None = None) -> None:
        self._channels: list[str] = ["conda-forge"]
        self._conda: list[str] = [_DEFAULT_PYTHON]
        self._pip: list[str] = []
        self._more: dict[str, object] = {}
        if conda_dependencies_file_path is not None:
            from reconciler.sdk.loading import conda_document

            self._take(conda_document(Path(conda_dependencies_file_path)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CondaDependencies):
            return False
        mine, theirs = ({**one.as_dict(), "name": ""} for one in (self, other))  # a conda file's name means nothing
        return mine == theirs

    __hash__ = None  # type: ignore[assignment]  # it changes

    @classmethod
    def of(cls, document: Mapping[str, object]) -> CondaDependencies:
        """Those of a mapping like a conda file's."""
        made = cls()
        made._take(document)
        return made

    @classmethod
    def create(
        cls,
        pip_indexurl: str | None = None,
        pip_packages: Iterable[str] | None = None,
        conda_packages: Iterable[str] | None = None,
        python_version: str | None = None,
        pin_sdk_version: bool = True,
    ) -> CondaDependencies:
        """With these packages from the start. There is no Azure ML package to pin, whatever `pin_sdk_version` says."""
        del pin_sdk_version
        made = cls()
        if python_version:
            made.set_python_version(python_version)
        if pip_indexurl:
            made.set_pip_index_url(pip_indexurl)
        for package in conda_packages or ():
            made.add_conda_package(package)
        for package in pip_packages or ():
            made.add_pip_package(package)
        return made

    def add_conda_package(self, conda_package: str) -> None:
        """Ask conda for a package, in the place of what was asked of its name before."""
        self._conda = [*_without(self._conda, conda_package), conda_package]

    def add_pip_package(self, pip_package: str) -> None:
        """Ask pip for a package, in the place of what was asked of its name before."""
        self._pip = [*_without(self._pip, pip_package), pip_package]

    def add_pip_line(self, line: str) -> None:
        """A line of a requirements file, after those that are there."""
        self._pip.append(line)

    def add_channel(self, channel: str) -> None:
        """Look for packages there too, after the other channels."""
        if channel not in self._channels:
            self._channels.append(channel)

    def remove_channel(self, channel: str) -> None:
        """Look there no more."""
        self._channels = [one for one in self._channels if one != channel]

    def remove_conda_package(self, conda_package: str) -> None:
        """Ask conda for it no more; there is always a Python."""
        kept = _without(self._conda, conda_package)
        self._conda = kept if any(_name(one) == "python" for one in kept) else self._conda

    def remove_pip_package(self, pip_package: str) -> None:
        """Ask pip for it no more."""
        self._pip = _without(self._pip, pip_package)

    def set_pip_index_url(self, index_url: str) -> None:
        """Where pip finds packages."""
        self.set_pip_option(f"--index-url {index_url}")

    def set_pip_option(self, pip_option: str) -> None:
        """An option as a requirements file has it, in the place of one that begins alike."""
        flag = _flag(pip_option)
        self._pip = [pip_option, *(one for one in self._pip if _flag(one) != flag)]

    def remove_pip_option(self, pip_option: str) -> None:
        """Leave pip's options of this name out."""
        flag = _flag(pip_option)
        self._pip = [one for one in self._pip if _flag(one) != flag]

    def set_pip_requirements(self, pip_requirements: Iterable[str]) -> None:
        """These, in the place of all that pip was asked for."""
        self._pip = [*self.pip_options, *pip_requirements]

    def set_python_version(self, version: str) -> None:
        """The Python of the environment."""
        self._conda = [f"python={version}", *_without(self._conda, "python")]

    @property
    def python_version(self) -> str | None:
        """The Python that conda is asked for; None where any will do."""
        asked = next((one for one in self._conda if _name(one) == "python"), "")
        return asked.removeprefix("python").strip("= ") or None

    @property
    def asks_conda(self) -> bool:
        """Whether anything but Python itself is asked of conda."""
        return any(_name(one) not in ("python", "pip") for one in self._conda) or self._conda[:1] != [_DEFAULT_PYTHON]

    @property
    def pip_lines(self) -> list[str]:
        """Pip's packages and options, in their order."""
        return list(self._pip)

    @property
    def conda_channels(self) -> Iterable[str]:
        """Where conda looks."""
        return iter(self._channels)

    @property
    def conda_packages(self) -> Iterable[str]:
        """What is asked of conda, but for Python."""
        return (one for one in self._conda if _name(one) != "python")

    @property
    def pip_packages(self) -> Iterable[str]:
        """What is asked of pip, but for options."""
        return (one for one in self._pip if not one.startswith("-"))

    @property
    def pip_options(self) -> Iterable[str]:
        """Pip's options."""
        return (one for one in self._pip if one.startswith("-"))

    def as_dict(self) -> Mapping[str, object]:
        """The same as a conda file has it."""
        pip = ["pip", {"pip": list(self._pip)}] if self._pip else []
        packages = [one for one in self._conda if not (self._pip and _name(one) == "pip")]
        own = [one for one in self._conda if self._pip and _name(one) == "pip"]
        listed = [*packages, *(own or pip[:1]), *pip[1:]]
        channels = {"channels": list(self._channels)} if self._channels else {}
        return {**self._more, **channels, "dependencies": listed}

    def serialize_to_string(self) -> str:
        """The text of a conda file."""
        from reconciler.sdk.loading import document_text

        return document_text(self.as_dict())

    def save(self, path: str | Path = "conda_dependencies.yml") -> str:
        """Write the conda file, and tell where it is."""
        Path(path).write_text(self.serialize_to_string(), encoding="utf-8")
        return str(path)

    def save_to_file(self, base_directory: str, conda_file_path: str = "conda_dependencies.yml") -> str:
        """Write the conda file, and tell its name."""
        (Path(base_directory) / conda_file_path).write_text(self.serialize_to_string(), encoding="utf-8")
        return conda_file_path

    def _take(self, document: Mapping[str, object]) -> None:
        self._more = {name: one for name, one in document.items() if name not in ("channels", "dependencies")}
        channels, packages = document.get("channels"), document.get("dependencies")
        self._channels = [str(one) for one in channels] if isinstance(channels, list) else []
        self._conda = []
        for one in packages if isinstance(packages, list) else ():
            if isinstance(one, dict):
                self._pip.extend(str(each) for each in one.get("pip") or ())
            else:
                self._conda.append(str(one))


def _name(package: str) -> str:
    return re.split(r"[\s=<>!~\[;@]", package.strip().rpartition("::")[2], maxsplit=1)[0].lower()


def _flag(option: str) -> str:
    return re.split(r"[\s=]", option.strip(), maxsplit=1)[0]


def _without(packages: Iterable[str], package: str) -> list[str]:
    return [one for one in packages if one.startswith("-") or _name(one) != _name(package)]
