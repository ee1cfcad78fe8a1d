"""The command `envform registry`."""

from __future__ import annotations

from reconciler.cli.command import Commands, Entry

TABLE = {
    "serve": Entry("reconciler.cli.registry_serve", "Let others pull from a folder of images, and push to it"),
}

command = Commands(
    "registry",
    table=TABLE,
    help="""Work with a folder of images, such as a project keeps by default.""",
    examples=(("Let Docker pull from a project's own registry", "envform registry serve ./registry"),),
)
