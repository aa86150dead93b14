"""Envelopes of contract 1.2 for tests of what comes before the operations: valid by the schema, signed by nobody."""

from mezhved.adapter.exchange.contract import CONTRACTS, SOAP_ENVELOPE, XMLDSIG

CONTRACT = CONTRACTS["1.2"]
MESSAGE_ID = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
SIGNATURE = f'<ds:Signature xmlns:ds="{XMLDSIG}"><ds:SignedInfo/></ds:Signature>'
_NAMESPACES = f'xmlns:t="{CONTRACT.types}" xmlns:b="{CONTRACT.basic}"'
_CALLER = f"<t:CallerInformationSystemSignature>{SIGNATURE}</t:CallerInformationSystemSignature>"


def envelope(body: str, header: str = "") -> bytes:
    """An envelope around `body`."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<S:Envelope xmlns:S="{SOAP_ENVELOPE}">{header}<S:Body>\n{body}\n</S:Body></S:Envelope>'
    ).encode()


def in_version(octets: bytes, version: str) -> bytes:
    """The same envelope in the namespaces of another version of the contract."""
    for namespace in ("types/", "types/basic/"):
        octets = octets.replace(f"{namespace}1.2".encode(), f"{namespace}{version}".encode())
    return octets


def send_request(
    *, message_id: str = MESSAGE_ID, fields: str = "", content: str = '<k:Ask xmlns:k="urn:kind">текст</k:Ask>'
) -> bytes:
    """A SendRequest; `fields` stand between MessageID and the content, each on a line of its own where lines matter."""
    return envelope(
        f"<t:SendRequestRequest {_NAMESPACES}>\n"
        f'<t:SenderProvidedRequestData Id="SIGNED">\n<t:MessageID>{message_id}</t:MessageID>\n{fields}'
        f"<b:MessagePrimaryContent>{content}</b:MessagePrimaryContent>\n</t:SenderProvidedRequestData>\n"
        f"{_CALLER}</t:SendRequestRequest>"
    )


def get_response(selector: str = "") -> bytes:
    """A GetResponse; `selector` stands before the time."""
    return envelope(
        f'<t:GetResponseRequest {_NAMESPACES}><b:MessageTypeSelector Id="SIGNED">{selector}'
        f"<b:Timestamp>2026-11-22T10:00:00Z</b:Timestamp></b:MessageTypeSelector>{_CALLER}</t:GetResponseRequest>"
    )


def get_request() -> bytes:
    """A GetRequest."""
    return get_response().replace(b"GetResponseRequest", b"GetRequestRequest")


def get_status() -> bytes:
    """A GetStatus."""
    return envelope(
        f'<t:GetStatusRequest {_NAMESPACES}><b:Timestamp Id="SIGNED">2026-11-22T10:00:00Z</b:Timestamp>'
        f"{_CALLER}</t:GetStatusRequest>"
    )


def ack(message_id: str = MESSAGE_ID, accepted: str = 'accepted="true" ') -> bytes:
    """An Ack."""
    return envelope(
        f'<t:AckRequest {_NAMESPACES}><b:AckTargetMessage {accepted}Id="SIGNED">{message_id}</b:AckTargetMessage>'
        f"{_CALLER}</t:AckRequest>"
    )


def send_response(business: str) -> bytes:
    """A SendResponse; `business` is what it says: content, RequestRejected, RequestStatus or AsyncProcessingStatus."""
    return envelope(
        f'<t:SendResponseRequest {_NAMESPACES}><t:SenderProvidedResponseData Id="SIGNED">'
        f"<t:MessageID>{MESSAGE_ID}</t:MessageID><t:To>address</t:To>{business}</t:SenderProvidedResponseData>"
        f"{_CALLER}</t:SendResponseRequest>"
    )
