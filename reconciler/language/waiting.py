"""Why a value is not known: because it will be known later, or because what it stands on is wrong."""

from __future__ import annotations

from reconciler.language import nodes
from reconciler.language.scope import Scope
from reconciler.language.span import FollowingError, SpanError
from reconciler.language.traversals import Reference, references


def not_known(node: nodes.Node, scope: Scope, error: SpanError) -> SpanError:
    """What to say of a value that is not known and must be: nothing where that follows from what was told already."""
    return error if waits(node, scope) else FollowingError(node)


def waits(node: nodes.Node, scope: Scope) -> bool:
    """Whether a value that is not known may become known later."""
    return any(_waits(found, scope) for found in references(node))


def _waits(found: Reference, scope: Scope) -> bool:
    root = scope.roots.get(found.name.name)
    # What a dynamic block calls its element may come from anywhere.
    return root is None or root.waits(found)
