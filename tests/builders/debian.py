"""A real base image: a small Debian with its Python, made once for a day and kept in the user's cache."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from reconciler.model.digest import Digest, canonical_json
from reconciler.oci import media_types
from reconciler.oci.assembly import assemble
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob, Image
from tests.services.wants import missing, require

_PACKAGES = "python3,ca-certificates,libstdc++6,libgcc-s1,zlib1g,libexpat1,bash,coreutils"
_ENVIRONMENT = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "LC_ALL": "C.UTF-8"}


def cache() -> Path:
    """Where tests keep what is slow to come by; it may be deleted at any time."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "envform-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def debian_archive() -> Path:
    """The files of the base, without libgomp: some wheel must lack something."""
    mmdebstrap = require("mmdebstrap")
    archive = cache() / "bookworm-python.tar"
    if not archive.exists():
        if os.geteuid() != 0:
            missing("debian base", "making one needs root")
        partial = archive.with_suffix(f".{os.getpid()}")
        command = [str(mmdebstrap), "--quiet", "--variant=extract", f"--include={_PACKAGES}", "bookworm", "-"]
        with partial.open("wb") as output:
            done = subprocess.run(command, check=False, stdout=output, stderr=subprocess.PIPE, env=_ENVIRONMENT)
        if done.returncode:
            partial.unlink()
            missing("debian base", "the Debian archive cannot be reached")
        partial.replace(archive)
    return archive


def debian_base() -> Image:
    """The same as an image of one layer that is not packed."""
    archive = debian_archive()
    with archive.open("rb") as file:
        digest = Digest.of_stream(file)
    descriptor = Descriptor(media_types.OCI_LAYER, digest, archive.stat().st_size)
    layer = Blob(descriptor, lambda: archive.open("rb"))
    config = {
        "os": "linux",
        "architecture": "amd64",
        "created": "2023-11-14T22:13:20Z",
        "config": {"Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"], "Cmd": ["bash"]},
        "rootfs": {"type": "layers", "diff_ids": [digest]},
    }
    return assemble(Blob.of(canonical_json(config), media_types.OCI_CONFIG), [layer])


def unpack(image: Image, root: Path, *, above: int = 0) -> None:
    """The files of an image's layers as GNU tar sees them, the layers below `above` left out."""
    root.mkdir(parents=True, exist_ok=True)
    for layer in image.layers[above:]:
        command = [str(require("tar")), "--extract", "--same-permissions", "--directory", str(root)]
        packed = ["--gzip"] if layer.descriptor.media_type.endswith("gzip") else []
        with layer.open() as blob:
            done = subprocess.run([*command, *packed], check=False, input=blob.read(), capture_output=True)
        assert done.returncode == 0, done.stderr
