"""The record of a package in `conda-meta`, which conda and its kin read: what there is, and which files are whose."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from reconciler.builders.conda.package import CondaPackage
from reconciler.builders.layers.archive import Entry, OnDisk
from reconciler.builders.layers.installation import Installed
from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Placed:
    """One file by its path below our folder; `told` is what records say of it besides."""

    path: str
    entry: Entry
    kind: str
    sha256: bytes | None = None
    told: Mapping[str, object] = field(default_factory=dict)

    @property
    def form(self) -> Mapping[str, object]:
        """As it stands in the record."""
        form: dict[str, object] = {"_path": self.path, "path_type": self.kind}
        if self.sha256:
            form["sha256"] = self.sha256.hex()
        if isinstance(self.entry, OnDisk):
            form["size_in_bytes"] = self.entry.size
        return form | dict(self.told)


def record_of(package: CondaPackage, index: Mapping[str, object], files: Sequence[Placed]) -> bytes:
    """The text; nothing of the machine that builds is in it."""
    record = dict(index) | {
        "fn": package.file,
        "url": package.url,
        "channel": package.url.rsplit("/", 2)[0],
        "sha256": package.artefact.digest.hex,
        "files": [one.path for one in files],
        "paths_data": {"paths_version": 1, "paths": [one.form for one in files]},
        "link": {"source": "", "type": 1},
        "requested_specs": [],
    }
    return json.dumps(record, indent=2, sort_keys=True).encode() + b"\n"


def history(packages: Iterable[CondaPackage]) -> Installed:
    """What conda knows an environment by. What was asked for is not in it: one image may serve many definitions."""
    lines = ["==> 1980-01-01 00:00:00 <==", "# cmd: envform apply"]
    lines += sorted(f"+{one.url.rsplit('/', 1)[0]}::{one.title}" for one in packages)
    return Installed("opt/env/conda-meta/history", 0o644, "".join(f"{line}\n" for line in lines).encode())
