"""Whether an image that is used as it is has the interpreter that it is said to have; nothing of it is run."""

from __future__ import annotations

import posixpath

from reconciler.builders.layers.base_files import BaseFiles, read_base_files
from reconciler.builders.layers.base_python import unusable
from reconciler.builders.layers.cache import Cache
from reconciler.builders.layers.index import Index
from reconciler.builders.layers.interpreter import base_facts
from reconciler.model.diagnostic import BuildError
from reconciler.oci.config import read_config, variable_of
from reconciler.oci.image import Image
from reconciler.oci.strict_json import ContentError

_NOTHING = "nothing is there"


def check_interpreter(cache: Cache, image: Image, called: str, path: str) -> None:
    """BuildError where the path leads to nothing that could be run; each image is read once for a path."""
    index, key = Index(cache.folder / "layers.sqlite"), f"interpreter 3 {image.digest} {path}"
    if index.get([key]).get(key) is not None:
        return
    try:
        files, search = read_base_files(image, cache), variable_of(read_config(image), "PATH")
    except ContentError as cause:
        raise unusable(called, cause) from cause
    folders = [""] if path.startswith("/") else search.split(":")
    found = [_found(files, posixpath.join(folder, path)) for folder in folders]
    if "" not in found:
        raise _refused(files, search, called, path, next((why for why in found if why != _NOTHING), _NOTHING))
    index.put(key, {})


def _found(files: BaseFiles, path: str) -> str:
    """What is wrong with what is there; empty for a file that can be run."""
    if not path.startswith("/"):
        return _NOTHING
    if files.names(path):
        return "that is a folder"
    real = files.real(path)
    if not files.has(real):
        return _NOTHING
    return "" if real in files.executable else "that is a file that nobody may execute"


def _refused(files: BaseFiles, search: str, called: str, path: str, why: str) -> BuildError:
    others = [one.path for one in base_facts(files, search).pythons if one.path in files.executable]
    found = f"It has {', '.join(f'`{one}`' for one in others)}." if others else "No other Python was found in it."
    detail = f"`interpreter_path` is `{path}`, and {why} in the image `{called}`. {found}"
    return BuildError("Interpreter not found" if why == _NOTHING else "Interpreter cannot be run", detail)
