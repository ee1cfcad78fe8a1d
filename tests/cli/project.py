"""A project in a folder of its own, with a base image to stand on, for tests that read like a terminal."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.terminal import REPOSITORY, Envform, Result

IMAGES = REPOSITORY / "examples" / "01-quickstart" / "images"
SETTINGS = 'envform {\n  registry = "oci:./registry"\n}\n'


@dataclass(frozen=True, slots=True)
class Project:
    """`declare` replaces the configuration; `BASE` in it is the image that is there."""

    envform: Envform

    @classmethod
    def at(cls, folder: Path) -> Project:
        """A new project."""
        shutil.copytree(IMAGES, folder / "images")
        return cls(Envform(folder))

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.envform.folder

    def declare(self, text: str) -> None:
        """Write the configuration."""
        (self.folder / "main.hcl").write_text(SETTINGS + text.replace("BASE", '"oci:./images:base"'))

    def run(self, *words: str, exit_code: int = 0, typed: str = "") -> Result:
        """Run envform here, and see that it ends as expected."""
        done = self.envform(*words, typed=typed)
        assert done.exit_code == exit_code, done.stdout + done.stderr
        return done

    def apply(self, text: str, *words: str) -> str:
        """Declare and apply; what was said at the end."""
        self.declare(text)
        return self.run("apply", "-auto-approve", *words).stdout

    def summary(self, *words: str) -> str:
        """The sentence in which a plan is summed up."""
        lines = self.run("plan", *words).stdout.splitlines()
        return next(line for line in lines if line.startswith(("Plan:", "No changes.")))

    @property
    def state(self) -> dict[str, Any]:
        """What is recorded."""
        content: dict[str, Any] = json.loads((self.folder / "state" / "default.json").read_text())
        return content

    @property
    def refs(self) -> set[str]:
        """What is published by name, without the names by hash."""
        index = json.loads((self.folder / "registry" / "index.json").read_text())
        noted = [one["annotations"] for one in index["manifests"] if "annotations" in one]
        names = {one["org.opencontainers.image.ref.name"] for one in noted}
        return {name for name in names if not name.startswith("envform:")}
