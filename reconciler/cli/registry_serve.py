"""The command `envform registry serve`."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from threading import Event

import click

from reconciler.cli.command import Command
from reconciler.cli.flags import PathName, option, switch
from reconciler.cli.invocation import Invocation
from reconciler.model.diagnostic import Diagnostic

_LOOPBACK = "127.0.0.1"


@click.command(
    "serve",
    cls=Command,
    examples=(
        ("Let Docker pull from a project's own registry", "envform registry serve ./registry"),
        ("Only to be read, at a port that is free", "envform registry serve -read-only -port=0 ./registry"),
    ),
)
@click.argument("folder", metavar="DIR", type=PathName(folder=True))
@option("-port", "N", "Listen there; 0 means any port that is free.", type=click.IntRange(0, 65535), default=5000)
@option("-address", "ADDRESS", f"Listen at this address of the machine. The default is {_LOOPBACK}.", default=_LOOPBACK)
@switch("-read-only", "Take no pushes and delete nothing.")
@click.pass_obj
def command(invocation: Invocation, folder: Path, port: int, address: str, read_only: bool) -> None:
    """Serve an OCI image layout as a registry: docker, skopeo, buildah and envform can pull from it and push to it.

    The ref `training:3` in the folder is the tag `3` of the repository `training`. Other processes may use the folder
    at the same time, `envform apply` and further servers too. The folder is made if it is not there.

    There is neither a password nor encryption. Ctrl-C ends it.
    """
    from reconciler.session.serving import layout_folder, served

    if not _is_loopback(address):
        invocation.tell(_open_to_others(address, read_only=read_only))
    with _until_stopped() as stopped:
        place = layout_folder(invocation.root, str(folder))
        with served(place, address, port, read_only=read_only) as url:
            invocation.out.line(f"Serving {folder} at {url}")
            stopped.wait()


@contextmanager
def _until_stopped() -> Iterator[Event]:
    stopped = Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in numbers}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_loopback(address: str) -> bool:
    try:
        return address == "localhost" or ip_address(address).is_loopback
    except ValueError:
        return False


def _open_to_others(address: str, *, read_only: bool) -> Diagnostic:
    may = "read" if read_only else "read, change and delete"
    return Diagnostic.warning(
        "Registry is open to others",
        f"Whoever reaches `{address}` can {may} all images in the folder: there is neither a password nor encryption. "
        "Put a proxy with both before it, or leave -address out.",
    )
