"""The door to PyYAML: its scanner and its table of plain words; the tree, the limits and the messages are ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, cast

from reconciler.language.passage import Document
from reconciler.language.span import SpanError
from reconciler.language.yaml_mistakes import explain, refuse_tabs
from reconciler.language.yaml_nodes import Kind, Plain, YamlDocument
from reconciler.language.yaml_tree import Event, Grower, LaxGrower, Word
from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.pattern import lazy_pattern

MAXIMUM_CHARACTERS = 10_000_000
_LONGEST_NUMBER = 400
_NUMBER_OF_1_2 = re.compile(r"0o[0-7]+$|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")

_BYTE_ORDER_MARK = "\ufeff"
_UNUSABLE = lazy_pattern(r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_TAG = "tag:yaml.org,2002:"
_KINDS: dict[str, Kind] = {
    "str": "str",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "null": "null",
    "timestamp": "timestamp",
}


def load(text: str, filename: str, *, lax: bool = False) -> YamlDocument:
    """The document that a text holds; EnvformError with all that is wrong with it. `lax`: as Terraform reads it."""
    source = Document(filename, text)
    document = YamlDocument(source, None)
    if len(text) > MAXIMUM_CHARACTERS:
        detail = f"`{filename}` is larger than {MAXIMUM_CHARACTERS // 1_000_000} MB. Split it into several files."
        raise EnvformError(Diagnostic.error("Configuration file too large", detail))
    try:
        grower = LaxGrower(text) if lax else Grower(text)
        covered: list[tuple[int, int]] = []
        for event in _events(text, lax=lax):
            grower.take(event)
            if event.word is not None and event.word.style:
                covered.append((event.start, event.end))
        if not lax:
            refuse_tabs(text, covered)
    except SpanError as error:
        raise EnvformError(document.diagnostic(error)) from None
    if grower.mistakes:
        raise EnvformError(
            *(document.diagnostic(error) for error in sorted(grower.mistakes, key=lambda error: error.start))
        )
    return YamlDocument(source, grower.root)


def dump(value: Plain, *, sort_keys: bool = False) -> str:
    """A value as a document in block style, one that readers of YAML 1.1 and of 1.2 understand alike."""
    import yaml

    return yaml.dump(value, Dumper=_dumper(), sort_keys=sort_keys, allow_unicode=True, width=2**31 - 1)


@cache
def _dumper() -> Any:
    """PyYAML's own, which quotes what a reader of YAML 1.1 would not take for a text; and what one of 1.2 would not."""
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    Dumper.add_implicit_resolver(f"{_TAG}float", _NUMBER_OF_1_2, list("-+.0123456789"))
    return Dumper


def load_as_pyyaml(text: str) -> object:
    """What PyYAML makes of a text that was found to be sound: dates are dates, an alias is the object it repeats."""
    import yaml

    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both of them are safe


def dump_as_pyyaml(value: object) -> str:
    """What PyYAML writes when it is asked for nothing but sorted keys: others hash it, so not a byte may move."""
    import yaml

    return yaml.dump(value, sort_keys=True)


def _events(text: str, *, lax: bool) -> Iterator[Event]:
    import yaml

    skipped = len(text) - len(text.removeprefix(_BYTE_ORDER_MARK))
    if found := _UNUSABLE.search(text, skipped):
        raise _unusable(found)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text[skipped:])
    try:
        while loader.check_event():
            yield _event(loader.get_event(), skipped, lax=lax)
    except yaml.MarkedYAMLError as error:
        mark, opener = error.problem_mark, error.context_mark
        at = mark.index + skipped if mark else len(text)
        raise explain(text, error.problem or "", at, opener.index + skipped if opener else at) from None
    finally:
        loader.dispose()


def _unusable(found: re.Match[str]) -> SpanError:
    code = ord(found.group())
    what = "an invisible byte order mark" if code == ord(_BYTE_ORDER_MARK) else f"the character U+{code:04X}"
    detail = f"Here stands {what}, which YAML does not allow in a text. Remove it."
    hint = 'in a text in double quotes it can be written as "\\uXXXX"'
    return SpanError("Invalid YAML", detail, found.start(), found.end(), hint=hint)


def _event(event: Any, skipped: int, *, lax: bool) -> Event:
    import yaml

    start, end = event.start_mark.index + skipped, event.end_mark.index + skipped
    if isinstance(event, yaml.ScalarEvent):
        return Event("scalar", start, end, event.anchor or "", _word(event, start, end, lax=lax))
    if isinstance(event, yaml.CollectionStartEvent):
        kind: Literal["mapping", "sequence"] = "mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence"
        wanted = f"{_TAG}{'map' if kind == 'mapping' else 'seq'}"
        if event.tag not in ((None, wanted) if lax else (None, "!", wanted)):
            raise _unknown_tag(event.tag or "", start, end)
        return Event(kind, start, end, event.anchor or "")
    if isinstance(event, yaml.AliasEvent):
        return Event("alias", start, end, event.anchor or "")
    if isinstance(event, yaml.CollectionEndEvent):
        return Event("end", start, end)
    begins = isinstance(event, yaml.DocumentStartEvent)
    if begins and lax and event.version not in (None, (1, 1)):
        raise SpanError("Invalid YAML", "This document says that it is not of YAML 1.1.", start, end)
    return Event("document" if begins else "", start, end)


def _word(event: Any, start: int, end: int, *, lax: bool) -> Word:
    text, style = event.value, event.style or ""
    return Word(text, style, "str", text, event.tag or "") if lax else Word(text, style, *_meaning(event, start, end))


def _meaning(event: Any, start: int, end: int) -> tuple[Kind, bool | str | int | float | None]:
    """What a scalar is and is worth; a merge key is a text that the tree knows by its style."""
    resolver, constructor, scalar = _tables()
    tag = event.tag
    if tag is None or tag == "!":
        if tag is None and not event.implicit[0]:
            return "str", event.value
        tag = resolver.resolve(scalar, event.value, event.implicit)
    kind = _KINDS.get(tag.removeprefix(_TAG))
    if tag in (f"{_TAG}merge", f"{_TAG}value"):
        kind = "str"
    if kind is None:
        raise _unknown_tag(tag, start, end)
    if kind in ("str", "timestamp"):
        return kind, event.value
    # Numbers in base 60 take time that grows with the square of their length.
    text = event.value if len(event.value) <= _LONGEST_NUMBER else "?"
    try:
        value = constructor.yaml_constructors[tag](constructor, scalar(tag, text))
    except (ValueError, KeyError, IndexError, OverflowError):
        detail = f"`{event.value[:60]}` is marked or looks like a number or truth value, and is none that can be used."
        raise SpanError("Invalid YAML value", detail, start, end, hint="write a text in quotes") from None
    return kind, cast("bool | int | float | None", value)


@cache
def _tables() -> tuple[Any, Any, Any]:
    import yaml

    return yaml.resolver.Resolver(), yaml.constructor.SafeConstructor(), yaml.ScalarNode


def _unknown_tag(tag: str, start: int, end: int) -> SpanError:
    shown = tag.replace(_TAG, "!!") if tag.startswith(_TAG) else tag if tag.startswith("!") else f"!<{tag}>"
    detail = f"The tag `{shown[:60]}` is not supported: envform reads texts, numbers, truth values, lists and mappings."
    return SpanError("Unsupported YAML tag", detail, start, end, hint="leave the tag out")
