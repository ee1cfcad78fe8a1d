"""The command `envform gc`."""

from __future__ import annotations

import re
from typing import Any

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import option, switch
from reconciler.cli.invocation import ExitCode, Invocation
from reconciler.cli.locking import Duration, lock_options
from reconciler.cli.project import project_options
from reconciler.cli.watch import watched

_DAY = 86400.0
_QUESTION = """
Do you want to remove these images?
  Nothing can bring them back but a new build.
  Only 'yes' will be accepted to approve.

  Enter a value: """


class _Age(Duration):
    """A duration that may be in days, too."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds."""
        days = re.fullmatch(r"(\d+(?:\.\d*)?)d", str(value), re.ASCII)
        return float(days[1]) * _DAY if days else super().convert(value, param, ctx)


@click.command(
    "gc",
    cls=Command,
    examples=(
        ("See what would go", "envform gc -dry-run"),
        ("Let go of archived versions, too", "envform gc -keep=3 -older-than=30d"),
    ),
)
@project_options
@lock_options
@switch("-dry-run", "Only show what would go.")
@switch("-orphans", "Remove names, too, that no record has; not where others publish to the same place.")
@option(
    "-keep",
    "N",
    "Forget archived versions, too, but for those among the newest N of each environment.",
    type=click.IntRange(min=1),
)
@option(
    "-older-than",
    "AGE",
    "Leave alone what is younger, such as 30d or 12h. The default is 1h for files that nothing names.",
    type=_Age(),
)
@switch("-auto-approve", "Do not ask.")
@click.pass_obj
def command(
    invocation: Invocation, dry_run: bool, orphans: bool, keep: int | None, older_than: float | None, auto_approve: bool
) -> ExitCode:
    """Remove images from the project's registry that no record in any of its workspaces, no tag and no image needs.

    What goes are images that are called by a hash only, `envform:HASH`, which no version on record has; with them the
    locks that are attached to them. Names that people gave to images stay, with their images, unless -orphans is given;
    archived versions stay unless -keep is given. From a folder go files, too, that no image needs.

    Nothing goes where a state or the registry's list cannot be read to its end. A registry on a network must tell which
    repositories it has, and frees the room when it collects its own garbage.
    """
    from reconciler.rendering.collection import collection_text, removed_text
    from reconciler.session.collection import Collection

    with watched(invocation, as_json=False) as session:
        collection = Collection(session, keep, older_than, orphans)
        if dry_run:
            invocation.out.write(collection_text(collection.found(), session.settings.registry))
            return ExitCode.FINE
        with collection.locked():
            found = collection.found()
            invocation.out.write(collection_text(found, session.settings.registry))
            if found.is_nothing:
                return ExitCode.FINE
            if not auto_approve and invocation.ask(_QUESTION) != "yes":
                invocation.err.line("\ngc cancelled.")
                return ExitCode.FAILED
            done = collection.remove(found)
        invocation.out.write("\n" + removed_text(done))
    return ExitCode.FINE
