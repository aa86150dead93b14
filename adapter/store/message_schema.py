"""Tables of messages: what happened to them, what was set aside and archived; and the timers that see to it."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, text

from ...queue.columns import Identifier, UtcDateTime
from ...queue.schema import NAMING_CONVENTION

metadata = MetaData(naming_convention=NAMING_CONVENTION)

messages = Table(
    "messages",
    metadata,
    Column("message_id", Identifier(), primary_key=True, comment="MessageID; the octets stand in queue_bodies"),
    Column("message_type", Identifier(), nullable=False, comment="REQUEST, RESPONSE or BROADCAST"),
    Column("kind", Identifier(), nullable=False, comment="kind of message, all its versions together"),
    Column("sender", Identifier(), nullable=False, comment="mnemonic of the sending system"),
    Column("recipient", Identifier(), nullable=False, comment="mnemonic of the receiving system; empty: many or none"),
    Column("contract", Identifier(), nullable=False, comment="version of the contract it came by"),
    Column("accepted_at", UtcDateTime(), nullable=False, comment="when the node accepted it"),
    Column("state", Identifier(), nullable=False, comment="its status, in the contract's words"),
    Column("original_message_id", Identifier(), comment="of a response: the request that it answers"),
    Column("reference_message_id", Identifier(), comment="ReferenceMessageID: first message of the chain"),
    Column("transaction_code", Identifier(), comment="TransactionCode, passed on"),
    Column("node_id", Identifier(), comment="NodeID: sub-queue in which the sender wants the response"),
    Column("reply_to", Identifier(), comment="ReplyTo: what the provider must give back as To"),
    Column("test", Boolean, nullable=False, comment="TestMessage: must not change any data"),
    Column("events", Integer, nullable=False, comment="how many things have happened to it"),
    Column("archived_at", UtcDateTime(), comment="when its octets went to the archive; NULL: they did not"),
    Column("peer", Identifier(), comment="network address it came from, as the node saw it; NULL: made by the node"),
    comment="Every message accepted, as the exchange sees it",
)

_answers, _in_chain, _here = (
    text(f"{column} IS {wanted}")
    for column, wanted in (
        ("original_message_id", "NOT NULL"),
        ("reference_message_id", "NOT NULL"),
        ("archived_at", "NULL"),
    )
)

Index("messages_answers", messages.c.original_message_id, sqlite_where=_answers, postgresql_where=_answers)
Index("messages_in_chain", messages.c.reference_message_id, sqlite_where=_in_chain, postgresql_where=_in_chain)
# Not over the state: an index that changes with every step of a message would make every step dearer.
Index(
    "messages_not_archived", messages.c.accepted_at, messages.c.message_id, sqlite_where=_here, postgresql_where=_here
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
        comment="2, 3… within the message, its acceptance being the first; what repeats takes numbers and no rows",
    ),
    Column("at", UtcDateTime(), nullable=False, comment="when it happened"),
    Column("event", Identifier(), nullable=False, comment="event of the message's life"),
    Column("state", Identifier(), nullable=False, comment="state after it"),
    Column("actor", Identifier(), nullable=False, comment="mnemonic of the system that caused it"),
    Column("detail", Identifier(), nullable=False, comment="what else is to be known of it"),
    Column("times", Integer, nullable=False, server_default="1", comment="how often it happened"),
    Column("last_at", UtcDateTime(), comment="when it happened last; NULL: it happened once"),
    comment="Everything that happened to a message after its acceptance, in order",
    sqlite_with_rowid=False,
)

messages_aside = Table(
    "messages_aside",
    metadata,
    Column("message_id", Identifier(), ForeignKey(messages.c.message_id), primary_key=True, comment="which request"),
    Column("reason", Identifier(), nullable=False, comment="why: name of the error, no content"),
    Column("attempts", Integer, nullable=False, comment="how often it was tried"),
    Column("at", UtcDateTime(), nullable=False, index=True, comment="when it was set aside"),
    comment="Requests that the register's worker has given up, until an operator decides",
    sqlite_with_rowid=False,
)

message_attachments = Table(
    "message_attachments",
    metadata,
    Column("message_id", Identifier(), ForeignKey(messages.c.message_id), primary_key=True, comment="which message"),
    Column("number", Integer, primary_key=True, autoincrement=False, comment="1, 2… in the order of the envelope"),
    Column("content_id", Identifier(), nullable=False, comment="Id of AttachmentContent, contentId of the header"),
    Column("octets", LargeBinary, nullable=False, comment="the content as it was received, decoded"),
    comment="Contents of attachments that came inside messages; the kept envelopes do not hold them",
)

message_files = Table(
    "message_files",
    metadata,
    Column("message_id", Identifier(), ForeignKey(messages.c.message_id), primary_key=True, comment="which message"),
    Column("number", Integer, primary_key=True, autoincrement=False, comment="1, 2… in the order of the message"),
    Column("file_id", Identifier(), nullable=False, comment="uuid of RefAttachmentHeader, directory in the store"),
    Column("algorithm", Identifier(), nullable=False, comment="URI of the digest"),
    Column("digest", LargeBinary, nullable=False, comment="what the file's signature vouches for"),
    Column("kind", Identifier(), nullable=False, index=True, comment="kind of the message, whose quota they take"),
    Column("size", BigInteger, nullable=False, comment="octets; 0 until the file was found"),
    Column("name", Identifier(), comment="name of the file in its directory; NULL: not found yet"),
    comment="Files beside messages, from their acceptance until everybody has acknowledged the message",
    sqlite_with_rowid=False,
)

file_checks = Table(
    "file_checks",
    metadata,
    Column("message_id", Identifier(), ForeignKey(messages.c.message_id), primary_key=True, comment="which message"),
    Column("due_at", UtcDateTime(), nullable=False, index=True, comment="when its files are to be looked at (again)"),
    Column("attempts", Integer, nullable=False, comment="how often that was begun"),
    Column("recipients", Identifier(), nullable=False, comment="into whose queues it goes then, JSON"),
    Column("priority", Integer, nullable=False, comment="of its sender"),
    Column("order_key", Identifier(), comment="messages with the same one are given out one at a time"),
    Column("order_keys", Identifier(), nullable=False, comment="those of a message that has several, JSON"),
    Column("expires_at", UtcDateTime(), comment="EOL"),
    comment="Messages that wait for their files to be found good before they come into a queue",
    sqlite_with_rowid=False,
)

file_grants = Table(
    "file_grants",
    metadata,
    Column("user", Identifier(), primary_key=True, comment="UserName of FSAttachment"),
    Column("password", Identifier(), nullable=False, comment="Password of FSAttachment, told with every delivery"),
    Column(
        "message_id",
        Identifier(),
        ForeignKey(messages.c.message_id),
        nullable=False,
        index=True,
        comment="the message whose files it opens",
    ),
    Column("recipient", Identifier(), nullable=False, comment="mnemonic of the system that is told"),
    comment="Who may fetch the files of a message, until it has acknowledged the message",
    sqlite_with_rowid=False,
)

file_accounts = Table(
    "file_accounts",
    metadata,
    Column("mnemonic", Identifier(), primary_key=True, comment="the system that puts files into the store"),
    Column("salt", LargeBinary, nullable=False, comment="of its password"),
    Column("digest", LargeBinary, nullable=False, comment="scrypt of its password"),
    comment="Passwords of participants for the file store",
    sqlite_with_rowid=False,
)

archive_bodies = Table(
    "archive_bodies",
    metadata,
    Column("message_id", Identifier(), ForeignKey(messages.c.message_id), primary_key=True, comment="which message"),
    Column("month", Identifier(), nullable=False, index=True, comment="YYYY-MM (UTC) of its acceptance"),
    Column("sha256", Identifier(), nullable=False, comment="digest of the octets, lower-case hex"),
    Column("packed", LargeBinary, nullable=False, comment="the octets as they were received, zlib (RFC 1950)"),
    comment="Octets of archived messages; their rows in queue_bodies stay, empty, so that no id is accepted twice",
)

timers = Table(
    "timers",
    metadata,
    Column("name", Identifier(), primary_key=True, comment="which job"),
    Column("due_at", UtcDateTime(), nullable=False, comment="when it is to be done next"),
    Column("claimed_by", Identifier(), comment="process that is doing it now"),
    Column("claimed_until", UtcDateTime(), comment="until when it may be silent before another process takes over"),
    Column("began_at", UtcDateTime(), comment="when it was last begun"),
    Column("ended_at", UtcDateTime(), comment="when it last came to its end"),
    Column("ran_by", Identifier(), comment="process that did it last"),
    Column("done", Integer, nullable=False, comment="what its last run has done so far, in its own units"),
    Column("error", Identifier(), comment="name of the error that its last run ended with; NULL: none"),
    comment="Work that is due at times, done by one of all processes",
    sqlite_with_rowid=False,
)
