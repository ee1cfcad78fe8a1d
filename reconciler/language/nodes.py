"""The syntax tree that the evaluator, the YAML reader and the tests share; spans count from the passage's start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.model.frozen import dataclass

if TYPE_CHECKING:
    from reconciler.language.value import Value


@dataclass(frozen=True, slots=True)
class Node:
    """Anything with a place: offsets of its first character and of the one after its last."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A text without interpolation, `true`, `false` or `null`; escapes are decoded, text is in NFC."""

    value: str | bool | None


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number as it was written: its value is made from all its digits."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A bare name, where a traversal begins."""

    name: str


@dataclass(frozen=True, slots=True)
class Item(Node):
    """Inside a splat: the element that the splat stands at."""


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    """`of.name`."""

    of: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`of[key]`, and the older `of.0`."""

    of: Expression
    key: Expression


@dataclass(frozen=True, slots=True)
class Splat(Node):
    """`of[*]` or `of.*`: `each` is evaluated for every element, which it calls Item."""

    of: Expression
    each: Expression
    full: bool


@dataclass(frozen=True, slots=True)
class Parentheses(Node):
    """`(inner)`, and the string `"${inner}"`: both hand the inner value through as it is."""

    inner: Expression


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`-operand` or `!operand`."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`left operator right`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`name(arguments)`; with `spread` the last argument's elements are arguments of their own."""

    name: str
    arguments: tuple[Expression, ...]
    spread: bool


@dataclass(frozen=True, slots=True)
class Tuple(Node):
    """`[items]`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Object(Node):
    """`{ key = value }`; a bare word as key arrives here as a Literal."""

    items: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True)
class For(Node):
    """`[for … : value]` where `key` is None, else `{for … : key => value}`; `grouped` is the `...` after value."""

    names: tuple[Name, ...]
    collection: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    grouped: bool


@dataclass(frozen=True, slots=True)
class Template(Node):
    """A string or heredoc with interpolations or directives; literal parts are decoded, dedented and trimmed."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class TemplateIf(Node):
    """`%{if}…%{else}…%{endif}` inside a template."""

    condition: Expression
    then: Template
    otherwise: Template


@dataclass(frozen=True, slots=True)
class TemplateFor(Node):
    """`%{for}…%{endfor}` inside a template."""

    names: tuple[Name, ...]
    collection: Expression
    body: Template


@dataclass(frozen=True, slots=True)
class Unread(Node):
    """An expression that cannot be read, which was told; it is evaluated to no further mistake."""


@dataclass(frozen=True, slots=True)
class Worked(Node):
    """A part whose value was worked out before, and what that took of the budget; no text gives one."""

    value: Value
    elements: int
    characters: int


Expression = (
    Literal
    | Number
    | Name
    | Item
    | Attribute
    | Index
    | Splat
    | Parentheses
    | Unary
    | Binary
    | Conditional
    | Call
    | Tuple
    | Object
    | For
    | Template
    | TemplateIf
    | TemplateFor
    | Worked
    | Unread
)


@dataclass(frozen=True, slots=True)
class Argument(Node):
    """`name = value`."""

    name: str
    value: Expression

    @property
    def name_end(self) -> int:
        """Where the name ends."""
        return self.start + len(self.name)


@dataclass(frozen=True, slots=True)
class Block(Node):
    """`type "label" { … }`; the header ends before the opening brace."""

    type: str
    labels: tuple[Literal | Name, ...]
    body: Body
    header_end: int


@dataclass(frozen=True, slots=True)
class Body(Node):
    """Arguments and blocks in the order of the text; duplicates are still in it."""

    items: tuple[Argument | Block, ...]


def children(node: Node) -> list[Node]:
    """The nodes directly under a node, in the order of the text."""
    found: list[Node] = []
    todo = [getattr(node, name) for name in reversed(node.__slots__)]
    while todo:
        value = todo.pop()
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple):
            todo.extend(reversed(value))
    return found
