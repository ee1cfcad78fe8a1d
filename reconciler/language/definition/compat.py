"""`compat_hash = "azureml"`: the version under which Azure ML would register the same environment without a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from reconciler.language.definition.azure_hash import anonymous_build_version, anonymous_version, upload_hash
from reconciler.language.definition.go_paths import clean
from reconciler.language.definition.reading import Reading
from reconciler.language.environment_rule import ROUTES
from reconciler.language.span import RefusedError
from reconciler.language.yaml_documents import load_as_pyyaml

_KINDS = ("azureml",)
_NAME = "compat_hash"
# What Azure ML's documents have no word for, and what would therefore be missing from its hash.
_FOREIGN = (
    "pip",
    "requirements_file",
    "python_version",
    "exclude_newer",
    "allow_source_builds",
    "docker_steps",
    "dockerfile",
    "spark",
)


def compat_hash(reading: Reading) -> str:
    """The hash; empty where nobody asks for it, or where Azure ML has no such environment, which is told."""
    if not reading.has(_NAME):
        return ""
    reading.one_of(_NAME, _KINDS)
    if foreign := _foreign(reading):
        if reading.is_own(_NAME):
            detail = f"Azure ML has no `{foreign}`, so it could register nothing that is the same as this environment."
            reading.refuse(_NAME, "Argument without effect", detail, f"leave out `{_NAME}`, or `{foreign}`")
        return ""
    if reading.problems.failed:
        return ""  # what is wrong with files was told where they are named
    try:
        return _of_build(reading) if reading.has("build") else _of_image(reading)
    except RefusedError as refused:
        reading.refused(_NAME, refused)
        return ""


def _foreign(reading: Reading) -> str:
    build = reading.block("build") if reading.has("build") else None
    inside = [name for name in ("args", "target") if build is not None and build.has(name)]
    local = ["runtime"] if reading.text("runtime") == "local" else []
    return next((name for name in (*_FOREIGN, *local, *inside) if name in (*local, *inside) or reading.has(name)), "")


def _of_build(reading: Reading) -> str:
    build = reading.block("build")
    if build is None or not build.text("path"):
        return ""
    uploaded = upload_hash(reading.files, clean(build.text("path")))
    return anonymous_build_version(uploaded, build.text("dockerfile_path") or None)


def _of_image(reading: Reading) -> str:
    image = reading.text("image")
    return anonymous_version(image, _conda(reading), _routes(reading)) if image else ""


def _conda(reading: Reading) -> Mapping[str, object] | None:
    """A conda file as Azure's client loads it, with its `name`."""
    block = reading.block("conda") if reading.has("conda") else None
    if block is not None:
        pip = [{"pip": [*block.texts("pip")]}] if block.texts("pip") else []
        tree = {"channels": [*block.texts("channels")], "dependencies": [*block.texts("dependencies"), *pip]}
        return {name: listed for name, listed in tree.items() if listed}
    value = reading.filled.arguments.get("conda_file") if reading.has("conda_file") else None
    loaded = load_as_pyyaml(reading.files.text(value)) if isinstance(value, str) else _bare(value)
    return loaded if isinstance(loaded, Mapping) else None


def _bare(value: object) -> object:
    """A value of the language as YAML's reader would have made it."""
    if isinstance(value, Mapping):
        return {str(name): _bare(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_bare(item) for item in value]
    return float(value) if isinstance(value, Fraction) else value


def _routes(reading: Reading) -> Mapping[str, object] | None:
    config = reading.block("inference_config") if reading.has("inference_config") else None
    if config is None:
        return None
    routes = {name: route for name in ROUTES if (route := config.block(name)) is not None}
    return {
        name: {"path": route.filled.text("path") or "", "port": int(route.filled.number("port") or 0)}
        for name, route in routes.items()
    }
