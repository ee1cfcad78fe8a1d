"""What a job works on, and where it leaves what it makes."""

from __future__ import annotations

from collections.abc import Mapping as Table

from reconciler.language.azureml.fields import Reader, said
from reconciler.language.azureml.literals import literal
from reconciler.language.yaml_nodes import Mapping, Node, Scalar
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

_NAME = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*")
_ELSEWHERE = lazy_pattern(r"(?:azureml|[a-z][a-z0-9+.-]+:/)[:/].*")
ELSEWHERE = "Data is elsewhere"
HERE = "write a path of this machine"
_FILES = ("uri_file", "uri_folder", "mltable", "mlflow_model", "custom_model", "triton_model", "safe_model")
_LITERALS = ("string", "number", "integer", "boolean")
_INPUT = ("type", "path", "mode", "description", "optional", "default", "enum", "min", "max")
_OUTPUT = ("type", "path", "mode", "description", "name", "version")
_INPUT_MODES = ("ro_mount", "download", "direct", "eval_mount", "eval_download", "rw_mount")
_OUTPUT_MODES = ("rw_mount", "upload", "direct")


@dataclass(frozen=True, slots=True)
class Input:
    """A text that the command is given as it is, or a path that it sees; `at` is where it stands."""

    at: Node
    text: str
    is_path: bool = False
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """A folder that is made, or the name of a file in one; `path` is empty where envform chooses."""

    at: Node
    path: str = ""
    is_file: bool = False


Data = Input | Output


def read_inputs(root: Mapping, reader: Reader) -> Table[str, Input]:
    """By name; a value alone is a text for the command."""
    found: dict[str, Input] = {}
    for key, node in reader.mapping(root, "inputs") or ():
        if _is_name(key, "inputs", reader):
            field = f"inputs.{key.text}"
            one = _path(field, node, reader) if isinstance(node, Mapping) else _text(field, node, reader)
            found[key.text] = one or Input(key, "")
    return found


def read_outputs(root: Mapping, reader: Reader) -> Table[str, Output]:
    """By name."""
    found: dict[str, Output] = {}
    for key, node in reader.mapping(root, "outputs") or ():
        if not _is_name(key, "outputs", reader):
            continue
        field = f"outputs.{key.text}"
        if isinstance(node, Scalar) and node.kind == "null":
            found[key.text] = Output(key)
        elif isinstance(node, Mapping):
            found[key.text] = _output(field, key, node, reader)
        else:
            reader.refuse(node, f"`{field}` is a mapping with a `type` and a `path`, and this is {said(node)}.")
    return found


def _text(field: str, node: Node, reader: Reader) -> Input:
    return Input(node, literal(field, node, reader))


def _path(field: str, node: Mapping, reader: Reader) -> Input | None:
    reader.refuse_unknown(node, _INPUT, f"`{field}`")
    kind = _choice(node, "type", (*_FILES, *_LITERALS), reader)
    mode = _choice(node, "mode", _INPUT_MODES, reader)
    path = reader.text(node, "path")
    if path is None:
        if node.get("path") is None:
            what = "its value, as in `" + field.rpartition(".")[2] + ": 3`" if kind in _LITERALS else "a `path`"
            hint = "this is a component; a job gives each of its inputs" if node.get("default") or not kind else ""
            reader.refuse(node, f"`{field}` says nothing of what it is: write {what}.", hint)
        return None
    if mode == "direct":
        return Input(path, path.text)
    if _refused(field, path, reader):
        return None
    return Input(path, path.text, is_path=True, writable=mode == "rw_mount")


def _output(field: str, key: Scalar, node: Mapping, reader: Reader) -> Output:
    reader.refuse_unknown(node, _OUTPUT, f"`{field}`")
    kind = _choice(node, "type", _FILES, reader)
    _choice(node, "mode", _OUTPUT_MODES, reader)
    path = reader.text(node, "path")
    if path is None or _refused(field, path, reader):
        return Output(key, "", kind == "uri_file")
    return Output(path, path.text, kind == "uri_file")


def _refused(field: str, path: Scalar, reader: Reader) -> bool:
    if not path.text.strip() or "\0" in path.text:
        reader.refuse(path, f"`{field}.path` is empty.")
        return True
    if detail := elsewhere(path.text):
        reader.refuse(path, detail, HERE, ELSEWHERE)
        return True
    return False


def elsewhere(path: str) -> str:
    """Why data that is there cannot be had; empty where it is a path of this machine."""
    there = _ELSEWHERE.fullmatch(path)
    return f"`{path[:120]}` is not on this machine, and envform fetches and keeps no data." if there else ""


def _choice(node: Mapping, name: str, known: tuple[str, ...], reader: Reader) -> str:
    found = reader.text(node, name)
    if found is not None and found.text not in known:
        reader.refuse(found, f"`{found.text[:60]}` is no `{name}`: there are {', '.join(f'`{one}`' for one in known)}.")
    return found.text if found else ""


def _is_name(key: Scalar, where: str, reader: Reader) -> bool:
    if _NAME.fullmatch(key.text):
        return True
    reader.refuse(key, f"`{key.text[:60]}` in `{where}` is no name: letters, digits and `_`, no digit first.")
    return False
