"""Azure ML's environments: folders that version 1 of its SDK saved, and documents of version 2."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Mapping

from reconciler.language.azureml.documents import read_document
from reconciler.language.definition.conda import parse_conda
from reconciler.language.files import Files
from reconciler.language.rules import check_version
from reconciler.language.sketches.conda_files import sketch_conda, sketch_conda_file
from reconciler.language.sketches.projects import Table, table, tables, texts
from reconciler.language.sketches.requirements_files import Read, Requirements
from reconciler.language.sketches.sketch import Section, Sketch, unusable
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import plain
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.frozen import dataclass

SAVED = "azureml_environment.json"
_SAVED_DOCKERFILE = "BaseDockerfile"
_SAVED_CONDA = "conda_dependencies.yml"
_DEFAULTS_OF_DOCKER = {"arguments": [], "enabled": False, "sharedVolumes": True, "shmSize": "2g"}
_DOCKER = {"baseImage", "baseDockerfile", "buildContext", "platform", "baseImageRegistry", *_DEFAULTS_OF_DOCKER}
_PYTHON = {"userManagedDependencies", "interpreterPath", "condaDependencies", "condaDependenciesFile"}
_TOP = {"name", "version", "assetId", "environmentVariables", "python", "docker", "spark"}
_SPARK = {"repositories", "packages", "precachePackages"}
Within = Callable[[str], str | None]


def sketch_document(path: str, files: Files, sketch: Sketch, read: Read, within: Within) -> None:
    """A YAML document of version 2; `files` are those of its folder, and `path` is the document as users see it."""
    filename = posixpath.basename(path)
    problems = Diagnostics()
    read_mapping = read_document(load(files.text(filename), filename), "", files, problems)
    problems.check()
    sketch.told.extend(problems)
    fields = table(plain(read_mapping)) if read_mapping else {}
    folder = posixpath.dirname(path)
    sketch.name = sketch.name or str(fields.get("name", ""))
    for name, value in fields.items():
        if name == "conda_file":
            _conda_file(value, folder, sketch, read, within)
        elif name == "build":
            sketch.fields[name] = _build(table(value), folder, within)
        elif name == "inference_config":
            routes = {route: _route(table(one)) for route, one in table(value).items()}
            sketch.fields[name] = Section(routes)
        elif name != "name":
            sketch.fields[name] = value if isinstance(value, dict) else str(value)


def _route(route: Table) -> Section:
    return Section({"path": str(route.get("path")), "port": int(str(route.get("port")))})


def _conda_file(value: object, folder: str, sketch: Sketch, read: Read, within: Within) -> None:
    if isinstance(value, str):
        name = sketch.name
        sketch_conda_file(posixpath.join(folder, value), sketch, read, within)
        sketch.name = name or sketch.name
        return
    parsed = parse_conda(value)
    _refuse(parsed.findings)
    sketch_conda(parsed, folder, sketch, Requirements(sketch, read, within))


def _refuse(findings: object) -> None:
    for finding in findings if isinstance(findings, list) else ():
        if finding.severity == "error":
            raise unusable(finding.detail, finding.hint)


def _build(build: Mapping[str, object], folder: str, within: Within) -> Section:
    path = posixpath.normpath(posixpath.join(folder, str(build.get("path", ""))))
    inside = within(path)
    if inside is None:
        raise unusable(
            f"The build context `{path}` lies outside of the project, and configuration may only read what is in it.",
            "copy the folder into the project, or name the project's folder with -chdir",
        )
    dockerfile = build.get("dockerfile_path")
    return Section({"path": inside, **({"dockerfile_path": str(dockerfile)} if dockerfile else {})})


@dataclass(frozen=True, slots=True)
class _Saved:
    """The folder, and what reads it; `exists` tells whether there is a file of a path."""

    folder: str
    read: Read
    within: Within
    exists: Callable[[str], bool]

    def has(self, name: str) -> bool:
        """Whether it holds a file."""
        return self.exists(posixpath.join(self.folder, name))

    def text(self, name: str) -> str:
        """What is in the file."""
        return self.read(posixpath.join(self.folder, name))


def sketch_saved(folder: str, sketch: Sketch, read: Read, within: Within, exists: Callable[[str], bool]) -> None:
    """A folder that version 1 saved."""
    around = _Saved(folder, read, within, exists)
    try:
        saved = table(json.loads(around.text(SAVED)))
    except json.JSONDecodeError as cause:
        raise unusable(f"`{posixpath.join(folder, SAVED)}` is not JSON: {cause}.") from cause
    sketch.name = sketch.name or str(saved.get("name") or "")
    _version(saved.get("version"), sketch)
    _tell_others("", saved, _TOP, sketch)
    _docker(table(saved.get("docker")), around, sketch)
    _python(table(saved.get("python")), around, sketch)
    variables = {name: str(text) for name, text in table(saved.get("environmentVariables")).items()}
    if variables:
        sketch.fields["environment_variables"] = variables
    _spark(table(saved.get("spark")), sketch)
    if sketch.fields.keys() <= {"version"}:
        raise unusable(f"`{posixpath.join(folder, SAVED)}` names no image, no Dockerfile and no packages.")


def _version(version: object, sketch: Sketch) -> None:
    if not isinstance(version, (str, int)):
        return
    if check_version(str(version)):
        sketch.leave(f"The version `{version}` cannot be one here; versions count up by themselves.")
    else:
        sketch.fields["version"] = str(version)


def _tell_others(where: str, saved: Mapping[str, object], known: set[str], sketch: Sketch) -> None:
    for name, value in saved.items():
        if name not in known and _says_something(value):
            sketch.leave(f"`{where}{name}` of the saved environment has no counterpart here.")


def _says_something(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_says_something, value.values()))
    return value not in (None, "", [], False)


def _docker(docker: Table, saved: _Saved, sketch: Sketch) -> None:
    _tell_others("docker.", docker, _DOCKER, sketch)
    for name, default in _DEFAULTS_OF_DOCKER.items():
        if docker.get(name, default) not in (default, None, True, False):
            detail = f"`docker.{name}` says how a container is started, and not what is in the image."
            sketch.leave(detail, "set it when the environment is run")
    registry = table(docker.get("baseImageRegistry"))
    if registry.get("username") or registry.get("password"):
        sketch.leave("The credentials for the base image's registry: a definition holds none.", "envform login HOST")
    _base(docker, str(registry.get("address") or ""), saved, sketch)


def _base(docker: Table, registry: str, saved: _Saved, sketch: Sketch) -> None:
    dockerfile, context, image = (
        docker.get("baseDockerfile"),
        table(docker.get("buildContext")),
        docker.get("baseImage"),
    )
    if context:
        _tell_git(context)
        path = {"path": context.get("location"), "dockerfile_path": context.get("dockerfilePath")}
        sketch.fields["build"] = _build(path, saved.folder, saved.within)
    elif isinstance(dockerfile, str) and dockerfile.strip():
        named = "\n" not in dockerfile.strip() and saved.has(dockerfile.strip())
        sketch.fields["dockerfile"] = saved.text(dockerfile.strip()) if named else dockerfile
    elif saved.has(_SAVED_DOCKERFILE) and not image:
        sketch.fields["dockerfile"] = saved.text(_SAVED_DOCKERFILE)
    elif isinstance(image, str) and image:
        sketch.fields["image"] = f"{registry}/{image}" if registry else image


def _tell_git(context: Mapping[str, object]) -> None:
    if str(context.get("locationType", "")).lower() == "git" or "://" in str(context.get("location", "")):
        raise unusable(
            f"The build context `{context.get('location')}` lies on another machine, and envform builds folders of the "
            "project.",
            "clone it into the project, and name it in a `build` block",
        )


def _python(python: Table, saved: _Saved, sketch: Sketch) -> None:
    _tell_others("python.", python, _PYTHON, sketch)
    interpreter = python.get("interpreterPath")
    if python.get("userManagedDependencies"):
        if "build" not in sketch.fields:
            sketch.fields["user_managed"] = True
        if isinstance(interpreter, str) and interpreter not in ("", "python"):
            sketch.fields["interpreter_path"] = interpreter
    elif "build" in sketch.fields:
        return  # a build context is built as it is
    elif isinstance(named := python.get("condaDependenciesFile"), str) and named:
        _conda_file(named, saved.folder, sketch, saved.read, saved.within)
    elif python.get("condaDependencies"):
        _conda_file(python["condaDependencies"], saved.folder, sketch, saved.read, saved.within)
    elif saved.has(_SAVED_CONDA):
        _conda_file(_SAVED_CONDA, saved.folder, sketch, saved.read, saved.within)


def _spark(spark: Mapping[str, object], sketch: Sketch) -> None:
    packages = texts(spark.get("packages"))
    for one in tables(spark.get("packages")):
        packages.append(":".join(str(one.get(part, "")) for part in ("group", "artifact", "version")))
    _tell_others("spark.", spark, _SPARK, sketch)
    if not packages:
        return
    if "build" in sketch.fields or sketch.fields.get("user_managed"):
        sketch.leave("The Spark packages: such an image is used as it is.")
        return
    repositories = texts(spark.get("repositories"))
    sketch.fields["spark"] = Section({**({"repositories": repositories} if repositories else {}), "packages": packages})
