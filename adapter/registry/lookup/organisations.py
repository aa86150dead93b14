"""Which organisation a question is about, and as of when. What a register knows of organisations is open to all.

The elements of its records are written by the same means as those of a worker's (registry.lookup.fields).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from lxml.etree import QName, SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection, Table, select

from ...exchange.rejection import Rejection
from ..common_rules import ORG_NOT_FOUND
from ..outcome import KindRequest, Refusal
from ..reading import Moment, Shape
from ..schema import organisations
from .fields import PROVENANCE, Field, Reading, reading
from .owned import of_owners
from .subjects import KNOWN_ON_IN_FUTURE, asked_moment, today_of

ORGANISATION_RULES = (KNOWN_ON_IN_FUTURE, ORG_NOT_FOUND)
"""The rules by which a question about an organisation may be refused."""


@dataclass(frozen=True, slots=True)
class AskedOrganisation:
    """The organisation that was found; `at` always names a day, that of the question or today by Moscow."""

    oid: str
    at: Moment
    day: date


@dataclass(frozen=True, slots=True, eq=False)
class OrganisationRecords:
    """Records of organisations: the element of each, table and fields in their order.

    `within` is the column that names what a record belongs to: the organisation, or another record of it.
    """

    item: str
    table: Table
    fields: tuple[Field, ...]
    within: str = "organisation_oid"

    def write(
        self, parents: Mapping[str, Element], q: str, conn: Connection, asked: AskedOrganisation
    ) -> dict[str, Element]:
        """Adds each record of the day to the element of what it belongs to, by `within`; returns the new elements by
        their entity_id. Records that belong to none of them are left out. `q` is the kind's namespace in braces.
        """
        statement, writers = _of_organisation(self, asked.at.shape, q)
        written = {}
        for row in conn.execute(statement, {"owners": [asked.oid], **asked.at.values}):
            parent = parents.get(row.within)
            if parent is not None:
                element = written[row.record] = SubElement(parent, f"{q}{self.item}")
                for write in writers:
                    write(element, row)
        return written


@cache
def _of_organisation(records: OrganisationRecords, shape: Shape, q: str) -> Reading:
    table = records.table
    statement, writers = reading(table, (*PROVENANCE, *records.fields), table.c.keys(), q)
    statement = statement.add_columns(table.c.entity_id.label("record"), table.c[records.within].label("within"))
    statement = statement.where(of_owners(table, shape, owner="organisation_oid"))
    return statement.order_by(table.c.valid_from, table.c.entity_id), writers


@cache
def _known(shape: Shape) -> Any:
    return select(organisations.c.entity_id).where(of_owners(organisations, shape, owner="entity_id"))


def asked_organisation(
    request: KindRequest, conn: Connection, also: Iterable[Rejection] = (), *, found_as: str | None = None
) -> AskedOrganisation | Refusal:
    """The organisation of the request's Organization/Oid, or all that is wrong with the question.

    `found_as` is its OID where the request names it by another number (empty: there is none that has it).

    An organisation that was closed by the day is found all the same: what it was may be asked. `also` is what the kind
    has found wrong by itself.
    """
    content, today = request.content, today_of(request)
    at, wrong = asked_moment(content, today)
    key = next(one for one in content.iterfind("{*}Organization/*"))
    oid = (key.text or "") if found_as is None else found_as
    known_then = Moment(known_on=at.known_on)
    found = conn.scalar(_known(known_then.shape), {"owners": [oid], **known_then.values})
    if found is None:
        path = f"{QName(content).localname}/Organization/{QName(key).localname}"
        wrong.append(ORG_NOT_FOUND.rejection(path, sent=key.text))
    wrong.extend(also)
    if wrong:
        return Refusal(tuple(wrong), () if found is None else (oid,))
    day = at.as_of or today
    return AskedOrganisation(oid, Moment(day, at.known_on), day)
