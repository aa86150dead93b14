"""WorkerCard: the search for the worker and the making of the answer."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection, Row, Select, and_, bindparam, exists, or_, select

from ....exchange.rejection import Rejection
from ... import dictionaries as nsi
from ...access_rules import CONSENT_ABSENT
from ...check_digits import is_snils, normalised_snils
from ...common_rules import BIRTH_DATE_IN_FUTURE, SNILS_CONTROL, WORKER_NOT_FOUND
from ...consent import released
from ...kind import namespace
from ...lookup.fields import Coded, Plain, Reading, only_yes, reading
from ...lookup.sections import RECORDS
from ...lookup.subjects import Subject, asked_moment, today_of
from ...lookup.warnings import history_of, warnings, write_warnings
from ...markup import answer, leaf, moment
from ...names import compact, folded
from ...outcome import Answer, KindRequest, Refusal
from ...projection import Section
from ...reading import Moment, Shape, known
from ...schema import identity_documents, persons
from .rules import AMBIGUOUS

NAMESPACE = namespace("worker_card", "1.0.0")
Q = f"{{{NAMESPACE}}}"
_ROOT = "WorkerCardRequest"

_HEAD = (
    Plain("Oid", "entity_id"),
    Plain("Status", "status"),
    Plain("LastName", "last_name"),
    Plain("FirstName", "first_name"),
    Plain("Patronymic", "patronymic"),
    Coded("Gender", "gender", nsi.GENDERS, "birth_date"),
    Plain("BirthDate", "birth_date"),
    Plain("DeathDate", "death_date"),
    Plain("BirthPlace", "birth_place"),
    Plain("Snils", "snils"),
    Plain("Inn", "inn"),
    Coded("Citizenship", "citizenship", nsi.CITIZENSHIPS, "birth_date"),
    Coded("Country", "country", nsi.COUNTRIES, "birth_date"),
    Coded("MilitaryRelation", "military_relation", nsi.MILITARY_RELATIONS, "birth_date"),
    Coded("DisabilityGroup", "disability_group", nsi.DISABILITY_GROUPS, "disability_date"),
    Plain("DisabilityDate", "disability_date"),
    Plain("Student", "student", only_yes),
    Plain("Version", "version"),
)
_CURRENT = select(persons.c.entity_id).where(persons.c.superseded_at.is_(None)).limit(2)
"""At most two persons: one is the answer, two are one too many."""

_BY_SNILS = _CURRENT.where(persons.c.snils == bindparam("snils"))
_BY_OID = _CURRENT.where(persons.c.entity_id == bindparam("oid"))
_BY_DOCUMENT = _CURRENT.where(
    persons.c.last_folded == bindparam("last_name"),
    persons.c.first_folded == bindparam("first_name"),
    or_(
        bindparam("patronymic", type_=persons.c.patronymic_folded.type) == "",
        persons.c.patronymic_folded == bindparam("patronymic"),
    ),
    persons.c.birth_date == bindparam("birth_date"),
    exists().where(
        and_(
            identity_documents.c.worker_oid == persons.c.entity_id,
            identity_documents.c.superseded_at.is_(None),
            identity_documents.c.number == bindparam("number"),
            identity_documents.c.series == bindparam("series"),
            identity_documents.c.type_code == bindparam("type_code"),
        )
    ),
)


@dataclass(frozen=True, slots=True)
class Search:
    """A query for persons with its values."""

    statement: Select[Any]
    values: dict[str, Any]

    def find(self, conn: Connection) -> Sequence[Row[Any]]:
        """The persons found: none, one, or two where there are more than one."""
        return conn.execute(self.statement, self.values).all()


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Answers with the card; refuses when the worker cannot be found or told from another."""
    today = today_of(request)
    at, wrong = asked_moment(request.content, today)
    search = _search(request.content, today)
    if isinstance(search, Rejection):
        return Refusal((search, *wrong))
    match search.find(conn):
        case []:
            return Refusal((*wrong, WORKER_NOT_FOUND.rejection(_ROOT)))
        case [(oid,)] if wrong:
            return Refusal(tuple(wrong), (oid,))
        case [(oid,)]:
            projection = released(conn, request.access, oid, today)
            if not projection:
                return Refusal((CONSENT_ABSENT.rejection(_ROOT),), (oid,))
            return _card(request, Subject(oid, projection, at, today), conn)
        case found:
            return Refusal((*wrong, AMBIGUOUS.rejection(f"{_ROOT}/Person")), tuple(oid for (oid,) in found))


def _search(content: Element, today: date) -> Search | Rejection:
    """How to look for the worker, or why there is nothing to look for."""
    _purpose, key, *_ = content.iterchildren("*")
    if key.tag == f"{Q}Snils":
        snils = normalised_snils(key.text or "")
        if not is_snils(snils):
            return SNILS_CONTROL.rejection(f"{_ROOT}/Snils", sent=key.text)
        return Search(_BY_SNILS, {"snils": snils})
    if key.tag == f"{Q}WorkerOid":
        return Search(_BY_OID, {"oid": key.text})
    birth_date = date.fromisoformat(key.findtext(f"{Q}BirthDate", ""))
    if birth_date > today:
        return BIRTH_DATE_IN_FUTURE.rejection(f"{_ROOT}/Person/BirthDate", sent=birth_date)
    document = f"{Q}IdentityDocument/{Q}"
    values = {
        "last_name": folded(key.findtext(f"{Q}LastName", "")),
        "first_name": folded(key.findtext(f"{Q}FirstName", "")),
        "patronymic": folded(key.findtext(f"{Q}Patronymic", "")),
        "birth_date": birth_date,
        "type_code": key.findtext(f"{document}TypeCode", ""),
        "series": compact(key.findtext(f"{document}Series", "")),
        "number": compact(key.findtext(f"{document}Number", "")),
    }
    return Search(_BY_DOCUMENT, values)


@cache
def _head(shape: Shape, visible: tuple[str, ...]) -> Reading:
    """How the head of the card is read by those who may see these columns of it: as it was known, of whatever day."""
    statement, writers = reading(persons, _HEAD, visible, Q)
    return statement.where(persons.c.entity_id == bindparam("worker"), known(persons, shape)), writers


def _card(request: KindRequest, subject: Subject, conn: Connection) -> Answer | Refusal:
    oid, projection, at = subject.oid, subject.projection, subject.at
    statement, writers = _head(at.shape, projection.visible(Section.PERSON, persons.c.keys()))
    person = conn.execute(statement, {"worker": oid, **Moment(known_on=at.known_on).values}).one_or_none()
    if person is None:
        return Refusal((WORKER_NOT_FOUND.rejection(_ROOT),), (oid,))
    root = answer(NAMESPACE, "WorkerCardResponse")
    leaf(root, f"{Q}ActualAt", moment(request.now))
    if (asked := request.content.find(f"{Q}AsOf")) is not None:
        root.append(deepcopy(asked))
    worker = SubElement(root, f"{Q}Worker")
    for write in writers:
        write(worker, person)
    chosen = {section.text for section in request.content.iter(f"{Q}Section")}
    wanted = [one for one in RECORDS.values() if not chosen or one.section in chosen]
    _withhold(root, [one.section for one in wanted if not projection.shows(one.section)])
    shown = [one for one in wanted if projection.shows(one.section)]
    rows: Mapping[Section, Sequence[Row[Any]]] = {one.section: one.write(root, Q, conn, subject) for one in shown}
    if at.as_of is not None:
        rows = history_of(conn, subject, [one.section for one in shown])
    warned = write_warnings(Q, list(warnings(rows, at.as_of or subject.today, person.status)))
    if warned is not None:
        worker.addnext(warned)
    return Answer(root, (oid,))


def _withhold(root: Element, sections: Sequence[Section]) -> None:
    """Names the sections that were asked for but are hidden from the sender's roles."""
    if sections:
        withheld = SubElement(root, f"{Q}Withheld")
        for section in sections:
            leaf(withheld, f"{Q}Section", section)
