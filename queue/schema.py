"""Tables of the queue.

Two tables above all, since two things are of different size and life: an entry is narrow, changes twice and is gone
when the message is acknowledged; the octets are wide, never change and stay for ever. What a claim must look through is
thus small, and an accepted id is remembered for ever at no extra cost.

An entry is *leased* while `leased_until` is not NULL, else *waiting*, or *blocked*: not to be given out yet, because an
earlier one of its order key is there, or because it is too late and about to be taken out. Blocked entries stand
outside the indexes of those that wait, so that a claim need not pass them. The partial indexes say all this with the
words IS NULL and NOT, and not by a state that is compared with a value: PostgreSQL cannot use a partial index in a
generic plan when the value is a bound parameter (docs/decisions/0011).
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    UniqueConstraint,
    false,
    text,
)

from .columns import Identifier, Serial, UtcDateTime

NAMING_CONVENTION = {
    "ix": "%(table_name)s_%(column_0_N_name)s",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}
"""Names of constraints, so that every database and every migration calls them the same."""

metadata = MetaData(naming_convention=NAMING_CONVENTION)

bodies = Table(
    "queue_bodies",
    metadata,
    Column("message_id", Identifier(), primary_key=True, comment="MessageID; once here it is taken for ever"),
    Column("accepted_at", UtcDateTime(), nullable=False, comment="when the message was accepted"),
    Column("body", LargeBinary, nullable=False, comment="the octets of the message as they were received"),
    comment="Every message ever accepted, octet by octet, so that any signature can be checked years later",
)

entries = Table(
    "queue_entries",
    metadata,
    Column(
        "position",
        Serial(),
        primary_key=True,
        comment="order of acceptance",
    ),
    Column("recipient", Identifier(), nullable=False, comment="mnemonic of the system whose queue this is"),
    Column("channel", Identifier(), nullable=False, comment="REQUEST, RESPONSE or STATUS"),
    Column("node_id", Identifier(), nullable=False, comment="sub-queue (NodeID); empty: the main queue"),
    Column("kind", Identifier(), nullable=False, comment="kind of message, all its versions together"),
    Column("message_id", Identifier(), ForeignKey(bodies.c.message_id), nullable=False, comment="which message"),
    Column(
        "turn",
        SmallInteger,
        nullable=False,
        comment="0: came back from a reader, goes before all others; 1: never read",
    ),
    Column("rank", Integer, nullable=False, comment="the negative of the priority: least first"),
    Column("attempts", Integer, nullable=False, comment="how often it has been leased"),
    Column("enqueued_at", UtcDateTime(), nullable=False, comment="when it was put in"),
    Column("leased_until", UtcDateTime(), comment="end of the present lease; NULL: waiting"),
    Column(
        "order_key", Identifier(), comment="of one recipient's entries with the same key one is given out at a time"
    ),
    Column("expires_at", UtcDateTime(), comment="EOL: when it is too late to give it out; NULL: never"),
    Column(
        "blocked",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="waits behind an earlier one of its key, or is too late",
    ),
    UniqueConstraint("message_id", "recipient"),
    CheckConstraint("channel IN ('REQUEST', 'RESPONSE', 'STATUS')", name="channel"),
    comment="Messages not yet acknowledged, one row for each recipient",
    # A plan that is made while the queue is empty is kept when it is full. A file that never shrinks never looks so
    # small that scanning it seems cheaper than an index.
    postgresql_with={"vacuum_truncate": "false"},
)

entry_keys = Table(
    "queue_entry_keys",
    metadata,
    Column("recipient", Identifier(), primary_key=True, comment="mnemonic of the system whose queue it is"),
    Column("order_key", Identifier(), primary_key=True, comment="one of the entry's order keys"),
    # No foreign key: an entry is deleted first, and tells by that which keys must follow it.
    Column("position", Serial(), primary_key=True, autoincrement=False, index=True, comment="which entry"),
    comment="Order keys of entries that have several; those of all others stand in queue_entries",
    sqlite_with_rowid=False,
    postgresql_with={"vacuum_truncate": "false"},  # as above
)

_waiting = text("leased_until IS NULL AND NOT blocked")
# The same in other words, so that PostgreSQL never takes the index of all kinds for a claim by kind: it would, where it
# believes that the kind is met soon, and then pass a million entries of other kinds that nobody fetches.
_waiting_by_kind = text("leased_until IS NULL AND blocked IS FALSE")
_blocked = text("leased_until IS NULL AND blocked")
_leased = text("leased_until IS NOT NULL")

Index(
    "queue_entries_waiting",
    entries.c.recipient,
    entries.c.channel,
    entries.c.node_id,
    entries.c.turn,
    entries.c.rank,
    entries.c.position,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
Index(
    "queue_entries_waiting_by_kind",
    entries.c.recipient,
    entries.c.channel,
    entries.c.node_id,
    entries.c.kind,
    entries.c.turn,
    entries.c.rank,
    entries.c.position,
    sqlite_where=_waiting_by_kind,
    postgresql_where=_waiting_by_kind,
)
Index(
    "queue_entries_leased",
    entries.c.recipient,
    entries.c.channel,
    entries.c.node_id,
    entries.c.leased_until,
    sqlite_where=_leased,
    postgresql_where=_leased,
)
Index(
    "queue_entries_blocked",
    entries.c.recipient,
    entries.c.channel,
    entries.c.node_id,
    entries.c.position,
    sqlite_where=_blocked,
    postgresql_where=_blocked,
)
Index(
    "queue_entries_in_order",
    entries.c.recipient,
    entries.c.order_key,
    entries.c.position,
    sqlite_where=text("order_key IS NOT NULL"),
    postgresql_where=text("order_key IS NOT NULL"),
)
Index(
    "queue_entries_expiring",
    entries.c.expires_at,
    sqlite_where=text("expires_at IS NOT NULL"),
    postgresql_where=text("expires_at IS NOT NULL"),
)
