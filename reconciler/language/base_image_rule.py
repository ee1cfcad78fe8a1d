"""What a `base_image` block is made of: an environment whose contents are Debian packages."""

from __future__ import annotations

from reconciler.language.environment_rule import LIFECYCLE, META
from reconciler.language.schema import ArgumentRule, BlockRule, Wanted

BASE_IMAGE = BlockRule(
    type="base_image",
    labels=("name",),
    arguments={
        **META,
        "name": ArgumentRule(Wanted.STRING),
        "version": ArgumentRule(Wanted.QUOTED),
        "description": ArgumentRule(Wanted.STRING),
        "tags": ArgumentRule(Wanted.STRINGS),
        "properties": ArgumentRule(Wanted.STRINGS),
        "debian": ArgumentRule(Wanted.STRING, required=True),
        "packages": ArgumentRule(Wanted.LIST, required=True),
        "manylinux_libraries": ArgumentRule(Wanted.BOOL),
        "platform": ArgumentRule(Wanted.STRING),
        "base": ArgumentRule(Wanted.STRING),
        "on_destroy": ArgumentRule(Wanted.STRING),
    },
    example='base_image "python" {\n  debian   = "bookworm"\n  packages = ["python3", "ca-certificates"]\n}',
    blocks={"lifecycle": LIFECYCLE},
)
