"""The environment of a job: a reference, or an environment that is written out there."""

from __future__ import annotations

from reconciler.language.azureml.documents import read_mapping
from reconciler.language.azureml.fields import Reader, said
from reconciler.language.azureml.places import Places
from reconciler.language.azureml.references import EnvironmentReference, FileReference, parse_reference
from reconciler.language.files import Files
from reconciler.language.span import RefusedError
from reconciler.language.yaml_nodes import Mapping, Node, Scalar, YamlDocument
from reconciler.model.diagnostic import Diagnostics

JobEnvironment = EnvironmentReference | Mapping


def read_job_environment(
    document: YamlDocument, node: Node, files: Files, problems: Diagnostics
) -> JobEnvironment | None:
    """What stands under `environment` in a job's document; None when something is wrong with it."""
    reader = Reader(document, problems)
    if isinstance(node, Mapping):
        folder = document.source.filename.rpartition("/")[0]
        return read_mapping(node, reader, Places(folder, files, reader), anonymous=True)
    if not isinstance(node, Scalar) or node.kind != "str":
        reader.refuse(node, f"`environment` is a reference or a mapping, and this is {said(node)}.")
        return None
    try:
        reference = parse_reference(node.text)
    except RefusedError as refused:
        reader.refuse(node, refused.detail, refused.hint, refused.summary)
        return None
    return _of_file(node, reference, reader, files) if isinstance(reference, FileReference) else reference


def _of_file(node: Scalar, reference: FileReference, reader: Reader, files: Files) -> Mapping | None:
    """The environment that lies beside the job; its own paths count from where it lies."""
    folder = reader.document.source.filename.rpartition("/")[0]
    found = Places(folder, files, reader).document(node.with_text(reference.path))
    if found is None:
        return None
    inner = Reader(found, reader.problems)
    if not isinstance(found.root, Mapping):
        reader.refuse(node, f"`{found.source.filename}` is no environment: an environment is a mapping.")
        return None
    within = Places(found.source.filename.rpartition("/")[0], files, inner)
    return read_mapping(found.root, inner, within, anonymous=True)
