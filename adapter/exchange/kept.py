"""Reading the envelopes that the node keeps, by the fixed places of the contract.

The octets were verified when they were accepted. What is processed later must be the very element that was verified
then, so nothing here searches: an element of the same name elsewhere in the envelope (in soap:Header, say) is never
found. Comments are left out, as they were when the call was read: no signature covers them.
"""

from lxml import etree
from lxml.etree import _Element as Element

from .contract import SOAP_ENVELOPE, XMLDSIG, Contract

_BODY = f"{{{SOAP_ENVELOPE}}}Body"
_SIGNATURE = f"{{{XMLDSIG}}}Signature"


def sender_part(octets: bytes) -> tuple[Element, Element | None]:
    """The sender's data of a kept SendRequest or SendResponse envelope, and the caller's signature over it.

    The data is the first child of the operation's element (//SenderProvidedRequestData or
    //SenderProvidedResponseData), as the contract's schema demanded on acceptance.
    """
    parser = etree.XMLParser(remove_comments=True, resolve_entities=False, no_network=True)
    body = next(etree.fromstring(octets, parser).iterchildren(_BODY))
    operation = next(body.iterchildren("*"))
    data = next(operation.iterchildren("*"))
    types = data.tag[: data.tag.index("}") + 1]
    holder = operation.find(f"{types}CallerInformationSystemSignature")
    return data, None if holder is None else holder.find(_SIGNATURE)


def primary_content(contract: Contract, data: Element) -> Element:
    """The element directly under MessagePrimaryContent of the sender's data."""
    primary = next(data.iterchildren(f"{{{contract.basic}}}MessagePrimaryContent"))
    return next(primary.iterchildren("*"))
