"""Projects with real packages that need no network: small bases that look like a Python, and wheels on disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from reconciler.model.publication import LAYERS
from reconciler.model.state import State
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.making_wheels import TinyWheel
from tests.builders.small_bases import PYTHON, python_base

SETTINGS = 'envform {\n  registry = "oci:./registry"\n}\n'
BASE = '"oci:./images:python"'
ALPHA, BETA, NEWER_BETA = (f"./wheels/{name}-py3-none-any.whl" for name in ("alpha-1.0", "beta-1.0", "beta-2.0"))
# What an apply leaves, without what differs from one run to another.
Content = dict[str, list[tuple[str, str, str, bool]]]


def furnish(root: Path) -> None:
    """A base image with a patched one beside it, and three wheels."""
    images = LayoutRegistry(root / "images")
    images.push(python_base(), [Name("", "python")])
    images.push(python_base(upper={"etc/patched": b"yes"}), [Name("", "patched")])
    images.push(python_base({**PYTHON, "srv/other": b""}), [Name("", "other")])
    wheels = root / "wheels"
    wheels.mkdir()
    for name, version in (("alpha", "1.0"), ("beta", "1.0"), ("beta", "2.0")):
        TinyWheel({f"{name}/__init__.py": f"version = {version!r}\n"}, name=name, version=version).write(wheels)


def environment(label: str, *packages: str, image: str = BASE, more: str = "") -> str:
    """A block of the language."""
    pip = f"  pip = {json.dumps(packages)}\n" if packages else ""
    return f'environment "{label}" {{\n  image = {image}\n{pip}{more}}}\n'


def declare(root: Path, *blocks: str) -> None:
    """The configuration, in the place of what it was."""
    (root / "main.hcl").write_text(SETTINGS + "".join(blocks))


def content(state: State | None) -> Content:
    """Of each environment its versions: number, hash, image, and whether it is archived."""
    found = state.environments if state else {}
    return {
        name: [(one.version, one.hash, str(one.image), one.archived) for one in registered.versions]
        for name, registered in sorted(found.items())
    }


def published(root: Path) -> dict[str, str]:
    """What the registry holds, by ref; what is known of layers may be told later, or by others."""
    return dict(_refs(root))


def _refs(root: Path) -> Iterator[tuple[str, str]]:
    registry = LayoutRegistry(root / "registry")
    for repository in {*registry.catalog()} - {LAYERS}:
        for tag, digest in registry.list(repository).items():
            yield f"{repository}:{tag}", str(digest)
