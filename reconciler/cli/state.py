"""The command `envform state`."""

from __future__ import annotations

from reconciler.cli.command import Commands, Entry

TABLE = {
    "list": Entry("reconciler.cli.state_list", "List the addresses of what is recorded"),
    "show": Entry("reconciler.cli.state_show", "Show what is recorded at an address"),
    "mv": Entry("reconciler.cli.state_mv", "Give what is recorded another address"),
    "rm": Entry("reconciler.cli.state_rm", "Forget what is recorded, and leave it in the registry"),
    "pull": Entry("reconciler.cli.state_pull", "Print the state as JSON"),
    "push": Entry("reconciler.cli.state_push", "Put a state in the place of the recorded one"),
    "history": Entry("reconciler.cli.state_history", "Show when each version was made, and by which change"),
}

command = Commands(
    "state",
    table=TABLE,
    help="""Look at what envform has recorded, and put it right.

    Commands that change it make a backup first and lock it meanwhile; nothing in the registry is touched.""",
    examples=(
        ("All that is recorded", "envform state list"),
        ("After a block was renamed", "envform state mv environment.old environment.new"),
    ),
)
