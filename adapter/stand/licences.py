"""The stand's foreign provider: a system that polls the node, answers requests about licences, and knows no register.

It is an example of what a provider does: fetch, answer, acknowledge, in that order, so that a crash in between has the
request come again; and a request that was answered before the crash is only acknowledged. What it says is made up.
"""

import logging
import threading
import zlib
from datetime import date, timedelta
from pathlib import Path

from lxml.etree import _Element as Element

from ..client.answers import Rejected
from ..client.building import Answer, read_content
from ..client.errors import AnswerNotTrusted, AnswerNotUnderstood, NodeUnreachable, SenderNotTrusted
from ..client.smev import SmevClient
from ..exchange.faults import Advice, Fault, RecipientIsNotFound, TargetMessageIsNotFound
from ..exchange.rejection import RejectReason
from ..exchange.writing import element

KINDS = Path(__file__).with_name("kinds")
"""The kinds of this provider, as an operator declares them."""
LICENCE_CARD = "urn://x-artefacts-mezhved/demo/licence_card/1.0.0"
LICENCE_NOTICE = "urn://x-artefacts-mezhved/demo/licence_notice/1.0.0"
_ORGANISATIONS = "1.2.643.5.1.13.13.12.2."
_FIRST_DAY = date(2019, 1, 1)
_DAYS = 2000

_NOT_TRUSTED = [Rejected(RejectReason.ACCESS_DENIED, "подпись информационной системы отправителя не принята")]

_log = logging.getLogger(__name__)


def provide(client: SmevClient, stop: threading.Event, *, pause: float = 0.2) -> None:
    """Answers requests until `stop` is set; looks into an empty queue every `pause` seconds."""
    while not stop.is_set():
        try:
            if _serve(client):
                continue
        except NodeUnreachable as error:
            _log.warning("the node cannot be reached: %s", error)
        except (AnswerNotTrusted, AnswerNotUnderstood) as error:
            # Nothing in it can be relied on, so nothing is acknowledged; what waits behind it comes first now.
            _log.error("an answer of the node is not used: %s: %s", error.code, error)
        except Fault as fault:
            if fault.advice is not Advice.RETRY:
                raise
            _log.warning("the node asks to try again: %s", fault.description)
        stop.wait(pause)


def licence_number(organisation: str) -> str:
    """The number of an organisation's licence: always the same one, and plainly made up."""
    return f"УЧЕБНАЯ-{zlib.crc32(organisation.encode()):010d}"


def licence_card(organisation: str) -> bytes:
    """A LicenceCardRequest about the organisation of this OID."""
    oid = element("OrganizationOid", organisation)
    return f'<LicenceCardRequest xmlns="{LICENCE_CARD}">{oid}</LicenceCardRequest>'.encode()


def licence_suspended(organisation: str, since: date) -> bytes:
    """The broadcast that an organisation's licence is suspended."""
    said = (
        element("OrganizationOid", organisation)
        + element("Number", licence_number(organisation))
        + element("Since", since.isoformat())
    )
    return f'<LicenceSuspended xmlns="{LICENCE_NOTICE}">{said}</LicenceSuspended>'.encode()


def _serve(client: SmevClient) -> bool:
    """Fetches a request and does what it asks for; False if none waits."""
    try:
        request = client.get_request()
    except SenderNotTrusted as error:
        _log.warning("a request is refused: %s", error)
        _finish(client, error.message_id, error.reply_to, _NOT_TRUSTED)
        return True
    if request is None:
        return False
    _finish(client, request.message_id, request.reply_to, answer_to(request.content))
    _log.info("request %s of %s is done", request.message_id, request.metadata.sender)
    return True


def _finish(client: SmevClient, message_id: str, reply_to: str | None, answer: Answer) -> None:
    if reply_to is not None:
        try:
            client.send_response(reply_to, answer)
        except RecipientIsNotFound:
            # It came again: this process, or the one before it, answered and ended before it could acknowledge.
            _log.info("request %s has been answered before", message_id)
    try:
        client.ack(message_id)
    except TargetMessageIsNotFound:
        # The lease had ended, and another process of this provider has it now, or has acknowledged it.
        _log.info("request %s is not with this process any more", message_id)


def answer_to(content: Element) -> Answer:
    """The licences of the organisation that a LicenceCardRequest asks about, or a refusal."""
    organisation = content.findtext(f"{{{LICENCE_CARD}}}OrganizationOid") or ""
    if not organisation.startswith(_ORGANISATIONS):
        return [Rejected(RejectReason.NO_DATA, f"организация {organisation} не имеет лицензий")]
    issued = _FIRST_DAY + timedelta(days=zlib.crc32(organisation.encode()) % _DAYS)
    licence = (
        element("Number", licence_number(organisation))
        + element("IssueDate", issued.isoformat())
        + element("Valid", "true")
    )
    return read_content(
        f'<LicenceCardResponse xmlns="{LICENCE_CARD}"><Licence>{licence}</Licence></LicenceCardResponse>'.encode()
    )
