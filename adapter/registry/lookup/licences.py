"""Licences of an organisation with what they permit, for the answers that tell of them."""

from collections.abc import Mapping

from lxml.etree import _Element as Element
from sqlalchemy import Connection

from .. import dictionaries as nsi
from .. import schema as tables
from .fields import Coded, Field, Plain, yes_or_no
from .organisations import AskedOrganisation, OrganisationRecords

_PERIOD: tuple[Field, ...] = (Plain("BeginDate", "valid_from"), Plain("EndDate", "valid_to"))
_LICENCES = OrganisationRecords(
    "Licence",
    tables.licences,
    (
        Plain("Series", "series"),
        Plain("Number", "number"),
        Plain("Status", "status"),
        Plain("Notification", "notification", yes_or_no),
        Plain("IssueDate", "issued_on"),
        Plain("Licenser", "licenser"),
        Plain("LicenserInn", "licenser_inn"),
        Plain("LicenserOgrn", "licenser_ogrn"),
        *_PERIOD,
    ),
)
_ACTIVITIES = OrganisationRecords(
    "Activity",
    tables.licence_activities,
    (
        Plain("Kind", "activity"),
        Coded("Work", "work", nsi.MEDICAL_SERVICES, "valid_from"),
        Coded("Specialty", "specialty", nsi.SPECIALTIES, "valid_from"),
        Plain("Address", "address"),
        *_PERIOD,
    ),
    within="licence_id",
)


def write_licences(parent: Element, q: str, conn: Connection, asked: AskedOrganisation) -> Mapping[str, Element]:
    """Adds the licences of the day, each with its activities of the day; returns their elements by entity_id.

    `q` is the kind's namespace in braces.
    """
    licences = _LICENCES.write({asked.oid: parent}, q, conn, asked)
    _ACTIVITIES.write(licences, q, conn, asked)
    return licences
