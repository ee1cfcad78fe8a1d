"""Whether an image that is used as it is has the interpreter that it is said to have; nothing of it is run."""

from __future__ import annotations

import posixpath

from reconciler.builders.layers.base_files import BaseFiles, read_base_files
from reconciler.builders.layers.base_python import unusable
from reconciler.builders.layers.index import Index
from reconciler.builders.layers.interpreter import base_facts
from reconciler.model.diagnostic import BuildError
from reconciler.oci.config import read_config, variable_of
from reconciler.oci.image import Image
from reconciler.oci.strict_json import ContentError


def check_interpreter(index: Index, image: Image, called: str, path: str) -> None:
    """BuildError where the path leads to nothing in the image; each image is read once for a path."""
    key = f"interpreter 2 {image.digest} {path}"
    if index.get([key]).get(key) is not None:
        return
    try:
        files, search = read_base_files(image), variable_of(read_config(image), "PATH")
    except ContentError as cause:
        raise unusable(called, cause) from cause
    folders = [""] if path.startswith("/") else search.split(":")
    if not any(_has(files, posixpath.join(folder, path)) for folder in folders):
        raise _missing(files, search, called, path)
    index.put(key, {})


def _has(files: BaseFiles, path: str) -> bool:
    """Whether a file is there; a folder runs nothing."""
    return path.startswith("/") and files.has(files.real(path)) and not files.names(path)


def _missing(files: BaseFiles, search: str, called: str, path: str) -> BuildError:
    others = [one.path for one in base_facts(files, search).pythons]
    found = f" It has {', '.join(f'`{one}`' for one in others)}." if others else " No other Python was found in it."
    there = "that is a folder" if path.startswith("/") and files.names(path) else "nothing is there"
    detail = f"`interpreter_path` is `{path}`, and {there} in the image `{called}`.{found} Nothing was registered."
    return BuildError("Interpreter not found", detail)
