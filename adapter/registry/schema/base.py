"""What all tables of the register are made with: the common columns of a fact, and indexes over current versions."""

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    false,
    text,
)

from ....queue.columns import Identifier, UtcDateTime
from ....queue.schema import NAMING_CONVENTION

metadata = MetaData(naming_convention=NAMING_CONVENTION)

_CURRENT = "superseded_at IS NULL"


def fact(name: str, *columns: Column[Any], entity: str, period: str, comment: str, section: str = "") -> Table:
    """A table of versioned facts: `entity` says what `entity_id` is, `period` what the business period means.

    `section` names the part of the record that the table holds, as the feed of changes tells it (`section_of`); the
    table's own name in capitals if it is not given.
    """
    table = Table(
        name,
        metadata,
        Column("entity_id", Identifier(), primary_key=True, comment=entity),
        Column("version", Integer, primary_key=True, autoincrement=False, comment="1, 2, 3… within the entity"),
        *columns,
        Column("valid_from", Date, comment=f"{period}: first day; NULL: not known or since ever"),
        Column("valid_to", Date, comment=f"{period}: last day; NULL: without end"),
        Column("recorded_at", UtcDateTime(), nullable=False, comment="since when the register knows it so"),
        Column("superseded_at", UtcDateTime(), comment="until when the register knew it so; NULL: it still does"),
        Column("source", Identifier(), nullable=False, comment="mnemonic of the system that told it"),
        Column("message_id", Identifier(), nullable=False, comment="MessageID of the message that told it"),
        Column(
            "withdrawn",
            Boolean,
            nullable=False,
            server_default=false(),
            comment="true: this version takes the fact back, and was superseded the moment it was recorded",
        ),
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name="period"),
        CheckConstraint("NOT withdrawn OR superseded_at = recorded_at", name="withdrawn"),
        comment=comment,
        info={"section": section or name.upper()},
    )
    current_index(f"{name}_current", table, "entity_id", unique=True)
    return table


def current_index(name: str, table: Table, *columns: str, unique: bool = False, also: str = "") -> None:
    """An index over current versions; `also` narrows it further.

    The condition is a text and not a bound value, since PostgreSQL cannot use a partial index in a generic plan
    otherwise.
    """
    where = text(f"{_CURRENT}{also}")
    Index(name, *(table.c[column] for column in columns), unique=unique, sqlite_where=where, postgresql_where=where)


def covering_index(name: str, table: Table, *columns: str) -> None:
    """An index over current versions that answers a search's first step by itself, without a look at scattered rows.

    SQLite reads the row all the same unless the column of the condition is in the index too.
    """
    current_index(name, table, *columns, "superseded_at")


def section_of(table: Table) -> str:
    """The section of the record that a table of facts holds."""
    return str(table.info["section"])


def needed(name: str, comment: str) -> Column[str]:
    """A text that every such fact has."""
    return Column(name, Identifier(), nullable=False, comment=comment)


def optional(name: str, comment: str) -> Column[str]:
    """A text that a fact may have."""
    return Column(name, Identifier(), comment=comment)


def of_worker() -> Column[str]:
    """Whose fact it is."""
    return Column("worker_oid", Identifier(), ForeignKey("workers.oid"), nullable=False, comment="whose fact it is")


def of_organisation() -> Column[str]:
    """Which organisation's fact it is."""
    return needed("organisation_oid", "which organisation's it is")
