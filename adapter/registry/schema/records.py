"""Tables about records: who attested one, and the feed of all changes."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table

from ....queue.columns import Identifier, Serial, UtcDateTime
from .base import current_index, fact, metadata, needed, of_worker, optional

attestations = fact(
    "attestations",
    of_worker(),
    optional("attested_section", "section that is attested; NULL: the whole record"),
    needed("attester", "who says that the record is right: the worker's OID, or that of the organisation"),
    Column("seen_at", UtcDateTime(), comment="as known at which moment the record was right, if that was told"),
    entity="UUID of the record",
    period="from the day of attestation until it must be repeated",
    comment="Attestations: somebody who must know says that the record is right",
)
current_index("attestations_worker", attestations, "worker_oid", "valid_to")

changes = Table(
    "changes",
    metadata,
    Column("sequence", Serial(), primary_key=True, comment="number of the change; not the order of the feed, see xact"),
    Column(
        "xact",
        BigInteger,
        nullable=False,
        comment="number of the transaction on PostgreSQL, where a higher sequence may come first; 0 on SQLite",
    ),
    Column("worker_oid", Identifier(), comment="worker whose record changed; NULL: no worker's"),
    Column("organisation_oid", Identifier(), comment="organisation that the fact is about; NULL: none"),
    Column("section", Identifier(), nullable=False, comment="part of the record (registry.schema.section_of)"),
    Column("entity_id", Identifier(), nullable=False, comment="the fact"),
    Column("version", Integer, nullable=False, comment="its version that came to be"),
    Column("action", Identifier(), nullable=False, comment="ADDED, REVISED, WITHDRAWN or REINSTATED"),
    Column("recorded_at", UtcDateTime(), nullable=False, comment="when"),
    Column("source", Identifier(), nullable=False, comment="mnemonic of the system that told it"),
    Column("message_id", Identifier(), nullable=False, comment="MessageID of the message that told it"),
    Index("changes_order", "xact", "sequence"),
    Index("changes_organisation", "organisation_oid", "xact", "sequence"),
    Index("changes_worker", "worker_oid", "xact", "sequence"),
    comment="Every change of a fact, in the order in which they became visible (registry.changes)",
    sqlite_autoincrement=True,
)
