"""Files beside a message: what can be said of them at once. The clerk of the store looks at the files themselves."""

import base64
from collections import Counter

from lxml.etree import _Element as Element

from ....signing.detached import check_signature, from_base64
from ....signing.errors import SignatureMissing, SigningError
from ...exchange.contract import Contract
from ...exchange.faults import (
    AttachmentContentMiscoordination,
    AttachmentSizeLimitExceeded,
    QuoteLimitExceeded,
    shortened,
)
from ...exchange.filed import FileStore, ReferredFile
from ...exchange.message_id import InvalidMessageId, MessageId
from ...exchange.participants import Participant
from ...store.engine import read
from ...store.files import used_by_kind
from ..call import Call
from ..envelope import outside_content
from .caller import as_fault
from .context import ExchangeContext


def check_files(
    context: ExchangeContext, call: Call, data: Element, sender: Participant, kind: str
) -> tuple[ReferredFile, ...]:
    """The files that `data` (what the caller has signed) names, in its order.

    Raises AttachmentContentMiscoordination, AttachmentSizeLimitExceeded, QuoteLimitExceeded,
    SignatureVerificationFault, SMEVFailure.
    """
    name = f"{{{call.contract.basic}}}RefAttachmentHeader"
    headers = [element for element in outside_content(data) if element.tag == name]
    if not headers:
        return ()
    if context.files is None:
        raise AttachmentContentMiscoordination(
            "у узла нет файлового хранилища (RefAttachmentHeader); передайте файлы внутри сообщения (AttachmentHeader)"
        )
    files = tuple(_file(context, call, header) for header in headers)
    twice = [file_id for file_id, count in Counter(file.file_id for file in files).items() if count > 1]
    if twice:
        raise AttachmentContentMiscoordination(f"файл {twice[0]} указан больше одного раза")
    _check_room(context, context.files, files, sender, kind)
    return files


def _file(context: ExchangeContext, call: Call, header: Element) -> ReferredFile:
    file_id = _text(call.contract, header, "uuid")
    try:
        MessageId.parse(file_id)
    except InvalidMessageId as error:
        raise AttachmentContentMiscoordination(
            f"«{shortened(file_id)}» (строка {header.sourceline}) — не имя файла в хранилище: нужен UUID версии 1 "
            "строчными буквами"
        ) from error
    try:
        signature = header.find(f"{{{call.contract.basic}}}SignaturePKCS7")
        if signature is None:
            raise SignatureMissing
        signed = check_signature(
            from_base64("".join(str(part) for part in signature.itertext())),
            trust=context.trust,
            at=call.received_at,
            policy=context.policy,
        )
    except SigningError as error:
        raise as_fault(error, f"файл {file_id}, строка {header.sourceline}", file=True) from error
    expected = base64.b64encode(signed.digest).decode()
    if "".join(_text(call.contract, header, "Hash").split()) != expected:
        raise AttachmentContentMiscoordination(
            f"Hash файла {file_id} не совпадает с messageDigest его подписи ({expected})"
        )
    return ReferredFile(file_id, signed.algorithm.uri, signed.digest)


def _check_room(
    context: ExchangeContext, store: FileStore, files: tuple[ReferredFile, ...], sender: Participant, kind: str
) -> None:
    """Judges by what is there now. What is not there at all is told later, by a response (MR 2.6.3)."""
    size = sum(store.sizes(sender.mnemonic, [file.file_id for file in files]))
    if size > store.limits.message:
        raise AttachmentSizeLimitExceeded(store.limits.message, size)
    with read(context.engine) as conn:
        left = max(0, store.limits.kind - used_by_kind(conn, kind))
    if size > left:
        raise QuoteLimitExceeded(left, size)


def _text(contract: Contract, header: Element, name: str) -> str:
    return (header.findtext(f"{{{contract.basic}}}{name}") or "").strip()
