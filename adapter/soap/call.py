"""What passes between the endpoint and the operations: a call that is valid against the contract, and its answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from lxml.etree import _Element as Element

from ..exchange.contract import Contract, Operation
from ..exchange.observing import NOBODY, CallRecord, Observer
from .outgoing import Outgoing, OutgoingPart
from .package import Part


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an operation.

    `body` is the operation's element, the only child of soap:Body, in its document, valid against the contract's
    schema; nothing has been moved or copied, so a signature may be checked on it. `octets` is the envelope as it
    arrived, without the contents of attachments (soap.xop); `contents` are these, in the order of their
    AttachmentContent, and `outgoing` is where those of the answer go. `received_at` is the node's clock (aware, UTC) at
    the arrival; `peer` is the caller's network address, for logs only. `record` is where the operation notes for
    `observer` which message the call is about.
    """

    contract: Contract
    operation: Operation
    body: Element
    octets: bytes
    received_at: datetime
    peer: str
    contents: tuple[Part, ...] = ()
    outgoing: Outgoing = field(default_factory=Outgoing)
    record: CallRecord = field(default_factory=CallRecord)
    observer: Observer = NOBODY


Handler = Callable[[Call], bytes]
"""An operation: returns the octets of the answer's element, the future child of soap:Body, which are sent as they are
(canonical where signed); raises `exchange.faults.ExchangeFault`."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over HTTP: status 200 with the answer or 500 with a soap:Fault, always a SOAP envelope.

    `parts` go beside the envelope, which includes them (XOP); mostly there are none. `call_id` is the name by which the
    log knows the call; empty where nobody watches.
    """

    status: int
    octets: bytes
    call_id: str = ""
    parts: tuple[OutgoingPart, ...] = ()
