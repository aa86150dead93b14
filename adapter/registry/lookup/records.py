"""A section of a worker's record: the query that reads it and the elements that its columns become.

The elements are those of xsd/frmr/records, which the schema of a kind includes and so has in its own namespace.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection, Row, Table

from ..projection import Section
from ..reading import Shape
from .fields import PROVENANCE, Field, Reading, reading
from .owned import of_owners
from .subjects import Subject


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """A section: what it is, element around it, element of each record, table and fields in their order.

    `accumulates`: as of a day are all records that had begun by then, not only those whose period holds the day.
    `among` narrows the section to those in which a column has one of some values.
    """

    section: Section
    container: str
    item: str
    table: Table
    fields: tuple[Field, ...]
    accumulates: bool = False
    owner: str = "worker_oid"
    among: tuple[str, tuple[str, ...]] | None = None

    def write(self, parent: Element, q: str, conn: Connection, subject: Subject) -> Sequence[Row[Any]]:
        """Reads what is visible of the worker's section and adds it to the answer, empty if there is nothing in it.

        `q` is the namespace of the kind, in braces. Returns the rows that were read.
        """
        container = SubElement(parent, f"{q}{self.container}")
        visible = subject.projection.visible(self.section, self.table.c.keys())
        statement, writers = _of_worker(self, subject.at.shape, visible, q)
        rows = conn.execute(statement, {"owners": [subject.oid], **subject.at.values}).all()
        for row in rows:
            element = SubElement(container, f"{q}{self.item}")
            for write in writers:
                write(element, row)
        return rows


@cache
def _of_worker(records: Records, shape: Shape, visible: tuple[str, ...], q: str) -> Reading:
    """How a section is read by those who may see these columns of it."""
    table = records.table
    statement, writers = reading(table, (*PROVENANCE, *records.fields), visible, q)
    statement = statement.where(of_owners(table, shape, owner=records.owner, accumulates=records.accumulates))
    if records.among is not None:
        column, values = records.among
        statement = statement.where(table.c[column].in_(values))
    return statement.order_by(table.c.valid_from, table.c.entity_id), writers
