"""Tables of the audit: who asked and who changed, chained and signed afterwards (registry.audit, registry.sealing).

Whoever answers a request only adds rows, each by itself, so that writers do not wait for one another. A sealer gives
what is committed its place in the one chain: a link for each entry, whose digest covers entry and place, and a seal
over a stretch of links, signed by the node, that names the seal before it. Nothing is ever updated.
"""

from sqlalchemy import DDL, BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, event

from ....queue.columns import Identifier, Serial, UtcDateTime
from .base import metadata

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("number", Serial(), primary_key=True, comment="number of the entry; gaps are those of undone transactions"),
    Column("at", UtcDateTime(), nullable=False, comment="when the request was processed"),
    Column("system", Identifier(), nullable=False, comment="mnemonic of the system that asked"),
    Column("official", Identifier(), comment="SHA-256 of the certificate of the official who signed, if one did"),
    Column("address", Identifier(), comment="network address from which the request came, if known"),
    Column("action", Identifier(), nullable=False, comment="kind of message"),
    Column("writes", Boolean, nullable=False, comment="whether the kind changes the register"),
    Column("object", Identifier(), comment="OID of the worker or organisation concerned; NULL: nobody's record"),
    Column("purpose", Identifier(), comment="purpose that the request gave: dictionary 2.999.643.3"),
    Column("outcome", Identifier(), nullable=False, comment="ANSWERED, REFUSED, DENIED or UNDONE (a test, a dry run)"),
    Column("codes", Identifier(), nullable=False, comment="codes of the rules that refused it, by spaces"),
    Column("message_id", Identifier(), nullable=False, comment="MessageID of the request"),
    comment="Every read and change of the register, one row for each record concerned; no names, no СНИЛС",
)
Index("audit_entries_object", audit_entries.c.object, audit_entries.c.number)
Index("audit_entries_message", audit_entries.c.message_id)

audit_pending = Table(
    "audit_pending",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="number of the entry"),
    comment="Entries not sealed yet, by a trigger: what the sealer takes next, whenever they were committed",
    sqlite_with_rowid=False,
)

# Every entry waits for the sealer, whoever has written it; one statement less for each writer.
for _dialect, _statement in (
    (
        "sqlite",
        """\
CREATE TRIGGER audit_entries_wait AFTER INSERT ON audit_entries
BEGIN INSERT INTO audit_pending (number) VALUES (NEW.number); END""",
    ),
    (
        "postgresql",
        """\
CREATE FUNCTION audit_entries_wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO audit_pending (number) SELECT number FROM entered; RETURN NULL; END $$""",
    ),
    (
        "postgresql",
        """\
CREATE TRIGGER audit_entries_wait AFTER INSERT ON audit_entries REFERENCING NEW TABLE AS entered
FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_wait()""",
    ),
):
    _trigger = DDL(_statement)  # type: ignore[no-untyped-call]
    event.listen(audit_entries, "after_create", _trigger.execute_if(dialect=_dialect))

audit_links = Table(
    "audit_links",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False, comment="place in the chain: 1, 2, 3…"),
    Column("entry", BigInteger, nullable=False, unique=True, comment="number of the entry that stands there"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the position and the entry"),
    comment="The chain of entries, in the order in which they were sealed",
    sqlite_with_rowid=False,
)

audit_seals = Table(
    "audit_seals",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False, comment="1, 2, 3…"),
    Column("first_position", BigInteger, nullable=False, comment="first link that it covers"),
    Column("last_position", BigInteger, nullable=False, comment="last link that it covers"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the digests of these links, in order"),
    Column("previous", LargeBinary, nullable=False, comment="head of the seal before; of the first one 32 zero octets"),
    Column("sealed_at", UtcDateTime(), nullable=False, comment="when it was sealed"),
    Column("algorithm", Identifier(), nullable=False, comment="URI of the signature's algorithm"),
    Column("certificate", LargeBinary, nullable=False, comment="certificate of the node that sealed, DER"),
    Column("signature", LargeBinary, nullable=False, comment="the node's signature over all of the above but these"),
    comment="Seals over stretches of the chain, each naming the one before",
)
