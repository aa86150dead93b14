"""Attachments of received messages: taken out of the answer, and each held against its header and its signature."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml.etree import _Element as Element

from ...signing.detached import check_signature, from_base64, verify_file
from ...signing.errors import SigningError
from ...signing.policy import SignaturePolicy
from ...signing.trust import TrustStore
from ..exchange.contract import Contract
from ..exchange.faults import ClientFault, Fault
from ..soap.envelope import outside_content
from ..soap.package import Package, PackageLimits, content_type, read_package
from ..soap.xop import resolve
from .answers import ReceivedFile
from .errors import AnswerNotTrusted, AnswerNotUnderstood
from .storing import WaitingFile
from .transport import HttpAnswer

_PACKAGE = "multipart/related"


@dataclass(frozen=True, slots=True)
class Judging:
    """By what the signatures of files are judged: whom to trust, at which moment, and what is accepted."""

    trust: TrustStore
    at: datetime
    policy: SignaturePolicy


def unpacked(answer: HttpAnswer, most: int) -> tuple[bytes, tuple[bytes, ...]]:
    """The envelope of an answer without the contents of its attachments, and these in their order.

    `most` is the longest envelope, in bytes. Raises AnswerNotUnderstood.
    """
    if content_type(answer.content_type).get_content_type() != _PACKAGE:
        return _resolved(Package(answer.octets), most)
    try:
        package = asyncio.run(read_package(_once(answer.octets), answer.content_type, PackageLimits(envelope=most)))
    except Fault as fault:
        raise AnswerNotUnderstood(f"the answer is no MIME package that can be read: {fault.description}") from fault
    with package:
        return _resolved(package, most)


def received_files(
    contract: Contract,
    signed: Element,
    body: Element,
    contents: Sequence[bytes],
    judging: Judging,
) -> tuple[ReceivedFile, ...]:
    """The attachments of a delivered message, in the order of their headers in `signed`, what the node has signed.

    `body` is the operation's element, whose AttachmentContentList has one element for each of `contents`. Raises
    AnswerNotTrusted.
    """
    basic = f"{{{contract.basic}}}"
    ids = [(one.findtext(f"{basic}Id") or "").strip() for one in body.iter(f"{basic}AttachmentContent")]
    by_id = dict(zip(ids, contents, strict=True)) if len(ids) == len(contents) else {}
    headers = [element for element in outside_content(signed) if element.tag == f"{basic}AttachmentHeader"]
    if len(headers) != len(by_id) or len(by_id) != len(contents):
        raise AnswerNotTrusted("the attachments of the message do not fit their headers one to one")
    files = []
    for header in headers:
        content_id = (header.findtext(f"{basic}contentId") or "").strip()
        if content_id not in by_id:
            raise AnswerNotTrusted(f"the attachment {content_id} has a header and no content")
        try:
            signature = from_base64(header.findtext(f"{basic}SignaturePKCS7") or "")
            verified = verify_file(
                signature, [by_id[content_id]], trust=judging.trust, at=judging.at, policy=judging.policy
            )
        except SigningError as error:
            raise AnswerNotTrusted(
                f"the signature of the attachment {content_id} is not accepted: {error.code}: {error}"
            ) from error
        mime_type = header.findtext(f"{basic}MimeType") or ""
        files.append(ReceivedFile(content_id, mime_type, by_id[content_id], verified.certificate))
    return tuple(files)


def waiting_files(contract: Contract, signed: Element, judging: Judging) -> tuple[WaitingFile, ...]:
    """The files beside a delivered message, in the order of their headers in `signed`, what the node has signed.

    Raises AnswerNotTrusted.
    """
    basic = f"{{{contract.basic}}}"
    access = {one.findtext(f"{basic}uuid"): one for one in signed.iter(f"{basic}FSAttachment")}
    files = []
    for header in [element for element in outside_content(signed) if element.tag == f"{basic}RefAttachmentHeader"]:
        file_id = (header.findtext(f"{basic}uuid") or "").strip()
        told = access.get(file_id)
        if told is None:
            raise AnswerNotTrusted(f"the message names the file {file_id}, but not how to fetch it")
        try:
            signature = from_base64(header.findtext(f"{basic}SignaturePKCS7") or "")
            verified = check_signature(signature, trust=judging.trust, at=judging.at, policy=judging.policy)
        except SigningError as error:
            raise AnswerNotTrusted(
                f"the signature of the file {file_id} is not accepted: {error.code}: {error}"
            ) from error
        files.append(
            WaitingFile(
                file_id=file_id,
                name=told.findtext(f"{basic}FileName") or "",
                mime_type=header.findtext(f"{basic}MimeType") or "",
                signer=verified.certificate,
                algorithm=verified.algorithm,
                digest=verified.digest,
                user=told.findtext(f"{basic}UserName") or "",
                password=told.findtext(f"{basic}Password") or "",
            )
        )
    return tuple(files)


def _resolved(package: Package, most: int) -> tuple[bytes, tuple[bytes, ...]]:
    try:
        resolved = resolve(package.envelope, package.parts, most=most)
    except ClientFault as fault:
        raise AnswerNotUnderstood(f"the answer's attachments cannot be read: {fault.description}") from fault
    return resolved.envelope, tuple(part.octets() for part in resolved.contents)


async def _once(octets: bytes) -> AsyncIterator[bytes]:
    yield octets
