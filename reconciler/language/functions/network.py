"""Functions of network prefixes: cidrhost, cidrnetmask, cidrsubnet, cidrsubnets."""

from __future__ import annotations

from reconciler.language.functions.prefixes import Prefix, prefix, written
from reconciler.language.functions.signature import ArgumentError, Family
from reconciler.language.functions.whole import whole
from reconciler.language.number import Number
from reconciler.language.types import STRING
from reconciler.language.value import List, Value
from reconciler.model.number_text import counted

FAMILY = Family()
function = FAMILY.function

_WIDEST_STEP = 32
_ANY_HOST = 2**128


@function("cidrhost(prefix string, hostnum number) string")
def _cidrhost(text: str, number: Number) -> Value:
    network = prefix(text)
    host = whole(number, 1, "hostnum", least=-_ANY_HOST, most=_ANY_HOST)
    size = 1 << (network.bits - network.length)
    if not -size <= host < size:
        raise ArgumentError(1, f"No address of `{network}` has the number {host}: there is room for {size}.")
    return written(network.address + (host if host >= 0 else size + host), network.bits)


@function("cidrnetmask(prefix string) string")
def _cidrnetmask(text: str) -> Value:
    network = prefix(text)
    if network.bits != 32:
        raise ArgumentError(0, "Only IPv4 networks have a mask that is written like an address.")
    return written((1 << 32) - (1 << (32 - network.length)), 32)


@function("cidrsubnet(prefix string, newbits number, netnum number) string")
def _cidrsubnet(text: str, more: Number, number: Number) -> Value:
    network = prefix(text)
    extra = whole(more, 1, "newbits", least=-network.length)
    at = whole(number, 2, "netnum", least=-_ANY_HOST, most=_ANY_HOST)
    length = network.length + extra
    if length > network.bits:
        free = network.bits - network.length
        raise ArgumentError(1, f"`{network}` leaves {counted(free, 'bit')}, and `newbits` asks for {extra}.")
    # As Terraform has it: the number is put into the address bit by bit, and then loses its sign.
    address = abs(network.address | at << (network.bits - length))
    if (extra >= 0 and abs(at) >> extra) or address >> network.bits:
        networks = counted(1 << max(extra, 0), "network")
        detail = f"With {counted(extra, 'bit')} there is room for {networks}, and {at} is too large a number."
        raise ArgumentError(2, detail)
    return str(Prefix(address, length, network.bits))


@function("cidrsubnets(prefix string, newbits... number) list(string)")
def _cidrsubnets(text: str, *steps: Number) -> Value:
    network = prefix(text)
    end = network.address + (1 << (network.bits - network.length))
    found: list[Value] = []
    following = network.address
    for at, step in enumerate(steps, 1):
        length = network.length + whole(step, at, "newbits", least=1, most=_WIDEST_STEP)
        if length > network.bits:
            raise ArgumentError(at, f"`{network}` leaves {network.bits - network.length} bits, fewer than wanted.")
        size = 1 << (network.bits - length)
        begin = -(-following // size) * size
        if begin + size > end:
            raise ArgumentError(at, f"What is left of `{network}` has no room for a network of {length} bits.")
        found.append(str(Prefix(begin, length, network.bits)))
        following = begin + size
    return List(found, STRING)
