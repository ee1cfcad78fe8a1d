"""`tags`: Azure takes values of any kind and stores texts, so here they become texts, which is told."""

from __future__ import annotations

import json
from dataclasses import replace

from reconciler.language.azureml.fields import Reader, said
from reconciler.language.yaml_nodes import Mapping, Node, Scalar, plain


def read_tags(tags: Mapping, reader: Reader) -> Mapping:
    """The same mapping with values that are texts: scalars as they are written, lists and mappings as JSON."""
    for key, _ in tags.items:
        if key.kind != "str":
            hint = f'write it in quotes: "{key.text}"'
            reader.refuse(key, f"The key of a tag is a text, and `{key.text[:60]}` is {said(key)}.", hint)
    changed = [key for key, value in tags.items if not isinstance(value, Scalar) or value.kind != "str"]
    if changed:
        listed = ", ".join(f"`{key.text[:60]}`" for key in changed[:10])
        detail = (
            f"Tags are texts: the values of {listed} are taken as they are written, null as an empty text, and lists "
            "and mappings as JSON."
        )
        reader.warn(changed[0], detail, "write them in quotes")
    return replace(tags, items=tuple((key, _text(value)) for key, value in tags.items))


def _text(value: Node) -> Scalar:
    if isinstance(value, Scalar):
        return value.with_text("" if value.kind == "null" else value.text)
    written = json.dumps(plain(value), ensure_ascii=False)
    return Scalar(value.start, value.end, written, "str", written, '"')
