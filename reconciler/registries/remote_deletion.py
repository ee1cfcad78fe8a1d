"""Taking names and images out of a registry, as far as registries let one."""

from __future__ import annotations

from reconciler.model.digest import Digest
from reconciler.oci.assembly import assemble
from reconciler.oci.image import Blob
from reconciler.registries import remote_failures as told
from reconciler.registries.remote_auth import DELETE, scope
from reconciler.registries.remote_content import RemoteContent
from reconciler.registries.remote_http import Request
from reconciler.registries.remote_publication import put_manifest, set_tag
from reconciler.registries.remote_upload import Uploads

_EMPTY = "application/vnd.oci.empty.v1+json"
_DONE = (200, 202, 204)
_UNABLE = (400, 405, 501)


def delete_tag(content: RemoteContent, tag: str) -> None:
    """Forget a tag and leave its image.

    Where only manifests can be deleted, the tag is first made to mean one that nothing else means; never before it is
    certain that manifests can be deleted, for otherwise it would be left meaning that one.
    """
    if content.describe(tag) is None or _delete(content, tag):
        return
    config = Blob.of(f'{{"tag":"{tag}"}}'.encode(), _EMPTY)
    stand_in = assemble(config, (), {"dev.envform.deleted": tag})
    if not _delete(content, stand_in.digest):
        raise _not_able(content)
    Uploads(content).keep(config)
    put_manifest(content, stand_in.manifest, stand_in.media_type)
    set_tag(content, tag, stand_in.manifest, stand_in.descriptor)
    _delete(content, stand_in.digest)


def delete_manifest(content: RemoteContent, digest: Digest) -> None:
    """Forget an image, with all of its tags in this repository; its layers are the registry's to collect."""
    if not _delete(content, digest):
        raise _not_able(content)


def _delete(content: RemoteContent, reference: str) -> bool:
    """Whether the registry can do that at all; what is not there is deleted already."""
    request = Request("DELETE", content.manifest_url(reference))
    scopes = (scope(content.repository, DELETE),)
    return content.client.ask(request, scopes, *_DONE, 404, *_UNABLE).status not in _UNABLE


def _not_able(content: RemoteContent) -> Exception:
    return told.not_able(
        content.client.host,
        f"delete anything from `{content.repository}`",
        "Whoever runs it must allow that first (docker-registry: `storage.delete.enabled: true`), or delete it there.",
    )
