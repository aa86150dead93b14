"""What the client sends, as octets made beforehand: the client's own cost is left out of the figures."""

from dataclasses import dataclass
from datetime import datetime

from ...signing.keys import SigningKey
from ...signing.xmldsig import sign_octets
from ..exchange.contract import SOAP_ENVELOPE, Contract, Operation
from ..exchange.writing import element, timestamp

_ID = "SIGNED_BY_CALLER"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who signs calls of one contract version with one key."""

    contract: Contract
    key: SigningKey

    def send_request(self, message_id: str, content: bytes) -> bytes:
        """SendRequest with the business content, canonical octets of its root element."""
        types, basic = self._namespaces()
        before = (
            f'<t:SenderProvidedRequestData xmlns:t="{types}" Id="{_ID}">{element("t:MessageID", message_id)}'
            f'<b:MessagePrimaryContent xmlns:b="{basic}">'
        )
        after = b"</b:MessagePrimaryContent></t:SenderProvidedRequestData>"
        return self._envelope(Operation.SEND_REQUEST, b"".join((before.encode(), content, after)))

    def get_response(self, now: datetime) -> bytes:
        """GetResponse for whatever is next."""
        _, basic = self._namespaces()
        selector = f'<b:MessageTypeSelector xmlns:b="{basic}" Id="{_ID}">{element("b:Timestamp", timestamp(now))}'
        return self._envelope(Operation.GET_RESPONSE, f"{selector}</b:MessageTypeSelector>".encode())

    def ack(self, message_id: str) -> bytes:
        """Ack of a message that was fetched."""
        _, basic = self._namespaces()
        target = f'<b:AckTargetMessage xmlns:b="{basic}" Id="{_ID}" accepted="true">{message_id}</b:AckTargetMessage>'
        return self._envelope(Operation.ACK, target.encode())

    def _namespaces(self) -> tuple[str, str]:
        return self.contract.types, self.contract.basic

    def _envelope(self, operation: Operation, signed: bytes) -> bytes:
        root = f"t:{operation}Request"
        before = f'<S:Envelope xmlns:S="{SOAP_ENVELOPE}"><S:Body><{root} xmlns:t="{self.contract.types}">'
        after = f"</t:CallerInformationSystemSignature></{root}></S:Body></S:Envelope>"
        signature = sign_octets(signed, _ID, self.key)
        return b"".join((before.encode(), signed, b"<t:CallerInformationSystemSignature>", signature, after.encode()))
