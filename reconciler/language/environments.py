"""What an `environment` block gives in one of its instances."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace

from reconciler.language.arguments import check_arguments
from reconciler.language.chosen_images import with_chosen_image
from reconciler.language.constants import fill_instance, worked_block
from reconciler.language.definition.base_image import describe_base_image
from reconciler.language.definition.environment import ALONE, Described, describe, with_own
from reconciler.language.environment_rule import ENVIRONMENT, META
from reconciler.language.expansion import REPETITIONS
from reconciler.language.filled import Filled, fill
from reconciler.language.hidden import Hidden
from reconciler.language.instances import Instance
from reconciler.language.lifecycle import check_preconditions, read_depends_on, read_lifecycle
from reconciler.language.lookups import Context
from reconciler.language.no_files import NoFiles
from reconciler.language.project import UNDECIDED, Known, Project
from reconciler.language.rules import check_image, check_name, check_platform, check_registry_name, check_version
from reconciler.language.settings import Defaults
from reconciler.language.span import SpanError
from reconciler.language.types import NUMBER, STRING
from reconciler.language.value import UNKNOWN, Unknown, Value
from reconciler.model.address import Address
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.frozen import dataclass
from reconciler.model.lifecycle import Lifecycle

_CHECKS = {"name": check_name, "version": check_version, "image": check_image, "platform": check_platform}
_CURATED_CHECKS = {**_CHECKS, "name": check_registry_name}
_SHIPPED_CHECKS = {name: check for name, check in _CHECKS.items() if name != "name"}
_ANY_INSTANCE: Mapping[str, Value] = {
    "each": {"key": Unknown(STRING), "value": UNKNOWN},
    "count": {"index": Unknown(NUMBER)},
}
_PUBLIC = frozenset({"name", "version", "image", "platform"})
_NOT_DESCRIBED = frozenset({*META, *ALONE, "lifecycle", "name", "version", "description", "tags"})
_MISSING = object()
_DESCRIBE = {"base_image": describe_base_image, "environment": describe}


@dataclass(frozen=True, slots=True)
class Examined:
    """An instance of a block, evaluated: its values with the project's defaults, and how it may change."""

    name: str
    filled: Filled
    depends_on: tuple[str, ...]
    lifecycle: Lifecycle
    described: Described


def examine(
    project: Project,
    defaults: Defaults,
    address: Address,
    instance: Instance,
    known: Known,
    problems: Diagnostics,
    *,
    leaving: bool = False,
) -> Examined | None:
    """All that is wrong with it is added to the problems; None where that is too much to go on.

    Of what is `leaving` no precondition must hold any more.
    """
    block = worked_block(project, instance.block).at(address)
    try:
        names = project.names(instance.block, instance.key, known)
    except SpanError as error:
        block.report(error, problems)
        return None
    scope, before = project.scope(known, names, Context(own=instance.block)), len(problems.items)
    filled = fill_instance(project, instance.block, block, scope, problems)
    name = _check(filled, instance, problems)
    depends_on = read_depends_on(project, block, scope, problems)
    lifecycle = read_lifecycle(project, filled, scope, problems)
    if not leaving:
        check_preconditions(block, scope, problems)
    complete = _complete(filled, defaults, problems)
    described = _described(project, instance.block, complete, problems)
    Hidden.of(complete, defaults.filled).mask(problems, before)
    return Examined(name, complete, depends_on, lifecycle, described)


def check_block(project: Project, defaults: Defaults, target: str, problems: Diagnostics) -> None:
    """The same for a block that makes no instance, on purpose or by mistake, as far as it can be told without one.

    What files it names is told only of those that are meant to be: `count` may be what asks whether they exist.
    """
    block = project.declared.blocks[target]
    names = {root: _ANY_INSTANCE[root] for name, root in REPETITIONS.items() if name in block.arguments}
    scope = project.scope(UNDECIDED, names, Context(own=target))
    before = len(problems.items)
    filled = fill(block, scope, problems)
    check_arguments(block, filled.arguments, _CHECKS, problems)
    read_depends_on(project, block, scope, problems)
    read_lifecycle(project, filled, scope, problems)
    check_preconditions(block, scope, problems)
    if project.expansion(target).kind == "wrong":
        complete = _complete(filled, defaults, problems)
        _DESCRIBE[block.rule.type](complete, project.files or NoFiles(), problems)
    Hidden.of(filled, defaults.filled).mask(problems, before)


def is_protected(project: Project, target: str) -> bool:
    """Whether a block that makes no instance now says that none may be taken away."""
    block = project.declared.blocks[target]
    names = {root: _ANY_INSTANCE[root] for name, root in REPETITIONS.items() if name in block.arguments}
    scope, problems = project.scope(UNDECIDED, names, Context(own=target)), Diagnostics()
    return read_lifecycle(project, fill(block, scope, problems), scope, problems).prevent_destroy


def _described(project: Project, target: str, filled: Filled, problems: Diagnostics) -> Described:
    """Once for all instances that differ in nothing that counts here."""
    shared, files = project.shared.get(target), project.files or NoFiles()
    described_by = _DESCRIBE[filled.declaration.rule.type]
    if shared is None:
        return described_by(filled, files, problems)
    varying = [name for name in (*shared.rest.arguments, *shared.rest.blocks) if name not in _NOT_DESCRIBED]
    key = target, *[_content(filled.blocks.get(name, filled.arguments.get(name, _MISSING))) for name in varying]
    if key not in project.described:
        rest = {name: value for name, value in filled.arguments.items() if name not in ALONE}
        found = Diagnostics()
        project.described[key] = described_by(replace(filled, arguments=rest), files, found), tuple(found)
    described, told = project.described[key]
    problems.extend(replace(item, address=filled.declaration.address) for item in told)
    return with_own(described, filled, files, problems)


def _content(value: object) -> Hashable:
    """What is equal for equal values and for no others: Python takes 1 for true, and dictionaries have no hash."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return tuple([_content(item) for item in value])
    if isinstance(value, Mapping):
        return "{", *[(name, _content(item)) for name, item in value.items()]
    if isinstance(value, Filled):
        return value.labels, _content(value.arguments), _content(value.blocks)
    return type(value), value


def _check(filled: Filled, instance: Instance, problems: Diagnostics) -> str:
    """The name, once the values were held to their rules."""
    declaration = filled.declaration
    document = declaration.passage.document
    checks = _SHIPPED_CHECKS if document.shipped else _CURATED_CHECKS if document.curated else _CHECKS
    check_arguments(declaration, filled.arguments, checks, problems)
    for name in sorted(filled.sensitive & _PUBLIC):
        detail = (
            f"`{name}` becomes part of what is published and shown, so it cannot be made from sensitive values. "
            "Where the value may be seen, write `nonsensitive(…)` around it."
        )
        filled.report("Sensitive value", detail, problems, at=name)
    given = filled.text("name")
    if given is None and ("name" not in declaration.arguments or filled.arguments.get("name", "") is None):
        finding = None if document.shipped else check_name(instance.default_name)
        if finding is not None:
            label = declaration.block.labels[0]
            hint = "the label is the name too, unless the argument `name` gives another one"
            if instance.key is not None:
                hint = "label and key make the name, unless the argument `name` gives another one"
            declaration.report(SpanError(*finding, label.start, label.end, hint=hint), problems)
    return instance.default_name if given is None else given


def _complete(filled: Filled, defaults: Defaults, problems: Diagnostics) -> Filled:
    """With what the project says for all, and with an image; what ships with envform is complete."""
    if filled.declaration.passage.document.shipped:
        return filled
    given = _with_defaults(filled, defaults)
    if filled.declaration.rule.type != ENVIRONMENT.type:
        return given
    return with_chosen_image(given, defaults.images, problems)


def _with_defaults(filled: Filled, defaults: Defaults) -> Filled:
    """With defaults for what is not given or null; objects are joined, key by key."""
    given: dict[str, Value] = {} if defaults.platform is None else {"platform": defaults.platform}
    sensitive: frozenset[str] = frozenset()
    if defaults.filled is not None:
        given |= {name: value for name, value in defaults.filled.arguments.items() if value is not None}
        sensitive = defaults.filled.sensitive
    if filled.declaration.rule.type == "base_image":
        suiting = (filled.declaration.rule.arguments or {}).keys() - {"packages"}  # a policy, for environments
        given = {name: value for name, value in given.items() if name in suiting}
    given = {name: value for name, value in given.items() if name not in filled.unknown}
    if not given:
        return filled
    own = {name: value for name, value in filled.arguments.items() if value is not None or name not in given}
    joined = {name: _joined(given.get(name), value) for name, value in own.items()}
    taken = {name for name in sensitive if "." in name or name not in own}
    inherited = defaults.filled and defaults.filled.declaration
    return replace(
        filled, arguments={**given, **joined}, sensitive=filled.sensitive | taken, inherited=inherited or None
    )


def _joined(default: Value, own: Value) -> Value:
    return {**default, **own} if isinstance(default, Mapping) and isinstance(own, Mapping) else own
