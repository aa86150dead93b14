"""Whom a question is about, as of when, and what of the record may be read: settled before anything of it is read."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from lxml.etree import QName
from lxml.etree import _Element as Element
from sqlalchemy import Connection, bindparam, select

from ...exchange.rejection import Rejection, RejectReason
from ...exchange.times import moscow_day
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

    @property
    def day(self) -> date:
        """The day that is asked about; today where none is named."""
        return self.at.as_of or self.today

    def on_its_day(self) -> "Subject":
        """The same question, about that day even where none was named."""
        return replace(self, at=replace(self.at, as_of=self.day))


def today_of(request: KindRequest) -> date:
    """The day of a request, by Moscow."""
    return moscow_day(request.now)


def subject(
    request: KindRequest, conn: Connection, *sections: Section, also: Iterable[Rejection] = ()
) -> Subject | Refusal:
    """The worker of the request's Worker (types.WorkerRefType), or all that is wrong with the question.

    `sections` are those without which there is nothing to answer; `also` is what the kind has found wrong by itself.
    """
    content, today = request.content, today_of(request)
    root = QName(content).localname
    withheld = [one for one in sections if not request.access.projection.shows(one)]
    if withheld:
        return Refusal(tuple(SECTION_WITHHELD.rejection(root, section=one) for one in withheld))
    at, wrong = asked_moment(content, today)
    oid, refused = _worker(content, conn)
    wrong += [*refused, *also]
    if oid is None or wrong:
        return Refusal(tuple(wrong), () if oid is None else (oid,))
    projection = released(conn, request.access, oid, today)
    if not projection or not all(projection.shows(one) for one in sections):
        return Refusal((CONSENT_ABSENT.rejection(root),), (oid,))
    return Subject(oid, projection, at, today)


def _worker(content: Element, conn: Connection) -> tuple[str | None, list[Rejection]]:
    path = f"{QName(content).localname}/Worker"
    worker = next(child for child in content.iterchildren("*") if QName(child).localname == "Worker")
    key = next(worker.iterchildren("*"))
    if QName(key).localname == "WorkerOid":
        oid: str | None = conn.scalar(_BY_OID, {"oid": key.text})
    else:
        snils = normalised_snils(key.text or "")
        if not is_snils(snils):
            return None, [SNILS_CONTROL.rejection(f"{path}/Snils", sent=key.text)]
        oid = conn.scalar(_BY_SNILS, {"snils": snils})
    return oid, [] if oid is not None else [WORKER_NOT_FOUND.rejection(path)]


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
