"""Reads an Azure ML command job as Azure does: strictly, and each mistake is told where it stands."""

from __future__ import annotations

from collections.abc import Mapping as Table

from reconciler.language.azureml.fields import Reader, said
from reconciler.language.azureml.inline import JobEnvironment, read_job_environment
from reconciler.language.azureml.job_data import Data, Input, Output, read_inputs, read_outputs
from reconciler.language.azureml.job_fields import KNOWN, check_type, read_limit, tell_unused
from reconciler.language.azureml.literals import literal
from reconciler.language.azureml.placeholders import misused
from reconciler.language.files import Files
from reconciler.language.yaml_nodes import Mapping, Node, Scalar, YamlDocument
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.frozen import dataclass

INVALID = "Invalid Azure ML job"


@dataclass(frozen=True, slots=True)
class JobDocument:
    """A job: an environment, a command and what it works on. Paths are as written; `limit` are seconds, 0: none."""

    document: YamlDocument
    command: str
    environment: JobEnvironment
    code: Scalar | None
    variables: Table[str, str]
    inputs: Table[str, Input]
    outputs: Table[str, Output]
    compute: Scalar | None
    limit: float = 0.0


def read_job(document: YamlDocument, files: Files, problems: Diagnostics) -> JobDocument | None:
    """The job that a document describes; None when something is wrong with it."""
    reader = Reader(document, problems, INVALID)
    root = document.root
    if not isinstance(root, Mapping):
        at: Node = root or Scalar(0, 0, "", "null", None)
        what = "holds nothing" if root is None else f"is {said(root)}"
        reader.refuse(at, f"A job is a mapping from fields to values, and this document {what}.")
        return None
    before = len(problems.items)
    if check_type(root, reader):
        found = _Reading(root, reader, files).job()
        if not any(item.severity == "error" for item in problems.items[before:]):
            return found
    return None


@dataclass(frozen=True, slots=True)
class _Reading:
    root: Mapping
    reader: Reader
    files: Files

    def job(self) -> JobDocument | None:
        """All of it, so that all mistakes are told at once."""
        root, reader = self.root, self.reader
        reader.refuse_unknown(root, KNOWN, "an Azure ML command job")
        tell_unused(root, reader)
        environment = self._environment()
        inputs, outputs = read_inputs(root, reader), read_outputs(root, reader)
        command = self._command(inputs, outputs)
        code, compute = self._path("code"), reader.text(root, "compute")
        variables, limit = self._variables(), read_limit(root, reader)
        if environment is None or command is None:
            return None
        return JobDocument(reader.document, command, environment, code, variables, inputs, outputs, compute, limit)

    def _environment(self) -> JobEnvironment | None:
        node = self.root.get("environment")
        if node is None:
            detail = "A job runs in an environment, and this one has no field `environment`."
            forms = "write `environment: azureml:NAME@latest`, or the environment itself with its `image`"
            self.reader.refuse(self._first, detail, forms)
            return None
        return read_job_environment(self.reader.document, node, self.files, self.reader.problems)

    def _command(self, inputs: Table[str, Data], outputs: Table[str, Data]) -> str | None:
        node = self.root.get("command")
        if node is None:
            self.reader.refuse(self._first, "A command job has a `command`, and here is none.")
            return None
        if not isinstance(node, Scalar) or node.kind != "str" or not node.text.strip():
            what = "it is empty" if isinstance(node, Scalar) and not node.text.strip() else f"this is {said(node)}"
            self.reader.refuse(node, f"`command` is the text of a command line, and {what}.")
            return None
        for detail, hint in misused(node.text, list(inputs), list(outputs)):
            self.reader.refuse(node, detail, hint)
        return node.text

    def _path(self, name: str) -> Scalar | None:
        path = self.reader.text(self.root, name)
        if path is not None and not path.text.strip():
            self.reader.refuse(path, f"`{name}` is empty.", "leave it out or give it a path")
            return None
        return path

    def _variables(self) -> Table[str, str]:
        found = {}
        given = self.reader.mapping(self.root, "environment_variables")
        for key, value in given or ():
            text = literal(f"environment_variables.{key.text}", value, self.reader)
            if not key.text or "=" in key.text or "\0" in key.text + text:
                self.reader.refuse(key, f"`{key.text[:60]}` cannot be the name of a variable, or its value holds NUL.")
            found[key.text] = text
        return found

    @property
    def _first(self) -> Node:
        return self.root.items[0][0] if self.root.items else self.root
