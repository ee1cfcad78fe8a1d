"""State as bytes and back: JSON, version 1, sorted, every byte of it under a checksum."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from reconciler.backends.format_document import (
    VERSION,
    Document,
    document_of,
    documents,
    gaps,
    missing_files,
    state_of,
)
from reconciler.model.diagnostic import StateError
from reconciler.model.digest import Digest, canonical_json
from reconciler.model.release import __version__
from reconciler.model.state import State
from reconciler.oci.strict_json import ContentError, parse_object

if TYPE_CHECKING:
    from pydantic import ValidationError

_SHOWN = 5
_UNKNOWN = "unexpected_keyword_argument"  # as pydantic calls a field that is not there


def json_schema() -> dict[str, object]:
    """The JSON Schema of the state file, as it is published in `state/`."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **documents().json_schema()}


def encode(state: State, *, envform_version: str) -> bytes:
    """The one spelling of a state: equal states give equal bytes."""
    unsigned = document_of(state, envform_version)
    return _sign(documents().dump_python(unsigned, mode="json", exclude={"checksum"}, exclude_defaults=True))


def decode(data: bytes, *, source: str, way_out: str) -> State:
    """The state that the bytes spell; StateError names the source, what is wrong and the caller's way out."""
    from pydantic import ValidationError

    if _intact(data):
        try:
            return _state(documents().validate_json(data), source, way_out)
        except ValidationError:
            pass  # a newer version, perhaps: looked at closely below
    return _examine(data, source, way_out)


def _sign(content: object) -> bytes:
    from pydantic_core import to_json

    body = to_json(json.loads(canonical_json(content)), indent=2)[2:] + b"\n"
    return _head(Digest.of(body)) + body


def _head(checksum: str) -> bytes:
    # "checksum" sorts before all other keys: it is the first line, and what it covers is simply the rest
    return f'{{\n  "checksum": "{checksum}",\n'.encode()


_HEAD_LENGTH = len(_head(Digest.of(b"")))


def _intact(data: bytes) -> bool:
    return data.startswith(_head(Digest.of(data[_HEAD_LENGTH:])))


def _examine(data: bytes, source: str, way_out: str) -> State:
    """The slow road: says what is wrong, or accepts a state whose white space somebody changed."""
    from pydantic import ValidationError

    if not data.strip(b"\0\t\r\n "):
        raise StateError(
            "State file is empty", f"`{source}` holds nothing. It was once written and emptied since. {way_out}"
        )
    try:
        document = parse_object(data, f"`{source}`", limit=len(data))
        if not {"envform_version", "lineage", "version"} <= document.keys():
            raise _foreign(document, source, way_out)
        _check_version(document, source)
        recorded = document.pop("checksum", None)
        signed = _sign(document)
    except ContentError as cause:
        cut = data.lstrip().startswith(b"{") and not data.rstrip().endswith(b"}")
        raise _damaged(f"`{source}` is cut short in the middle." if cut else str(cause), way_out) from None
    except (ValueError, RecursionError):
        raise _damaged(f"`{source}` holds text or nesting that no state has.", way_out) from None
    if not isinstance(recorded, str) or not signed.startswith(_head(recorded)):
        why = f"The content of `{source}` does not match its checksum: a disk or a hand has changed it."
        raise _damaged(why, way_out)
    try:
        return _state(documents().validate_json(signed), source, way_out)
    except ValidationError as cause:
        raise _refused(str(document["envform_version"])[:40], source, cause, way_out) from None


def _foreign(document: Mapping[str, object], source: str, way_out: str) -> StateError:
    terraform = "terraform_version" in document
    what = "it is a state of Terraform or OpenTofu" if terraform else "it is JSON, but of something else"
    return StateError("Not an envform state", f"`{source}` is not a state of envform: {what}. {way_out}")


def _check_version(document: Mapping[str, object], source: str) -> None:
    # Once there is a version 2, one of version 1 is brought to its form here, between its checksum and its types;
    # what is written is of the newest version only.
    version = document["version"]
    if not isinstance(version, int) or version < VERSION:
        raise ContentError(f"`{source}` has a format version that envform never wrote.")
    if version > VERSION:
        raise StateError(
            "State was written by a newer envform",
            f"`{source}` has format version {version}, written by envform {str(document['envform_version'])[:40]}; "
            f"this envform reads format version {VERSION}. Nothing was overwritten. Upgrade envform to that version.",
        )


def _state(document: Document, source: str, way_out: str) -> State:
    if problems := [*missing_files(document), *gaps(document.environments, document.locks)]:
        raise _invalid(source, problems, way_out)
    return state_of(document)


def _problems(cause: ValidationError) -> Iterator[str]:
    # never the value itself: a state is not printed
    for error in cause.errors(include_url=False, include_input=False, include_context=False):
        said = "unknown field" if error["type"] == _UNKNOWN else error["msg"]
        yield f"{'.'.join(map(str, error['loc']))}: {said}"


def _damaged(why: str, way_out: str) -> StateError:
    return StateError("State file is damaged", f"{why} Nothing was overwritten. {way_out}")


def _refused(writer: str, source: str, cause: ValidationError, way_out: str) -> StateError:
    problems = list(_problems(cause))
    if not _is_newer(writer):
        unknown = any(error["type"] == _UNKNOWN for error in cause.errors())
        return _of_another_build(writer, source, problems) if unknown else _invalid(source, problems, way_out)
    return StateError(
        "State was written by a newer envform",
        f"`{source}` was written by envform {writer}, and holds what this envform, {__version__}, does not know:\n"
        f"{_listed(problems)}\n\nNothing was overwritten. Upgrade envform to {writer} or a newer one.",
    )


def _of_another_build(writer: str, source: str, problems: list[str]) -> StateError:
    return StateError(
        "State was written by another build of envform",
        f"`{source}` was written by envform {writer}, and this is envform {__version__}. It is whole, and holds what "
        f"this one does not know:\n{_listed(problems)}\n\nA newer build that calls itself {writer} may have written "
        "it, or one with changes of its own. Nothing was overwritten. Use the build that wrote it, or a newer one.",
    )


def _is_newer(writer: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(writer) > Version(__version__)
    except InvalidVersion:
        return False


def _invalid(source: str, problems: list[str], way_out: str) -> StateError:
    return StateError(
        "State file is not valid",
        f"`{source}` has a correct checksum but not the form of a state:\n{_listed(problems)}\n\n"
        f"Nothing was overwritten. {way_out}",
    )


def _listed(problems: list[str]) -> str:
    shown = "".join(f"\n    {problem[:200]}" for problem in problems[:_SHOWN])
    return shown + (f"\n    and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else "")
