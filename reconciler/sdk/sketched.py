"""Arguments of an environment from what `envform new` can make definitions of."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from reconciler.sdk.conda_dependencies import CondaDependencies
from reconciler.sdk.sections import BuildContext

if TYPE_CHECKING:
    from reconciler.language.sketches.sketch import Sketch
    from reconciler.sdk.environment import Arguments


def arguments_of(kind: str, source: str) -> tuple[Arguments, str]:
    """Those of a source of this kind, seen from the current folder, and what the source calls itself."""
    from reconciler.language.sketches.sketch import Sketch
    from reconciler.session.draft_files import DraftFiles
    from reconciler.session.draft_sources import KINDS, Wanted

    sketch = Sketch()
    KINDS[kind](DraftFiles(Path(), Path()), Wanted(kind, source), sketch)
    for told in sketch.told:
        warnings.warn(told.detail, stacklevel=3)
    return sketched(sketch), sketch.name


def sketched(sketch: Sketch) -> Arguments:
    """The same as arguments of a program."""
    fields = {name: _plain(one) for name, one in sketch.fields.items()}
    if conda := fields.pop("conda", None):
        fields["conda_file"] = _conda(conda)
    if build := fields.pop("build", None):
        fields["build"] = BuildContext(build["path"], build.get("dockerfile_path", "Dockerfile"))
    return cast("Arguments", fields)


def _conda(block: Mapping[str, Any]) -> CondaDependencies:
    pip = [{"pip": [*block["pip"]]}] if block.get("pip") else []
    dependencies = [*block.get("dependencies", ()), *pip]
    return CondaDependencies.of({"channels": list(block.get("channels", ())), "dependencies": dependencies})


def _plain(field: object) -> Any:
    from reconciler.language.sketches.sketch import Section

    if isinstance(field, Section):
        return {name: _plain(one) for name, one in field.fields.items()}
    return list(field) if isinstance(field, tuple) else field
