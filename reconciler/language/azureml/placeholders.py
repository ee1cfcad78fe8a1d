"""`${{inputs.NAME}}` and `${{outputs.NAME}}` in a job's command."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean

_PLACEHOLDER = lazy_pattern(r"\$\{\{(.*?)\}\}", re.DOTALL)
_OPTIONAL = "$[["


def filled(command: str, values: Mapping[str, str]) -> str:
    """The command with the values of `inputs.NAME` and `outputs.NAME`, as they are: nothing is put in quotes."""
    return _PLACEHOLDER.sub(lambda found: values[found[1].strip()], command)


def misused(command: str, inputs: Sequence[str], outputs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What is wrong with each placeholder that cannot be filled in, and a hint."""
    if _OPTIONAL in command:
        hint = "this is a component; in a job write what is to be run"
        yield "`$[[…]]` is for what components may be given or not, and a job has all that it is given.", hint
    known = [*(f"inputs.{name}" for name in inputs), *(f"outputs.{name}" for name in outputs)]
    for found in _PLACEHOLDER.finditer(command):
        word = found[1].strip()
        if word in known:
            continue
        there = f"There are: {', '.join(f'`{name}`' for name in known)}." if known else "The job has neither."
        detail = f"`{found[0][:80]}` names no input and no output of this job. {there}"
        yield detail, did_you_mean(word, known)
