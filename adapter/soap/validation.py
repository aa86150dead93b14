"""Validation of an envelope against its contract, with every error by line and path."""

from collections.abc import Iterator
from itertools import islice
from typing import cast

from lxml.etree import QName
from lxml.etree import _Element as Element

from ...xsd.validation import MOST_ERRORS
from ..exchange.contract import Contract, Operation
from ..exchange.faults import InvalidContent, InvalidMessageIdFormat, ValidationError
from .envelope import BATCHES, FREE_CONTENT, ParsedEnvelope, outside_content, read_again
from .schemas import SchemaSet

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_HINTS = frozenset({"schemaLocation", "noNamespaceSchemaLocation"})
_DATA = {
    Operation.SEND_REQUEST: "SenderProvidedRequestData",
    Operation.SEND_RESPONSE: "SenderProvidedResponseData",
}


def validate(parsed: ParsedEnvelope, schemas: SchemaSet) -> None:
    """Raises InvalidContent with all errors, or InvalidMessageIdFormat where only the form of MessageID is wrong.

    Business content is not looked at: its own schema judges it.
    """
    errors = list(islice(_retyped(parsed), MOST_ERRORS)) if b"XMLSchema-instance" in parsed.octets else []
    retyped = {error.path for error in errors}
    schema = schemas.contract(parsed.contract.version)
    violations = schema.errors(parsed.body)
    if violations:
        # 1.3 wants content judged where its elements or its xsi:type are known; what is not known would be an error.
        violations = schema.errors(_emptied(read_again(parsed)))
    errors.extend(
        ValidationError(violation.line, violation.path, violation.text)
        for violation in violations
        if violation.path not in retyped
    )
    if not errors:
        return
    message_id = _message_id(parsed.contract, parsed.operation, parsed.body)
    if message_id is not None and {error.path for error in errors} == {_path(parsed.body, message_id)}:
        raise InvalidMessageIdFormat(message_id.text or "")
    raise InvalidContent(tuple(errors))


def _emptied(body: Element) -> Element:
    """`body` with nothing in the elements of business content, each still in its place and on its line."""
    holders = [element for element in outside_content(body) if QName(element).localname in FREE_CONTENT]
    for content in [content for holder in holders for content in holder.iterchildren("*")]:
        if content.tag not in BATCHES:
            tail = content.tail
            content.clear()
            content.tail = tail
    return body


def _retyped(parsed: ParsedEnvelope) -> Iterator[ValidationError]:
    """xsi:type and xsi:nil in the contract's part.

    The contract has no use for them there. And a type's prefix may be bound outside what is signed, so whoever carries
    the message could give the type another meaning without breaking the signature (protocol §2).
    """
    for element in outside_content(parsed.body):
        for name in element.attrib:
            attribute = QName(name)
            if attribute.namespace == _XSI and attribute.localname not in _HINTS:
                path = _path(parsed.body, element)
                text = f"атрибут xsi:{attribute.localname} в конверте недопустим"
                yield ValidationError(cast(int, element.sourceline), path, text)


def _message_id(contract: Contract, operation: Operation, body: Element) -> Element | None:
    data = _DATA.get(operation)
    return None if data is None else body.find(f"{{{contract.types}}}{data}/{{{contract.types}}}MessageID")


def _path(root: Element, element: Element) -> str:
    names = [QName(element).localname]
    for ancestor in element.iterancestors("*") if element is not root else ():
        names.append(QName(ancestor).localname)
        if ancestor is root:
            break
    return "/".join(reversed(names))
