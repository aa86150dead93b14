"""Tables of the node: messages and what happened to them, participants and their certificates."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, MetaData, Table

from ...queue.columns import Identifier, UtcDateTime
from ...queue.schema import NAMING_CONVENTION

metadata = MetaData(naming_convention=NAMING_CONVENTION)

messages = Table(
    "messages",
    metadata,
    Column("message_id", Identifier(), primary_key=True, comment="MessageID; the octets stand in queue_bodies"),
    Column("message_type", Identifier(), nullable=False, comment="REQUEST or RESPONSE"),
    Column("kind", Identifier(), nullable=False, comment="kind of message, all its versions together"),
    Column("sender", Identifier(), nullable=False, comment="mnemonic of the sending system"),
    Column("recipient", Identifier(), nullable=False, comment="mnemonic of the receiving system"),
    Column("contract", Identifier(), nullable=False, comment="version of the contract it came by"),
    Column("accepted_at", UtcDateTime(), nullable=False, comment="when the node accepted it"),
    Column("state", Identifier(), nullable=False, comment="its status, in the contract's words"),
    Column("original_message_id", Identifier(), comment="of a response: the request that it answers"),
    Column("reference_message_id", Identifier(), comment="ReferenceMessageID: first message of the chain"),
    Column("transaction_code", Identifier(), comment="TransactionCode, passed on"),
    Column("node_id", Identifier(), comment="NodeID: sub-queue in which the sender wants the response"),
    Column("reply_to", Identifier(), comment="ReplyTo: what the provider must give back as To"),
    Column("test", Boolean, nullable=False, comment="TestMessage: must not change any data"),
    Column("events", Integer, nullable=False, comment="number of its last event"),
    comment="Every message accepted, as the exchange sees it",
)

message_events = Table(
    "message_events",
    metadata,
    Column("message_id", Identifier(), primary_key=True, comment="which message"),
    Column(
        "number",
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="2, 3… within the message: its acceptance is the first",
    ),
    Column("at", UtcDateTime(), nullable=False, comment="when it happened"),
    Column("event", Identifier(), nullable=False, comment="event of the message's life"),
    Column("state", Identifier(), nullable=False, comment="state after it"),
    Column("actor", Identifier(), nullable=False, comment="mnemonic of the system that caused it"),
    Column("detail", Identifier(), nullable=False, comment="what else is to be known of it"),
    comment="Everything that happened to a message after its acceptance, in order",
    sqlite_with_rowid=False,
)

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
