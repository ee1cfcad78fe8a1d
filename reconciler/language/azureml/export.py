"""A registered version in Azure ML's words, as far as it has words for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field

from reconciler.language.yaml_nodes import Plain
from reconciler.model.definition import Definition
from reconciler.model.details import InferenceConfig
from reconciler.model.frozen import dataclass
from reconciler.model.state import Record

_AT_HAND = ("oci:", "docker-daemon:")
_SYSTEM, _PLATFORM = "linux", "linux/amd64"


@dataclass(slots=True)
class Exported:
    """Fields of a document, its conda file, and the text of a Dockerfile; `left` says what of the version they lack.

    `same` tells whether reading it again gives the same hash.
    """

    fields: dict[str, Plain]
    conda: dict[str, Plain] | None = None
    dockerfile: str = ""
    left: list[str] = field(default_factory=list)
    same: bool = True

    def lack(self, what: str) -> None:
        """Note what makes it another definition."""
        self.same = False
        self.left.append(what)


def export_azure(
    name: str, record: Record, python: str, place: Callable[[str], str], constraints: str = ""
) -> Exported:
    """One version. `place` gives the path of a file or folder of the project as the document should have it.

    `python` is the X.Y that packages were chosen for. `constraints` is the name of the file that constraints are put
    into; without one they are left out.
    """
    definition, details = record.definition, record.details
    exported = Exported({"name": name, "version": record.version})
    if record.description:
        exported.fields["description"] = record.description
    if record.tags:
        exported.fields["tags"] = dict(record.tags)
    _base(definition, place, exported)
    _packages(record, python, place, constraints, exported)
    for said, what in _others(record):
        if said:
            exported.lack(f"{what} have no word in Azure ML's documents.")
    for said, what in _beside(record, has_conda=exported.conda is not None):
        if said:
            exported.left.append(f"{what} no place in Azure ML's documents.")
    if definition.platform != _PLATFORM:
        exported.lack(f"The platform is {definition.platform}, and Azure ML builds for {_PLATFORM}.")
    if exported.conda is not None and "image" not in exported.fields:
        exported.lack(
            "Packages over a Dockerfile: a build context is built as it is. They are in the conda file alone."
        )
    else:
        exported.fields["os_type"] = _SYSTEM
    if details.inference_config:
        exported.fields["inference_config"] = _routes(details.inference_config)
    return exported


def _others(record: Record) -> Iterator[tuple[bool, str]]:
    definition = record.definition
    yield bool(definition.spark), "Spark packages"
    yield bool(definition.interpreter), "Paths of an interpreter"
    yield bool(definition.exclude_newer), "Moments until when packages were published"
    yield definition.allow_source_builds, "Builds from source"
    yield definition.runtime != "container", "Environments without an image"


def _beside(record: Record, *, has_conda: bool) -> Iterator[tuple[bool, str]]:
    """What is no part of the definition."""
    details = record.details
    yield bool(details.properties), "`properties` have"
    yield details.verify is not None, "The tests of `verify` have"
    yield bool(details.environment_variables) and not has_conda, "Without a conda file, environment variables have"


def _base(definition: Definition, place: Callable[[str], str], exported: Exported) -> None:
    context = definition.context
    if context is not None:
        build: dict[str, Plain] = {"path": place(context.path)}
        if context.dockerfile != "Dockerfile":
            build["dockerfile_path"] = context.dockerfile
        exported.fields["build"] = build
        if context.arguments or context.target:
            exported.lack("Build arguments and targets have no word in Azure ML's documents.")
    elif definition.dockerfile or definition.steps:
        head = (f"FROM {definition.image}",) if definition.image else ()
        exported.dockerfile = "\n".join((*head, *definition.dockerfile, *definition.steps)) + "\n"
        exported.fields["build"] = {"path": "."}
        exported.lack("A Dockerfile that is written out becomes a build context, which has another hash.")
    elif definition.image:
        exported.fields["image"] = definition.image
        if definition.image.startswith(_AT_HAND):
            exported.left.append("The image itself: it lies on this machine, and Azure ML pulls from registries.")


def _packages(record: Record, python: str, place: Callable[[str], str], constraints: str, exported: Exported) -> None:
    definition, variables = record.definition, dict(record.details.environment_variables)
    pip = [*definition.options, *(f"-c {constraints}" for _ in definition.constraints[:1] if constraints)]
    pip += [_placed(one, definition, place) for one in definition.packages]
    if definition.constraints and not constraints:
        exported.lack("Constraints stand in a file of their own: write into a folder to have it.")
    if definition.conda is None and not definition.packages:
        if definition.python:
            exported.lack("The Python version: without packages a document has no place for it.")
        return
    conda = definition.conda
    dependencies: list[Plain] = list(conda.dependencies) if conda else []
    if conda is None:
        python = definition.python or python
        dependencies = [*([f"python={python}"] if python else ["python"]), "pip"]
        exported.lack(
            "Packages for the base image's own Python: Azure ML's documents know conda files only, so these are "
            "installed by pip into a conda environment."
        )
    elif definition.python:
        dependencies.insert(0, f"python={definition.python}")
        exported.lack("The Python version stands among conda's packages.")
    listed: dict[str, Plain] = {"pip": [*pip]}
    exported.conda = {
        **({"channels": list(conda.channels)} if conda and conda.channels else {}),
        "dependencies": [*dependencies, *([listed] if pip else [])],
        **({"variables": {**variables}} if variables else {}),
    }


def _placed(text: str, definition: Definition, place: Callable[[str], str]) -> str:
    """Local files, seen from where the conda file will lie."""
    for path in definition.files:
        if path in text:
            return text.replace(path, place(path), 1)
    return text


def _routes(config: InferenceConfig) -> dict[str, Plain]:
    routes = {
        "liveness_route": config.liveness_route,
        "readiness_route": config.readiness_route,
        "scoring_route": config.scoring_route,
    }
    return {name: {"path": route.path, "port": route.port} for name, route in routes.items()}
