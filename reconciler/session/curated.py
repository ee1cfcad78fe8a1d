"""What ships with envform: the curated environments, and the images to stand on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.language.default_images import DefaultImage
    from reconciler.model.environment import Environment

_FOLDER = Path(__file__).parent.parent / "curated"
_BASES = "bases.hcl"
_SETTINGS = 'envform {\n  registry = "oci:./registry"\n}\n'


@cache
def default_images() -> tuple[DefaultImage, ...]:
    """The table of images to stand on."""
    from reconciler.language.default_images import read_default_images

    return read_default_images(bases_text(), _BASES)


@cache
def bases_text() -> str:
    """The same as it is written."""
    return (_FOLDER / _BASES).read_text(encoding="utf-8")


@cache
def curated_texts() -> Mapping[str, str]:
    """The text of each curated environment, by its name."""
    files = sorted(path for path in _FOLDER.glob("*.hcl") if path.name != _BASES)
    return {path.stem: path.read_text(encoding="utf-8") for path in files}


def curated_environments() -> tuple[Environment, ...]:
    """All of them, evaluated, by name."""
    from reconciler.language.configuration import configure
    from reconciler.language.evaluation import evaluate
    from reconciler.language.inputs import Inputs

    texts = curated_texts()
    used = "\n".join(f"output {_quoted(name)} {{\n  value = environment.{name}.image\n}}" for name in texts)
    configuration = configure({"curated.hcl": _SETTINGS + used}, inputs=Inputs(curated=texts))
    return tuple(evaluate(configuration, address, {}) for address in sorted(configuration.addresses, key=str))


def _quoted(name: str) -> str:
    return f'"{name}"'
