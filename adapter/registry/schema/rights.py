"""Tables of rights: the officials who may sign for organisations. Nobody is erased: who ceases is marked so."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, LargeBinary, Table, text

from ....queue.columns import Identifier, Serial, UtcDateTime
from .base import metadata

officials = Table(
    "officials",
    metadata,
    Column("number", Serial(), primary_key=True, comment="number of the entry"),
    Column("fingerprint", Identifier(), nullable=False, comment="SHA-256 of the certificate, lower-case hex"),
    Column("name", Identifier(), nullable=False, comment="the official's name"),
    Column("position", Identifier(), nullable=False, comment="the official's post"),
    Column("participant", Identifier(), nullable=False, comment="mnemonic of the system through which they act"),
    Column("valid_from", Date, nullable=False, comment="first day on which they may sign, by Moscow"),
    Column("valid_to", Date, comment="last day; NULL: without end"),
    Column("certificate", LargeBinary, nullable=False, comment="the certificate itself, DER"),
    Column("added_at", UtcDateTime(), nullable=False, comment="when the entry was made"),
    Column("removed_at", UtcDateTime(), comment="when it was taken back; NULL: it holds"),
    comment="Officials whose personal signature makes an update legally significant",
)
_HOLDS = text("removed_at IS NULL")
Index(
    "officials_holding",
    officials.c.fingerprint,
    unique=True,
    sqlite_where=_HOLDS,
    postgresql_where=_HOLDS,
)

official_organisations = Table(
    "official_organisations",
    metadata,
    Column(
        "official",
        BigInteger,
        ForeignKey(officials.c.number),
        primary_key=True,
        autoincrement=False,
        comment="whose right it is",
    ),
    Column("organisation_oid", Identifier(), primary_key=True, comment="for which organisation they sign"),
    comment="Organisations for which an official signs; none: all that the system may act for",
    sqlite_with_rowid=False,
)
