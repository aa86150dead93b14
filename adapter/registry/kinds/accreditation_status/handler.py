"""AccreditationStatus: the state of each specialty, and the records behind it."""

from dataclasses import replace
from functools import cache

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ... import dictionaries as nsi
from ...dictionaries import look_up
from ...kind import namespace
from ...lookup.answers import begun_answer
from ...lookup.codes import read_codes, wrong_codes
from ...lookup.records import Records
from ...lookup.sections import RECORDS
from ...lookup.subjects import Subject, asked_moment, subject, today_of
from ...lookup.warnings import CREDENTIALS, SOON, history_of, warnings, write_warnings
from ...markup import leaf
from ...outcome import Answer, KindRequest, Refusal
from ...projection import Section
from .states import SpecialtyState, states

NAMESPACE = namespace("accreditation_status", "1.0.0")
Q = f"{{{NAMESPACE}}}"
_ROOT = "AccreditationStatusRequest"
_LISTS = (Section.ACCREDITATIONS, Section.CERTIFICATES, Section.ACCREDITATION_PROCEDURES)


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Answers with states and lists, of one specialty if it is named."""
    only = request.content.findtext(f"{Q}Specialty")
    sent = {} if only is None else {f"{_ROOT}/Specialty": (nsi.SPECIALTIES, only)}
    at, _ = asked_moment(request.content, today_of(request))
    wrong = wrong_codes(read_codes(conn, sent), sent, at.as_of or today_of(request))
    found = subject(request, conn, *CREDENTIALS, also=wrong)
    if isinstance(found, Refusal):
        return found
    root = begun_answer(request, found)
    shown = [one for one in (*CREDENTIALS, Section.RESTRICTIONS) if found.projection.shows(one)]
    rows = {
        section: [row for row in owned if only is None or getattr(row, "specialty", only) in (None, only)]
        for section, owned in history_of(conn, found, shown).items()
    }
    _states(root, conn, found, states(rows, found.day))
    told = {section: rows[section] for section in CREDENTIALS}
    warned = write_warnings(Q, list(warnings(told, found.day)))
    if warned is not None:
        root.append(warned)
    for section in _LISTS:
        if found.projection.shows(section):
            _records(section, only).write(root, Q, conn, replace(found, at=replace(found.at, as_of=None)))
    return Answer(root, (found.oid,))


@cache
def _records(section: Section, specialty: str | None) -> Records:
    return replace(RECORDS[section], among=None if specialty is None else ("specialty", (specialty,)))


def _states(root: Element, conn: Connection, asked: Subject, found: list[SpecialtyState]) -> None:
    codes = {(nsi.SPECIALTIES, one.specialty) for one in found}
    names = look_up(conn, codes) if codes else None
    for one in found:
        element = SubElement(root, f"{Q}Specialty")
        coded = SubElement(element, f"{Q}Specialty")
        leaf(coded, f"{Q}Code", one.specialty)
        item = names and names.on(nsi.SPECIALTIES, one.specialty, asked.day)
        if item:
            leaf(coded, f"{Q}Name", item.name)
        leaf(element, f"{Q}State", one.state)
        if one.valid_from is not None:
            leaf(element, f"{Q}ValidFrom", one.valid_from.isoformat())
        if one.valid_to is not None:
            leaf(element, f"{Q}ValidUntil", one.valid_to.isoformat())
            leaf(element, f"{Q}ApplyFrom", (one.valid_to - SOON).isoformat())
        leaf(element, f"{Q}EntityId", one.entity_id)
