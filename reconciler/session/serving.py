"""A layout folder offered to others as a registry, while somebody wants it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from reconciler.model.diagnostic import RegistryError
from reconciler.oci.reference import LAYOUT


@contextmanager
def served(folder: Path, address: str, port: int, *, read_only: bool) -> Iterator[str]:
    """Gives the address at which it answers until the block ends; RegistryError where there is nothing to serve."""
    from reconciler.registries.layout import LayoutRegistry
    from reconciler.registries.layout_files import writing
    from reconciler.registries.serving.http_server import HttpServer
    from reconciler.registries.serving.routes import Routes

    registry = LayoutRegistry(folder)
    if not read_only:
        with writing(folder):
            registry.prepare()
    elif not (folder / "oci-layout").exists():
        detail = f"There is no image layout in `{folder}` that could be read. Without -read-only one is made there."
        raise RegistryError("Registry folder is not an image layout", detail)
    registry.catalog()
    with closing(Routes(folder, read_only=read_only)) as routes, HttpServer(address, port, routes.answer) as server:
        yield server.url


def layout_folder(root: Path, text: str) -> Path:
    """The folder that somebody names, with `oci:` before it or not."""
    return root / text.removeprefix(LAYOUT)
