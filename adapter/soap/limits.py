"""What one envelope may cost the node, before anything in it is looked at.

A few megabytes of tiny elements, attributes or namespace declarations take hundreds of megabytes of memory, and some
things that must be done with them (canonicalisation, positions in messages of validation) take time that grows with the
square of their number. The limits keep both far below a second.
"""

from dataclasses import dataclass

DEEPEST = 256
"""Deepest nesting of elements; libxml2 sets it for every document that is not declared huge."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one envelope.

    `octets` is its longest size in bytes; `markup` the most tags, start and end tags together, comments and processing
    instructions; `declarations` the most namespace declarations; `children` the most child elements of one element;
    `attributes` the most attributes of one element, and the most namespace declarations in force at one place.
    """

    octets: int = 8 * 1024 * 1024
    markup: int = 500_000
    declarations: int = 20_000
    children: int = 10_000
    attributes: int = 256


DEFAULT_LIMITS = Limits()
