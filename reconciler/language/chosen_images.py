"""The image of an environment that names none: chosen by platform, Python and accelerator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from reconciler.language.default_images import CONDA, DefaultImage, read_default_images
from reconciler.language.filled import Filled
from reconciler.language.span import RefusedError
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.environment import DEFAULT_PLATFORM
from reconciler.model.frozen import dataclass

_NAME = "bases.hcl"
_OWN = ("image", "dockerfile", "build")
_OF_CONDA = ("conda", "conda_file")
_ASKING = (*_OF_CONDA, "pip", "requirements_file", "python_version", "accelerator", "docker_steps")
_NO_EFFECT = "Argument without effect"


@dataclass(frozen=True, slots=True)
class ImageTable:
    """`text` is the table that ships with envform; `own` are the project's images by `[ACCELERATOR-]PYTHON`."""

    text: str = ""
    own: Mapping[str, str] | None = None

    def choose(self, platform: str, python: str, accelerator: str) -> str:
        """The image for these; RefusedError with what there is. Without a Python, the first one listed."""
        lines = [one for one in _table(self.text) if (one.platform, one.accelerator) == (platform, accelerator)]
        wanted = python or next((one.python for one in lines if one.python != CONDA), "")
        key = f"{accelerator}-{wanted}" if accelerator else wanted
        found = (self.own or {}).get(key) or next((one.image for one in lines if one.python == wanted), "")
        if not found:
            raise self._unknown(platform, wanted, accelerator, lines)
        return found

    def _unknown(self, platform: str, python: str, accelerator: str, lines: list[DefaultImage]) -> RefusedError:
        what = f"conda on {platform}" if python == CONDA else f"Python {python} on {platform}" if python else platform
        asked = f"{what} with `{accelerator[:40]}`" if accelerator else what
        known = ", ".join(sorted({one.python for one in lines}, key=_in_order))
        there = f" For that platform and accelerator there are images for: {known}." if known else ""
        accelerators = sorted({one.accelerator for one in _table(self.text) if one.accelerator})
        if accelerator and not known:
            there = f" Accelerators are: {', '.join(accelerators)}."
        detail = f"No image is known to stand on for {asked}.{there} Name one with `image`."
        return RefusedError("No default image", detail, "the `default_images` of the `envform` block add to the table")


@lru_cache(maxsize=4)
def _table(text: str) -> tuple[DefaultImage, ...]:
    return read_default_images(text, _NAME)


def with_chosen_image(filled: Filled, table: ImageTable, problems: Diagnostics) -> Filled:
    """The same with an image, where it asks for packages and says nothing of what they stand on."""
    given = {name for name in (*_OWN, *_ASKING) if _says(filled, name)}
    local = filled.text("runtime") == "local"
    if not given.isdisjoint(_OWN) or local:
        counts = not local and not given.isdisjoint(_OF_CONDA)  # whose packages are chosen for it
        if (
            not counts
            and "accelerator" in filled.declaration.arguments
            and filled.arguments.get("accelerator") is not None
        ):
            detail = (
                "`accelerator` says which image is chosen, and here none is: the block itself says what it stands on."
            )
            filled.report(_NO_EFFECT, detail, problems, at="accelerator")
        return filled
    if given.isdisjoint(_ASKING) or not table.text:
        return filled
    python = ".".join((filled.text("python_version") or "").split(".")[:2])
    platform = filled.text("platform") or DEFAULT_PLATFORM
    accelerator = filled.text("accelerator") or ""
    try:
        image = table.choose(platform, python if given.isdisjoint(_OF_CONDA) else CONDA, accelerator)
    except RefusedError as refused:
        at = "accelerator" if "accelerator" in filled.declaration.arguments else "python_version"
        filled.report(refused.summary, refused.detail, problems, at=at, hint=refused.hint)
        image = ImageTable(table.text).choose(DEFAULT_PLATFORM, "", "")  # that there is none was told
    return replace(filled, arguments={**filled.arguments, "image": image})


def _says(filled: Filled, name: str) -> bool:
    """Whether something is said, be it unknown or wrong."""
    declaration = filled.declaration
    written = name in declaration.arguments and name not in filled.arguments
    return written or filled.arguments.get(name) is not None or name in declaration.blocks


def _in_order(python: str) -> list[tuple[int, str]]:
    """3.9 before 3.10, and words after numbers."""
    return [(int(part), "") if part.isdigit() else (1_000_000, part) for part in python.split(".")]
