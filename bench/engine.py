"""The peer: a Docker engine of our own, and what it costs, counted by the kernel for it and all that it starts."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.services.engine import mounts_below, processes_of
from tests.services.running import running
from tests.services.wants import require

_GROUPS = Path("/sys/fs/cgroup")
_OPTIONS = ("--bridge=none", "--iptables=false", "--ip6tables=false", "--storage-driver=overlay2")


@dataclass(frozen=True)
class Group:
    """A control group for one engine; `usage` is CPU seconds of everything in it and below."""

    name: str

    @property
    def _folder(self) -> Path:
        old = _GROUPS / "cpuacct"
        return (old if old.is_dir() else _GROUPS) / self.name

    @property
    def inner(self) -> Path:
        """Where the engine itself goes; its containers go beside it."""
        return self._folder / "engine"

    def remove(self) -> None:
        """Take it away again, wherever the engine has made it too."""
        for top in (*_GROUPS.glob(self.name), *_GROUPS.glob(f"*/{self.name}")):
            below = sorted((path for path in top.rglob("*") if path.is_dir()), reverse=True)
            for folder in (*below, top):
                with suppress(OSError):  # a process in it may still be ending
                    folder.rmdir()

    def usage(self) -> float:
        """CPU seconds until now."""
        old = self._folder / "cpuacct.usage"
        if old.exists():
            return int(old.read_text()) / 1e9
        words = (self._folder / "cpu.stat").read_text().split()
        return int(words[words.index("usage_usec") + 1]) / 1e6


@dataclass(frozen=True)
class Docker:
    """An engine and its command line."""

    folder: Path
    group: Group

    def __call__(self, *words: str, context: Path | None = None) -> str:
        """What a command of it prints; one that fails ends the bench."""
        environment = {**os.environ, "DOCKER_HOST": f"unix://{self.folder}/docker.sock"}
        command = [str(require("docker")), *words]
        done = subprocess.run(command, cwd=context, env=environment, check=False, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stdout[-2000:] + done.stderr[-2000:])
        return done.stdout

    def build(self, tag: str, context: Path, lines: Sequence[str]) -> None:
        """Build a Dockerfile; nothing that was built before is used again."""
        (context / "Dockerfile").write_text("\n".join(lines) + "\n")
        place = f"--cgroup-parent=/{self.group.name}"
        self("build", "--no-cache", "--network=host", place, "--tag", tag, ".", context=context)


@contextmanager
def serve_engine() -> Iterator[Docker]:
    """An engine that keeps images as overlays, as most do; root only."""
    with tempfile.TemporaryDirectory(prefix="envform-bench-") as name:
        folder, group = Path(name), Group(Path(name).name)
        group.inner.mkdir(parents=True)
        (folder / "settings.json").write_text("{}")
        paths = [f"--{key}={folder}/{key}" for key in ("data-root", "exec-root", "pidfile")]
        command = [require("dockerd"), *paths, f"--host=unix://{folder}/docker.sock", *_OPTIONS]
        enter = ["sh", "-c", f'echo $$ >"{group.inner}/cgroup.procs" && exec "$@"', "sh"]
        settings = [f"--config-file={folder}/settings.json", f"--cgroup-parent=/{group.name}"]
        try:
            with running([*enter, *command, *settings], folder / "log", "API listen on"):
                yield Docker(folder, group)
        finally:
            for process in processes_of(folder):
                os.kill(process, 9)
            for mount in mounts_below(folder):
                subprocess.run(["umount", "--lazy", mount], check=True)
            group.remove()
