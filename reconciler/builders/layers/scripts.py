"""Scripts: those that a wheel brings, and those that its entry points ask for."""

from __future__ import annotations

import re

from reconciler.builders.layers.zip_directory import WheelError
from reconciler.model.pattern import lazy_pattern

_LONGEST_INTERPRETER = 127
_ENTRY = lazy_pattern(r"(?P<module>[\w.]+)\s*:\s*(?P<attribute>\w[\w.]*)\s*((?<=\s)#[^\[\]]*|\[[^\]]*\]\s*)?")
# Part of the recipe: a changed text is a new recipe version.
_TEMPLATE = """\
{first}import sys
from {module} import {name}
if __name__ == "__main__":
    sys.exit({attribute}())
"""


def with_interpreter(script: bytes, interpreter: str) -> bytes:
    """The script for this interpreter; one that asks for no Python stays as it is."""
    if not script.startswith(b"#!python"):
        return script
    return _first_lines(interpreter).encode() + script.partition(b"\n")[2]


def entry_script(value: str, interpreter: str) -> bytes:
    """What runs an entry point."""
    match = _ENTRY.fullmatch(value)
    if match is None:
        raise WheelError(f"It has an entry point `{value}`, which calls nothing: `module:function` is asked for.")
    attribute = match["attribute"]
    first = _first_lines(interpreter)
    name = attribute.partition(".")[0]
    return _TEMPLATE.format(first=first, module=match["module"], name=name, attribute=attribute).encode()


def scripts_to_make(console: dict[str, str], python: str) -> dict[str, str]:
    """What each script is to call; pip and easy_install get names for the Python they are in, as pip does it."""
    scripts = dict(console)
    pip, easy_install = scripts.pop("pip", None), scripts.pop("easy_install", None)
    made: dict[str, str] = {}
    if pip:
        made |= dict.fromkeys(("pip", f"pip{python.partition('.')[0]}", f"pip{python}"), pip)
        scripts = {name: call for name, call in scripts.items() if not re.fullmatch(r"pip(\d+(\.\d+)?)?", name)}
    if easy_install:
        made |= {"easy_install": easy_install, f"easy_install-{python}": easy_install}
        scripts = {name: it for name, it in scripts.items() if not re.fullmatch(r"easy_install(-\d+\.\d+)?", name)}
    return made | scripts


def is_wrapper(name: str, made: set[str]) -> bool:
    """Whether a file stands where a script is made for an entry point anyway."""
    lower = name.lower()
    for ending in (".exe", "-script.py", ".pya"):
        if lower.endswith(ending):
            return name[: -len(ending)] in made
    return name in made


def _first_lines(interpreter: str) -> str:
    if len(interpreter) + 3 <= _LONGEST_INTERPRETER and " " not in interpreter:
        return f"#!{interpreter}\n"
    return f"#!/bin/sh\n'''exec' \"{interpreter}\" \"$0\" \"$@\"\n' '''\n"
