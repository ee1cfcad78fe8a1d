"""The table of commands. To add one: a module with a click command named `command`, and a line here."""

from __future__ import annotations

from typing import ClassVar

from reconciler.cli.command import Commands, Entry

TABLE = {
    "plan": Entry("reconciler.cli.plan", "Show what apply would change", main=True),
    "apply": Entry("reconciler.cli.apply", "Build and register what the configuration declares", main=True),
    "destroy": Entry("reconciler.cli.destroy", "Archive or delete everything that is registered", main=True),
    "drift": Entry("reconciler.cli.drift", "Show where the registry no longer holds what was recorded", main=True),
    "run": Entry("reconciler.cli.run", "Run a command in a registered environment", main=True),
    "serve": Entry("reconciler.cli.serve", "Start an environment as an inference server"),
    "new": Entry("reconciler.cli.new", "Write a definition from what is there already"),
    "fmt": Entry("reconciler.cli.fmt", "Set the white space of HCL files as terraform fmt does"),
    "validate": Entry("reconciler.cli.validate", "Check the configuration, without network and state"),
    "import": Entry("reconciler.cli.import_", "Record what is published already"),
    "output": Entry("reconciler.cli.output", "Print what the last apply recorded of the outputs"),
    "explain": Entry("reconciler.cli.explain", "Print why something is planned"),
    "graph": Entry("reconciler.cli.graph", "Draw what stands on what"),
    "env": Entry("reconciler.cli.env", "Look through what is registered, archive and restore it"),
    "logs": Entry("reconciler.cli.logs", "Print the log of a build"),
    "show": Entry("reconciler.cli.show", "Show what is recorded, or a plan that was saved"),
    "state": Entry("reconciler.cli.state", "Look at what is recorded, and put it right"),
    "workspace": Entry("reconciler.cli.workspace", "Keep several states for one configuration"),
    "login": Entry("reconciler.cli.login", "Show a registry who you are, and let it be remembered"),
    "logout": Entry("reconciler.cli.logout", "Forget the password for a registry"),
    "gc": Entry("reconciler.cli.gc", "Remove images that nobody needs any more"),
    "copy": Entry("reconciler.cli.copy", "Copy images between registries and folders"),
    "registry": Entry("reconciler.cli.registry", "Let others pull from a folder of images, and push to it"),
    "force-unlock": Entry("reconciler.cli.force_unlock", "Free a state's lock that was left behind elsewhere"),
    "console": Entry("reconciler.cli.console", "Evaluate expressions, one a line"),
    "schema": Entry("reconciler.cli.schema", "Print the JSON Schema of a YAML form or of the state, for editors"),
    "completion": Entry("reconciler.cli.completion", "Print the script that makes a shell complete envform's words"),
    "version": Entry("reconciler.cli.version", "Show which envform this is"),
    "__complete": Entry("reconciler.cli.complete", "Answer a completion script", hidden=True),
}


class Envform(Commands):
    """The root of all commands."""

    flag_commands: ClassVar = {"version": "version", "v": "version"}


envform = Envform(
    "envform",
    table=TABLE,
    help="""Plan and apply for machine-learning environments: declare base images and packages in files, see
    what would be built, build it, and see later whether the registry still holds it.""",
    examples=(
        ("Show what the configuration in this folder would change", "envform plan"),
        ("The same for another folder", "envform -chdir=examples/01-quickstart plan"),
        ("Make it so", "envform apply"),
    ),
)
