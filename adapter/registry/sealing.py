"""Sealing of the audit: committed entries get their place in the one chain, and the node signs for it.

A link's digest covers its position and its entry, so that neither can be changed nor moved. A seal covers the digests
of its links and the head of the seal before it, so that nothing can be taken out or put in; the node signs it. Whoever
keeps the head of a seal elsewhere (the log says it at each sealing) will also notice if the end was cut off.
"""

import hashlib
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, text

from ...signing.keys import SigningKey
from .schema import audit_entries, audit_links, audit_pending, audit_seals

MOST = 2000
"""Entries under one seal: as many as fit into a short transaction."""
NOTHING = bytes(32)
"""What the first seal has for the head of the one before."""

_LOG = logging.getLogger(__name__)
_LOCK = text("SELECT pg_advisory_xact_lock(6434921170023)")
"""One sealer at a time on PostgreSQL, by a number of our own; SQLite has one writer anyway."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal over the links `first` to `last`. `digest` is theirs, `previous` the head of the seal before."""

    number: int
    first: int
    last: int
    digest: bytes
    previous: bytes
    sealed_at: datetime
    algorithm: str
    certificate: bytes
    signature: bytes = b""

    @property
    def statement(self) -> bytes:
        """What the node signs: everything but the signature."""
        return _octets(
            "mezhved audit seal",
            self.number,
            self.first,
            self.last,
            self.digest.hex(),
            self.previous.hex(),
            self.sealed_at.isoformat(timespec="microseconds"),
            self.algorithm,
            hashlib.sha256(self.certificate).hexdigest(),
        )

    @property
    def head(self) -> bytes:
        """SHA-256 of the statement: it stands for this seal and all before it."""
        return hashlib.sha256(self.statement).digest()


_TAKEN = (
    select(audit_entries)
    .join(audit_pending, audit_pending.c.number == audit_entries.c.number)
    .order_by(audit_entries.c.number)
    .limit(bindparam("most"))
)
_DONE = delete(audit_pending).where(audit_pending.c.number == bindparam("sealed"))
_LAST = select(audit_seals).order_by(audit_seals.c.number.desc()).limit(1)


def seal(conn: Connection, key: SigningKey, at: datetime, most: int = MOST) -> Seal | None:
    """Seals up to `most` entries in the caller's transaction; None if nothing waits. Raises ProviderUnavailable."""
    if conn.dialect.name == "postgresql":
        conn.execute(_LOCK)
    entries = conn.execute(_TAKEN, {"most": most}).all()
    if not entries:
        return None
    last = last_seal(conn)
    first = 1 if last is None else last.last + 1
    digests = [link_digest(position, entry) for position, entry in enumerate(entries, first)]
    links = [
        {"position": position, "entry": entry.number, "digest": digest}
        for position, (entry, digest) in enumerate(zip(entries, digests, strict=True), first)
    ]
    conn.execute(insert(audit_links), links)
    conn.execute(_DONE, [{"sealed": entry.number} for entry in entries])
    unsigned = Seal(
        number=1 if last is None else last.number + 1,
        first=first,
        last=first + len(entries) - 1,
        digest=stretch_digest(digests),
        previous=NOTHING if last is None else last.head,
        sealed_at=at,
        algorithm=key.algorithm.uri,
        certificate=key.certificate.der,
    )
    made = replace(unsigned, signature=key.sign(unsigned.statement))
    conn.execute(insert(audit_seals), _values(made))
    _LOG.info("audit: %d entries under seal %d, head %s", len(entries), made.number, made.head.hex())
    return made


def last_seal(conn: Connection) -> Seal | None:
    """The latest seal; None if nothing was ever sealed."""
    row = conn.execute(_LAST).first()
    return None if row is None else seal_of(row)


def seal_of(row: Row[Any]) -> Seal:
    """A seal as it is stored."""
    return Seal(
        number=row.number,
        first=row.first_position,
        last=row.last_position,
        digest=row.digest,
        previous=row.previous,
        sealed_at=row.sealed_at,
        algorithm=row.algorithm,
        certificate=row.certificate,
        signature=row.signature,
    )


def link_digest(position: int, entry: Row[Any]) -> bytes:
    """SHA-256 of an entry at its position."""
    return hashlib.sha256(
        _octets(
            position,
            entry.number,
            entry.at.isoformat(timespec="microseconds"),
            entry.system,
            entry.official,
            entry.address,
            entry.action,
            bool(entry.writes),
            entry.object,
            entry.purpose,
            entry.outcome,
            entry.codes,
            entry.message_id,
        )
    ).digest()


def stretch_digest(digests: Iterable[bytes]) -> bytes:
    """SHA-256 of the digests of consecutive links."""
    return hashlib.sha256(b"".join(digests)).digest()


def _octets(*values: object) -> bytes:
    """Values as octets in which none can run into the next: a JSON array."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def _values(made: Seal) -> dict[str, Any]:
    return {
        "number": made.number,
        "first_position": made.first,
        "last_position": made.last,
        "digest": made.digest,
        "previous": made.previous,
        "sealed_at": made.sealed_at,
        "algorithm": made.algorithm,
        "certificate": made.certificate,
        "signature": made.signature,
    }
