"""What validating said, kept until something changes that it depends on: then nothing needs to be evaluated again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from reconciler.language.files import Files
from reconciler.language.inputs import Inputs, VariableText
from reconciler.language.sealed import seal, unseal
from reconciler.language.watched_files import Asked, is_unchanged
from reconciler.model.diagnostic import Diagnostic, Position, Severity, Snippet, SourceRange
from reconciler.model.frozen import dataclass

_FORM = 2
_OURS = "ENVFORM_"


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was said, and how many environments there are where there is no error."""

    environments: int
    diagnostics: tuple[Diagnostic, ...]


def verdict_key(sources: Mapping[str, str], inputs: Inputs, today: date, tool: str) -> str:
    """What a verdict depends on, apart from the files that configuration looks at."""
    given = [["-var" if isinstance(one, VariableText) else "-var-file", one.name, one.text] for one in inputs.given]
    environment = {name: value for name, value in inputs.environment.items() if name.startswith(_OURS)}
    everything = [
        _FORM,
        tool,
        inputs.version,
        inputs.workspace,
        today.isoformat(),
        sources_of(sources),
        environment,
        dict(inputs.files),
        given,
    ]
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def sources_of(sources: Mapping[str, str]) -> dict[str, str]:
    """Names, and what the texts hash to."""
    return {name: hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest() for name, text in sources.items()}


def keep_verdict(key: str, asked: Asked, verdict: Verdict) -> bytes:
    """What to keep of a verdict."""
    questions = [[method, name, answer] for (method, name), answer in asked.items()]
    return seal([key, questions, verdict.environments, [_encode(item) for item in verdict.diagnostics]])


def recall_verdict(stored: bytes, key: str, files: Files) -> Verdict | None:
    """The verdict, if it is of this very configuration and all files that it looked at are as they were."""
    kept = unseal(stored)
    if not isinstance(kept, list) or len(kept) != 4 or kept[0] != key:
        return None
    _, questions, environments, diagnostics = kept
    try:
        if not is_unchanged(files, (tuple(question) for question in questions)):
            return None
        return Verdict(int(environments), tuple(_decode(item) for item in diagnostics))
    except (KeyError, TypeError, ValueError):
        return None


def _encode(item: Diagnostic) -> list[Any]:
    subject, snippet = item.subject, item.snippet
    return [
        item.severity,
        item.summary,
        item.detail,
        item.hint,
        item.address,
        subject and [subject.filename, *_position(subject.start), *_position(subject.end)],
        snippet and [snippet.code, snippet.context, [list(value) for value in snippet.values]],
        item.rule,
    ]


def _position(position: Position) -> tuple[int, int, int]:
    return position.line, position.column, position.byte


def _decode(form: list[Any]) -> Diagnostic:
    severity, summary, detail, hint, address, subject, snippet, rule = form
    return Diagnostic(
        Severity(severity),
        summary,
        detail,
        hint,
        address,
        subject and SourceRange(subject[0], Position(*subject[1:4]), Position(*subject[4:7])),
        snippet and Snippet(snippet[0], snippet[1], tuple((name, text) for name, text in snippet[2])),
        rule,
    )
