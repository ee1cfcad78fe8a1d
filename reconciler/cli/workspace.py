"""The command `envform workspace`."""

from __future__ import annotations

from reconciler.cli.command import Commands, Entry

TABLE = {
    "list": Entry("reconciler.cli.workspace_list", "List the workspaces"),
    "show": Entry("reconciler.cli.workspace_show", "Show the name of the current workspace"),
    "select": Entry("reconciler.cli.workspace_select", "Work in another workspace from now on"),
    "new": Entry("reconciler.cli.workspace_new", "Make a workspace and work in it from now on"),
    "delete": Entry("reconciler.cli.workspace_delete", "Delete a workspace"),
}

command = Commands(
    "workspace",
    table=TABLE,
    help="""Keep several states for one configuration, each with a name.

    One command works in another workspace with -workspace=NAME, or where ENVFORM_WORKSPACE names it. Then counts what
    was selected, and then what the `envform` block says. Expressions know its name as `envform.workspace`.""",
    examples=(
        ("Try something beside what is in use", "envform workspace new trial"),
        ("Go back", "envform workspace select default"),
    ),
)
