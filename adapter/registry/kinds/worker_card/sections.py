"""Sections of the card: for each the query that reads it and the elements that its columns become.

One query a section, whatever it holds, and only of the columns that the sender may see. Names of codes are those of
the day to which the fact belongs.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, Table, and_, bindparam, or_, select

from ... import dictionaries as nsi
from ...kind import namespace
from ...markup import leaf, moment, share
from ...projection import Projection, Section
from ...schema import (
    accreditations,
    certificates,
    dictionary_items,
    education,
    employments,
    identity_documents,
    organisations,
    qualifications,
    subdivisions,
)

NAMESPACE = namespace("worker_card", "1.0.0")
Q = f"{{{NAMESPACE}}}"
CODE, NAME = f"{Q}Code", f"{Q}Name"


def _yes_or_no(value: bool) -> str:
    return "true" if value else "false"


@dataclass(frozen=True, slots=True)
class Plain:
    """A column that becomes an element with text; left out when it is empty."""

    element: str
    column: str
    write: Callable[[Any], str] = str


@dataclass(frozen=True, slots=True)
class Marked:
    """A column that becomes an attribute of the record's element."""

    element: str
    column: str
    write: Callable[[Any], str] = str


@dataclass(frozen=True, slots=True)
class Coded:
    """A column with a code of a dictionary: element with Code and Name. `day` is the column with the day it is of."""

    element: str
    column: str
    dictionary: str
    day: str


@dataclass(frozen=True, slots=True)
class Named:
    """A column with the OID of an organisation or a subdivision: element with Oid and its current Name."""

    element: str
    column: str
    table: Table
    name: str


PROVENANCE = (
    Marked("entityId", "entity_id"),
    Marked("version", "version"),
    Marked("recordedAt", "recorded_at", moment),
    Marked("source", "source"),
    Marked("messageId", "message_id"),
)
"""What every record of a section bears: its key and version, and who told it, when and by which message."""

Field = Plain | Marked | Coded | Named
Writer = Callable[[Element, Row[Any]], None]


@dataclass(frozen=True, slots=True, eq=False)
class CardSection:
    """A section: what it is, element around it, element of each record, table and fields in their order."""

    section: Section
    container: str
    item: str
    table: Table
    fields: tuple[Field, ...]

    def write(self, parent: Element, conn: Connection, worker_oid: str, projection: Projection) -> None:
        """Reads what is visible of a worker's section and adds it to the answer, empty if there is nothing in it."""
        container = SubElement(parent, f"{Q}{self.container}")
        statement, writers = _of_worker(self, projection.visible(self.section, self.table.c.keys()))
        for row in conn.execute(statement, {"worker": worker_oid}):
            element = SubElement(container, f"{Q}{self.item}")
            for write in writers:
                write(element, row)


Reading = tuple[Select[Any], tuple[Writer, ...]]


@cache
def _of_worker(section: CardSection, visible: tuple[str, ...]) -> Reading:
    """How a section is read by those who may see these columns of it."""
    table = section.table
    statement, writers = reading(table, (*PROVENANCE, *section.fields), visible)
    statement = statement.where(table.c.worker_oid == bindparam("worker"), table.c.superseded_at.is_(None))
    return statement.order_by(table.c.valid_from, table.c.entity_id), writers


def reading(table: Table, fields: tuple[Field, ...], visible: Collection[str]) -> Reading:
    """The query that reads the visible fields of a table, and what writes each of them from a row of its result."""
    source: FromClause = table
    selected: list[ColumnElement[Any]] = []
    writers: list[Writer] = []
    for field in fields:
        if field.column not in visible:
            continue
        position = len(selected)
        selected.append(table.c[field.column])
        tag = f"{Q}{field.element}"
        match field:
            case Plain():
                writers.append(_plain(tag, position, field.write))
            case Marked():
                writers.append(_attribute(field.element, position, field.write))
            case Coded():
                item = dictionary_items.alias()
                day = table.c[field.day]
                source = source.outerjoin(
                    item,
                    and_(
                        item.c.dictionary == field.dictionary,
                        item.c.code == table.c[field.column],
                        item.c.valid_from <= day,
                        or_(item.c.valid_to.is_(None), item.c.valid_to >= day),
                    ),
                )
                selected.append(item.c.name)
                writers.append(_pair(tag, position, CODE))
            case Named():
                named = field.table.alias()
                source = source.outerjoin(
                    named, and_(named.c.entity_id == table.c[field.column], named.c.superseded_at.is_(None))
                )
                selected.append(named.c[field.name])
                writers.append(_pair(tag, position, f"{Q}Oid"))
    return select(*selected).select_from(source), tuple(writers)


def _plain(tag: str, position: int, text: Callable[[Any], str]) -> Writer:
    def write(parent: Element, row: Row[Any]) -> None:
        value = row[position]
        if value is not None and value != "":
            leaf(parent, tag, text(value))

    return write


def _attribute(name: str, position: int, text: Callable[[Any], str]) -> Writer:
    def write(element: Element, row: Row[Any]) -> None:
        element.set(name, text(row[position]))

    return write


def _pair(tag: str, position: int, first: str) -> Writer:
    def write(parent: Element, row: Row[Any]) -> None:
        if row[position] is not None:
            element = SubElement(parent, tag)
            leaf(element, first, row[position])
            if row[position + 1] is not None:
                leaf(element, NAME, row[position + 1])

    return write


SECTIONS = (
    CardSection(
        Section.IDENTITY_DOCUMENTS,
        "IdentityDocuments",
        "IdentityDocument",
        identity_documents,
        (
            Coded("Type", "type_code", nsi.IDENTITY_DOCUMENT_TYPES, "valid_from"),
            Plain("Series", "series"),
            Plain("Number", "number"),
            Plain("IssueDate", "valid_from"),
            Plain("EndDate", "valid_to"),
            Plain("Issuer", "issuer"),
            Plain("IssuerCode", "issuer_code"),
        ),
    ),
    CardSection(
        Section.EMPLOYMENTS,
        "Employments",
        "Employment",
        employments,
        (
            Named("Organization", "organisation_oid", organisations, "full_name"),
            Named("Subdivision", "subdivision_oid", subdivisions, "name"),
            Coded("Post", "post", nsi.POSTS, "valid_from"),
            Coded("PositionType", "position_type", nsi.POSITION_TYPES, "valid_from"),
            Plain("Rate", "rate", share),
            Plain("ServiceNumber", "service_number"),
            Plain("ContractNumber", "contract_number"),
            Plain("ContractDate", "contract_date"),
            Plain("BeginDate", "valid_from"),
            Plain("EndDate", "valid_to"),
            Coded("EndType", "end_type", nsi.END_TYPES, "valid_to"),
            Coded("DismissalReason", "dismissal_reason", nsi.DISMISSAL_REASONS, "valid_to"),
            Plain("PreviousEmploymentId", "previous_id"),
        ),
    ),
    CardSection(
        Section.EDUCATION,
        "Education",
        "EducationRecord",
        education,
        (
            Plain("Stage", "stage"),
            Coded("Type", "education_type", nsi.EDUCATION_TYPES, "document_date"),
            Coded("Institution", "institution", nsi.INSTITUTIONS, "document_date"),
            Coded("Specialty", "specialty", nsi.SPECIALTIES, "document_date"),
            Plain("Theme", "theme"),
            Plain("Hours", "hours"),
            Plain("BeginDate", "valid_from"),
            Plain("EndDate", "valid_to"),
            Plain("DocumentSeries", "document_series"),
            Plain("DocumentNumber", "document_number"),
            Plain("DocumentDate", "document_date"),
        ),
    ),
    CardSection(
        Section.CERTIFICATES,
        "Certificates",
        "Certificate",
        certificates,
        (
            Coded("Specialty", "specialty", nsi.SPECIALTIES, "exam_date"),
            Coded("Institution", "institution", nsi.INSTITUTIONS, "exam_date"),
            Plain("Series", "series"),
            Plain("Number", "number"),
            Plain("ExamDate", "exam_date"),
            Plain("BeginDate", "valid_from"),
            Plain("EndDate", "valid_to"),
            Plain("Extended", "extended", _yes_or_no),
        ),
    ),
    CardSection(
        Section.ACCREDITATIONS,
        "Accreditations",
        "Accreditation",
        accreditations,
        (
            Coded("Kind", "accreditation_kind", nsi.ACCREDITATION_KINDS, "protocol_date"),
            Coded("Specialty", "specialty", nsi.SPECIALTIES, "protocol_date"),
            Coded("Institution", "institution", nsi.INSTITUTIONS, "protocol_date"),
            Plain("RegistryNumber", "registry_number"),
            Plain("ProtocolNumber", "protocol_number"),
            Plain("ProtocolDate", "protocol_date"),
            Plain("BeginDate", "valid_from"),
            Plain("EndDate", "valid_to"),
        ),
    ),
    CardSection(
        Section.QUALIFICATIONS,
        "Qualifications",
        "Qualification",
        qualifications,
        (
            Coded("Category", "category", nsi.CATEGORIES, "valid_from"),
            Coded("Specialty", "specialty", nsi.SPECIALTIES, "valid_from"),
            Plain("BeginDate", "valid_from"),
            Plain("EndDate", "valid_to"),
        ),
    ),
)
"""All sections, in the order of the response's schema."""
