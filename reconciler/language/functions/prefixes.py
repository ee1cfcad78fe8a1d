"""Network prefixes such as `10.0.0.0/8`: how they are read and written."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv6Address

from reconciler.language.functions.signature import ArgumentError
from reconciler.language.value import shown
from reconciler.model.frozen import dataclass

_MAPPED = 0xFFFF


@dataclass(frozen=True, slots=True)
class Prefix:
    """The first `length` of `bits` bits are given; those of the address after them are 0."""

    address: int
    length: int
    bits: int

    def __str__(self) -> str:
        return f"{written(self.address, self.bits)}/{self.length}"


def prefix(text: str) -> Prefix:
    """The prefix that a text spells; the argument 0 is refused where it spells none."""
    address, slash, length = text.partition("/")
    bits = 128 if ":" in address else 32
    value = _address(address, bits)
    if value is None or not slash or not (length.isascii() and length.isdigit()) or not len(length) < 4:
        raise _refused(text)
    if int(length) > bits:
        raise _refused(text, f" Its length may be {bits} at most.")
    if bits == 128 and value >> 32 == _MAPPED:
        raise _refused(text, " Write an IPv4 address as such, and not inside of an IPv6 one.")
    shift = bits - int(length)
    return Prefix(value >> shift << shift, int(length), bits)


def written(address: int, bits: int) -> str:
    """An address as texts show it."""
    if bits == 32:
        return str(IPv4Address(address))
    if address >> 32 == _MAPPED:
        return f"::ffff:{IPv4Address(address & 0xFFFFFFFF)}"
    return IPv6Address(address).compressed


def _address(text: str, bits: int) -> int | None:
    if bits == 32:
        parts = text.split(".")
        numbers = [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) <= 3]
        if len(parts) != 4 or len(numbers) != 4 or max(numbers) > 255:
            return None
        return int.from_bytes(bytes(numbers), "big")
    try:
        return None if "%" in text else int(IPv6Address(text))
    except AddressValueError:
        return None


def _refused(text: str, more: str = "") -> ArgumentError:
    return ArgumentError(0, f"{shown(text)} is no network prefix such as `10.0.0.0/8`.{more}")
