"""Packages of conda's: from which channel, for which image, in which order, held or moved, and what pip adds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from reconciler.model.definition import Conda, Definition, Lock
from reconciler.model.diagnostic import Diagnostic, ResolutionError
from reconciler.resolvers.conda import CondaResolver
from reconciler.resolvers.conda_channels import Channels
from tests.builders.making_conda import Channel, Package
from tests.resolvers.resolving import BASE, World, versions

DEBIAN = "__glibc=2.36"


@pytest.fixture
def channel(world: World) -> Channel:
    channel = Channel(world.root / "channel")
    for version in ("3.11.9", "3.12.4"):
        channel.add(Package("python", version, "h1_cpython", depends=["libc-like"]))
    channel.add(Package("libc-like"))
    for version in ("1.0", "2.0"):
        channel.add(Package("numbers", version, f"h{version[0]}", depends=["python >=3.8"]))
    return channel


def resolve(
    world: World,
    *packages: str,
    channels: tuple[str, ...] = ("./channel",),
    base: str = DEBIAN,
    prefer: Lock | None = None,
    pip: tuple[str, ...] = (),
    accelerator: str = "",
    **more: str,
) -> Lock:
    wanted = Definition("x:1", BASE, "linux/amd64", pip, conda=Conda(channels, packages, accelerator))
    resolver = CondaResolver(world.root, world.root / "tables", world.resolver())
    return resolver.resolve(replace(wanted, **more), base, prefer)  # type: ignore[arg-type]  # texts


def refused(
    world: World, *packages: str, channels: tuple[str, ...] = ("./channel",), base: str = DEBIAN, **more: str
) -> Diagnostic:
    with pytest.raises(ResolutionError) as caught:
        resolve(world, *packages, channels=channels, base=base, **more)  # type: ignore[arg-type]  # texts
    return caught.value.diagnostics[0]


def test_a_lock_has_everything_by_which_a_package_is_found_again(world: World, channel: Channel) -> None:
    lock = resolve(world, "numbers=1", "python=3.11")
    assert [it.name for it in lock.artefacts] == ["libc-like", "python", "numbers"], "what others need comes first"
    assert lock.python == "3.11"
    found = lock.artefacts[-1]
    told = channel.tables["linux-64"]["numbers-1.0-h1.conda"]
    assert isinstance(told, dict)
    assert (found.url, found.kind) == ("channel/linux-64/numbers-1.0-h1.conda", "conda")
    assert (found.digest, found.size) == (f"sha256:{told['sha256']}", told["size"])


@pytest.mark.usefixtures("channel")
def test_order_and_machine_say_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = resolve(world, "numbers", "python=3.11")
    monkeypatch.setenv("CONDA_OVERRIDE_GLIBC", "1.0")
    assert resolve(world, "python=3.11", "numbers") == first


@pytest.mark.usefixtures("channel")
def test_the_first_channel_that_has_a_package_gives_it(world: World) -> None:
    other = Channel(world.root / "other")
    other.add(Package("numbers", "9.0", "new"))
    assert versions(resolve(world, "numbers", channels=("./channel", "./other")))["numbers"] == "2.0"
    assert versions(resolve(world, "numbers", channels=("./other", "./channel")))["numbers"] == "9.0"
    asked = resolve(world, "./other::numbers", channels=("./channel", "nodefaults"))
    assert versions(asked) == {"numbers": "9.0"}, "a channel that only a package names"
    problem = refused(world, "numbers=9", channels=("./channel", "./other"))
    assert "due to strict channel priority not using this option from: './other'" in problem.detail


@pytest.mark.usefixtures("channel")
def test_builds_versions_and_files_can_be_asked_for(world: World) -> None:
    assert versions(resolve(world, "numbers=1.0=h1"))["numbers"] == "1.0"
    assert versions(resolve(world, "numbers[version='>=1,<2',build=h*]"))["numbers"] == "1.0"
    assert versions(resolve(world, "channel/linux-64/numbers-1.0-h1.conda"))["numbers"] == "1.0"
    assert resolve(world, "numbers", python="3.11").python == "3.11", "as `python_version` says"
    assert versions(resolve(world, "python=3.12.*,!=3.11.8"))["python"] == "3.12.4"
    assert refused(world, "numbers", "python!!").detail.startswith("`python!!` cannot be read: ")


def test_packages_keep_their_versions_until_somebody_wants_others(world: World, channel: Channel) -> None:
    old = resolve(world, "numbers=1", "python=3.11")
    held = resolve(world, "numbers", "python", prefer=old)
    assert held.artefacts == old.artefacts
    assert versions(resolve(world, "numbers", "python"))["numbers"] == "2.0"
    moved = resolve(world, "numbers>1", "python", prefer=old)
    assert (versions(moved)["numbers"], versions(moved)["python"]) == ("2.0", "3.11.9"), "the rest stays"
    del channel.tables["linux-64"]["numbers-1.0-h1.conda"]
    channel.write()
    assert versions(resolve(world, "numbers", "python", prefer=old))["numbers"] == "2.0", "it is not there any more"


def test_the_base_image_says_what_packages_may_need(world: World, channel: Channel) -> None:
    channel.add(Package("fast", "1.0", "cpu"))
    channel.add(Package("fast", "1.1", "gpu", depends=["__cuda >=12"]))
    channel.add(Package("modern", depends=["__glibc >=2.36"]))
    assert versions(resolve(world, "fast")) == {"fast": "1.0"}
    assert versions(resolve(world, "fast", base=f"{DEBIAN} __cuda=12.4")) == {"fast": "1.1"}
    assert versions(resolve(world, "fast", accelerator="cuda12")) == {"fast": "1.1"}, "where the base says nothing"
    assert versions(resolve(world, "fast", accelerator="rocm6")) == {"fast": "1.0"}
    told = resolve(world, "fast", base=f"{DEBIAN} __cuda=11.8", accelerator="cuda12")
    assert versions(told) == {"fast": "1.0"}, "what it says counts more"
    assert versions(resolve(world, "modern")) == {"modern": "1.0"}
    problem = refused(world, "modern", base="__glibc=2.31")
    assert "__glibc >=2.36, for which no candidates were found" in problem.detail
    assert "this one has `__glibc 2.31`" in problem.detail
    assert "this one has no `__cuda`" in refused(world, "fast=1.1").detail


def test_what_is_newer_than_wanted_is_not_there(world: World, channel: Channel) -> None:
    channel.add(Package("dated", "1.0", timestamp=1_600_000_000_000))
    channel.add(Package("dated", "2.0", timestamp=1_700_000_000_000))
    assert versions(resolve(world, "dated")) == {"dated": "2.0"}
    assert versions(resolve(world, "dated", exclude_newer="2023-11-13")) == {"dated": "1.0"}
    assert versions(resolve(world, "dated", exclude_newer="2023-11-14")) == {"dated": "2.0"}, "until its end"
    assert versions(resolve(world, "dated", exclude_newer="2023-11-14T22:00:00Z")) == {"dated": "1.0"}


def test_a_conflict_is_told_in_the_words_of_the_search(world: World, channel: Channel) -> None:
    channel.add(Package("a", depends=["b >=2", "c"]))
    channel.add(Package("b", "2.0", depends=["c <1"]))
    channel.add(Package("c"))
    problem = refused(world, "a", "python")
    assert problem.summary == "Conda packages cannot be chosen together"
    assert "└─ a 1.0 would require" in problem.detail
    assert "c <1, for which no candidates were found" in problem.detail
    absent = refused(world, "torch", channels=("./channel",))
    assert "No candidates were found for torch" in absent.detail
    assert absent.hint == "conda calls it `pytorch`"


@pytest.mark.usefixtures("channel")
def test_a_name_that_no_channel_has_comes_with_the_nearest_that_one_has(world: World) -> None:
    assert refused(world, "numbrs").hint == "did you mean `numbers`?"
    assert refused(world, "numbers>9").hint == ""
    assert refused(world, "torch").hint == "conda calls it `pytorch`"
    assert refused(world, "somethingelse").hint == "", "a channel of one's own says nothing of others"


@pytest.mark.usefixtures("channel")
def test_channels_that_are_not_there_are_no_empty_channels(world: World) -> None:
    gone = refused(world, "numbers", channels=("./channel", "./nowhere"))
    assert gone.summary == "Conda channel not found"
    assert "`./nowhere`" in gone.detail
    away = refused(world, "numbers", channels=("http://127.0.0.1:9/things",))
    assert away.summary == "Conda channel is out of reach"
    (world.root / "channel" / "linux-64" / "repodata.json").write_text("{")
    assert refused(world, "numbers").summary == "Conda channel cannot be read"
    assert refused(world, "numbers", channels=("http://[x",)).summary == "Invalid conda package or channel"


@pytest.mark.parametrize("ending", [".conda", ".tar.bz2"])
def test_a_lock_tells_which_packages_run_scripts(world: World, channel: Channel, ending: str) -> None:
    channel.add(Package("scripted", files={"bin/.scripted-post-link.sh": b"exit 1\n"}), ending)
    channel.add(Package("quiet", files={"bin/.scripted-post-link.sh": b"", "bin/.quiet-pre-unlink.sh": b""}), ending)
    lock = resolve(world, "scripted", "quiet", "numbers")
    assert lock.scripted == ("scripted",)
    assert resolve(world, "scripted", "numbers", prefer=lock).scripted == ("scripted",), "it is not looked for again"
    here = refused(world, "scripted", "numbers", runtime="local")
    assert here.summary == "Conda package runs a script"
    assert f"bin/.scripted-post-link.sh of scripted-1.0-0{ending}" in here.detail
    assert "leave out `runtime`" in here.detail
    channel.add(Package("early", files={"bin/.early-pre-link.sh": b"exit 1\n"}), ending)
    early = refused(world, "early")
    assert f"bin/.early-pre-link.sh of early-1.0-0{ending}" in early.detail
    assert "docker_steps" in early.detail


def test_scripts_on_a_server_are_told_too(world: World, channel: Channel) -> None:
    channel.add(Package("scripted", files={"bin/.scripted-post-link.sh": b"exit 1\n"}))
    with served(world.root) as url:
        assert resolve(world, "scripted", channels=(f"{url}/channel",)).scripted == ("scripted",)
        (world.root / "channel/linux-64/libc-like-1.0-0.conda").write_bytes(b"PK")
        (world.root / "channel/linux-64/numbers-2.0-h2.conda").unlink()
        assert versions(resolve(world, "numbers", channels=(f"{url}/channel",)))["numbers"] == "2.0", (
            "the builder tells"
        )


@contextmanager
def served(folder: Path, status: int = 0) -> Iterator[str]:
    """A folder on a server, or a server that has the same answer to everything."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            if status:
                self.send_error(status)
            else:
                super().do_GET()

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_channel_on_a_server_gives_addresses_and_must_give_hashes(world: World, channel: Channel) -> None:
    told = channel.tables["linux-64"]["numbers-2.0-h2.conda"]
    assert isinstance(told, dict)
    del told["sha256"]
    channel.write()
    with served(world.root) as url:
        lock = resolve(world, "numbers=1", channels=(f"{url}/channel",))
        problem = refused(world, "numbers=2", channels=(f"{url}/channel/",))
    assert lock.artefacts[-1].url == f"{url}/channel/linux-64/numbers-1.0-h1.conda"
    assert [it.form for it in lock.artefacts] == [it.form for it in resolve(world, "numbers=1").artefacts], "a mirror"
    assert problem.summary == "Conda package without a hash"


@pytest.mark.parametrize(
    ("status", "summary"),
    [
        (200, "Conda channel cannot be read"),  # a page to log in at
        (403, "Conda channel refused access"),
        (404, "Conda channel not found"),
    ],
)
def test_what_a_server_says_is_told_apart(world: World, status: int, summary: str) -> None:
    with served(world.root, status) as url:
        problem = refused(world, "numbers", channels=(f"{url}/channel",))
    assert problem.summary == summary, problem.detail


@pytest.mark.usefixtures("channel")
def test_without_the_extra_the_plan_says_how_to_get_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rattler", None)
    problem = refused(world, "numbers")
    assert "pip install 'envform[conda]'" in problem.detail


@pytest.mark.usefixtures("channel")
def test_a_platform_without_channels_is_refused(world: World) -> None:
    with pytest.raises(ResolutionError) as caught:
        resolve(world, "numbers", platform="linux/riscv64")
    with pytest.raises(ResolutionError, match="Platform cannot be resolved for") as caught:
        resolve(world, "numbers", platform="darwin/arm64", runtime="local")
    assert "This machine is `darwin/arm64`" in caught.value.diagnostics[0].detail
    assert "linux/arm64" in caught.value.diagnostics[0].detail


@pytest.mark.usefixtures("channel")
def test_pip_adds_what_conda_has_not_brought(world: World) -> None:
    world.index.add("report", "1.0", needs=["numbers>=1", "colours"])
    world.index.add("colours", "0.3")
    world.index.add("numbers", "3.0")
    lock = resolve(world, "numbers=1", "python=3.11", pip=("report",))
    kinds = {it.name: (it.version, it.kind) for it in lock.artefacts}
    assert kinds["numbers"] == ("1.0", "conda"), "it fits, so pip leaves it"
    assert (kinds["report"], kinds["colours"]) == (("1.0", "wheel"), ("0.3", "wheel"))
    assert [it.kind for it in lock.artefacts] == ["conda"] * 3 + ["wheel"] * 2
    assert lock.python == "3.11"


@pytest.mark.usefixtures("channel")
def test_pip_needs_no_index_for_what_only_conda_has(world: World) -> None:
    world.index.add("report", "1.0", needs=["numbers"])
    assert versions(resolve(world, "numbers=1", "python", pip=("report",)))["numbers"] == "1.0"


@pytest.mark.usefixtures("channel")
def test_pip_replaces_what_it_is_asked_for_in_another_version(world: World) -> None:
    world.index.add("numbers", "3.0")
    lock = resolve(world, "numbers=1", "python", pip=("numbers>=3",))
    assert [(it.version, it.kind) for it in lock.artefacts if it.name == "numbers"] == [
        ("1.0", "conda"),
        ("3.0", "wheel"),
    ]


@pytest.mark.usefixtures("channel")
def test_wheels_are_held_too_and_chosen_for_the_python_of_conda(world: World) -> None:
    world.index.add("old", "1.0")
    world.index.add("old", "2.0", python=">=3.12")
    old = resolve(world, "python=3.11", pip=("old",))
    assert versions(old)["old"] == "1.0"
    world.index.add("old", "1.5")
    assert versions(resolve(world, "python=3.11", pip=("old",), prefer=old))["old"] == "1.0"
    assert versions(resolve(world, "python=3.12", pip=("old",)))["old"] == "2.0"


@pytest.mark.usefixtures("channel")
def test_a_list_for_pip_wants_a_python(world: World) -> None:
    with pytest.raises(ResolutionError) as caught:
        resolve(world, pip=("anything",))
    assert caught.value.diagnostics[0].summary == "Conda environment has no Python"


def test_no_credentials_get_into_a_lock(tmp_path: Path) -> None:
    channels = Channels.of(Conda(("https://host/t/secret-token/private",), ()), tmp_path)
    assert channels.recorded("https://user:word@host/t/secret-token/private/noarch/x-1-0.conda?sig=abc") == (
        "https://host/private/noarch/x-1-0.conda"
    )
    assert "word" not in channels.shown("error for url (https://user:word@host/private/noarch)")


@pytest.mark.usefixtures("channel")
def test_what_conda_brought_is_old_enough_for_pip(world: World) -> None:
    world.index.add("report", "1.0", needs=["numbers"], uploaded="2024-06-01T00:00:00Z")
    world.index.add("report", "2.0", needs=["numbers"], uploaded="2025-06-01T00:00:00Z")
    lock = resolve(world, "numbers=1", "python", pip=("report",), exclude_newer="2025-01-01")
    assert (versions(lock)["report"], versions(lock)["numbers"]) == ("1.0", "1.0")
