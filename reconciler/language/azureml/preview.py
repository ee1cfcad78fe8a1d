"""Forms that Azure ML once had, and files of other kinds: how to write the same today."""

from __future__ import annotations

from reconciler.language.azureml.fields import Reader
from reconciler.language.yaml_nodes import Mapping, Node, Scalar

_CONDA_FIELDS = ("channels", "dependencies")
_MLFLOW_FIELDS = ("build_dependencies",)
_OLD_CONDA = ("conda_dependencies_file", "conda_file", "file")


def refuse_other_form(root: Mapping, reader: Reader) -> bool:
    """Whether this is a form that can be told as a whole; then it has been."""
    docker = root.key("docker")
    if docker is not None:
        detail = f"`docker` is how the preview of 2021 wrote it. Today the same is:\n\n{_modern(root)}"
        reader.refuse(docker, detail, summary="Outdated Azure ML form")
        return True
    for name in _CONDA_FIELDS:
        key = root.key(name)
        if key is not None and root.get("image") is None and root.get("build") is None:
            detail = (
                "This is a conda file and not an environment. Write an environment that names it:\n\n"
                f"    name: {_text(root.get('name')) or 'training'}\n"
                "    image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04\n"
                f"    conda_file: {reader.document.source.filename.rpartition('/')[2]}"
            )
            reader.refuse(key, detail, summary="Conda file in place of an environment")
            return True
    return False


def _modern(root: Mapping) -> str:
    docker = root.get("docker")
    inner = docker if isinstance(docker, Mapping) else Mapping(0, 0, ())
    build = inner.get("build")
    dockerfile = build.get("dockerfile") if isinstance(build, Mapping) else inner.get("dockerfile")
    image = _text(inner.get("image"))
    lines = [f"{name}: {value}" for name in ("name", "version") if (value := _text(root.get(name)))]
    if isinstance(build, Mapping) or dockerfile is not None:
        folder, _, name = (_text(dockerfile) or "Dockerfile").removeprefix("file:").rpartition("/")
        lines += ["build:", f"  path: {folder or '.'}"]
        if "\n" not in name and " " not in name and name != "Dockerfile":
            lines.append(f"  dockerfile_path: {name}")
    else:
        lines.append(f"image: {image or 'IMAGE'}")
        if conda := _conda_file(root):
            lines.append(f"conda_file: {conda.removeprefix('file:')}")
    return "\n".join(f"    {line}" for line in lines)


def _conda_file(root: Mapping) -> str:
    old = root.get("conda")
    if isinstance(old, Mapping):
        return next((text for name in _OLD_CONDA if (text := _text(old.get(name)))), "conda.yaml")
    return _text(root.get("conda_file")) or ("conda.yaml" if root.get("conda_file") is not None else "")


def _text(node: Node | None) -> str:
    return node.text.partition("\n")[0][:200] if isinstance(node, Scalar) else ""
