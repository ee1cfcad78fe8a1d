"""Input variables: what they may be, and what they are in this run."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.language.assignment import Assignment
from reconciler.language.assignments import assigned
from reconciler.language.conditions import failure
from reconciler.language.conversion import convert
from reconciler.language.declaration import Declaration
from reconciler.language.declared_types import declared_type
from reconciler.language.expression import evaluate
from reconciler.language.failures import failures
from reconciler.language.filled import fill
from reconciler.language.inputs import Inputs
from reconciler.language.lookups import check_constant
from reconciler.language.project import UNDECIDED, Project
from reconciler.language.scope import Scope
from reconciler.language.span import FollowingError, RefusedError, SpanError
from reconciler.language.types import ANY, Type
from reconciler.language.value import UNKNOWN, Unknown, Value, is_null, mark
from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Variable:
    """One `variable` block; `type` is None where none is declared, and `lost` where nobody can tell what was meant."""

    name: str
    declaration: Declaration
    type: Type | None
    default: Value
    sensitive: bool
    nullable: bool
    lost: bool = False

    @property
    def has_default(self) -> bool:
        """Whether a run need not give a value."""
        return "default" in self.declaration.arguments

    @property
    def type_text(self) -> str:
        """The declared type as it is written."""
        return str((self.type or ANY).exact)


def read_variable(name: str, declaration: Declaration, problems: Diagnostics) -> Variable:
    """The parts of a block; of what is wrong, the most that can still be said."""
    filled = fill(declaration, Scope(), problems)
    type_: Type | None = None
    default: Value = UNKNOWN
    lost = False
    try:
        if argument := declaration.arguments.get("type"):
            type_ = declared_type(argument.value)
    except SpanError as error:
        declaration.report(error, problems)
        lost = True
    nullable = filled.flag("nullable") is not False
    if "default" in declaration.arguments:
        default = _default(declaration, type_ or ANY, nullable=nullable, problems=problems)
    return Variable(name, declaration, type_, default, filled.flag("sensitive") is True, nullable, lost)


def _default(declaration: Declaration, type_: Type, *, nullable: bool, problems: Diagnostics) -> Value:
    node = declaration.arguments["default"].value
    try:
        check_constant(node)
        return _not_null(evaluate(node, Scope()), type_, nullable=nullable)
    except SpanError as error:
        declaration.report_all(failures(node, Scope(), error), problems)
    except RefusedError as refused:
        detail = f"The default does not suit the variable. {refused.detail}"
        told = SpanError("Invalid default value for variable", detail, node.start, node.end, hint=refused.hint)
        declaration.report(told, problems)
    # Something is there, though nobody knows what it was meant to be.
    return Unknown(type_.exact)


def _not_null(value: Value, type_: Type, *, nullable: bool) -> Value:
    if is_null(value) and not nullable:
        raise RefusedError("", "The variable says `nullable = false`, and this is null.")
    return convert(value, type_)


def value_of(variable: Variable, assignment: Assignment | None, problems: Diagnostics) -> Value:
    """The variable's value in this run; unknown where there is none, and then a problem was told."""
    value = variable.default if assignment is None else _assigned(variable, assignment, problems)
    if assignment is None and not variable.has_default:
        _report_missing(variable, problems)
    return mark(UNKNOWN if variable.lost else value, variable.sensitive)


def _assigned(variable: Variable, assignment: Assignment, problems: Diagnostics) -> Value:
    try:
        value = assignment.value(variable.type)
        if is_null(value) and not variable.nullable and variable.has_default:
            return variable.default
        return _not_null(value, variable.type or ANY, nullable=variable.nullable)
    except FollowingError:
        pass
    except SpanError as error:
        told = assignment.passage.diagnostic(error)
        problems.add(_told(variable, assignment, told.summary, told.detail) if variable.sensitive else told)
    except RefusedError as refused:
        detail = f"The value for `var.{variable.name}`, from {assignment.source}, does not suit it. {refused.detail}"
        if variable.sensitive:
            detail = (
                f"The value for `var.{variable.name}`, from {assignment.source}, does not suit its type, "
                f"`{variable.type_text}`. The variable is sensitive, so the value is not shown."
            )
        problems.add(_told(variable, assignment, "Invalid value for input variable", detail, refused.hint))
    return Unknown((variable.type or ANY).exact)


def _told(variable: Variable, assignment: Assignment, summary: str, detail: str, hint: str = "") -> Diagnostic:
    """Where the value stands; where the variable is sensitive, at its declaration, for source lines are shown."""
    if variable.sensitive:
        declaration = variable.declaration
        place = declaration.passage.place(*declaration.header_span, declaration.context)
        return Diagnostic.error(summary, detail).at(place)
    return Diagnostic.error(summary, detail, hint=hint).at(assignment.passage.place(*assignment.span))


def _report_missing(variable: Variable, problems: Diagnostics) -> None:
    name = variable.name
    detail = (
        f"The variable `{name}` has no default, so a value must be given in one of three ways: a line "
        f"`{name} = …` in `envform.vars.hcl`, the environment variable `ENVFORM_VAR_{name}`, or the flag:\n\n"
        f"    envform plan -var={name}=VALUE"
    )
    declaration = variable.declaration
    declaration.report(SpanError("No value for required variable", detail, *declaration.header_span), problems)


def give_values(declared: Mapping[str, Declaration], inputs: Inputs, problems: Diagnostics) -> dict[str, Value]:
    """The value of each variable in this run."""
    given = assigned(inputs, declared, problems)
    variables = (read_variable(name, declaration, problems) for name, declaration in declared.items())
    return {variable.name: value_of(variable, given.get(variable.name), problems) for variable in variables}


def check_validations(project: Project, problems: Diagnostics) -> None:
    """Hold every variable's value to its own rules."""
    for block in project.declared.variables.values():
        for rule in block.nested("validation"):
            found = failure(rule, project.scope(UNDECIDED), problems)
            if found is not None:
                detail = f"{found.detail}\n\nThis was checked by the rule at {rule.where}."
                told = SpanError("Invalid value for variable", detail, *block.header_span, values=found.values)
                block.report(told, problems)
