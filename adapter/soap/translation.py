"""What a sender has provided, in the words of another version of the contract.

A system that polls by one version is given messages that were sent by another. The elements have the same names in all
versions, and only their namespaces differ; the few that a version lacks are left out, and the few values that it has
no word for are replaced by the nearest (docs/explanation/versions.md). What is the business's own is copied as it is,
octet for octet in canonical form, so an official's signature over it (PersonalSignature) stays valid. The signature of
the sending system does not: it covers the element that is translated.
"""

from collections.abc import Iterator

from lxml import etree
from lxml.etree import QName
from lxml.etree import _Element as Element

from ...signing.canonical import exclusive_c14n
from ..exchange.contract import Contract
from ..exchange.writing import escape_attribute, escape_text
from .statuses import nearest_word

_FOREIGN = frozenset({"MessagePrimaryContent", "BusinessProcessMetadata", "PersonalSignature"})
"""Elements whose children are not the contract's."""
_ONLY_IN_1_3 = frozenset({"NamespaceUri", "FileName", "Archive", "RoutingStatus"})
"""Elements of what a sender provides that only 1.3 has. They stand nowhere else in it: FileName of FSAttachment, which
every version has, is the node's word to the recipient."""
_LONGEST_CODE = {"1.1": 50, "1.2": 50, "1.3": 100}
"""Characters of //SmevFault/Code."""


def translate(data: Element, source: Contract, target: Contract) -> Element:
    """`data` in the namespaces of `target`, as the root of a document of its own; `data` itself stays as it is.

    `data` is a SenderProvidedRequestData, SenderProvidedResponseData or AsyncProcessingStatus that is valid against
    `source`; the result is valid against `target`.
    """
    declarations = f' xmlns:b="{target.basic}" xmlns:t="{target.types}"'
    prefixes = {source.types: "t", source.basic: "b"}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(b"".join(_written(data, prefixes, target, declarations)), parser)


def _written(element: Element, prefixes: dict[str, str], target: Contract, declarations: str = "") -> Iterator[bytes]:
    name = QName(element)
    if name.localname in _ONLY_IN_1_3 and target.version != "1.3":
        return
    tag = f"{prefixes[name.namespace or '']}:{name.localname}"
    # What else may stand there are hints on where to find a schema: that of the source.
    identity = "".join(f' {key}="{escape_attribute(str(value))}"' for key, value in element.items() if key == "Id")
    yield f"<{tag}{declarations}{identity}>".encode()
    children = list(element.iterchildren("*"))
    if name.localname in _FOREIGN:
        yield from map(exclusive_c14n, children)
    elif children:
        for child in children:
            yield from _written(child, prefixes, target)
    else:
        text = "".join(str(part) for part in element.itertext(with_tail=False))
        yield escape_text(_value(name.localname, text, target)).encode()
    yield f"</{tag}>".encode()


def _value(name: str, text: str, target: Contract) -> str:
    if name == "StatusCategory":
        return nearest_word(text, target)
    if name == "Code":
        return text[: _LONGEST_CODE[target.version]]
    return text
