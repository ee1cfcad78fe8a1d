"""Fields that belong to the service and say nothing about the environment itself: told, and held to Azure's forms."""

from __future__ import annotations

from reconciler.language.azureml.fields import Reader, said
from reconciler.language.yaml_nodes import Mapping, Node, Scalar

# What a downloaded document holds, and where a context is uploaded.
SERVICE_FIELDS = (
    "$schema",
    "id",
    "creation_context",
    "latest_version",
    "intellectual_property",
    "datastore",
    "auto_delete_setting",
)
_SCHEMA = SERVICE_FIELDS[0]
_SETTING = ("condition", "value")
CONDITIONS = ("created_greater_than", "last_accessed_greater_than")
SPELLED_CONDITIONS = tuple(
    spelled
    for name in CONDITIONS
    for words in [name.title().replace("_", "")]
    for spelled in (name, name.upper(), words, words[0].lower() + words[1:])
)


def tell_service_fields(root: Mapping, reader: Reader) -> None:
    """A warning for each that is well formed, since it has no effect here; an error for each that Azure refuses."""
    for key, value in root.items:
        if key.text not in SERVICE_FIELDS:
            continue
        before = len(reader.problems.items)
        _check(key, value, root, reader)
        if key.text != _SCHEMA and len(reader.problems.items) == before:
            detail = f"`{key.text}` belongs to the service that stored this document. It is not used here."
            reader.warn(key, detail)


def _check(key: Scalar, value: Node, root: Mapping, reader: Reader) -> None:
    if isinstance(value, Scalar) and value.kind == "null":
        reader.refuse(value, f"`{key.text}` is empty here, which is null.", "leave it out or give it a value")
    elif key.text == "datastore":
        reader.text(root, "datastore")
    elif key.text == "id" and not (isinstance(value, Scalar) and value.text.startswith("azureml:")):
        what = f"`{value.text[:60]}`" if isinstance(value, Scalar) else said(value)
        reader.refuse(value, f"`id` is a full id, which begins with `azureml:`, and this is {what}.", "leave it out")
    elif key.text == "auto_delete_setting":
        _check_setting(root, reader)


def _check_setting(root: Mapping, reader: Reader) -> None:
    setting = reader.mapping(root, "auto_delete_setting")
    if setting is None:
        return
    reader.refuse_unknown(setting, _SETTING, "`auto_delete_setting`")
    condition, _ = (reader.text(setting, name) for name in _SETTING)
    if condition is not None and condition.text not in SPELLED_CONDITIONS:
        listed = " or ".join(f"`{name}`" for name in CONDITIONS)
        detail = f"`{condition.text[:60]}` is no condition of `auto_delete_setting`: it is {listed}."
        reader.refuse(condition, detail)
