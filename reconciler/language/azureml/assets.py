"""Curated environments as Microsoft keeps them: `asset.yaml` names a specification and fills in its templates."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import replace

from reconciler.language import nodes
from reconciler.language.azureml.blocks import block_of
from reconciler.language.azureml.documents import read_mapping
from reconciler.language.azureml.fields import Reader
from reconciler.language.azureml.places import Places
from reconciler.language.files import Files
from reconciler.language.span import RefusedError
from reconciler.language.yaml_documents import load
from reconciler.language.yaml_nodes import Mapping, Node, Scalar, Sequence, YamlDocument
from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError
from reconciler.model.pattern import lazy_pattern

_TEMPLATE = lazy_pattern(r"\{\{\s*([\w.]+)\s*\}\}")
_OF_THE_WORLD = lazy_pattern(r"\{\{latest-(?:image-tag|pypi-version)(?::.{0,200}?\}?)?\}\}")
_AUTO = "auto"
_LARGEST_TEMPLATE = 1_000_000


def is_asset(document: YamlDocument) -> bool:
    """Whether a document is an `asset.yaml` of an environment."""
    root = document.root
    return (
        isinstance(root, Mapping) and _text(root.get("type")) == "environment" and isinstance(root.get("spec"), Scalar)
    )


def parse_asset(asset: YamlDocument, files: Files, problems: Diagnostics) -> tuple[YamlDocument, nodes.Body] | None:
    """The specification that an asset names, and the block it stands for once its templates are filled in."""
    read = read_asset(asset, files, problems)
    if read is None:
        return None
    specification, environment = read
    is_open = _refuse_templates(specification, environment, files, problems)
    return None if is_open else (specification, block_of(environment, specification, problems))


def read_asset(asset: YamlDocument, files: Files, problems: Diagnostics) -> tuple[YamlDocument, Mapping] | None:
    """The specification, and the environment in it with what the asset knows filled in."""
    folder = asset.source.filename.rpartition("/")[0]
    root = asset.root
    if not isinstance(root, Mapping):
        return None
    specification = _beside(root, "spec", folder, asset, files, problems)
    extra = _beside(root, "extra_config", folder, asset, files, problems) if root.get("extra_config") else None
    if specification is None:
        return None
    if not isinstance(specification.root, Mapping):
        detail = f"`{specification.source.filename}` holds no environment: that is a mapping from fields to values."
        Reader(asset, problems).refuse(root.get("spec") or root, detail)
        return None
    known = _known(root, extra)
    filled = _filled(specification.root, known)
    if isinstance(filled, Mapping) and known.get("asset.version") == _AUTO:
        filled = replace(filled, items=tuple(item for item in filled.items if item[0].text != "version"))
    reader = Reader(specification, problems)
    if not isinstance(filled, Mapping):
        return None
    environment = read_mapping(filled, reader, Places(folder, files, reader), anonymous=False, in_registry=True)
    return (specification.as_curated(), environment) if environment else None


def _beside(
    root: Mapping, name: str, folder: str, asset: YamlDocument, files: Files, problems: Diagnostics
) -> YamlDocument | None:
    path = root.get(name)
    if not isinstance(path, Scalar):
        return None
    place = f"{folder}/{path.text}" if folder else path.text
    try:
        return load(files.text(place), place)
    except RefusedError as refused:
        Reader(asset, problems).refuse(path, refused.detail, refused.hint, refused.summary)
    except EnvformError as error:
        problems.extend(error.diagnostics)
    return None


def _known(asset: Mapping, extra: YamlDocument | None) -> dict[str, str]:
    known = {"asset.name": _text(asset.get("name")), "asset.version": _text(asset.get("version"))}
    image = extra.root.get("image") if extra and isinstance(extra.root, Mapping) else None
    if isinstance(image, Mapping):
        context = image.get("context")
        known["image.name"] = _text(image.get("name"))
        if isinstance(context, Mapping):
            known["image.context.path"] = _text(context.get("dir"))
            known["image.dockerfile.path"] = _text(context.get("dockerfile")) or "Dockerfile"
    return {name: value for name, value in known.items() if value}


def _filled(node: Node, known: Table[str, str]) -> Node:
    if isinstance(node, Mapping):
        return replace(node, items=tuple((key, _filled(value, known)) for key, value in node.items))
    if isinstance(node, Sequence):
        return replace(node, items=tuple(_filled(item, known) for item in node.items))
    text = _TEMPLATE.sub(lambda found: known.get(found[1], found[0]), node.text)
    return node if text == node.text else node.with_text(text)


def _refuse_templates(specification: YamlDocument, environment: Mapping, files: Files, problems: Diagnostics) -> bool:
    """Whether files of the build context wait for something of the world outside; then it has been told."""
    build = environment.get("build")
    path = build.get("path") if isinstance(build, Mapping) else None
    if not isinstance(path, Scalar):
        return False
    before = len(problems.items)
    for entry in files.tree(path.text):
        name = f"{path.text}/{entry.name}"
        if entry.kind == "file" and entry.size <= _LARGEST_TEMPLATE:
            text = files.content(name).decode("utf-8", errors="replace")
            if found := _OF_THE_WORLD.search(text):
                line = text.count("\n", 0, found.start()) + 1
                problems.add(_open_template(found.group(), name, line).at(specification.place("build", "path")))
    return len(problems.items) > before


def _open_template(template: str, name: str, line: int) -> Diagnostic:
    detail = (
        f"`{template}` in `{name}`, line {line}, asks for what a registry or package index holds at the moment of "
        "the build. envform looks at neither to read a definition."
    )
    hint = "write the tag or version that is meant; envform tells when a tag has moved"
    return Diagnostic.error("Template in build context", detail, hint=hint)


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""
