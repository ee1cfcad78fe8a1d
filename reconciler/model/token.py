"""What tokens of well-known services look like: wherever they stand, they let somebody in."""

from __future__ import annotations

from reconciler.model.pattern import lazy_pattern

TOKEN = lazy_pattern(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{50,255}|glpat-[\w-]{20,64}|hf_[A-Za-z0-9]{30,64}"
    r"|npm_[A-Za-z0-9]{36}|pypi-AgEI[\w-]{50,400}|xox[abprs]-[\w-]{10,200}|sk-(?:proj-|ant-)?[\w-]{40,200}"
    r"|eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,2000})"
)
