"""The command `envform copy`."""

from __future__ import annotations

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import switch
from reconciler.cli.invocation import Invocation
from reconciler.model.digest import Digest

_LARGE = 10 << 20


@click.command(
    "copy",
    cls=Command,
    examples=(
        (
            "Share an image with another team",
            "envform copy registry.example.com/ours/training:3 registry.example.com/all/training:3",
        ),
        ("From a registry into a folder", "envform copy docker.io/library/python:3.12 oci:./images:python:3.12"),
        (
            "Everything that has a name there",
            "envform copy -all-tags oci:./registry:training registry.example.com/ours/training",
        ),
    ),
)
@click.argument("source", metavar="SRC")
@click.argument("target", metavar="DST")
@switch("-all-tags", "Copy all tags of a repository: SRC and DST are named without a tag.")
@click.pass_obj
def command(invocation: Invocation, source: str, target: str, all_tags: bool) -> None:
    """Copy images between registries and folders, byte for byte: all platforms, and what is attached to them.

    SRC and DST are HOST/NAME:TAG, or oci:DIR:NAME:TAG for a folder; SRC may be a digest (@sha256:…), and DST has SRC's
    tag where it names none. All content is verified. What DST has already is not sent again, so a copy that was stopped
    is started again. It needs no project, and nothing is recorded: an environment that is to be managed is imported.
    """
    from reconciler.rendering.copies import copied_text, sending_line
    from reconciler.session.copying import copy

    def tell(digest: Digest, size: int) -> None:
        if size >= _LARGE:
            invocation.err.line(sending_line(digest, size))

    done = copy(invocation.root, source, target, tell, all_tags=all_tags)
    copied = done.copied
    invocation.out.write(copied_text(done.names, copied.sent, copied.size, copied.there, done.moved))
