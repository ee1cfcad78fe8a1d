"""Where the stages of a Dockerfile come from: references that no registry knows, and stages that are not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.language.definition.dockerfile import SUMMARY, Problem
from reconciler.language.definition.stages import Stage, filled_in, flags_of
from reconciler.language.rules import check_image
from reconciler.language.span import RefusedError

_SCRATCH = "scratch"


def mistakes_in_bases(stage: Stage, stages: Sequence[Stage]) -> Iterator[Problem]:
    """What is wrong with the image that a stage stands on, and with the stages that it copies from."""
    names = {other.name for other in stages[: stage.number] if other.name}
    if stage.base and stage.base != _SCRATCH and stage.base.lower() not in names and (wrong := check_image(stage.base)):
        yield Problem(stage.line, RefusedError(*wrong))
    for instruction in stage.instructions:
        if instruction.keyword != "COPY":
            continue
        origin = filled_in(flags_of(instruction.arguments)[0].get("from") or "", stage.variables) or ""
        if origin.isdecimal() and not int(origin) < len(stages):
            detail = f"There is no stage {origin}: stages count from 0, and this file has {len(stages)}."
            yield Problem(instruction.line, RefusedError(SUMMARY, detail))
        elif origin and origin.lower() in (str(stage.number), stage.name):
            detail = f"`--from={origin[:60]}` copies from the stage that it stands in, which is not built yet."
            yield Problem(instruction.line, RefusedError(SUMMARY, detail))
