"""Scripts of conda's packages: run by an engine in a container over the linked packages, and never on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from reconciler.builders.layers.builder import small_layer
from reconciler.builders.layers.installation import Installed
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
# `.messages.txt` is shown and gone. Nothing but the shell can be counted on: a base may have no programs at all.
_RUNNER = f"""\
export PREFIX={PREFIX} ROOT_PREFIX={PREFIX} PKG_NAME="$1" PKG_VERSION="$2" PKG_BUILDNUM="$3"
cd "$PREFIX/bin"
"$(command -v bash || command -v sh)" -c '
for it in "$PREFIX"/etc/conda/activate.d/*.sh; do if [ -f "$it" ]; then . "$it"; fi; done
. "$PREFIX/bin/.$PKG_NAME-post-link.sh"
'
code=$?
said="$PREFIX/.messages.txt"
if [ -f "$said" ]; then
  while IFS= read -r line; do echo "$line"; done < "$said"
  rm -f "$said" || : > "$said"
fi
exit $code
"""
_PLACE = ".envform-post-link"
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
        return f"RUN {json.dumps(['/bin/sh', f'/{_PLACE}', self.name, self.version, self.number])}"


def run_scripts(recipe: Recipe, image: Image, scripts: Sequence[LinkScript], engine: Builder, emit: EventSink) -> Image:
    """The image with what its packages' scripts have made, in the order of these. Raises BuildError."""
    steps = tuple(script.step for script in scripts)
    asked = replace(recipe.definition, steps=steps, dockerfile=(), context=None)
    lent = _lent(image)
    try:
        made = engine.build(replace(recipe, definition=asked), lent, emit)
    except BuildError as error:
        named = f"\n\nThe engine is wanted for scripts of conda's packages: {listed(one.name for one in scripts)}."
        error.diagnostics = tuple(replace(one, detail=one.detail + named) for one in error.diagnostics)
        raise
    below = len(lent.layers)
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


def post_link(name: str) -> str:
    """Where a package has the script that conda runs: that of any other name is a file like all others."""
    return f"bin/.{name}-post-link.sh"


def listed(names: Iterable[str]) -> str:
    """Names of packages in a sentence."""
    return ", ".join(f"`{name}`" for name in names)


def _lent(image: Image) -> Image:
    """As the engine gets it: with what runs a script, as root, and with nothing that the base wants done in builds."""
    config = read_config(image)
    settings = object_of(config, "config", _WHAT)
    kept = {name: value for name, value in settings.items() if name not in _OF_BUILDS}
    lent: JsonObject = {**config, "config": {**kept, "User": "0:0", "WorkingDir": "/"}}
    alike = assemble(Blob.of(canonical_json(lent), media_types.OCI_CONFIG), image.layers)
    runner = small_layer([Installed(_PLACE, 0o755, _RUNNER.encode())], "envform: what runs scripts of packages")
    return append_layers(alike, [runner], labels={}, variables={}, annotations={})


def _annotations(image: Image) -> dict[str, str]:
    found = json.loads(image.manifest).get("annotations")
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _strange() -> BuildError:
    return BuildError(
        "Docker engine gave no image",
        "It ran the scripts of conda's packages, and gave back an image with other layers than those it was sent. "
        "Apply again, or with another engine.",
    )
