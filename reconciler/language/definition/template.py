"""`{{ … }}`: templates that other tools fill in before a file is used."""

from __future__ import annotations

import re

from reconciler.language.span import RefusedError
from reconciler.model.pattern import lazy_pattern

_TEMPLATE = lazy_pattern(r"\{\{.*?\}\}(?!\})", re.DOTALL)
_SOURCES = {
    "latest-pypi-version": "looks up the newest release of a package in an index. Write the version",
    "latest-image-tag": "looks up the newest tag of an image in a registry. Write the tag",
}


def find_template(text: str) -> str:
    """The first template in a text; empty where there is none."""
    if "{{" not in text:
        return ""
    found = _TEMPLATE.search(text)
    return found.group() if found else ""


def unrendered(template: str) -> RefusedError:
    """The error for a template that nobody has filled in."""
    name = template.strip("{} \t").partition(":")[0].strip()
    does = _SOURCES.get(name, "was left for another tool to fill in. Write its value")
    detail = f"`{template[:80]}` {does}, or fill the template in before envform reads the file."
    return RefusedError("Unrendered template", detail)
