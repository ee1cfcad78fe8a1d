"""`required_version`: which versions of envform may read a project."""

from __future__ import annotations

from reconciler.model.pattern import lazy_pattern

UNSUPPORTED = "Unsupported envform version"

_TERM = lazy_pattern(r"\s*(?P<operator>=|!=|>=|<=|>|<|~>)?\s*v?(?P<version>[0-9]+(?:\.[0-9]+)*[0-9A-Za-z.+-]*)\s*")
_PESSIMISTIC = "~>"


def check_version(required: str, running: str) -> tuple[str, str] | None:
    """Summary and detail of what is wrong with a constraint, or with the version that runs under it."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    found = [_TERM.fullmatch(term) for term in required.split(",")]
    # What is no term is left as it is: no specifier set takes it.
    terms = [_term(one["operator"] or "=", one["version"]) if one else "no version" for one in found]
    try:
        allowed = SpecifierSet(",".join(terms))
    except InvalidSpecifier:
        detail = f"`{required}` is no version constraint. Write, for example, `>= 1.2.0, < 2.0.0` or `~> 1.2`."
        return "Invalid version constraint", detail
    if not running or allowed.contains(running, prereleases=True):
        return None
    detail = (
        f"This project wants envform {required}, and this is envform {running}. Use another version of envform, or "
        "change `required_version` once you know that the project works with this one."
    )
    return UNSUPPORTED, detail


def _term(operator: str, version: str) -> str:
    """Terraform's spelling of one term as Python's."""
    if operator == _PESSIMISTIC:
        # `~> 1` has no part that could grow but the first.
        return f"~={version}" if "." in version else f">={version}"
    return f"{'==' if operator == '=' else operator}{version}"
