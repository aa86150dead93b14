"""RestrictionList: what limits the right to work on a day, or has limited it before."""

from dataclasses import replace
from datetime import date
from typing import Any

from lxml.etree import SubElement
from sqlalchemy import Connection, Row

from ...common_rules import WORKER_NOT_FOUND
from ...kind import namespace
from ...lookup.answers import begun_answer
from ...lookup.owned import facts_of
from ...lookup.sections import RECORDS
from ...lookup.subjects import subject
from ...markup import leaf
from ...outcome import Answer, KindRequest, Refusal
from ...projection import Section
from ...reading import Moment
from ...schema import persons

NAMESPACE = namespace("restriction_list", "1.0.0")
Q = f"{{{NAMESPACE}}}"
_SECTIONS = (Section.RESTRICTIONS, Section.DISCIPLINE, Section.RESOLUTIONS)
_IN_FORCE = {section: RECORDS[section] for section in _SECTIONS}
_BEGUN = {section: replace(RECORDS[section], accumulates=True) for section in _SECTIONS}


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Answers with the lists that the sender may see, and with what is decisive: whether anything is in force."""
    found = subject(request, conn, Section.RESTRICTIONS)
    if isinstance(found, Refusal):
        return found
    asked = found.on_its_day()
    as_known = Moment(known_on=asked.at.known_on)
    [person] = facts_of(conn, persons, [asked.oid], ("status",), as_known, owner="entity_id").get(asked.oid, (None,))
    if person is None:
        return Refusal((WORKER_NOT_FOUND.rejection("RestrictionListRequest/Worker"),), (asked.oid,))
    root = begun_answer(request, asked)
    restricted = SubElement(root, f"{Q}Restricted")
    leaf(root, f"{Q}Status", person.status)
    hidden = [section for section in _SECTIONS if not asked.projection.shows(section)]
    if hidden:
        withheld = SubElement(root, f"{Q}Withheld")
        for section in hidden:
            leaf(withheld, f"{Q}Section", section)
    chosen = _IN_FORCE if request.content.findtext(f"{Q}InForce") in ("true", "1") else _BEGUN
    rows = {
        section: records.write(root, Q, conn, asked) for section, records in chosen.items() if section not in hidden
    }
    in_force = any(_in_force(row, asked.day) for row in rows[Section.RESTRICTIONS])
    restricted.text = "true" if in_force else "false"
    return Answer(root, (asked.oid,))


def _in_force(row: Row[Any], day: date) -> bool:
    lifted = getattr(row, "lifted_on", None)
    return (row.valid_to is None or day <= row.valid_to) and (lifted is None or day < lifted)
