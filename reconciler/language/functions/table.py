"""All functions by name. A family is imported when one of its functions is called for the first time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from reconciler.language.functions.lazy import LAZY
from reconciler.language.functions.signature import Family, Signature

_Functions = Mapping[str, Signature]


def find(name: str) -> Signature | None:
    """The function with this name, if there is one that is called with values."""
    load = _loaders().get(name)
    return load()[name] if load else None


def names() -> frozenset[str]:
    """All that can be called."""
    return frozenset(_loaders()) | frozenset(LAZY)


def functions() -> _Functions:
    """The functions that are called with values, all of them."""
    return {name: load()[name] for name, load in _loaders().items()}


@cache
def _loaders() -> Mapping[str, Callable[[], _Functions]]:
    return {name: load for load, family in _FAMILIES.items() for name in family.split()}


def _by_name(*families: Family) -> _Functions:
    return {name: signature for family in families for name, signature in family.functions.items()}


@cache
def _texts() -> _Functions:
    from reconciler.language.functions import regexes, strings

    return _by_name(regexes.FAMILY, strings.FAMILY)


@cache
def _formats() -> _Functions:
    from reconciler.language.functions import formatting

    return _by_name(formatting.FAMILY)


@cache
def _numbers() -> _Functions:
    from reconciler.language.functions import numbers

    return _by_name(numbers.FAMILY)


@cache
def _collections() -> _Functions:
    from reconciler.language.functions import conversions, lists, maps, sets, truths

    return _by_name(conversions.FAMILY, lists.FAMILY, maps.FAMILY, sets.FAMILY, truths.FAMILY)


@cache
def _encodings() -> _Functions:
    from reconciler.language.functions import encoding

    return _by_name(encoding.FAMILY)


@cache
def _dates() -> _Functions:
    from reconciler.language.functions import dates

    return _by_name(dates.FAMILY)


@cache
def _networks() -> _Functions:
    from reconciler.language.functions import network

    return _by_name(network.FAMILY)


@cache
def _files() -> _Functions:
    from reconciler.language.functions import files, hashing, paths, templates

    return _by_name(files.FAMILY, hashing.FAMILY, paths.FAMILY, templates.FAMILY)


_FAMILIES: Mapping[Callable[[], _Functions], str] = {
    _texts: """
        chomp endswith indent join lower regex regexall replace split startswith strcontains strrev substr title trim
        trimprefix trimspace trimsuffix upper
    """,
    _formats: "format formatlist",
    _numbers: "abs ceil floor log max min parseint pow range signum sum",
    _collections: """
        alltrue anytrue chunklist coalesce coalescelist compact concat contains distinct element ephemeralasnull flatten
        index issensitive keys length lookup matchkeys merge nonsensitive one reverse sensitive setintersection
        setproduct setsubtract setunion slice sort tobool tolist tomap tonumber toset tostring transpose values zipmap
    """,
    _encodings: """
        base64decode base64encode csvdecode jsondecode jsonencode textdecodebase64 textencodebase64 urlencode yamldecode
        yamlencode
    """,
    _dates: "formatdate timeadd timecmp",
    _networks: "cidrhost cidrnetmask cidrsubnet cidrsubnets",
    _files: """
        abspath base64sha256 base64sha512 basename dirname file filebase64 filebase64sha256 filebase64sha512 fileexists
        filemd5 fileset filesha1 filesha256 filesha512 md5 sha1 sha256 sha512 templatefile templatestring uuidv5
    """,
}
