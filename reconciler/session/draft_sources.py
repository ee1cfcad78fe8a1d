"""The kinds of sources that a new definition can be made from, by the name of their flag."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from reconciler.language.sketches.sketch import Sketch, unusable
from reconciler.model.frozen import dataclass
from reconciler.session.draft_files import DraftFiles


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be made: from which source, called how, on which image where the source names none."""

    kind: str
    source: str
    name: str = ""
    image: str = ""
    python: str = ""
    extras: tuple[str, ...] = ()
    yaml: bool = False


def _conda_file(files: DraftFiles, wanted: Wanted, sketch: Sketch) -> None:
    from reconciler.language.sketches.conda_files import sketch_conda_file

    sketch_conda_file(wanted.source, sketch, files.read, files.within)


def _requirements(files: DraftFiles, wanted: Wanted, sketch: Sketch) -> None:
    from reconciler.language.sketches.requirements_files import sketch_requirements

    sketch_requirements(wanted.source, sketch, files.read, files.within)


def _pyproject(files: DraftFiles, wanted: Wanted, sketch: Sketch) -> None:
    from reconciler.language.sketches.pyproject import sketch_pyproject
    from reconciler.language.sketches.requirements_files import Requirements

    requirements, text = Requirements(sketch, files.read, files.within), files.read(wanted.source)
    sketch_pyproject(text, wanted.source, sketch, requirements, wanted.extras, wanted.python)


def _uv_lock(files: DraftFiles, wanted: Wanted, sketch: Sketch) -> None:
    from reconciler.language.sketches.projects import sketch_uv_lock

    text = files.read(wanted.source)
    sketch_uv_lock(text, wanted.source, sketch, files.within, wanted.extras, wanted.python)


def _pixi_lock(files: DraftFiles, wanted: Wanted, sketch: Sketch) -> None:
    from reconciler.language.sketches.conda_locks import sketch_pixi_lock

    if len(wanted.extras) > 1:
        raise unusable("pixi locks each of its environments by itself: name one of them with -extra.")
    sketch_pixi_lock(files.read(wanted.source), wanted.source, sketch, *wanted.extras)


def _conda_environment(files: DraftFiles, wanted: Wanted, sketch: Sketch) -> None:
    from reconciler.session.installed import sketch_conda_environment

    sketch_conda_environment(wanted.source, files.root, os.environ, sketch)


def _virtual_environment(files: DraftFiles, wanted: Wanted, sketch: Sketch) -> None:
    from reconciler.session.installed import sketch_virtual_environment

    sketch_virtual_environment(files.root / wanted.source, wanted.source, sketch)


def _image(files: DraftFiles, wanted: Wanted, sketch: Sketch) -> None:
    if wanted.image:
        raise unusable("-from-image names the image to stand on, and -image another one.", "give one of the two")
    sketch.fields["image"] = files.image(wanted.source)
    sketch.name = sketch.name or _called(wanted.source)


def _called(image: str) -> str:
    """The name in a reference: `b` of `host:5000/a/b:1`, and of `oci:DIR:b:1`."""
    transport, _, rest = image.partition(":")
    if transport == "oci":
        rest = rest.partition(":")[2] or rest
    inner = rest if transport in ("oci", "docker-daemon") else image
    return inner.rpartition("/")[2].partition("@")[0].partition(":")[0]


def _dockerfile(files: DraftFiles, wanted: Wanted, sketch: Sketch) -> None:
    from reconciler.language.sketches.dockerfiles import sketch_dockerfile

    sketch_dockerfile(wanted.source, sketch, files.read, files.within)


def _azure(files: DraftFiles, wanted: Wanted, sketch: Sketch) -> None:
    from reconciler.language.sketches.azure import SAVED, sketch_document, sketch_saved
    from reconciler.language.source import ProjectFiles

    source = wanted.source.removesuffix(SAVED) or "." if Path(wanted.source).name == SAVED else wanted.source
    place = files.root / source
    folder = source.rstrip("/") or "/"
    if place.is_dir() and (place / SAVED).is_file():
        sketch_saved(folder, sketch, files.read, files.within, lambda path: (files.root / path).is_file())
        return
    path = wanted.source if not place.is_dir() else f"{folder}/{_document_in(place, wanted.source)}"
    files.read(path)
    beside = ProjectFiles((files.root / path).parent)
    sketch_document(path, beside, sketch, files.read, files.within)


def _document_in(folder: Path, shown: str) -> str:
    from reconciler.language.kinds_of_files import declares_environment, is_yaml

    names = sorted(path.name for path in folder.iterdir() if is_yaml(path.name) and path.is_file())
    saying = [
        name for name in names if declares_environment((folder / name).read_text(encoding="utf-8", errors="replace"))
    ]
    found = saying or [name for name in names if name in ("environment.yml", "environment.yaml", "env.yml", "env.yaml")]
    if len(found) != 1:
        what = f"several: {', '.join(found)}" if found else "none"
        detail = (
            f"`{shown}` is to hold one environment of Azure ML: an `azureml_environment.json`, or a YAML document with "
            f"the `$schema` of environments. Of those it has {what}."
        )
        raise unusable(detail, "name the document itself")
    return found[0]


WITH_EXTRAS = ("pyproject", "uv-lock", "pixi-lock")
KINDS: Mapping[str, Callable[[DraftFiles, Wanted, Sketch], None]] = {
    "conda-file": _conda_file,
    "requirements": _requirements,
    "pyproject": _pyproject,
    "uv-lock": _uv_lock,
    "pixi-lock": _pixi_lock,
    "conda-env": _conda_environment,
    "venv": _virtual_environment,
    "image": _image,
    "dockerfile": _dockerfile,
    "azureml": _azure,
}
