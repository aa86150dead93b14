"""OrganizationCard: the search for the organisation and the making of the answer."""

from functools import cache

from lxml.etree import QName, SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection, bindparam, select

from ....exchange.rejection import Rejection
from ... import dictionaries as nsi
from ...check_digits import is_inn, is_ogrn
from ...common_rules import INN_CONTROL, OGRN_CONTROL
from ...kind import namespace
from ...lookup.answers import begun_answer
from ...lookup.fields import PROVENANCE, Coded, Named, Plain, Reading, reading, yes_or_no
from ...lookup.licences import write_licences
from ...lookup.organisations import AskedOrganisation, OrganisationRecords, asked_organisation
from ...markup import leaf
from ...outcome import Answer, KindRequest, Refusal
from ...reading import Moment, Shape, known
from ...schema import organisations, subdivisions
from .rules import ORG_AMBIGUOUS

NAMESPACE = namespace("organization_card", "1.0.0")
Q = f"{{{NAMESPACE}}}"
_ROOT = "OrganizationCardRequest"

_RECORD = (
    *PROVENANCE,
    Plain("FullName", "full_name"),
    Plain("ShortName", "short_name"),
    Plain("Inn", "inn"),
    Plain("Kpp", "kpp"),
    Plain("Ogrn", "ogrn"),
    Plain("OgrnDate", "ogrn_date"),
    Coded("Region", "region", nsi.REGIONS, "valid_from"),
    Named("Head", "head_oid", organisations, "full_name"),
    Plain("OldOid", "old_oid"),
    Plain("LegalAddress", "legal_address"),
    Plain("ActualAddress", "actual_address"),
    Coded("Type", "organisation_type", nsi.ORGANISATION_TYPES, "valid_from"),
    Coded("Ownership", "ownership", nsi.OWNERSHIP_FORMS, "valid_from"),
    Plain("LegalForm", "legal_form"),
    Coded("Department", "department", nsi.DEPARTMENTS, "valid_from"),
    Coded("AgencyKind", "agency_kind", nsi.AGENCY_KINDS, "valid_from"),
    Coded("AgencyProfile", "agency_profile", nsi.AGENCY_PROFILES, "valid_from"),
    Coded("Level", "level", nsi.CARE_LEVELS, "valid_from"),
    Plain("Founder", "founder"),
    Plain("Phone", "phone"),
    Plain("Email", "email"),
    Plain("Site", "site"),
    Plain("BeginDate", "valid_from"),
    Plain("EndDate", "valid_to"),
    Plain("ClosingReason", "closing_reason"),
)
_SUBDIVISIONS = OrganisationRecords(
    "Subdivision",
    subdivisions,
    (
        Plain("Oid", "entity_id"),
        Plain("Name", "name"),
        Coded("Kind", "kind", nsi.SUBDIVISION_KINDS, "valid_from"),
        Plain("ParentOid", "parent_oid"),
        Plain("Address", "address"),
        Plain("BeginDate", "valid_from"),
        Plain("EndDate", "valid_to"),
    ),
)
_NUMBERS = {"Inn": (organisations.c.inn, is_inn, INN_CONTROL), "Ogrn": (organisations.c.ogrn, is_ogrn, OGRN_CONTROL)}


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Answers with the card; refuses when the organisation cannot be found or told from another."""
    key = next(request.content.iterfind("{*}Organization/*"))
    found = _found_as(key, conn)
    if isinstance(found, Rejection):
        return Refusal((found,))
    asked = asked_organisation(request, conn, found_as=found)
    if isinstance(asked, Refusal):
        return asked
    root = begun_answer(request, asked)
    _write_record(root, conn, asked)
    chosen = {section.text for section in request.content.iterfind("{*}Section")}
    if not chosen or "SUBDIVISIONS" in chosen:
        _write_tree(SubElement(root, f"{Q}Subdivisions"), conn, asked)
    if not chosen or "LICENCES" in chosen:
        write_licences(SubElement(root, f"{Q}Licences"), Q, conn, asked)
    return Answer(root, (asked.oid,))


def _found_as(key: Element, conn: Connection) -> str | Rejection:
    """The OID of the organisation that now has the number sent, empty if none has; or what is wrong with the number.

    Branches have the ИНН of their organisation.
    """
    name, sent = QName(key).localname, key.text or ""
    if name == "Oid":
        return sent
    path = f"{_ROOT}/Organization/{name}"
    column, holds, control = _NUMBERS[name]
    if not holds(sent):
        return control.rejection(path, sent=sent)
    same = select(organisations.c.entity_id).where(column == bindparam("sent"), organisations.c.superseded_at.is_(None))
    oids = conn.scalars(same.order_by(organisations.c.entity_id).limit(_MOST_NAMED), {"sent": sent}).all()
    if len(oids) > 1:
        return ORG_AMBIGUOUS.rejection(path, sent=sent, stored=", ".join(oids))
    return oids[0] if oids else ""


_MOST_NAMED = 10
"""OIDs that are named when a number belongs to several."""


@cache
def _record(shape: Shape) -> Reading:
    """How the organisation's own record is read: as it was known, of whatever day."""
    statement, writers = reading(organisations, _RECORD, organisations.c.keys(), Q)
    return statement.where(organisations.c.entity_id == bindparam("oid"), known(organisations, shape)), writers


def _write_record(root: Element, conn: Connection, asked: AskedOrganisation) -> None:
    then = Moment(known_on=asked.at.known_on)
    statement, writers = _record(then.shape)
    row = conn.execute(statement, {"oid": asked.oid, **then.values}).one()
    begin, end = row.valid_from, row.valid_to
    existing = (begin is None or begin <= asked.day) and (end is None or asked.day <= end)
    leaf(root, f"{Q}Existing", yes_or_no(existing))
    element = SubElement(root, f"{Q}Organization")
    for write in writers:
        write(element, row)


def _write_tree(parent: Element, conn: Connection, asked: AskedOrganisation) -> None:
    """Adds the subdivisions of the day, each in the one above it, if that exists on the day."""
    elements = _SUBDIVISIONS.write({asked.oid: parent}, Q, conn, asked)
    for element in elements.values():
        above = elements.get(element.findtext(f"{Q}ParentOid") or "")
        if above is not None:
            above.append(element)
