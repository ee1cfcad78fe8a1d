"""The command `envform env`."""

from __future__ import annotations

from reconciler.cli.command import Commands, Entry

TABLE = {
    "list": Entry("reconciler.cli.env_list", "List what is registered, by name"),
    "show": Entry("reconciler.cli.env_show", "Show one version, with all of its packages"),
    "diff": Entry("reconciler.cli.env_diff", "Show what differs between two versions or environments"),
    "history": Entry("reconciler.cli.env_history", "Show when each version was made, and by which change"),
    "export": Entry("reconciler.cli.env_export", "Write one version for Azure ML, Docker, pip or conda"),
    "clone": Entry("reconciler.cli.env_clone", "Write a definition of one's own from one that is there"),
    "share": Entry("reconciler.cli.env_share", "Bring one version into another registry"),
    "wait": Entry("reconciler.cli.env_wait", "Wait until one version can be used"),
    "archive": Entry("reconciler.cli.env_archive", "Hide what nobody should begin to use"),
    "restore": Entry("reconciler.cli.env_restore", "Take archiving back"),
}

command = Commands(
    "env",
    table=TABLE,
    help="""Look through the environments that are registered, by their names; `envform state` knows addresses.

    NAME:VERSION is one version of an environment, NAME or NAME@latest the one that was created last.""",
    examples=(
        ("All that may be used", "envform env list"),
        ("One of them, with all of its packages", "envform env show training"),
    ),
)
