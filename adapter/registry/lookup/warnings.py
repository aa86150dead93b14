"""Warnings that an answer bears: what in a record is expired, about to expire, missing or limited on a day.

They are told only of sections that were asked for and may be seen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lxml.etree import Element, SubElement, _Element
from sqlalchemy import Connection, Row

from ..markup import leaf
from ..projection import Section
from ..reading import Moment
from .owned import facts_of
from .sections import RECORDS
from .subjects import Subject

SOON = timedelta(days=90)
"""How long before the end an application for the next accreditation may be filed (register facts, §1)."""
CREDENTIALS = (Section.ACCREDITATIONS, Section.CERTIFICATES)
WARNED = frozenset(
    {*CREDENTIALS, Section.QUALIFICATIONS, Section.EDUCATION, Section.RESTRICTIONS, Section.ATTESTATIONS}
)
"""The sections that may give a warning."""

_TEXTS = {
    "CREDENTIAL_EXPIRED": "право работать в специальности {specialty} истекло. Нужна периодическая аккредитация",
    "CREDENTIAL_EXPIRING": "право работать в специальности {specialty} истекает. Пора подать заявление об аккредитации",
    "CREDENTIAL_ABSENT": "нет ни аккредитации, ни сертификата. Если они есть, их вносят выдавшие их органы",
    "CATEGORY_EXPIRED": "категория в специальности {specialty} истекла. Её нужно подтвердить",
    "EDUCATION_ABSENT": "нет сведений о профессиональном образовании. Внесите сведения о дипломе",
    "RESTRICTION_IN_FORCE": "действует ограничение. Прежде чем допускать к работе, посмотрите его",
    "RECORD_NOT_ACTIVE": "запись не действует: её состояние {status}. Обратитесь к оператору регистра",
    "ATTESTATION_OVERDUE": "срок подтверждения записи прошёл. Сверьте и подтвердите её",
}

Rows = Mapping[Section, Sequence[Row[Any]]]


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning, with the record and the day that it is about if there are such."""

    code: str
    section: Section
    text: str
    entity_id: str | None = None
    day: date | None = None


def history_of(conn: Connection, subject: Subject, sections: Sequence[Section]) -> Rows:
    """The facts of any day, as known at the subject's moment, of those sections that may give a warning."""
    found: dict[Section, Sequence[Row[Any]]] = {}
    at = Moment(known_on=subject.at.known_on)
    for section in sections:
        if section in WARNED:
            table = RECORDS[section].table
            visible = subject.projection.visible(section, table.c.keys())
            found[section] = facts_of(conn, table, [subject.oid], visible, at).get(subject.oid, ())
    return found


def warnings(rows: Rows, day: date, status: str = "ACTIVE") -> Iterator[Warned]:
    """What is to be warned of on a day; `rows` holds the facts of every section that was read, of whatever day."""
    if status != "ACTIVE":
        yield _warned("RECORD_NOT_ACTIVE", Section.PERSON, status=status)
    if all(section in rows for section in CREDENTIALS):
        yield from _credentials([(section, row) for section in CREDENTIALS for row in rows[section]], day)
    for section, code in ((Section.QUALIFICATIONS, "CATEGORY_EXPIRED"), (Section.ATTESTATIONS, "ATTESTATION_OVERDUE")):
        for place, last in _last_ones([(section, row) for row in rows.get(section, ())], day):
            if last.valid_to is not None and last.valid_to < day:
                yield _about(code, place, last)
    if Section.EDUCATION in rows and not any(
        getattr(row, "stage", "PROFESSIONAL") == "PROFESSIONAL" for row in rows[Section.EDUCATION]
    ):
        yield _warned("EDUCATION_ABSENT", Section.EDUCATION)
    for row in rows.get(Section.RESTRICTIONS, ()):
        lifted = getattr(row, "lifted_on", None)
        if (row.valid_from or day) <= day <= (row.valid_to or day) and (lifted is None or day < lifted):
            yield _about("RESTRICTION_IN_FORCE", Section.RESTRICTIONS, row)


def _credentials(own: Sequence[tuple[Section, Row[Any]]], day: date) -> Iterator[Warned]:
    last = _last_ones(own, day)
    if not last:
        yield _warned("CREDENTIAL_ABSENT", Section.ACCREDITATIONS)
    for section, row in last:
        if row.valid_to is not None and row.valid_to < day:
            yield _about("CREDENTIAL_EXPIRED", section, row)
        elif row.valid_to is not None and row.valid_to <= day + SOON:
            yield _about("CREDENTIAL_EXPIRING", section, row)


def _last_ones(own: Sequence[tuple[Section, Row[Any]]], day: date) -> list[tuple[Section, Row[Any]]]:
    """Of each specialty the record that ends last, of those that have begun by the day."""
    last: dict[str, tuple[Section, Row[Any]]] = {}
    for section, row in own:
        if row.valid_from is not None and row.valid_from > day:
            continue
        specialty = getattr(row, "specialty", "")
        known = last.get(specialty)
        if known is None or _end(row) > _end(known[1]):
            last[specialty] = section, row
    return [last[specialty] for specialty in sorted(last)]


def _end(row: Row[Any]) -> date:
    return row.valid_to or date.max


def _about(code: str, section: Section, row: Row[Any]) -> Warned:
    text = _TEXTS[code].format(specialty=getattr(row, "specialty", ""))
    return Warned(code, section, text, row.entity_id, row.valid_to)


def _warned(code: str, section: Section, **values: str) -> Warned:
    return Warned(code, section, _TEXTS[code].format(**values))


def write_warnings(q: str, found: Sequence[Warned]) -> _Element | None:
    """The element Warnings, if there are any; `q` is the kind's namespace in braces."""
    if not found:
        return None
    container = Element(f"{q}Warnings")
    for one in found:
        element = SubElement(container, f"{q}Warning")
        leaf(element, f"{q}Code", one.code)
        leaf(element, f"{q}Section", one.section)
        if one.entity_id is not None:
            leaf(element, f"{q}EntityId", one.entity_id)
        if one.day is not None:
            leaf(element, f"{q}Date", one.day.isoformat())
        leaf(element, f"{q}Text", one.text)
    return container
