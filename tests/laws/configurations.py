"""Random configurations, and what can happen to a registry behind one's back."""

from __future__ import annotations

import json
import random

from hypothesis import strategies as st

from reconciler.model.publication import CACHE
from reconciler.oci.reference import Name
from reconciler.registries.memory import MemoryRegistry
from tests.conformance.images import image_of

LABELS = "abcd"
IMAGES = ('"oci:./images:one"', '"oci:./images:two"')
TEAMS = ('"x"', '"y"')
PACKAGES = ("alpha", "beta>=1", "gamma==1.0", "alpha<2")
REPEATED = ("  count = 2\n", "  count = 0\n", '  for_each = toset(["x"])\n', '  for_each = toset(["x", "y"])\n')


@st.composite
def blocks(draw: st.DrawFn, label: str, below: list[str]) -> tuple[str, bool]:
    """One environment, and whether others may stand on it."""
    images = [*IMAGES, *(f"environment.{one}.image" for one in below)]
    lines = [f"  image = {draw(st.sampled_from(images))}\n"]
    repeated = draw(st.sampled_from(("", "", "", *REPEATED)))
    packages = draw(st.lists(st.sampled_from(PACKAGES), max_size=2, unique=True))
    if packages:
        lines.append(f"  pip = {json.dumps(packages)}\n")
    if draw(st.integers(0, 1)):
        lines.append(f'  description = "{draw(st.sampled_from(("said", "said anew")))}"\n')
    if draw(st.integers(0, 1)):
        # what is yet to be built has no digest before it is: such tags are worked out by apply
        built = [f"environment.{one}.{what}" for one in below for what in ("digest", "description")]
        lines.append(f"  tags = {{ team = {draw(st.sampled_from((*TEAMS, *built)))} }}\n")
    if draw(st.integers(0, 4)) == 0:
        lines.append('  on_destroy = "delete"\n')
    if below and draw(st.integers(0, 4)) == 0:
        lines.append(f"  depends_on = [environment.{draw(st.sampled_from(below))}]\n")
    if draw(st.integers(0, 4)) == 0:
        rules = ["ignore_changes = [description]", "ignore_changes = [pip]"]
        rules += [f"replace_triggered_by = [environment.{one}.hash]" for one in below]
        lines.append(f"  lifecycle {{\n    {draw(st.sampled_from(rules))}\n  }}\n")
    return f'environment "{label}" {{\n{repeated}{"".join(lines)}}}\n', not repeated


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, str]:
    """Blocks by label, and outputs that look at them."""
    found: dict[str, str] = {}
    below: list[str] = []
    for label in draw(st.lists(st.sampled_from(LABELS), min_size=1, max_size=4, unique=True)):
        found[label], single = draw(blocks(label, below))
        if single:
            below.append(label)
    if draw(st.booleans()) and below:
        attribute = draw(st.sampled_from(("image", "version", "digest", "hash")))
        found["output"] = f'output "said" {{\n  value = environment.{draw(st.sampled_from(below))}.{attribute}\n}}\n'
    return found


@st.composite
def histories(draw: st.DrawFn) -> list[str]:
    """Texts of one configuration after another; what has gone may have moved."""
    texts: list[str] = []
    before: set[str] = set()
    for now in draw(st.lists(configurations(), min_size=1, max_size=4)):
        gone, new = sorted(before - now.keys()), sorted(now.keys() - before - {"output"})
        moved = ""
        if draw(st.booleans()) and gone and new:
            moved = f"moved {{\n  from = environment.{gone[0]}\n  to = environment.{new[0]}\n}}\n"
        texts.append("".join(now.values()) + moved)
        before = {label for label in now if label != "output"}
    return texts


INJURIES = ("delete a tag", "move a tag", "delete a manifest", "delete a blob", "add a tag")


def injure(registry: MemoryRegistry, how: str, chance: random.Random) -> bool:
    """Do it, where there is anything to do it to; whether somebody who looks deep enough must see it."""
    refs = sorted(registry.tags)
    if not refs:
        return False
    ref = chance.choice(refs)
    digest = registry.tags[ref]
    if how == "delete a tag":
        del registry.tags[ref]
    elif how == "move a tag":
        registry.push(image_of("foreign"), [Name.of_ref(ref)])
    elif how == "delete a manifest":
        registry.manifests.pop(digest, None)
        registry.blobs.pop(digest, None)
    elif how == "delete a blob":
        image = registry.pull(Name(CACHE, digest=digest), "linux/amd64")
        if image is None:
            return False
        registry.blobs.pop(chance.choice(image.layers).descriptor.digest, None)
    else:
        registry.push(image_of("foreign"), [Name(ref.partition(":")[0], "foreign")])
        return False
    return True
