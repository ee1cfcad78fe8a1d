"""`inference_config`: three routes, each a path and a port."""

from __future__ import annotations

from dataclasses import replace

from reconciler.language.azureml.fields import Reader, said
from reconciler.language.yaml_nodes import Mapping, Node, Scalar

ROUTES = ("liveness_route", "readiness_route", "scoring_route")
_FIELDS = ("path", "port")
_HIGHEST_PORT = 65535


def read_routes(config: Mapping, reader: Reader) -> Mapping:
    """The same mapping with ports that are numbers; what is wrong is told."""
    reader.refuse_unknown(config, ROUTES, "`inference_config`")
    missing = [f"`{name}`" for name in ROUTES if config.get(name) is None]
    if missing:
        all_of = ", ".join(f"`{name}`" for name in ROUTES)
        detail = f"`inference_config` needs {all_of}, all of them. Missing: {', '.join(missing)}."
        reader.refuse(config, detail, "a server with one route may name it three times")
    items = []
    for key, _ in config.items:
        route = reader.mapping(config, key.text) if key.text in ROUTES else None
        if route is not None:
            items.append((key, _route(key, route, reader)))
    return replace(config, items=tuple(items))


def _route(name: Scalar, route: Mapping, reader: Reader) -> Mapping:
    reader.refuse_unknown(route, _FIELDS, f"`{name.text}`")
    path = _path(name.text, route, reader)
    port = _port(name.text, route.get("port"), reader)
    for field, node in (("path", route.get("path")), ("port", route.get("port"))):
        if node is None:
            reader.refuse(name, f"`{name.text}` needs a `path` and a `port`, and `{field}` is missing.")
    items = [(key, node) for key, node in ((route.key("path"), path), (route.key("port"), port)) if key and node]
    return replace(route, items=tuple(items))


def _path(name: str, route: Mapping, reader: Reader) -> Scalar | None:
    path = reader.text(route, "path")
    if path is None or path.text.startswith("/"):
        return path
    if not path.text:
        reader.refuse(path, f"The path of `{name}` is empty.", 'the root is written "/"')
        return None
    reader.warn(path, f"The path of `{name}` is written as `{path.text[:60]}` and taken as `/{path.text[:60]}`.")
    return path.with_text(f"/{path.text}")


def _port(route: str, node: Node | None, reader: Reader) -> Scalar | None:
    if node is None:
        return None
    if not isinstance(node, Scalar) or node.kind not in ("int", "str") or not _is_whole(node):
        given = f"`{node.text}`" if isinstance(node, Scalar) and node.kind != "null" else said(node)
        reader.refuse(node, f"The port of `{route}` must be a whole number, and this is {given}.")
        return None
    number = int(node.plain) if isinstance(node.plain, int) else int(node.text)
    if not 1 <= number <= _HIGHEST_PORT:
        reader.refuse(node, f"{number} is no port: ports go from 1 to {_HIGHEST_PORT}.")
        return None
    if node.text != str(number) or node.kind == "str":
        reader.warn(node, f"The port of `{route}` is written as `{node.text}` and taken as the number {number}.")
    return replace(node, kind="int", text=str(number), plain=number)


def _is_whole(node: Scalar) -> bool:
    return node.kind == "int" or (node.text.isascii() and node.text.removeprefix("-").isdigit() and len(node.text) < 9)
