"""OrganizationLicences: the licences whose period holds a day, each with the activities that it permits on it."""

from lxml.etree import SubElement
from sqlalchemy import Connection

from ...kind import namespace
from ...lookup.answers import begun_answer
from ...lookup.fields import yes_or_no
from ...lookup.licences import write_licences
from ...lookup.organisations import asked_organisation
from ...outcome import Answer, KindRequest, Refusal

NAMESPACE = namespace("organization_licences", "1.0.0")
Q = f"{{{NAMESPACE}}}"


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Answers with the licences of the day; one that is suspended is among them, and does not count as valid."""
    asked = asked_organisation(request, conn)
    if isinstance(asked, Refusal):
        return asked
    root = begun_answer(request, asked)
    licensed = SubElement(root, f"{Q}Licensed")
    licences = write_licences(SubElement(root, f"{Q}Licences"), Q, conn, asked)
    licensed.text = yes_or_no(any(element.findtext(f"{Q}Status") == "VALID" for element in licences.values()))
    return Answer(root, (asked.oid,))
