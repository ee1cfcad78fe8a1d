"""What goes wrong with registries, said once for all adapters."""

from __future__ import annotations

from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.oci.reference import Name


def corrupt(where: str, what: str) -> RegistryError:
    """Content came back other than it was named."""
    return RegistryError(
        "Content in the registry is corrupt",
        f"{what} in {where}. Nothing of it was used. Delete it there, and push the image again.",
    )


def missing(where: str, digest: Digest) -> RegistryError:
    """An image is there, but not all of it."""
    return RegistryError(
        "Image is incomplete",
        f"{where} holds an image that needs {digest}, and that is not there. Push the image again.",
    )


def malformed(where: str, cause: Exception) -> RegistryError:
    """Content is what its digest says, and still cannot be used."""
    return RegistryError(
        "Image cannot be understood", f"{where} holds an image that envform cannot use. {cause} Push the image again."
    )


def refused(cause: Exception) -> RegistryError:
    """The caller asked for something that no registry of this kind can keep."""
    return RegistryError("Image name cannot be used", str(cause))


def other_platform(name: Name, found: str, wanted: str) -> RegistryError:
    """An image is there, but not for the platform that is asked for."""
    return RegistryError(
        "Image is for another platform",
        f"`{name}` is an image for {found or 'no platform that it tells'}, but {wanted} is wanted. Choose another "
        "image, or set `platform` to one that it is made for.",
    )


def changed_while_pushing(where: str, digest: Digest) -> RegistryError:
    """Somebody removed content between our seeing it and our naming it."""
    return RegistryError(
        "Image was removed while it was pushed",
        f"{digest} was removed from {where} by another program before the image could be named. Nothing was named; try "
        "again once nothing else cleans up there.",
        temporary=True,
    )
