"""Which image an environment stands on where nobody says: `curated/bases.hcl`, line by line."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.language.span import SpanError
from reconciler.language.variable_files import read_variable_file
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.frozen import dataclass

CONDA = "conda"
_TABLE = "bases"


@dataclass(frozen=True, slots=True)
class DefaultImage:
    """A line of the table. `python` is X.Y, or `conda` for what conda brings a Python to."""

    platform: str
    python: str
    accelerator: str
    image: str


def read_default_images(text: str, name: str) -> tuple[DefaultImage, ...]:
    """The lines of a table, in order; EnvformError where it is none."""
    problems = Diagnostics()
    found: list[DefaultImage] = []
    for assignment in read_variable_file(name, text, problems):
        try:
            value = assignment.value(None)
        except SpanError as error:
            problems.add(assignment.passage.diagnostic(error))
            continue
        if assignment.name == _TABLE and isinstance(value, tuple):
            found += [_line(one) for one in value if isinstance(one, Mapping)]
    problems.check()
    return tuple(found)


def _line(said: Mapping[str, object]) -> DefaultImage:
    platform, python, accelerator, image = (str(said.get(name, "")) for name in DefaultImage.__slots__)
    return DefaultImage(platform, python, accelerator, image)
