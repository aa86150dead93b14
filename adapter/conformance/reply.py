"""What a node answered, as far as a fixture can expect anything of it: an element of the contract, or a fault."""

from dataclasses import dataclass

from lxml.etree import QName
from lxml.etree import _Element as Element

from ..exchange.contract import SOAP_ENVELOPE, Contract
from ..exchange.faults import EXCHANGE_FAULTS, ClientFault, Fault, MustUnderstand, ServerFault, VersionMismatch
from .reading import UnreadableError, parse_xml
from .wire import HttpReply


@dataclass(frozen=True, slots=True)
class FaultReply:
    """A SOAP fault: `code` is the local name of faultcode (`Server`); `name`, `number` (SMEV-NNN) and `problem` (value
    of SignatureVerificationFault) are what its detail says; `text` is all of its words together.
    """

    code: str
    name: str | None
    number: str | None
    problem: str | None
    text: str
    errors: tuple[str, ...]

    @property
    def label(self) -> str:
        """The fault in a word or two: `SignatureVerificationFault/NoSignatureFound`, `soap:Client`."""
        return "/".join(filter(None, (self.name or f"soap:{self.code}", self.problem)))

    @property
    def kind(self) -> type[Fault]:
        """The fault as our own code knows it, which has its meaning and what a client does about it."""
        return EXCHANGE_FAULTS.get(self.name or "") or _OF_SOAP.get(self.code, ServerFault)


_OF_SOAP: dict[str, type[Fault]] = {
    "Client": ClientFault,
    "VersionMismatch": VersionMismatch,
    "MustUnderstand": MustUnderstand,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: HTTP status, the only element of soap:Body if there is one, and the fault if it is one."""

    status: int
    body: Element | None
    fault: FaultReply | None

    @property
    def summary(self) -> str:
        """The answer in a few words, for a report."""
        if self.fault is not None:
            label = " ".join(filter(None, (self.fault.label, self.fault.number)))
            return f"HTTP {self.status} {label}: {self.fault.text[:300]}"
        return f"HTTP {self.status} {'no SOAP' if self.body is None else QName(self.body).localname}"


def read_reply(reply: HttpReply) -> Reply:
    """The answer in `reply`; an answer that is no SOAP has neither body nor fault."""
    try:
        root = parse_xml(reply.octets)
    except UnreadableError:
        return Reply(reply.status, None, None)
    body = root.find(f"{{{SOAP_ENVELOPE}}}Body")
    return Reply(reply.status, None if body is None else next(body.iterchildren("*"), None), find_fault(root))


def find_fault(root: Element) -> FaultReply | None:
    """The fault in an envelope, if it holds one."""
    fault = root.find(f"{{{SOAP_ENVELOPE}}}Body/{{{SOAP_ENVELOPE}}}Fault")
    return None if fault is None else _read_fault(fault)


def _read_fault(fault: Element) -> FaultReply:
    detail = next(fault.iterchildren("detail"), None)
    named = None if detail is None else next(detail.iterchildren("*"), None)
    inner = {} if named is None else {QName(child).localname: child for child in named.iterdescendants("*")}
    errors = () if named is None else tuple(_text(error) for error in named.iter("{*}ValidationError"))
    words = [fault.findtext("faultstring") or "", *errors]
    if "Description" in inner:
        words.append(_text(inner["Description"]))
    return FaultReply(
        code=(fault.findtext("faultcode") or "").rpartition(":")[2],
        name=None if named is None else QName(named).localname,
        number=_text(inner["Code"]) if "Code" in inner else None,
        problem=_text(inner["SignatureVerificationFault"]) if "SignatureVerificationFault" in inner else None,
        text="\n".join(dict.fromkeys(filter(None, words))),
        errors=errors,
    )


def _text(element: Element) -> str:
    return "".join(str(part) for part in element.itertext()).strip()


@dataclass(frozen=True, slots=True)
class Rejected:
    """One RequestRejected: the contract's reason, and the description `CODE|path|text` of a register split in three."""

    reason: str
    code: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message fetched from a queue: its own MessageID, that of the request that it is or answers, and what it says.

    `interim` is the StatusCode of a RequestStatus, `notice` the StatusCategory of an AsyncProcessingStatus: what the
    node itself says.
    """

    message_id: str
    request_id: str
    content: Element | None
    rejected: tuple[Rejected, ...]
    interim: str | None
    body: Element
    notice: str | None = None

    @property
    def summary(self) -> str:
        """The message in a few words, for a report."""
        if self.content is not None:
            return str(QName(self.content).localname)
        if self.rejected:
            return "rejected: " + "; ".join(
                " ".join(filter(None, (one.reason, one.code, one.path, one.text))) for one in self.rejected
            )
        if self.interim is not None:
            return f"interim status {self.interim}"
        if self.notice is not None:
            return f"the node's word: {self.notice}"
        return "a message with neither content nor rejections nor a status"


def read_delivered(contract: Contract, body: Element) -> Delivered | None:
    """The message in an answer to GetRequest or GetResponse; None where the queue was empty."""
    types = f"{{{contract.types}}}"
    request = body.find(f"{types}RequestMessage/{types}Request")
    message = body.find(f"{types}ResponseMessage/{types}Response") if request is None else request
    if message is None:
        return None
    data = next(message.iterchildren(f"{types}SenderProvidedRequestData", f"{types}SenderProvidedResponseData"), None)
    message_id = message.findtext(f"{types}MessageMetadata/{types}MessageId") or ""
    if data is None:
        return Delivered(message_id, message.findtext(f"{types}OriginalMessageId") or "", None, (), None, body)
    message_id = data.findtext(f"{types}MessageID") or message_id
    content = data.find(f"{{{contract.basic}}}MessagePrimaryContent")
    return Delivered(
        message_id=message_id,
        request_id=message_id if message is request else message.findtext(f"{types}OriginalMessageId") or "",
        content=None if content is None else next(content.iterchildren("*"), None),
        rejected=tuple(_rejected(one, types) for one in data.iterchildren(f"{types}RequestRejected")),
        interim=data.findtext(f"{types}RequestStatus/{types}StatusCode"),
        body=body,
        notice=data.findtext(f"{types}AsyncProcessingStatus/{types}StatusCategory"),
    )


def _rejected(element: Element, types: str) -> Rejected:
    description = element.findtext(f"{types}RejectionReasonDescription") or ""
    code, path, text = description.split("|", 2) if description.count("|") >= 2 else ("", "", description)
    return Rejected(element.findtext(f"{types}RejectionReasonCode") or "", code, path, text)
