"""Reads an Azure ML environment as Azure does, and refuses with reasons where Azure is lax or wrong.

The result is a mapping in our own words, with each value at its place in the document.
"""

from __future__ import annotations

from dataclasses import replace

from reconciler.language.azureml.fields import Reader, said
from reconciler.language.azureml.places import Places
from reconciler.language.azureml.preview import refuse_other_form
from reconciler.language.azureml.routes import read_routes
from reconciler.language.azureml.service_fields import SERVICE_FIELDS, tell_service_fields
from reconciler.language.azureml.tags import read_tags
from reconciler.language.files import Files
from reconciler.language.rules import check_image, check_name, check_registry_name, check_version
from reconciler.language.yaml_nodes import Mapping, Node, Scalar, YamlDocument
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.frozen import dataclass

OWN = (
    "name",
    "version",
    "description",
    "tags",
    "image",
    "conda_file",
    "build",
    "os_type",
    "inference_config",
)
BUILD = ("path", "dockerfile_path")
SYSTEMS = ("linux", "windows")
_NO_BASE = "An environment needs an `image`, or a `build` with the folder of a Dockerfile, and here is neither."


def read_document(document: YamlDocument, folder: str, files: Files, problems: Diagnostics) -> Mapping | None:
    """The environment that a whole document declares; None when something is wrong with it."""
    reader = Reader(document, problems)
    root = document.root
    if not isinstance(root, Mapping):
        at: Node = root or Scalar(0, 0, "", "null", None)
        what = "holds nothing" if root is None else f"is {said(root)}"
        reader.refuse(at, f"An environment is a mapping from fields to values, and this document {what}.")
        return None
    return read_mapping(root, reader, Places(folder, files, reader), anonymous=False)


def read_mapping(
    root: Mapping, reader: Reader, places: Places, *, anonymous: bool, in_registry: bool = False
) -> Mapping | None:
    """The environment that a mapping declares; anonymous ones have no name, those of registries may have dots in it."""
    before = len(reader.problems.items)
    if not refuse_other_form(root, reader):
        reading = _Reading(root, reader, places, anonymous, in_registry)
        items = reading.items()
        if not any(item.severity == "error" for item in reader.problems.items[before:]):
            return replace(root, items=items)
    return None


@dataclass(frozen=True, slots=True)
class _Reading:
    root: Mapping
    reader: Reader
    places: Places
    anonymous: bool
    in_registry: bool

    def items(self) -> tuple[tuple[Scalar, Node], ...]:
        """All fields that mean something to us, with our values."""
        self.reader.refuse_unknown(self.root, (*OWN, *SERVICE_FIELDS), "an Azure ML environment")
        self._check_bases()
        tell_service_fields(self.root, self.reader)
        self._tell_unused_name()
        values: dict[str, Node | None] = {
            "name": self._name(),
            "version": self._version(),
            "description": self.reader.text(self.root, "description"),
            "tags": self._tags(),
            "image": self._image(),
            "conda_file": self._conda_file(),
            "build": self._build(),
            "os_type": self._system(),
            "inference_config": self._routes(),
        }
        return tuple((key, value) for key, _ in self.root.items if (value := values.get(key.text)) is not None)

    def _check_bases(self) -> None:
        image, build, conda = (self.root.key(name) for name in ("image", "build", "conda_file"))
        if image is None and build is None:
            self.reader.refuse(self.root.items[0][0] if self.root.items else self.root, _NO_BASE)
        if image is not None and build is not None:
            detail = "`image` and `build` exclude each other: a built image has the base that its Dockerfile names."
            self.reader.refuse(build, detail, "keep one of the two")
        if conda is not None and build is not None:
            detail = "`conda_file` beside `build` would be ignored: a build context is built as it is."
            hint = "copy the file in the Dockerfile and run `conda env update`, or use `image` in place of `build`"
            self.reader.refuse(conda, detail, hint)

    def _tell_unused_name(self) -> None:
        for name in ("name", "version") if self.anonymous else ():
            if given := self.root.key(name):
                detail = f"`{name}` is not used: an environment that is written inside a job has no name."
                self.reader.warn(given, detail, "register it on its own and refer to it to give it one")

    def _name(self) -> Scalar | None:
        if self.anonymous:
            return None
        if self.root.get("name") is None:
            # A key in capitals has been told as one that is not known.
            if not any(key.text.lower() == "name" for key, _ in self.root.items):
                at: Node = self.root.items[0][0] if self.root.items else self.root
                self.reader.refuse(at, "An environment needs a `name`, and here is none.")
            return None
        name = self.reader.text(self.root, "name")
        if name is not None and not name.text:
            self.reader.refuse(name, "`name` is empty, which would make the environment anonymous.")
            return None
        check = check_registry_name if self.in_registry else check_name
        if name is None or not (finding := check(name.text)):
            return name
        self.reader.refuse(name, finding[1], summary=finding[0])
        return None

    def _version(self) -> Scalar | None:
        node = self.root.get("version")
        if self.anonymous or node is None:
            return None
        if isinstance(node, Scalar) and node.kind in ("int", "float", "bool"):
            version = self._number(node)
        else:
            version = self.reader.text(self.root, "version")
        if version is not None and not version.text:
            detail = "`version` is empty, which counts as no version."
            self.reader.refuse(version, detail, "leave it out to have versions counted")
        elif version is not None and (finding := check_version(version.text)):
            self.reader.refuse(version, finding[1], summary=finding[0])
        else:
            return version
        return None

    def _number(self, node: Scalar) -> Scalar | None:
        """A version that YAML takes for a number, where that is the same text."""
        if node.text == str(node.plain):
            return node.with_text(node.text)
        detail = f"`version` is `{node.text}` here, and YAML makes `{node.plain}` of that."
        self.reader.refuse(node, detail, f'write it in quotes: version: "{node.text}"', "Ambiguous version")
        return None

    def _tags(self) -> Mapping | None:
        tags = self.reader.mapping(self.root, "tags")
        return read_tags(tags, self.reader) if tags is not None else None

    def _image(self) -> Scalar | None:
        image = self.reader.text(self.root, "image")
        if image is not None and not image.text.strip():
            self.reader.refuse(image, "`image` is empty.", "name an image, or leave it out and use `build`")
            return None
        if image is not None and (finding := check_image(image.text)):
            self.reader.refuse(image, finding[1], summary=finding[0])
            return None
        return image

    def _conda_file(self) -> Node | None:
        node = self.root.get("conda_file")
        if node is None or isinstance(node, Mapping):
            return node
        if isinstance(node, Scalar) and node.kind == "str":
            path = self.reader.text(self.root, "conda_file")
            return self.places.conda_file(path) if path and self.root.get("build") is None else None
        self.reader.refuse(node, f"`conda_file` is a path or a mapping, and this is {said(node)}.")
        return None

    def _build(self) -> Mapping | None:
        build = self.reader.mapping(self.root, "build")
        if build is None:
            return None
        self.reader.refuse_unknown(build, BUILD, "`build`")
        if build.get("path") is None:
            self.reader.refuse(build, "`build` has no `path`, the folder that holds the Dockerfile.")
            return None
        path, dockerfile = self.reader.text(build, "path"), self.reader.text(build, "dockerfile_path")
        if dockerfile is not None and not dockerfile.text.strip():
            self.reader.refuse(dockerfile, "`dockerfile_path` is empty.", "leave it out: it is `Dockerfile` then")
        values = {"path": self.places.context(path) if path else None, "dockerfile_path": dockerfile}
        items = [(key, value) for key, _ in build.items if (value := values.get(key.text)) is not None]
        return replace(build, items=tuple(items))

    def _system(self) -> Scalar | None:
        system = self.reader.text(self.root, "os_type")
        if system is not None and system.text.lower() not in SYSTEMS:
            self.reader.refuse(system, f"`{system.text[:60]}` is no `os_type`: it is `linux` or `windows`.")
            return None
        return system.with_text(system.text.lower()) if system else None

    def _routes(self) -> Mapping | None:
        config = self.reader.mapping(self.root, "inference_config")
        return read_routes(config, self.reader) if config is not None else None
