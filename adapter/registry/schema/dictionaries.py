"""Tables of dictionaries (НСИ)."""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Integer, Table, UniqueConstraint

from ....queue.columns import Identifier, UtcDateTime
from .base import metadata

dictionaries = Table(
    "dictionaries",
    metadata,
    Column("oid", Identifier(), primary_key=True, comment="OID of the dictionary"),
    Column("version", Identifier(), primary_key=True, comment="version of it that was taken over"),
    Column("number", Integer, nullable=False, comment="number of the version, from 1, in the order of release"),
    Column("title", Identifier(), nullable=False, comment="its title"),
    Column("released_on", Date, nullable=False, comment="since when this version is in force"),
    Column(
        "sample", Boolean, nullable=False, comment="a short one shipped with the program, until a genuine one comes"
    ),
    Column("installed_at", UtcDateTime(), nullable=False, comment="when it was taken over here"),
    UniqueConstraint("oid", "number"),
    comment="Dictionaries and their versions",
)

dictionary_items = Table(
    "dictionary_items",
    metadata,
    Column("dictionary", Identifier(), primary_key=True, comment="OID of the dictionary"),
    Column("code", Identifier(), primary_key=True, comment="code of the item"),
    Column(
        "valid_from", Date, primary_key=True, comment="first day on which the code has this name, as the version says"
    ),
    Column("since", Integer, primary_key=True, autoincrement=False, comment="number of the first version that has it"),
    Column("valid_to", Date, comment="last day, as the version says; NULL: without end"),
    Column("until", Integer, comment="number of the first version that has it no more; NULL: the last one has it"),
    Column("holds_from", Date, nullable=False, comment="first day by the versions in force too"),
    Column("holds_to", Date, comment="last day by the versions in force too; before holds_from: it never held"),
    Column("name", Identifier(), nullable=False, comment="its name in that period"),
    Column("parent", Identifier(), comment="code of the item above it"),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
    comment="Items of dictionaries: a code has one name on a date",
    sqlite_with_rowid=False,
)
