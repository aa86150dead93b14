"""Tables of dictionaries (НСИ)."""

from sqlalchemy import CheckConstraint, Column, Date, Table

from ....queue.columns import Identifier, UtcDateTime
from .base import metadata

dictionaries = Table(
    "dictionaries",
    metadata,
    Column("oid", Identifier(), primary_key=True, comment="OID of the dictionary"),
    Column("version", Identifier(), primary_key=True, comment="version of it that was installed"),
    Column("title", Identifier(), nullable=False, comment="its title"),
    Column("released_on", Date, nullable=False, comment="since when this version is in force"),
    Column("installed_at", UtcDateTime(), nullable=False, comment="when it was installed here"),
    comment="Dictionaries and their versions",
)

dictionary_items = Table(
    "dictionary_items",
    metadata,
    Column("dictionary", Identifier(), primary_key=True, comment="OID of the dictionary"),
    Column("code", Identifier(), primary_key=True, comment="code of the item"),
    Column("valid_from", Date, primary_key=True, comment="first day on which the code has this name"),
    Column("valid_to", Date, comment="last day; NULL: without end"),
    Column("name", Identifier(), nullable=False, comment="its name in that period"),
    Column("parent", Identifier(), comment="code of the item above it"),
    Column("version", Identifier(), nullable=False, comment="version of the dictionary that said so"),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
    comment="Items of dictionaries: the periods of a code do not overlap, so that a code has one name on a date",
    sqlite_with_rowid=False,
)
