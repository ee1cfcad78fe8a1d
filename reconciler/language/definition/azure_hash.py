"""The version that Azure ML gives to an environment without a name: for those who must find it there again.

Its weak points are part of it (no framing, no file modes, ignore files of git): `Definition.hash` has none of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from reconciler.language.definition.context import joined
from reconciler.language.definition.git_patterns import GitPattern, is_ignored, parse_patterns
from reconciler.language.files import Files
from reconciler.language.yaml_documents import dump_as_pyyaml

_SEED = b"Initialize for october 2021 AML CLI version"
_IGNORE_FILES = (".amlignore", ".gitignore")


def anonymous_version(
    image: str, conda: Mapping[str, object] | None = None, inference_config: Mapping[str, object] | None = None
) -> str:
    """For an image, with the loaded conda file and routes as they were written."""
    hashed = _sha(image)
    for section in (inference_config, conda):
        if section:
            hashed = hashed.join(_sha(dump_as_pyyaml(section)))
    return _sha(hashed)


def anonymous_build_version(upload: str, dockerfile_path: str | None = None) -> str:
    """For a build context by its upload hash; `Dockerfile` written out is another version than none."""
    hashed = _sha(upload)
    if dockerfile_path:
        hashed = hashed.join(_sha(dockerfile_path))
    return _sha(hashed)


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def upload_hash(files: Files, folder: str) -> str:
    """What Azure ML calls a folder that it has uploaded."""
    names = {entry.name for entry in files.tree(folder)}
    ignore_file = next((name for name in _IGNORE_FILES if name in names), None)
    patterns = parse_patterns(files.text(joined(folder, ignore_file))) if ignore_file else ()
    hasher = hashlib.sha256(_SEED)
    for part in _parts(files, folder, "", patterns):
        hasher.update(part)
    return hasher.hexdigest()


def _parts(files: Files, folder: str, below: str, patterns: tuple[GitPattern, ...]) -> Iterator[bytes]:
    place = joined(folder, below)
    names = sorted({entry.name.partition("/")[0] for entry in files.tree(place)}, key=str.lower)
    for name in names:
        path = f"{below}/{name}" if below else name
        if is_ignored(path, patterns):
            continue
        yield name.encode()
        kind = files.kind(joined(folder, path))
        if kind == "file":
            yield files.content(joined(folder, path))
        elif kind == "folder":
            yield from _parts(files, folder, path, patterns)
