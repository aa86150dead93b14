"""The node's own description of its service (WSDL and schemas), and what zeep builds and reads by it.

zeep does what it is good at: the description says which elements an operation takes, zeep writes them in their order
and with their types, and reads those of an answer. It never sees an answer whose signature was not verified, and what
is sent is signed and serialised by `adapter.client.building`.
"""

from typing import Any
from urllib.parse import urlsplit

import zeep
from lxml import etree
from lxml.etree import _Element as Element
from zeep.exceptions import Error as ZeepError

from ..exchange.contract import XMLDSIG, Contract, Operation
from .errors import AnswerNotUnderstood, ContentUnusable
from .transport import NodeTransport

OMITTED = zeep.xsd.SkipValue
"""Value of a field that stands for nothing. zeep needs it where the contract leaves out several elements together."""


class ServiceDescription:
    """The service as the node describes it at `path`?wsdl.

    zeep is given paths rather than URLs, and is forbidden absolute links: so whatever the description links to comes
    from the same node or not at all.
    """

    def __init__(self, contract: Contract, path: str, transport: NodeTransport) -> None:
        """Loads the description. Raises NodeUnreachable or AnswerNotUnderstood."""
        settings = zeep.Settings(strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True)
        try:
            self._client = zeep.Client(f"{path}?wsdl", transport=transport, settings=settings)
            self._client.set_ns_prefix("t", contract.types)
            self._client.set_ns_prefix("b", contract.basic)
        except (ZeepError, etree.LxmlError, KeyError, AttributeError, ValueError) as error:
            raise AnswerNotUnderstood(f"the node's WSDL at {path}?wsdl cannot be used: {error}") from error

    def build(self, operation: Operation, **fields: Any) -> Element:
        """The envelope of a call, with an empty signature in its place; `fields` are those of the operation's element.

        Raises ContentUnusable where the contract does not allow it.
        """
        unsigned = {"_value_1": etree.Element(f"{{{XMLDSIG}}}Signature", nsmap={"ds": XMLDSIG})}
        try:
            envelope: Element = self._client.create_message(
                self._client.service, operation, **fields, CallerInformationSystemSignature=unsigned
            )
        except (ZeepError, TypeError, ValueError) as error:
            raise ContentUnusable(f"{operation}: {error}") from error
        return envelope

    def read(self, element: Element) -> Any:
        """The typed values of a global element of the contract. Raises AnswerNotUnderstood."""
        try:
            declared = self._client.get_element(element.tag)
            return declared.parse(element, self._client.wsdl.types)
        except (ZeepError, LookupError, TypeError, ValueError) as error:
            raise AnswerNotUnderstood(
                f"{etree.QName(element).localname} is not as the contract has it: {error}"
            ) from error


def service_path(contract: Contract) -> str:
    """The customary path of a contract version's service on a node (protocol §1)."""
    return f"/smev/v{contract.version}/ws"


def same_node(url: str) -> str:
    """The URL of a node without a path of the service, if one was given with it."""
    parts = urlsplit(url)
    path = parts.path.split("/smev/", 1)[0]
    return f"{parts.scheme}://{parts.netloc}{path}".rstrip("/")
