"""New definitions from what people have already: files, folders and environments of this machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.language.sketches.sketch import Field, Section, Sketch, unusable
from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError, Severity
from reconciler.model.environment import DEFAULT_PLATFORM
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.session.draft_files import DraftFiles
from reconciler.session.draft_sources import KINDS, WITH_EXTRAS, Wanted

if TYPE_CHECKING:
    from reconciler.language.chosen_images import ImageTable
    from reconciler.session import Session

_ORDER = (
    "name", "version", "description", "tags", "image", "dockerfile", "user_managed", "interpreter_path",
    "python_version", "pip",
)  # fmt: skip
CLONE = "clone"
_PYTHON = lazy_pattern(r"(?:\S+::)?python(?![\w.-])")
_REGISTRY = "oci:./registry"


@dataclass(frozen=True, slots=True)
class Written:
    """The text of a new file, and what of the source is not in it."""

    text: str
    told: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class Drafts:
    """Sources are seen from the session's folder. `out` is the new file, as seen from there, where it is to be one.

    The folder of that file is a project by itself, and what the definition names must lie in it.
    """

    session: Session
    out: Path | None

    def write(self, wanted: Wanted) -> Written:
        """A new definition; EnvformError where the source is unusable or the result would not be valid."""
        if wanted.extras and wanted.kind not in WITH_EXTRAS:
            flags = ", ".join(f"-from-{kind}" for kind in WITH_EXTRAS)
            raise unusable(
                f"-extra means parts of a project, and -from-{wanted.kind} has none.", f"it goes with {flags}"
            )
        sketch = Sketch(name=wanted.name)
        KINDS[wanted.kind](self._files, wanted, sketch)
        return self.written(sketch, wanted)

    @property
    def _files(self) -> DraftFiles:
        return DraftFiles(self.session.root, self._project.root)

    @cached_property
    def _project(self) -> Session:
        root = self.session.root
        folder = (root / self.out).parent if self.out else root
        return self.session if folder == root else replace(self.session, root=folder, variables=(), documents=())

    def clone(self, source: str, name: str, *, yaml: bool) -> Written:
        """The definition of a curated or registered environment under another name."""
        from reconciler.session.catalogue import Called, Catalogue, find
        from reconciler.session.cloning import sketch_environment, sketch_record
        from reconciler.session.curated import curated_environments

        wanted = Wanted(CLONE, source, name, yaml=yaml)
        called = Called.parse(source)
        for curated in curated_environments():
            if curated.name == called.name and called.version in ("", curated.version):
                return self.written(sketch_environment(curated, name), wanted)
        catalogue = Catalogue(self.session)
        found = find(self.session.recorded, called, catalogue.workspace)
        sketch = sketch_record(found.record, name)
        if isinstance(image := sketch.fields.get("image"), str):
            sketch.fields["image"] = self._files.image(image)
        return self.written(sketch, wanted)

    def written(self, sketch: Sketch, wanted: Wanted) -> Written:
        """What was sketched, as text that `validate` has nothing against."""
        from reconciler.language.azureml.blocks import label_of
        from reconciler.language.rules import check_name
        from reconciler.language.sketches.text import hcl_text, yaml_text

        self._give_base(sketch, wanted)
        name = wanted.name or _fitting(sketch.name or Path(wanted.source).stem or "new", sketch)
        if finding := check_name(name):
            raise EnvformError(
                Diagnostic.error(*finding, hint="" if wanted.kind == CLONE else "-name=NAME gives it another")
            )
        label = label_of(name)
        fields = {**({"name": name} if label != name else {}), **sketch.fields}
        ordered: dict[str, Field] = {key: fields[key] for key in _ORDER if key in fields}
        ordered |= {key: value for key, value in fields.items() if key not in ordered}
        registry = "" if self._has_settings else _REGISTRY
        text = (yaml_text if wanted.yaml else hcl_text)(label, ordered, registry)
        self._check(text, registry, wanted)
        return Written(text, tuple(sketch.told))

    def _give_base(self, sketch: Sketch, wanted: Wanted) -> None:
        from reconciler.language.default_images import CONDA
        from reconciler.language.span import RefusedError

        python = wanted.python or sketch.python
        if wanted.python:
            _give_python(sketch, wanted.python)
        if sketch.has_base:
            if wanted.image and "image" in sketch.fields:
                sketch.fields["image"] = self._files.image(wanted.image)
            elif wanted.image:
                detail = f"`-image={wanted.image}` is not used: a Dockerfile of the source names the base."
                raise EnvformError(Diagnostic.error("Conflicting base images", detail))
        elif sketch.fields.get("runtime") != "local":
            try:
                chosen = self._files.image(wanted.image) or self._images.choose(
                    DEFAULT_PLATFORM, CONDA if "conda" in sketch.fields else python, ""
                )
            except RefusedError as refused:
                raise unusable(refused.detail, "name one with -image=REF") from refused
            sketch.fields["image"] = chosen

    @property
    def _images(self) -> ImageTable:
        """The project's own table, or the one that ships where it has no configuration yet."""
        from reconciler.language.chosen_images import ImageTable
        from reconciler.session.curated import bases_text

        shipped = ImageTable(bases_text())
        try:
            images = self._project.reader.draft.configuration.defaults.images
        except EnvformError:
            return shipped
        return images if images.text else shipped

    def _check(self, text: str, registry: str, wanted: Wanted) -> None:
        """What would be wrong with it is told now, and not by the next command."""
        from reconciler.language.configuration import draft
        from reconciler.language.source import ProjectFiles
        from reconciler.language.validation import validate

        settings = "" if registry else f'envform {{\n  registry = "{_REGISTRY}"\n}}\n'
        sources = {"new.envform.yaml" if wanted.yaml else "new.hcl": text}
        if settings:
            sources["settings.hcl"] = settings
        today = datetime.fromisoformat(self.session.now()).date()
        found = validate(draft(sources, files=ProjectFiles(self._project.root)), today)
        Diagnostics([one for one in found if one.severity is Severity.ERROR]).check()

    @property
    def _has_settings(self) -> bool:
        """Whether the project has an `envform` block already, or is in a state in which nobody can tell."""
        from reconciler.language.source import NO_CONFIGURATION

        if not self._project.root.exists():
            return False  # it is made with the file
        try:
            return bool(self._project.reader.draft.configuration.project.declared.settings)
        except EnvformError as error:
            return [one.summary for one in error.diagnostics] != [NO_CONFIGURATION]


def _give_python(sketch: Sketch, python: str) -> None:
    """The Python that the user asks for, where the source does not say another one."""
    conda = sketch.fields.get("conda")
    dependencies = conda.fields.get("dependencies") if isinstance(conda, Section) else ()
    listed = dependencies if isinstance(dependencies, (list, tuple)) else ()
    said = next((one for one in listed if _PYTHON.match(one)), "")
    if said:
        sketch.leave(f"`-python={python}`: the source says `{said}`.", "change it in what is written")
    elif sketch.fields.keys() & {"build", "user_managed"}:
        sketch.leave(f"`-python={python}`: what the source names is used as it is, with the Python that is in it.")
    else:
        sketch.fields["python_version"] = python


def _fitting(name: str, sketch: Sketch) -> str:
    """A name that environments may have, as near as possible to the source's."""
    from reconciler.language.rules import check_name

    if check_name(name) is None:
        return name
    near = "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "-" for one in name).strip("-_")[:255]
    for fitting in (near, f"my-{near}"):
        if check_name(fitting) is None:
            told = f"The source calls it `{name[:80]}`, which an environment cannot be called. This one is `{fitting}`."
            sketch.told.append(Diagnostic.warning("Another name", told, hint="-name=NAME gives it the one you like"))
            return fitting
    return name
