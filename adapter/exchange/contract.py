"""The public contract as data: versions, namespaces, operations and the place of every signature.

Sources: exchange contract 1.1, 1.2, 1.3 (WSDL and schemas), methodical recommendations 3.3.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

SOAP_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
_BASE = "urn://x-artefacts-smev-gov-ru/services/message-exchange"


class Operation(StrEnum):
    """Operations of the contract; the value is the name in WSDL and in `soapAction: "urn:<Operation>"`."""

    SEND_REQUEST = "SendRequest"
    SEND_RESPONSE = "SendResponse"
    GET_REQUEST = "GetRequest"
    GET_RESPONSE = "GetResponse"
    GET_STATUS = "GetStatus"
    ACK = "Ack"
    GET_INCOMING_QUEUE_STATISTICS = "GetIncomingQueueStatistics"


class SignatureRole(StrEnum):
    """Who made a signature of an envelope, and what for (the `role` of `mezhved verify --json`)."""

    CALLER = "caller"
    PERSON = "person"
    NODE = "node"
    SENDER = "sender"
    ROUTING = "routing"
    RECORD = "record"


@dataclass(frozen=True)
class Contract:
    """One version of the contract: its number and the namespaces that follow from it."""

    version: str

    @cached_property
    def service(self) -> str:
        """Target namespace of the WSDL."""
        return f"{_BASE}/{self.version}"

    @cached_property
    def types(self) -> str:
        """Namespace of the operations' elements."""
        return f"{_BASE}/types/{self.version}"

    @cached_property
    def basic(self) -> str:
        """Namespace of the shared elements (selectors, contents, attachments)."""
        return f"{_BASE}/types/basic/{self.version}"

    @cached_property
    def faults(self) -> str:
        """Namespace of the fault details."""
        return f"{_BASE}/types/faults/{self.version}"

    @cached_property
    def routing(self) -> str:
        """Namespace of the routing block (1.3 only)."""
        return f"{_BASE}/types/routing/{self.version}"

    @cached_property
    def directive(self) -> str:
        """Namespace of registry (batched) requests (1.3 only)."""
        return f"{_BASE}/types/directive/{self.version}"

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """The operations of this version: only 1.1 tells statistics of queues."""
        statistics = Operation.GET_INCOMING_QUEUE_STATISTICS
        return tuple(one for one in Operation if one is not statistics or self.version == "1.1")

    def request_root(self, operation: Operation) -> str:
        """Clark name of the element that calls `operation`, the only child of soap:Body."""
        return f"{{{self.types}}}{operation}Request"

    def response_root(self, operation: Operation) -> str:
        """Clark name of the element that answers `operation`."""
        return f"{{{self.types}}}{operation}Response"


CONTRACTS: dict[str, Contract] = {version: Contract(version) for version in ("1.1", "1.2", "1.3")}
"""Every version of the contract by its number."""
