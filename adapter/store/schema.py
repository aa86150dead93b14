"""Tables of the node: participants, their certificates and rights, routes to them, and who changed any of it."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, SmallInteger, Table, text

from ...queue.columns import Identifier, Serial, UtcDateTime
from ...queue.schema import NAMING_CONVENTION

metadata = MetaData(naming_convention=NAMING_CONVENTION)

participants = Table(
    "participants",
    metadata,
    Column("mnemonic", Identifier(), primary_key=True, comment="name of the system in the exchange"),
    Column("name", Identifier(), nullable=False, comment="its name for people"),
    Column("active", Boolean, nullable=False, comment="false: its calls are refused"),
    Column("region", Identifier(), comment="code of the region where it stands; NULL: of none"),
    Column("priority", SmallInteger, nullable=False, server_default=text("0"), comment="of its requests: 1 before 0"),
    Column("queue_limit", Integer, comment="most messages that may wait for it; NULL: the node's own limit"),
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
    Column("permission", Identifier(), primary_key=True, comment="a store.participants.Permission"),
    Column("subject", Identifier(), primary_key=True, comment="name of the kind, * for all; OID; role"),
    comment="What a system may send, what it provides and receives, what it is, and for whom it may change records",
    sqlite_with_rowid=False,
)
Index("participant_rights_subject", participant_rights.c.subject, participant_rights.c.permission)

routes = Table(
    "routes",
    metadata,
    Column("kind", Identifier(), primary_key=True, comment="kind of messages"),
    Column("region", Identifier(), primary_key=True, comment="region of the sender; empty: any"),
    Column("version", Identifier(), primary_key=True, comment="version of the kind; empty: any"),
    Column("value", Identifier(), primary_key=True, comment="value that the sender names (1.3); empty: it names none"),
    # No foreign key: the route to a system that was removed must not give way to a more general one.
    Column("provider", Identifier(), nullable=False, comment="mnemonic of the system that answers"),
    comment="Which system answers requests of a kind; the most specific route wins",
    sqlite_with_rowid=False,
)

participant_changes = Table(
    "participant_changes",
    metadata,
    Column("number", Serial(), primary_key=True, comment="order of the changes"),
    Column("at", UtcDateTime(), nullable=False, comment="when it was changed"),
    Column("actor", Identifier(), nullable=False, comment="who changed it"),
    Column("object", Identifier(), nullable=False, comment="PARTICIPANT or ROUTE"),
    Column("subject", Identifier(), nullable=False, index=True, comment="mnemonic of the system; kind of the route"),
    Column("before", Identifier(), comment="what it was, JSON; NULL: it was not there"),
    Column("after", Identifier(), comment="what it is, JSON; NULL: it is gone"),
    comment="Who changed participants and routes, and what; rows are added and never changed",
)
