"""`{{ … }}`: templates that other tools fill in before a file is used."""

from __future__ import annotations

from reconciler.language.span import RefusedError

_SOURCES = {
    "latest-pypi-version": "looks up the newest release of a package in an index. Write the version",
    "latest-image-tag": "looks up the newest tag of an image in a registry. Write the tag",
}


def find_template(text: str) -> str:
    """The first template in a text, with all braces that it ends in; empty where there is none."""
    start = text.find("{{")
    end = text.find("}}", start + 2) if start >= 0 else -1
    if end < 0:
        return ""
    while text.startswith("}", end + 2):
        end += 1
    return text[start : end + 2]


def unrendered(template: str) -> RefusedError:
    """The error for a template that nobody has filled in."""
    name = template.strip("{} \t").partition(":")[0].strip()
    does = _SOURCES.get(name, "was left for another tool to fill in. Write its value")
    detail = f"`{template[:80]}` {does}, or fill the template in before envform reads the file."
    return RefusedError("Unrendered template", detail)
