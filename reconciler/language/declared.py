"""All that a project declares, sorted by kind and name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace

from reconciler.language import nodes
from reconciler.language.blocks import Blocks
from reconciler.language.declaration import Declaration, label_text
from reconciler.language.doubts import Doubts
from reconciler.language.span import SpanError
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

MANAGED = ("base_image", "environment")
_LABEL = lazy_pattern(r"[^\W\d][\w-]*")


@dataclass(frozen=True, slots=True)
class Local:
    """One line of a `locals` block."""

    name: str
    declaration: Declaration
    argument: nodes.Argument

    @property
    def where(self) -> str:
        """File and line, as sentences name them."""
        return self.declaration.where_is(self.argument)


Named = dict[str, Declaration]


@dataclass(frozen=True, slots=True)
class Declared:
    """The blocks of a project; each of a kind has a name of its own.

    `blocks` are base images and environments, by address. `unsure` is what blocks that could not be read may declare
    beside that.
    """

    settings: list[Declaration] = field(default_factory=list)
    variables: Named = field(default_factory=dict)
    locals: dict[str, Local] = field(default_factory=dict)
    base_images: Named = field(default_factory=dict)
    environments: Named = field(default_factory=dict)
    data: Named = field(default_factory=dict)
    outputs: Named = field(default_factory=dict)
    checks: Named = field(default_factory=dict)
    moved: list[Declaration] = field(default_factory=list)
    removed: list[Declaration] = field(default_factory=list)
    imports: list[Declaration] = field(default_factory=list)
    blocks: Named = field(default_factory=dict)
    unsure: Doubts = field(default_factory=Doubts)

    @property
    def others(self) -> Iterator[tuple[str, Declaration]]:
        """The blocks whose values decide nothing else, or that nobody can refer to."""
        for name, variable in self.variables.items():
            yield f"validation of var.{name}", variable
        for prefix, several in (("data.environment", self.data), ("output", self.outputs), ("check", self.checks)):
            yield from ((f"{prefix}.{name}", block) for name, block in several.items())
        for number, block in enumerate((*self.moved, *self.removed, *self.imports), 1):
            yield f"{block.rule.type} {number}", block

    @property
    def objects(self) -> Iterator[tuple[str, Declaration | Local]]:
        """Everything that has a name in expressions or messages, with that name."""
        for prefix, several in self._named.items():
            for name, one in several.items():
                yield f"{prefix}.{name}", one

    @property
    def _named(self) -> Mapping[str, Mapping[str, Declaration | Local]]:
        return {
            "var": self.variables,
            "local": self.locals,
            "base_image": self.base_images,
            "environment": self.environments,
            "data.environment": self.data,
            "output": self.outputs,
            "check": self.checks,
        }


def sort_declarations(blocks: Blocks, problems: Diagnostics) -> Declared:
    """Each declaration under its name; names that are taken or are none are problems."""
    declared = Declared(unsure=blocks.unsure)
    named = {
        "variable": declared.variables,
        "base_image": declared.base_images,
        "environment": declared.environments,
        "data": declared.data,
        "output": declared.outputs,
        "check": declared.checks,
    }
    unnamed = {
        "envform": declared.settings,
        "moved": declared.moved,
        "removed": declared.removed,
        "import": declared.imports,
    }
    for declaration in blocks.declarations:
        type_ = declaration.rule.type
        if type_ == "locals":
            _add_locals(declaration, declared, problems)
        elif type_ in named:
            _add_named(declaration, named[type_], declared.unsure, problems)
        else:
            unnamed[type_].append(declaration)
    several = (*declared.base_images.values(), *declared.environments.values())
    declared.blocks.update({block.address: block for block in several})
    return declared


def _add_locals(block: Declaration, declared: Declared, problems: Diagnostics) -> None:
    known = declared.locals
    for name, argument in block.arguments.items():
        if name in known:
            detail = f"`local.{name}` is set at {known[name].where} already. Each local has one value."
            block.report(SpanError("Duplicate local value", detail, argument.start, argument.name_end), problems)
        else:
            known[name] = Local(name, block, argument)
    if len(block.arguments) < len(block.block.body.items):
        # A block in it, which was told, is a value that was written without `=`.
        refused = [item.type for item in block.block.body.items if isinstance(item, nodes.Block)]
        declared.unsure.add(block.rule.type, refused)


def _add_named(declaration: Declaration, known: Named, unsure: Doubts, problems: Diagnostics) -> None:
    type_, node = declaration.rule.type, declaration.block.labels[-1]
    label = label_text(node)
    if type_ == "data" and declaration.label != "environment":
        first = declaration.block.labels[0]
        detail = f'The only data that there is is `data "environment" "{label}"`.'
        declaration.report(SpanError("Unsupported data type", detail, first.start, first.end), problems)
        unsure.add(type_, [label])
    elif not _LABEL.fullmatch(label):
        detail = f"`{label}` cannot be a label: it begins with a letter or `_`; then come letters, digits, `_`, `-`."
        hint = "the name may be another one: set the argument `name`" if type_ in MANAGED else ""
        declaration.report(SpanError("Invalid block label", detail, node.start, node.end, hint=hint), problems)
        unsure.add_misspelt(type_, label)
    elif label in known:
        article, called = "an" if type_[0] in "aeio" else "a", type_.replace("_", " ")
        detail = f'There is {article} {called} "{label}" at {known[label].where} already. Labels are unique.'
        declaration.report(SpanError(f"Duplicate {called}", detail, *declaration.header_span), problems)
    else:
        prefix = f"{type_}." if type_ in MANAGED else {"data": "data.environment."}.get(type_)
        known[label] = replace(declaration, address=f"{prefix}{label}") if prefix else declaration
