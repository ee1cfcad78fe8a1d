"""Where a job's writes go: over the image's files, or into a copy of them, and never into the unpacked image."""

from __future__ import annotations

import subprocess
from pathlib import Path

from reconciler.model.diagnostic import RunError
from reconciler.runners.oci_bundle import Layers

# Linux lays nothing over these; in a container of Docker the home folder is on the first of them.
_WITHOUT_OVERLAY = ("overlay", "aufs", "nfs", "cifs", "smb", "9p", "virtiofs", "fuse", "vfat", "exfat")
_MEANINGFUL = frozenset(":,\\")


def layers_for(root: Path, folder: Path) -> Layers:
    """Two folders for an overlay; where there can be none, a copy, which takes its time. RunError where neither."""
    if _is_overlay_possible(folder) and _MEANINGFUL.isdisjoint(f"{root}{folder}"):
        upper, work = folder / "upper", folder / "work"
        upper.mkdir()
        work.mkdir()
        return Layers(root, upper, work)
    copy = folder / "root"
    done = subprocess.run(
        ["cp", "--archive", "--reflink=auto", str(root), str(copy)], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise RunError(
            "Job cannot be started",
            f"The image's files lie where nothing can be laid over them, and they could not be copied to `{copy}`: "
            f"{(done.stderr.splitlines() or ['no reason was told'])[-1]}. XDG_CACHE_HOME says where they lie.",
        )
    return Layers(copy)


def _is_overlay_possible(folder: Path) -> bool:
    return not _file_system(folder.resolve()).startswith(_WITHOUT_OVERLAY)


def _file_system(folder: Path) -> str:
    """The kind of file system that a folder is on, as the kernel calls it."""
    kinds = {}
    for line in Path("/proc/self/mounts").read_text(errors="replace").splitlines():
        _, place, kind, *_ = line.split(" ")
        kinds[place.replace("\\040", " ")] = kind  # what was mounted later lies above
    return next(kinds[str(place)] for place in (folder, *folder.parents) if str(place) in kinds)
