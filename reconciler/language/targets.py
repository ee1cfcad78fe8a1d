"""References that stand for an object and not for its value, as in `depends_on` and `moved`."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.language import nodes
from reconciler.language.expression import evaluate
from reconciler.language.project import Project
from reconciler.language.scope import Scope
from reconciler.language.span import FollowingError, SpanError
from reconciler.language.traversals import Reference, traversal
from reconciler.language.value import is_known, to_bool, to_text, unmark
from reconciler.language.waiting import not_known
from reconciler.model.address import Address
from reconciler.model.frozen import dataclass

_NO_CHANGE = (
    "Data is looked up and never changed, so it makes nothing new. Name the environment that it tells of, where that "
    "is declared here. What is taken from data is part of the definition: where that differs, there is a new version "
    "without being asked for."
)
_WANTED = 'A reference to an environment is expected here, such as `environment.base` or `environment.base["key"]`.'


@dataclass(frozen=True, slots=True)
class Target:
    """An object, perhaps one instance of it, perhaps one attribute of that."""

    block: str
    key: str | int | None = None
    attribute: str = ""

    @property
    def address(self) -> Address:
        """The object without the attribute."""
        return Address.instance(self.block, self.key)

    def spelled(self, project: Project) -> Iterator[str]:
        """With the attribute, for every instance that is meant."""
        addresses = project.instances(self.block) if self.key is None else (self.address,)
        return (f"{address}.{self.attribute}" if self.attribute else str(address) for address in addresses)


def elements(node: nodes.Expression, scope: Scope) -> Iterator[nodes.Expression]:
    """The parts of a list that is written out; where a condition chooses between lists, of the one it chooses."""
    if isinstance(node, nodes.Unread):
        raise FollowingError(node)
    if isinstance(node, nodes.Parentheses):
        yield from elements(node.inner, scope)
    elif isinstance(node, nodes.Conditional):
        value, _ = unmark(evaluate(node.condition, scope))
        chosen = to_bool(value) if is_known(value) else None
        if chosen is None:
            detail = "The condition must be true or false before anything is planned."
            error = SpanError("Invalid condition", detail, node.condition.start, node.condition.end)
            raise error if is_known(value) else not_known(node.condition, scope, error)
        yield from elements(node.then if chosen else node.otherwise, scope)
    elif isinstance(node, nodes.Tuple):
        yield from node.items
    else:
        detail = "A list of references is expected here, such as `[environment.base]`."
        raise SpanError("Invalid reference", detail, node.start, node.end)


def target(node: nodes.Expression, scope: Scope, *, attribute: bool = False) -> Target:
    """What a reference stands for; with `attribute` it is something whose changes count, or `environment.base.hash`."""
    if isinstance(node, nodes.Unread):
        raise FollowingError(node)
    found = traversal(node)
    if found and scope.roots and found.name.name not in scope.roots:
        raise FollowingError(node)  # what means nothing anywhere was told with all other references
    block, rest = _block(found) if found else ("", [])
    if not block:
        hint = "write it without quotes" if isinstance(node, nodes.Literal) else ""
        raise SpanError("Invalid reference", _WANTED, node.start, node.end, hint=hint)
    if attribute and block.startswith("data."):
        raise SpanError("Data has no changes", _NO_CHANGE, node.start, node.end)
    key, name = None, ""
    if rest and isinstance(rest[0], nodes.Index):
        key, rest = _key(rest[0], scope), rest[1:]
    if rest and attribute and isinstance(rest[0], nodes.Attribute):
        name, rest = rest[0].name, rest[1:]
    if rest:
        raise SpanError("Invalid reference", _WANTED, node.start, node.end)
    return Target(block, key, name)


def _block(found: Reference) -> tuple[str, list[nodes.Attribute | nodes.Index]]:
    count = {"base_image": 1, "environment": 1, "data": 2}.get(found.name.name, 0)
    names = [step.name for step in found.steps[:count] if isinstance(step, nodes.Attribute)]
    if not count or len(names) < count:
        return "", []
    return ".".join([found.name.name, *names]), list(found.steps[count:])


def _key(step: nodes.Index, scope: Scope) -> str | int:
    key, _ = unmark(evaluate(step.key, scope))
    if isinstance(key, int) and not isinstance(key, bool):
        return key
    text = to_text(key) if is_known(key) else None
    if text is None:
        detail = "The key of an instance is a text or a number."
        error = SpanError("Invalid index", detail, step.key.start, step.key.end)
        raise error if is_known(key) else not_known(step.key, scope, error)
    return text
