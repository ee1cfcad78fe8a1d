"""JSON Schemas of the YAML forms, for editors: made from the rules that the language itself is checked by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.language.azureml.documents import BUILD, OWN, SYSTEMS
from reconciler.language.azureml.service_fields import SERVICE_FIELDS, SPELLED_CONDITIONS
from reconciler.language.environment_rule import ENVIRONMENT
from reconciler.language.rules import NAME, TAG
from reconciler.language.schema import ArgumentRule, BlockRule, Wanted
from reconciler.language.vocabulary import BLOCKS

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCALAR: Schema = {"type": ["string", "number", "boolean", "null"]}
_TEXT: Schema = {"type": "string", "minLength": 1}
_PORT: Schema = {"type": ["integer", "string"], "minimum": 1, "maximum": 65535, "pattern": "^[0-9]+$"}
_TEMPLATE = r"\{\{"  # curated specifications have them, and their asset fills them in
_EXPRESSION: Schema = {"type": "string", "pattern": r"\$\{|%\{"}
_NULL: Schema = {"type": "null"}
_FORMS: Mapping[Wanted, Schema] = {
    Wanted.STRING: _SCALAR,
    Wanted.QUOTED: {"type": ["string", "null"]},
    Wanted.STRINGS: {"anyOf": [{"type": "object", "additionalProperties": _SCALAR}, _EXPRESSION, _NULL]},
    Wanted.LIST: {"anyOf": [{"type": "array", "items": _SCALAR}, _EXPRESSION, _NULL]},
    Wanted.NUMBER: {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?[0-9.]+$"}, _EXPRESSION, _NULL]},
    Wanted.BOOL: {"anyOf": [{"type": "boolean"}, {"enum": ["true", "false"]}, _EXPRESSION, _NULL]},
    Wanted.ANY: {},
    Wanted.EXPRESSION: {},
}


def configuration_schema() -> Schema:
    """The schema of `*.envform.yaml`: our own blocks written as mappings."""
    defs: dict[str, Schema] = {}
    properties = {name: _block(rule, defs, dynamic=rule.dynamic, many=True) for name, rule in BLOCKS.items()}
    return {
        "$schema": _DIALECT,
        "title": "envform configuration (*.envform.yaml)",
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": False,
        "$defs": dict(sorted(defs.items())),
    }


def environment_schema() -> Schema:
    """The schema of documents that declare an Azure ML environment."""
    properties: dict[str, Schema] = {name: _service_field(name) for name in SERVICE_FIELDS}
    properties |= {name: _azure_field(name) for name in OWN}
    return {
        "$schema": _DIALECT,
        "title": "Azure ML environment",
        "type": "object",
        "properties": properties,
        "required": ["name"],
        "oneOf": [{"required": ["image"]}, {"required": ["build"]}],
        "dependentSchemas": {"conda_file": {"required": ["image"]}},
        "additionalProperties": False,
    }


def _service_field(name: str) -> Schema:
    if name == "auto_delete_setting":
        setting: Schema = {"condition": {"enum": list(SPELLED_CONDITIONS)}, "value": {"type": "string"}}
        return {"type": "object", "properties": setting, "additionalProperties": False}
    if name == "id":
        return {"type": "string", "pattern": "^azureml:"}
    return {"type": "string"} if name == "datastore" else {"not": {"type": "null"}}


def _azure_field(name: str) -> Schema:
    """A field has the words of our own argument or block, without expressions in it."""
    if name in ENVIRONMENT.blocks:
        return _azure_block(ENVIRONMENT.blocks[name])
    if name == "tags":
        return {"type": "object"}
    if name == "version":
        return {"type": ["string", "number", "boolean"], "pattern": rf"^(?:{TAG})$|{_TEMPLATE}"}
    if name == "name":
        return {"type": "string", "pattern": rf"^(?:{NAME})$|{_TEMPLATE}"}
    if name == "os_type":
        return {"enum": [spelled for system in SYSTEMS for spelled in (system, system.title(), system.upper())]}
    if name == "conda_file":
        return {"type": ["string", "object"], "minLength": 1}
    return {"type": "string"} if name == "description" else _TEXT


def _azure_block(rule: BlockRule) -> Schema:
    taken = {
        name: argument for name, argument in (rule.arguments or {}).items() if rule.type != "build" or name in BUILD
    }
    texts = {name: _PORT if argument.wanted is Wanted.NUMBER else _TEXT for name, argument in taken.items()}
    properties = {**texts, **{name: _azure_block(inner) for name, inner in rule.blocks.items()}}
    return {
        "type": "object",
        "properties": properties,
        "required": _required(rule),
        "additionalProperties": False,
    }


def _block(rule: BlockRule, defs: dict[str, Schema], *, dynamic: bool, many: bool) -> Schema:
    """What stands under a block's type: a mapping for each label, then the block, or a list of them."""
    named = f"{rule.type}-in-environment" if dynamic and rule is not ENVIRONMENT else rule.type
    form: Schema = {"$ref": f"#/$defs/{_define(named, rule, defs, dynamic=dynamic)}"}
    one: Schema = form if _required(rule) else {"anyOf": [form, _NULL]}
    listed: Schema = {"type": "array", "items": one, **({} if many else {"maxItems": 1})}
    schema: Schema = {"anyOf": [form, listed, *([] if _required(rule) else [_NULL])]}
    for label in reversed(rule.labels):
        description = f"By {label}."
        schema = {"type": ["object", "null"], "additionalProperties": schema, "description": description}
    return schema


def _define(name: str, rule: BlockRule, defs: dict[str, Schema], *, dynamic: bool) -> str:
    """The name under which a block's form is kept; another form under the same name gets a number."""
    body = _body(rule, defs, dynamic=dynamic)
    number, free = 1, name
    while defs.get(free, body) != body:
        number += 1
        free = f"{name}-{number}"
    defs[free] = body
    return free


def _body(rule: BlockRule, defs: dict[str, Schema], *, dynamic: bool) -> Schema:
    if rule.arguments is None:
        return {"type": "object"}
    arguments = {name: _argument(argument) for name, argument in rule.arguments.items()}
    blocks = {name: _block(inner, defs, dynamic=dynamic, many=inner.repeated) for name, inner in rule.blocks.items()}
    both = {name: {"anyOf": [arguments[name], blocks[name]]} for name in arguments.keys() & blocks.keys()}
    schema: Schema = {"type": "object", "properties": {**arguments, **blocks, **both}, "additionalProperties": False}
    if dynamic and rule.blocks:
        schema["properties"]["dynamic"] = _dynamic(rule, defs)
    return {**schema, **_requirements(rule, dynamic=dynamic)}


def _argument(rule: ArgumentRule) -> Schema:
    form = _FORMS[rule.wanted]
    return {**form, "description": f"{rule.wanted.value.capitalize()}."}


def _required(rule: BlockRule) -> list[str]:
    arguments: Iterable[tuple[str, ArgumentRule | BlockRule]] = (rule.arguments or {}).items()
    return [name for name, inner in (*arguments, *rule.blocks.items()) if inner.required]


def _requirements(rule: BlockRule, *, dynamic: bool) -> Schema:
    required = _required(rule)
    if not required:
        return {}
    if dynamic and any(inner.required for inner in rule.blocks.values()):
        return {"anyOf": [{"required": required}, {"required": ["dynamic"]}]}
    return {"required": required}


def _dynamic(rule: BlockRule, defs: dict[str, Schema]) -> Schema:
    """Blocks that an expression makes: by their type, one or several such makers."""
    makers: dict[str, Schema] = {}
    for name, inner in rule.blocks.items():
        content = {"$ref": f"#/$defs/{_define(f'{name}-in-environment', inner, defs, dynamic=True)}"}
        maker = {
            "type": "object",
            "properties": {"for_each": {}, "iterator": {"type": "string"}, "labels": {}, "content": content},
            "required": ["for_each", "content"],
            "additionalProperties": False,
        }
        makers[name] = {"anyOf": [maker, {"type": "array", "items": maker}]}
    return {"type": "object", "properties": makers, "additionalProperties": False}
