"""What white space is."""

from __future__ import annotations

# Unicode's property, without the separators that Python counts in.
SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
