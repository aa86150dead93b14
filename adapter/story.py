"""A message's whole story, gathered for operators: what the log, the queues, the archive and the signatures tell.

Nothing of it is business content.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ..queue.errors import UnknownMessage as NeverAccepted
from ..signing.certificates import Certificate
from ..signing.policy import SMEV
from ..signing.trust import TrustStore
from .conformance.judging import claimed_certificate, judge
from .conformance.reading import UnreadableError, read_envelope
from .exchange.lifecycle import MessageType
from .exchange.signature_places import find_signatures
from .store.archive import DamagedArchive, octets_of
from .store.aside import Aside, AsideStore
from .store.inspection import Standing, places_of
from .store.messages import Message, MessageEvent, MessageLog


@dataclass(frozen=True, slots=True)
class KeptSignature:
    """A signature inside the kept octets. `then` and `now` say what is wrong with it, by the codes of signing, at the
    moment of acceptance and at the moment of asking; None: it is valid. `then_text` and `now_text` say it to people.
    """

    role: str
    element: str | None
    algorithm: str | None
    certificate: Certificate | None
    then: str | None
    then_text: str | None
    now: str | None
    now_text: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of a message. `octets` is their number; `problem` says why signatures could not be read."""

    message: Message
    events: Sequence[MessageEvent]
    places: Sequence[Standing]
    request: Message | None
    responses: Sequence[Message]
    chain: Sequence[Message]
    aside: Aside | None
    octets: int
    signatures: Sequence[KeptSignature]
    problem: str | None


def tell(conn: Connection, message_id: str, trust: TrustStore, now: datetime) -> Story:
    """The story of a message. Raises store.messages.UnknownMessage."""
    log = MessageLog()
    message = log.get(conn, message_id)
    octets, problem = b"", None
    signatures: Sequence[KeptSignature] = ()
    try:
        octets = octets_of(conn, message_id)
        signatures = kept_signatures(octets, trust, message.accepted_at, now)
    except (NeverAccepted, DamagedArchive, UnreadableError) as error:
        problem = f"{type(error).__name__}: {error}"
    answers = message.message_type is MessageType.RESPONSE and message.original_message_id is not None
    return Story(
        message=message,
        events=log.events(conn, message_id),
        places=places_of(conn, message_id),
        request=log.get(conn, message.original_message_id or "") if answers else None,
        responses=log.responses(conn, message_id),
        chain=[one for one in log.chain(conn, message) if one.message_id != message_id],
        aside=AsideStore().find(conn, message_id),
        octets=len(octets),
        signatures=signatures,
        problem=problem,
    )


def kept_signatures(octets: bytes, trust: TrustStore, then: datetime, now: datetime) -> Sequence[KeptSignature]:
    """Every signature of an envelope, judged at two moments. Raises UnreadableError."""
    envelope = read_envelope(octets)
    placed = find_signatures(envelope.contract, envelope.body)
    at_first, today = (judge(envelope, policy=SMEV, trust=trust, at=moment) for moment in (then, now))
    return [
        KeptSignature(
            role=first.role or "stray",
            element=first.element,
            algorithm=first.algorithm,
            certificate=claimed_certificate(one.signature),
            then=first.code,
            then_text=first.reason,
            now=last.code,
            now_text=last.reason,
        )
        for one, first, last in zip(placed, at_first, today, strict=True)
    ]
