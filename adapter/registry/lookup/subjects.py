"""Whom a question is about, as of when, and what of the record may be read: settled before anything of it is read."""

from dataclasses import dataclass
from datetime import date

from lxml.etree import QName
from lxml.etree import _Element as Element
from sqlalchemy import Connection, bindparam, select

from ...exchange.rejection import Rejection, RejectReason
from ...exchange.times import MOSCOW
from ..access_rules import CONSENT_ABSENT
from ..check_digits import is_snils, normalised_snils
from ..common_rules import SNILS_CONTROL, WORKER_NOT_FOUND
from ..consent import released
from ..outcome import KindRequest, Refusal
from ..projection import Projection, Section
from ..reading import Moment
from ..rule import Rule
from ..schema import persons, workers

KNOWN_ON_IN_FUTURE = Rule(
    "KNOWN_ON_IN_FUTURE",
    "день {sent}, по знанию которого спрашивается, ещё не наступил",
    "Укажите в KnownOn сегодняшний день или прошедший, или не указывайте его",
    RejectReason.UNKNOWN_REQUEST_DESCRIPTION,
)
SECTION_WITHHELD = Rule(
    "SECTION_WITHHELD",
    "раздел {section} не открыт ролям вашей системы",
    "Обратитесь к оператору узла за ролью, если она вам положена",
    RejectReason.ACCESS_DENIED,
)
SUBJECT_RULES = (SNILS_CONTROL, KNOWN_ON_IN_FUTURE, WORKER_NOT_FOUND, CONSENT_ABSENT)
"""The rules by which a question about one worker may be refused."""

_BY_SNILS = select(persons.c.entity_id).where(persons.c.snils == bindparam("snils"), persons.c.superseded_at.is_(None))
_BY_OID = select(workers.c.oid).where(workers.c.oid == bindparam("oid"))


@dataclass(frozen=True, slots=True)
class Subject:
    """The worker that was found, what of the record may be read, and as of when."""

    oid: str
    projection: Projection
    at: Moment
    today: date


def today_of(request: KindRequest) -> date:
    """The day of a request, by Moscow."""
    return request.now.astimezone(MOSCOW).date()


def subject(request: KindRequest, conn: Connection, *sections: Section) -> Subject | Refusal:
    """The worker of the request's Worker (types.WorkerRefType), or all that is wrong with the question.

    `sections` are those without which there is nothing to answer.
    """
    content, today = request.content, today_of(request)
    root, q = QName(content).localname, f"{{{QName(content).namespace}}}"
    at, wrong = asked_moment(content, today)
    worker = content.find(f"{q}Worker")
    assert worker is not None
    key = next(worker.iterchildren("*"))
    is_number = QName(key).localname == "Snils"
    snils = normalised_snils(key.text or "")
    if is_number and not is_snils(snils):
        wrong.append(SNILS_CONTROL.rejection(f"{root}/Worker/Snils", sent=key.text))
    wrong += [
        SECTION_WITHHELD.rejection(root, section=one) for one in sections if not request.access.projection.shows(one)
    ]
    if wrong:
        return Refusal(tuple(wrong))
    oid = conn.scalar(_BY_SNILS, {"snils": snils}) if is_number else conn.scalar(_BY_OID, {"oid": key.text})
    if oid is None:
        return Refusal((WORKER_NOT_FOUND.rejection(f"{root}/Worker"),))
    projection = released(conn, request.access, oid, today)
    if not all(projection.shows(one) for one in sections) or not projection:
        return Refusal((CONSENT_ABSENT.rejection(root),), (oid,))
    return Subject(oid, projection, at, today)


def asked_moment(content: Element, today: date) -> tuple[Moment, list[Rejection]]:
    """What AsOf (types.AsOfType) of a request says, and what is wrong with it."""
    root, q = QName(content).localname, f"{{{QName(content).namespace}}}"
    asked = content.find(f"{q}AsOf")
    if asked is None:
        return Moment(), []
    as_of, known_on = (_date(asked, name) for name in ("Date", "KnownOn"))
    if known_on is not None and known_on > today:
        return Moment(), [KNOWN_ON_IN_FUTURE.rejection(f"{root}/AsOf/KnownOn", sent=known_on)]
    # What is known by the end of today is what is known now, and that is found by better indexes.
    return Moment.of(as_of, None if known_on == today else known_on), []


def _date(element: Element, name: str) -> date | None:
    text = element.findtext(f"{{*}}{name}")
    return None if text is None else date.fromisoformat(text)
