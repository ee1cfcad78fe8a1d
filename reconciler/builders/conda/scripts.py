"""Scripts of conda's packages: run by an engine in a container over the linked packages, and never on this machine."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace

from reconciler.builders.layers.target import PREFIX
from reconciler.model.diagnostic import BuildError
from reconciler.model.digest import canonical_json
from reconciler.model.frozen import dataclass
from reconciler.model.work import Recipe
from reconciler.oci import media_types
from reconciler.oci.assembly import append_layers, assemble
from reconciler.oci.config import Addition, read_config
from reconciler.oci.image import Blob, Image
from reconciler.oci.strict_json import JsonObject, object_of
from reconciler.protocols import Builder, EventSink

# As conda does it: by bash where there is one, in an environment that is activated; what the script leaves in
# `.messages.txt` is shown and gone.
_SOURCED = (
    'for it in "$PREFIX"/etc/conda/activate.d/*.sh; do if [ -f "$it" ]; then . "$it"; fi; done; '
    '. "$PREFIX/bin/.$PKG_NAME-post-link.sh"'
)
_MESSAGES = f"{PREFIX}/.messages.txt"
_OF_BUILDS = ("OnBuild", "Shell")
_WHAT = "the image's config"


@dataclass(frozen=True, slots=True)
class LinkScript:
    """One package whose script is to be run once everything is linked; `number` is that of its build."""

    name: str
    version: str
    number: str

    @property
    def step(self) -> str:
        """The instruction that runs it, whatever shell the image is said to have."""
        given = {"PREFIX": PREFIX, "PKG_NAME": self.name, "PKG_VERSION": self.version, "PKG_BUILDNUM": self.number}
        variables = " ".join(f"{name}={shlex.quote(value)}" for name, value in given.items())
        run = f"{variables} ROOT_PREFIX={PREFIX} $(command -v bash || command -v sh) -c {shlex.quote(_SOURCED)}"
        # nothing but the shell can be counted on: a base may have no programs at all
        told = f'if [ -f {_MESSAGES} ]; then while IFS= read -r it; do echo "$it"; done < {_MESSAGES}; '
        gone = f"rm -f {_MESSAGES} || : > {_MESSAGES}; fi"
        return f"RUN {json.dumps(['/bin/sh', '-c', f'cd {PREFIX}/bin; {run}; code=$?; {told}{gone}; exit $code'])}"


def run_scripts(recipe: Recipe, image: Image, scripts: Sequence[LinkScript], engine: Builder, emit: EventSink) -> Image:
    """The image with what its packages' scripts have made, in the order of these. Raises BuildError."""
    steps = tuple(script.step for script in scripts)
    asked = replace(recipe.definition, steps=steps, dockerfile=(), context=None)
    try:
        made = engine.build(replace(recipe, definition=asked), _lent(image), emit)
    except BuildError as error:
        named = f"\n\nThe engine is wanted for scripts of conda's packages: {listed(one.name for one in scripts)}."
        error.diagnostics = tuple(replace(one, detail=one.detail + named) for one in error.diagnostics)
        raise
    below = len(image.layers)
    stated = object_of(read_config(made), "rootfs", _WHAT).get("diff_ids")
    diff_ids = stated[below:] if isinstance(stated, list) else []
    told = [f"envform: script of {one.name}={one.version}, run by an engine" for one in scripts]
    if len(diff_ids) > len(told):  # an engine may leave out what changed nothing
        raise _strange()
    additions = [
        Addition(blob, diff_id, history)
        for blob, diff_id, history in zip(made.layers[below:], diff_ids, told, strict=False)
    ]
    return append_layers(image, additions, labels={}, variables={}, annotations=_annotations(image))


def listed(names: Iterable[str]) -> str:
    """Names of packages in a sentence."""
    return ", ".join(f"`{name}`" for name in names)


def _lent(image: Image) -> Image:
    """As the engine gets it: it works as root, and does nothing that the base would like to be done in builds."""
    config = read_config(image)
    settings = object_of(config, "config", _WHAT)
    kept = {name: value for name, value in settings.items() if name not in _OF_BUILDS}
    lent: JsonObject = {**config, "config": {**kept, "User": "0:0", "WorkingDir": "/"}}
    return assemble(Blob.of(canonical_json(lent), media_types.OCI_CONFIG), image.layers)


def _annotations(image: Image) -> dict[str, str]:
    found = json.loads(image.manifest).get("annotations")
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _strange() -> BuildError:
    return BuildError(
        "Docker engine gave no image",
        "It ran the scripts of conda's packages, and gave back an image with other layers than those it was sent. "
        "Apply again, or with another engine.",
    )
