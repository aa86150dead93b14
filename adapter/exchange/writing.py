"""Writing of canonical XML octets, for the elements that the node itself makes and signs.

What the node writes it also signs, and a signature is computed over canonical octets. So the node writes them in
canonical form at once (Exclusive XML Canonicalization 1.0, https://www.w3.org/TR/xml-exc-c14n/) instead of building a
tree, serialising it and canonicalising it again: the octets hashed are the octets sent.
"""

import re
import secrets
from datetime import UTC, datetime

_TEXT = re.compile(r"[&<>\r]")
_ATTRIBUTE = re.compile('[&<"\t\n\r]')
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}


def _entity(match: re.Match[str]) -> str:
    return _ENTITIES[match.group()]


def escape_text(value: str) -> str:
    """`value` as character data in canonical form."""
    return _TEXT.sub(_entity, value)


def escape_attribute(value: str) -> str:
    """`value` as the content of a double-quoted attribute in canonical form."""
    return _ATTRIBUTE.sub(_entity, value)


def element(name: str, value: str) -> str:
    """An element without attributes that holds text; `name` bears its prefix, which the caller has declared."""
    return f"<{name}>{escape_text(value)}</{name}>"


def optional(name: str, value: str | None) -> str:
    """Like `element`, or nothing where there is no value."""
    return "" if value is None else element(name, value)


def new_element_id() -> str:
    """A fresh XML Id (an NCName) that nobody can foresee, so that nothing in business content can bear the same."""
    return f"ID-{secrets.token_hex(12)}"


def timestamp(moment: datetime) -> str:
    """`moment` (aware) as xs:dateTime in UTC with milliseconds, the precision that participants' tools keep."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
