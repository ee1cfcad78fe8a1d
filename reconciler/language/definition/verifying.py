"""The `verify` block: what an image must pass before a version of it is registered."""

from __future__ import annotations

from reconciler.language.definition.reading import Reading
from reconciler.model.details import Verify
from reconciler.model.pattern import lazy_pattern

_MODULE = lazy_pattern(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_LONGEST = 24 * 60 * 60


def read_verify(reading: Reading) -> Verify | None:
    """The tests that the block asks for; None where there is no block."""
    block = reading.block("verify") if reading.has("verify") else None
    if block is None:
        return None
    for number, name in enumerate(block.texts("imports")):
        if not _MODULE.fullmatch(name):
            detail = f"`{name[:80]}` is no name of a Python module, as `import` wants it: `sklearn.linear_model`."
            block.refuse("imports", "Invalid module name", detail, path=(number,))
    for number, command in enumerate(block.texts("commands")):
        if not command.strip() or "\0" in command:
            detail = "A command is a line for a shell, and not empty."
            block.refuse("commands", "Invalid command", detail, path=(number,))
    pip_check = bool(block.filled.flag("pip_check"))
    asked = ("imports", "commands", "pip_check")
    if not (block.texts("imports") or block.texts("commands") or pip_check or any(map(block.is_doubtful, asked))):
        block.refuse("", "Argument without effect", "This `verify` block asks for no test.", 'imports = ["numpy"]')
    return Verify(block.texts("imports"), block.texts("commands"), pip_check, _timeout(block))


def _timeout(block: Reading) -> int:
    given = block.filled.number("timeout") if block.has("timeout") else None
    if given is None:
        return Verify().timeout
    if given.denominator != 1 or not 1 <= given <= _LONGEST:
        detail = f"`timeout` is a whole number of seconds, from 1 to {_LONGEST:,}."
        block.refuse("timeout", "Invalid argument value", detail)
        return Verify().timeout
    return int(given)
