"""Tables of the node: participants and their certificates."""

from sqlalchemy import Boolean, Column, ForeignKey, LargeBinary, MetaData, Table

from ...queue.columns import Identifier, UtcDateTime
from ...queue.schema import NAMING_CONVENTION

metadata = MetaData(naming_convention=NAMING_CONVENTION)

participants = Table(
    "participants",
    metadata,
    Column("mnemonic", Identifier(), primary_key=True, comment="name of the system in the exchange"),
    Column("name", Identifier(), nullable=False, comment="its name for people"),
    Column("active", Boolean, nullable=False, comment="false: its calls are refused"),
    comment="Information systems that take part in the exchange",
)

participant_certificates = Table(
    "participant_certificates",
    metadata,
    Column("fingerprint", Identifier(), primary_key=True, comment="SHA-256 of the certificate, lower-case hex"),
    Column(
        "mnemonic",
        Identifier(),
        ForeignKey(participants.c.mnemonic, ondelete="CASCADE"),
        nullable=False,
        index=True,
        comment="the system that signs with it",
    ),
    Column("subject", Identifier(), nullable=False, comment="whom it names (RFC 4514)"),
    Column("not_before", UtcDateTime(), nullable=False, comment="start of its validity"),
    Column("not_after", UtcDateTime(), nullable=False, comment="end of its validity"),
    Column("certificate", LargeBinary, nullable=False, comment="the certificate itself, DER"),
    comment="Certificates by which a system is known; several at a time, so that a renewal leaves no gap",
)

participant_rights = Table(
    "participant_rights",
    metadata,
    Column(
        "mnemonic",
        Identifier(),
        ForeignKey(participants.c.mnemonic, ondelete="CASCADE"),
        primary_key=True,
        comment="who may",
    ),
    Column("permission", Identifier(), primary_key=True, comment="SENDS, PROVIDES (a kind) or ORGANISATION (an OID)"),
    Column("subject", Identifier(), primary_key=True, comment="name of the kind, * for all; OID of the organisation"),
    comment="What a system may send, what it provides, and on whose behalf it may change records",
    sqlite_with_rowid=False,
)
