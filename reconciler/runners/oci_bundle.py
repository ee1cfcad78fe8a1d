"""What a container runtime is told, in the words of the OCI runtime specification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from reconciler.model.diagnostic import RunError
from reconciler.model.frozen import dataclass
from reconciler.model.work import Job, Mount
from reconciler.oci.config import read_config
from reconciler.oci.image import Image
from reconciler.oci.strict_json import ContentError, JsonObject, object_of, text_of
from reconciler.runners.oci_users import User

_WHAT = "the image's config"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What Docker gives to containers.
_CAPABILITIES = (
    *("CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD"),
    *("CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID"),
    "CAP_SYS_CHROOT",
)
_MASKED = ["acpi", "asound", "kcore", "keys", "latency_stats", "timer_list", "timer_stats", "sched_debug", "scsi"]
_READ_ONLY = ["bus", "fs", "irq", "sys", "sysrq-trigger"]
_QUIET = ["nosuid", "noexec", "nodev"]


@dataclass(frozen=True, slots=True)
class Process:
    """What an image says of the programs that are started in it."""

    entrypoint: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    folder: str = ""
    user: str = ""

    @classmethod
    def of(cls, image: Image) -> Process:
        """Read from its config; RunError where that makes no sense."""
        try:
            settings = object_of(read_config(image), "config", _WHAT)
            pairs = [text.partition("=") for text in _texts(settings, "Env")]
            return cls(
                entrypoint=_texts(settings, "Entrypoint"),
                arguments=_texts(settings, "Cmd"),
                variables=tuple((name, value) for name, _, value in pairs),
                folder=text_of(settings, "WorkingDir", _WHAT),
                user=text_of(settings, "User", _WHAT),
            )
        except ContentError as cause:
            raise RunError("Image cannot be run", f"{cause} Its digest is {image.digest.short}.") from cause

    def command(self, job: Job) -> list[str]:
        """What is started: a job's words take the place of the image's own, and its entrypoint stays before them."""
        words = [*(() if job.alone else self.entrypoint), *(job.command or self.arguments)]
        if not words:
            raise RunError(
                "Job has no command",
                "There is nothing to run: no command was given, and the image has none of its own. Give the program "
                "and its arguments.",
            )
        return words

    def settings(self, job: Job) -> dict[str, str]:
        """The variables that it sees: the job's own over those of the image."""
        return {"PATH": _PATH, **dict(self.variables), **job.variables}

    def path(self, job: Job) -> list[str]:
        """The folders in which programs are looked for."""
        return self.settings(job)["PATH"].split(":")


@dataclass(frozen=True, slots=True)
class Layers:
    """The image's files, which stay as they are, and two folders for what the job writes; none: write to `root`."""

    root: Path
    upper: Path | None = None
    work: Path | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """Who starts the container; all but root are root in a user namespace of their own, which is there already."""

    user: int

    @property
    def rootless(self) -> bool:
        """Whether a user namespace is needed."""
        return self.user != 0


def bundle(process: Process, job: Job, user: User, layers: Layers, owner: Owner) -> JsonObject:
    """The config of a container that has the machine's network, and for processes the room that it is started in."""
    home = {"HOME": user.home} if user.home else {}
    variables = {**home, **process.settings(job)}
    linux: JsonObject = {
        "namespaces": [{"type": kind} for kind in ("ipc", "mount")],
        "maskedPaths": [*(f"/proc/{name}" for name in _MASKED), "/sys/firmware"],
        "readonlyPaths": [f"/proc/{name}" for name in _READ_ONLY],
    }
    if not owner.rootless:
        linux["resources"] = {"devices": [{"allow": False, "access": "rwm"}]}
    return {
        "ociVersion": "1.0.2",
        "root": {"path": str(layers.root), "readonly": False},
        "process": {
            "terminal": False,
            "user": {"uid": user.uid, "gid": user.gid, "additionalGids": list(user.groups)},
            "args": process.command(job),
            "env": [f"{name}={value}" for name, value in variables.items()],
            "cwd": job.folder or process.folder or "/",
            "capabilities": _capabilities(user),
        },
        "mounts": [*_own(layers, owner), *_of_the_network(), *map(_shown, job.mounts)],
        "linux": linux,
    }


def _capabilities(user: User) -> Mapping[str, Sequence[str]]:
    held = _CAPABILITIES if user.uid == 0 else ()
    return {"bounding": _CAPABILITIES, "effective": held, "permitted": held}


def _own(layers: Layers, owner: Owner) -> list[JsonObject]:
    """The root itself is mounted by the runtime, so nothing is left mounted here whatever becomes of us."""
    mounts: list[JsonObject] = []
    if layers.upper:
        folders = [f"lowerdir={layers.root}", f"upperdir={layers.upper}", f"workdir={layers.work}"]
        mounts.append(_mount("/", "overlay", [*folders, *(["userxattr"] if owner.rootless else [])]))
    group = [] if owner.rootless else ["gid=5"]
    mounts += [
        _mount("/proc", "proc", _QUIET),
        _mount("/dev", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
        _mount("/dev/pts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", *group]),
        # Of no stated size, which is half of the memory: data loaders hand their batches over here.
        _mount("/dev/shm", "tmpfs", [*_QUIET, "mode=1777"]),  # noqa: S108 - a mount in the container
        _mount("/dev/mqueue", "mqueue", _QUIET),
    ]
    if owner.rootless:
        return [*mounts, _mount("/sys", "none", ["rbind", "ro", *_QUIET], source="/sys")]
    quiet = [*_QUIET, "ro"]
    return [*mounts, _mount("/sys", "sysfs", quiet), _mount("/sys/fs/cgroup", "cgroup", [*quiet, "relatime"])]


def _of_the_network() -> list[JsonObject]:
    """Names are found as on the machine whose network it is."""
    paths = ["/etc/resolv.conf", "/etc/hosts"]
    return [_mount(path, "bind", ["rbind", "ro"], source=path) for path in paths if Path(path).exists()]


def _shown(mount: Mount) -> JsonObject:
    return _mount(mount.target, "bind", ["rbind", "rw" if mount.writable else "ro"], source=mount.source)


def _mount(target: str, kind: str, options: Sequence[str], source: str = "") -> JsonObject:
    return {"destination": target, "type": kind, "source": source or kind, "options": list(options)}


def _texts(settings: JsonObject, key: str) -> tuple[str, ...]:
    value = settings.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ContentError(f"`{key}` of {_WHAT} must be a list of texts.")
    return tuple(value)
