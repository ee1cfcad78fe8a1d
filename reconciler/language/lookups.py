"""Which references mean something, and what to say of those that do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from reconciler.language import nodes
from reconciler.language.base_image_rule import BASE_IMAGE
from reconciler.language.declared import Declared
from reconciler.language.environment_rule import ENVIRONMENT, META
from reconciler.language.span import SpanError
from reconciler.language.traversals import Reference, references
from reconciler.model.frozen import dataclass
from reconciler.model.suggestion import did_you_mean, nearest

ATTRIBUTES = frozenset({*(ENVIRONMENT.arguments or {}), "hash", "digest"} - META.keys())
BASE_IMAGE_ATTRIBUTES = frozenset({*(BASE_IMAGE.arguments or {}), "hash", "digest", "image"} - META.keys())
ROOTS = ("var", "local", "base_image", "environment", "data", "each", "count", "path", "envform", "self")

UNSURE = "?"
_UNDECLARED = {
    "base_image": "Reference to undeclared base image",
    "environment": "Reference to undeclared environment",
}
_EXAMPLES = {"base_image": "python", "environment": "training"}
PATHS = {"module": ".", "root": "."}
_FOREIGN = {"terraform": "envform.workspace", "resource": "environment.LABEL", "module": "environment.LABEL"}


@dataclass(frozen=True, slots=True)
class Context:
    """Where an expression stands: which of `each`, `count` and `self` mean something, and what it is part of."""

    names: frozenset[str] = frozenset()
    own: str = ""
    settings: bool = False


@dataclass(frozen=True, slots=True)
class Lookups:
    """The names that a project declares."""

    declared: Declared

    def target(self, reference: Reference, context: Context) -> str:
        """The object that is referred to, as `local.NAME`; empty for what is no object; SpanError for no sense.

        UNSURE for what may stand in a block that could not be read.
        """
        name = reference.name
        rule = _RULES.get(name.name)
        if rule is None:
            raise self._unknown(reference)
        if context.settings and name.name in ("base_image", "environment", "data", "envform", "self"):
            detail = f"The `envform` block is read first of all, so it cannot refer to `{name.name}`."
            raise SpanError("Invalid reference", detail, name.start, name.end)
        return rule(self, reference, context)

    def variable(self, reference: Reference, _: Context) -> str:
        """`var.NAME`."""
        declared = self.declared.variables
        label = _label(reference, "the name of a variable, such as `var.region`")
        if label not in declared:
            if self.declared.unsure.may_declare("variable", label):
                return UNSURE
            detail = f"There is no variable `{label}` in this configuration."
            hint = _prefixed("var", label, [*declared, *self.declared.unsure.likely("variable")]) or (
                f"did you mean `local.{label}`?" * (label in self.declared.locals)
            )
            raise _undeclared("Reference to undeclared input variable", detail, reference, hint)
        return f"var.{label}"

    def local(self, reference: Reference, _: Context) -> str:
        """`local.NAME`."""
        declared = self.declared.locals
        label = _label(reference, "the name of a local value, such as `local.region`")
        if label not in declared:
            if self.declared.unsure.may_declare("locals", label):
                return UNSURE
            detail = f"There is no local value `{label}` in this configuration."
            hint = _prefixed("local", label, [*declared, *self.declared.unsure.likely("locals")]) or (
                f"did you mean `var.{label}`?" * (label in self.declared.variables)
            )
            raise _undeclared("Reference to undeclared local value", detail, reference, hint)
        return f"local.{label}"

    def environment(self, reference: Reference, context: Context) -> str:
        """`environment.LABEL` or `base_image.LABEL`, with a key where it has several instances."""
        kind = reference.name.name
        label = _label(reference, f"the label of one, such as `{kind}.{_EXAMPLES[kind]}.image`")
        address = f"{kind}.{label}"
        if address == context.own:
            detail = f"`{address}` refers to itself. Write the value here, or refer to another {_called(kind)}."
            hint = f"in a postcondition, `self` is this {_called(kind)}" if "self" in context.names else ""
            raise _undeclared("Self-referential block", detail, reference, hint)
        several = {"base_image": self.declared.base_images, "environment": self.declared.environments}
        declared, unsure = several.pop(kind), self.declared.unsure
        if label not in declared:
            if unsure.may_declare(kind, label):
                return UNSURE
            others = [other for other in (*declared, *unsure.likely(kind)) if f"{kind}.{other}" != context.own]
            detail = f"There is no `{address}` in this configuration."
            elsewhere = next((f"did you mean `{one}.{label}`?" for one, named in several.items() if label in named), "")
            curated = "`envform env list -curated` shows those that come with envform"
            hint = _prefixed(kind, label, others) or elsewhere or curated * label.lower().startswith("envform-")
            raise _undeclared(_UNDECLARED[kind], detail, reference, hint)
        _check_attribute(reference.steps[1:], multiple=_multiple(declared[label].arguments), kind=kind)
        return address

    def data(self, reference: Reference, _: Context) -> str:
        """`data.environment.NAME`."""
        form = "`data.environment.NAME`"
        steps = reference.steps
        if len(steps) < 2 or not isinstance(steps[0], nodes.Attribute) or not isinstance(steps[1], nodes.Attribute):
            detail = f"`data` is followed by what kind of data it is and its name: {form}."
            raise SpanError("Invalid reference", detail, reference.name.start, reference.end)
        label, declared = steps[1].name, self.declared.data
        if steps[0].name != "environment" or label not in declared:
            if self.declared.unsure.may_declare("data", label):
                return UNSURE
            detail = f"There is no `data.{steps[0].name}.{label}` in this configuration."
            hint = _prefixed("data.environment", label, declared)
            if not hint and label in self.declared.environments:
                hint = f"did you mean `environment.{label}`?"
            raise SpanError("Reference to undeclared data", detail, reference.name.start, steps[1].end, hint=hint)
        _check_attribute(steps[2:], multiple=False)
        return f"data.environment.{label}"

    def local_name(self, reference: Reference, context: Context) -> str:
        """`each.key`, `each.value`, `count.index`, `self.ATTRIBUTE`."""
        root = reference.name
        if root.name not in context.names:
            detail = _MISPLACED[root.name]
            raise SpanError("Invalid reference", detail, root.start, reference.end)
        if root.name == "self":
            _check_attribute(reference.steps, multiple=False, kind=context.own.partition(".")[0])
        else:
            _one_of(reference, {"each": ("key", "value"), "count": ("index",)}[root.name])
        return ""

    def path(self, reference: Reference, _: Context) -> str:
        """`path.module` and `path.root`."""
        step = reference.steps[0] if reference.steps else None
        if isinstance(step, nodes.Attribute) and step.name == "cwd":
            detail = (
                "`path.cwd` is the folder that somebody happens to start envform in, so what is built would depend on "
                "who builds it. Files are found from the project's folder: use `path.root`."
            )
            raise SpanError("Invalid reference", detail, reference.name.start, step.end)
        _one_of(reference, tuple(PATHS))
        return ""

    def envform(self, reference: Reference, _: Context) -> str:
        """`envform.workspace`."""
        _one_of(reference, ("workspace",))
        return "envform"

    def _unknown(self, reference: Reference) -> SpanError:
        name = reference.name.name
        if reference.steps:
            detail = f"`{name}` is neither declared here nor a kind of object that can be referred to."
        else:
            detail = f'Nothing is called `{name}` here. If you mean a text, write it in quotes: "{name}".'
        foreign = _FOREIGN.get(name)
        meant = f"did you mean `{foreign}`?" if foreign else self._meant(reference)
        return SpanError("Invalid reference", detail, reference.name.start, reference.name.end, hint=meant)

    def _meant(self, reference: Reference) -> str:
        """Whoever writes `region` for `var.region` has left something out."""
        name, step = reference.name.name, reference.steps[0] if reference.steps else None
        whole = {
            key.rpartition(".")[2]: key for key, _ in self.declared.objects if not key.startswith(("output", "check"))
        }
        found = nearest(name, [*ROOTS, *whole])
        label = f".{step.name}" if isinstance(step, nodes.Attribute) and found in ROOTS else ""
        return f"did you mean `{whole.get(found, found)}{label}`?" if found else ""


_RULES: Mapping[str, Callable[[Lookups, Reference, Context], str]] = {
    "var": Lookups.variable,
    "local": Lookups.local,
    "base_image": Lookups.environment,
    "environment": Lookups.environment,
    "data": Lookups.data,
    "each": Lookups.local_name,
    "count": Lookups.local_name,
    "self": Lookups.local_name,
    "path": Lookups.path,
    "envform": Lookups.envform,
}

_MISPLACED = {
    "each": "`each` means the element that an instance is made for, so it can only stand in a block with `for_each`.",
    "count": "`count.index` means the number of an instance, so it can only stand in a block with `count`.",
    "self": "`self` means the finished environment, so it can only stand in a `postcondition`.",
}


def check_constant(node: nodes.Expression) -> None:
    """SpanError where an expression that must be a constant refers to anything."""
    for reference in references(node):
        name = reference.name.name
        if reference.steps:
            detail = f"What stands here is a constant, so it cannot refer to `{name}`."
            raise SpanError("References not allowed", detail, reference.name.start, reference.end)
        detail = (
            f'What stands here is a constant, so it cannot refer to `{name}`. A text is written in quotes: "{name}".'
        )
        raise SpanError("References not allowed", detail, reference.name.start, reference.end)


def _multiple(arguments: Iterable[str]) -> bool:
    return "for_each" in arguments or "count" in arguments


def _label(reference: Reference, wanted: str) -> str:
    root, step = reference.name, reference.steps[0] if reference.steps else None
    if isinstance(step, nodes.Attribute):
        return step.name
    raise SpanError("Invalid reference", f"`{root.name}` is followed by {wanted}.", root.start, root.end)


def _one_of(reference: Reference, words: tuple[str, ...]) -> None:
    root, step = reference.name, reference.steps[0] if reference.steps else None
    if isinstance(step, nodes.Attribute) and step.name in words:
        return
    known = " and ".join(f"`{root.name}.{word}`" for word in words)
    detail = f"Of `{root.name}` there {'is' if len(words) == 1 else 'are'} only {known}."
    given = isinstance(step, nodes.Attribute)
    hint = _prefixed(root.name, step.name, words) if isinstance(step, nodes.Attribute) else ""
    # As evaluation says it, so that one mistake is told once.
    summary = "Unsupported attribute" if given and root.name in ("each", "count") else "Invalid reference"
    raise SpanError(summary, detail, root.start, reference.end, hint=hint)


def _prefixed(prefix: str, label: str, declared: Iterable[str]) -> str:
    near = nearest(label, declared)
    return f"did you mean `{prefix}.{near}`?" if near else ""


def _undeclared(summary: str, detail: str, reference: Reference, hint: str) -> SpanError:
    return SpanError(summary, detail, reference.name.start, reference.end, hint=hint)


def _check_attribute(
    steps: tuple[nodes.Attribute | nodes.Index, ...], *, multiple: bool, kind: str = "environment"
) -> None:
    """The first attribute that is taken of an environment, or of one of its instances."""
    known = attributes(kind)
    if multiple:
        steps = steps[1:] if steps and isinstance(steps[0], nodes.Index) else ()
    step = steps[0] if steps else None
    if isinstance(step, nodes.Index) and not (isinstance(step.key, nodes.Literal) and step.key.value in known):
        detail = (
            "An index tells the instances of a block with `for_each` or `count` apart, and what is referred to here "
            "has neither, so there is only one."
        )
        raise SpanError("Invalid index", detail, step.start, step.end, hint="take the index in brackets away")
    if isinstance(step, nodes.Attribute) and step.name not in known:
        what = "A base image" if kind == "base_image" else "An environment"
        detail = f"{what} has no attribute named `{step.name}`."
        raise SpanError("Unsupported attribute", detail, step.start, step.end, hint=did_you_mean(step.name, known))


def attributes(kind: str) -> frozenset[str]:
    """What expressions may take of a block of this type."""
    return BASE_IMAGE_ATTRIBUTES if kind == "base_image" else ATTRIBUTES


def _called(kind: str) -> str:
    return kind.replace("_", " ")
