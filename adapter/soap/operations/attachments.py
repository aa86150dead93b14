"""Attachments of a message: each header has its content and each content its header, and a signature covers it.

AttachmentContentList lies outside the caller's signature, so only an attachment's own PKCS#7 signature ties its content
to whoever sent it (MR 3.3, sections 3.2.2 and 4.5.4); one without it is refused.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml.etree import _Element as Element

from ....signing.detached import from_base64, verify_file
from ....signing.errors import SignatureMissing, SigningError
from ...exchange.contract import Contract
from ...exchange.faults import (
    AttachmentContentMiscoordination,
    AttachmentSizeLimitExceeded,
    shortened,
)
from ...exchange.observing import Step, StepRecord
from ..call import Call
from ..envelope import outside_content
from ..package import Part
from .caller import as_fault
from .context import ExchangeContext


@dataclass(frozen=True, slots=True)
class Attachment:
    """The content of an attachment whose signature was verified. See `exchange.ports.Attached`."""

    content_id: str
    part: Part

    @property
    def size(self) -> int:
        """How many octets it has."""
        return self.part.size

    def octets(self) -> bytes:
        """The content itself."""
        return self.part.octets()


def check_attachments(context: ExchangeContext, call: Call, data: Element) -> tuple[Attachment, ...]:
    """The attachments of `data` (what the caller has signed), in the order of their contents.

    Raises AttachmentContentMiscoordination, AttachmentSizeLimitExceeded, SignatureVerificationFault, SMEVFailure.
    """
    headers = list(_headers(call.contract, data))
    contents = _contents(call)
    if not headers and not contents:
        return ()
    by_id = _coordinated(call.contract, headers, [content_id for content_id, _ in contents])
    size = sum(part.size for _, part in contents)
    if size > context.limits.attachments:
        raise AttachmentSizeLimitExceeded(context.limits.attachments, size)
    attachments = tuple(Attachment(content_id, part) for content_id, part in contents)
    for attachment in attachments:
        _verify(context, call, by_id[attachment.content_id], attachment)
    return attachments


def _headers(contract: Contract, data: Element) -> Iterator[Element]:
    """The headers of the message, and of the records of a registry request."""
    header = f"{{{contract.basic}}}AttachmentHeader"
    return (element for element in outside_content(data) if element.tag == header)


def _contents(call: Call) -> list[tuple[str, Part]]:
    """Contents with their ids. `call.contents` has one for each AttachmentContent, in their order."""
    basic = f"{{{call.contract.basic}}}"
    ids = call.body.iterfind(f"{basic}AttachmentContentList/{basic}AttachmentContent/{basic}Id")
    return [((element.text or "").strip(), part) for element, part in zip(ids, call.contents, strict=True)]


def _coordinated(contract: Contract, headers: Sequence[Element], ids: Sequence[str]) -> dict[str, Element]:
    """The header of each content."""
    named = [(header.findtext(f"{{{contract.basic}}}contentId") or "").strip() for header in headers]
    for listed, where in ((named, "AttachmentHeader с contentId"), (ids, "AttachmentContent с Id")):
        twice = [one for one, count in Counter(listed).items() if count > 1]
        if twice:
            raise AttachmentContentMiscoordination(f"{where} «{shortened(twice[0])}» повторяется")
    for one in named:
        if one not in ids:
            raise AttachmentContentMiscoordination(f"для заголовка с contentId «{shortened(one)}» нет содержимого")
    for one in ids:
        if one not in named:
            raise AttachmentContentMiscoordination(f"для содержимого с Id «{shortened(one)}» нет заголовка")
    return dict(zip(named, headers, strict=True))


def _verify(context: ExchangeContext, call: Call, header: Element, attachment: Attachment) -> None:
    name = f"«{shortened(attachment.content_id)}»"
    signature = header.find(f"{{{call.contract.basic}}}SignaturePKCS7")
    try:
        with call.observer.watch(StepRecord(Step.VERIFY)):
            if signature is None:
                raise SignatureMissing
            der = from_base64("".join(str(part) for part in signature.itertext()))
            verify_file(der, attachment.part.chunks(), trust=context.trust, at=call.received_at, policy=context.policy)
    except SigningError as error:
        raise as_fault(error, f"вложение {name}, строка {header.sourceline}", file=True) from error
