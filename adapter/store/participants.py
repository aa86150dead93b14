"""Information systems that take part in the exchange, and the certificates by which they are known."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, Engine, bindparam, delete, insert, select, true

from ..exchange.participants import Participant
from .engine import read
from .schema import participant_certificates, participant_rights, participants

_CACHED = 4096
"""Most fingerprints remembered at a time: unknown ones are remembered too, and anybody can make those."""


class Permission(StrEnum):
    """What a row of `participant_rights` gives a system; its subject is the name of a kind unless said otherwise."""

    SENDS = "SENDS"
    """It may send requests of the kind; `*` is any."""
    PROVIDES = "PROVIDES"
    """It answers requests of the kind."""
    SUBSCRIBES = "SUBSCRIBES"
    """It receives the broadcast kind."""
    ORGANISATION = "ORGANISATION"
    """It may change records on behalf of the organisation of this OID."""
    ROLE = "ROLE"
    """It is this to the registers (`exchange.roles`)."""


class ParticipantCertificate(Protocol):
    """A certificate, as the room of signatures gives it."""

    @property
    def der(self) -> bytes:
        """The certificate itself."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of `der`, lower-case hex."""

    @property
    def subject(self) -> str:
        """Whom it names (RFC 4514)."""

    @property
    def not_before(self) -> datetime:
        """Start of its validity, aware."""

    @property
    def not_after(self) -> datetime:
        """End of its validity, aware."""


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """A participant's certificate as it is stored."""

    der: bytes
    fingerprint: str
    subject: str
    not_before: datetime
    not_after: datetime


class ParticipantError(Exception):
    """A participant cannot be stored so."""

    code = "PARTICIPANT_ERROR"


class CertificateTaken(ParticipantError):  # noqa: N818  named for what is wrong
    """A certificate that is to be given to one system is another's: the exchange could not tell who is calling."""

    code = "CERTIFICATE_TAKEN"

    def __init__(self, fingerprint: str, owner: str) -> None:
        """`owner` is the mnemonic of the system that has it."""
        super().__init__(f"certificate {fingerprint} belongs to {owner}; remove it there first")
        self.fingerprint = fingerprint
        self.owner = owner


class CertificateNotGiven(ParticipantError):  # noqa: N818  named for what is wrong
    """A participant names a certificate that is neither stored nor given with it."""

    code = "CERTIFICATE_NOT_GIVEN"

    def __init__(self, fingerprint: str) -> None:
        """`fingerprint` is the one without a certificate."""
        super().__init__(f"certificate {fingerprint} is not stored; give the certificate itself")
        self.fingerprint = fingerprint


class ParticipantStore:
    """Reads and writes participants; holds no state of its own. All methods work inside the caller's transaction."""

    def put(
        self, conn: Connection, participant: Participant, certificates: Iterable[ParticipantCertificate] = ()
    ) -> None:
        """Stores a participant, in place of what was stored under its mnemonic.

        Afterwards it has just the certificates whose fingerprints it names: those that are not stored yet must be
        among `certificates` (CertificateNotGiven), and none may be another system's (CertificateTaken).
        """
        mnemonic = participant.mnemonic
        # Written before anything is read: of two writers the second then sees what the first has done.
        named = {
            "name": participant.name,
            "active": participant.active,
            "region": participant.region,
            "priority": participant.priority,
            "queue_limit": participant.queue_limit,
        }
        if not conn.execute(participants.update().where(participants.c.mnemonic == mnemonic).values(named)).rowcount:
            conn.execute(insert(participants).values(mnemonic=mnemonic, **named))
        self._put_certificates(conn, participant, certificates)
        conn.execute(delete(participant_rights).where(participant_rights.c.mnemonic == mnemonic))
        rights = [
            {"mnemonic": mnemonic, "permission": permission, "subject": subject}
            for permission, subjects in (
                (Permission.SENDS, participant.sends),
                (Permission.PROVIDES, participant.provides),
                (Permission.SUBSCRIBES, participant.subscriptions),
                (Permission.ORGANISATION, participant.organisations),
                (Permission.ROLE, participant.roles),
            )
            for subject in sorted(subjects)
        ]
        if rights:
            conn.execute(insert(participant_rights), rights)

    def by_fingerprint(self, conn: Connection, fingerprint: str) -> Participant | None:
        """The system that signs with the certificate of this fingerprint, active or not."""
        owner = conn.execute(_OWNER, {"wanted": fingerprint}).first()
        return None if owner is None else self.by_mnemonic(conn, owner.mnemonic)

    def by_mnemonic(self, conn: Connection, mnemonic: str) -> Participant | None:
        """The system of this mnemonic, active or not."""
        return next(iter(_load(conn, _OF_ONE, {"wanted": mnemonic})), None)

    def list(self, conn: Connection) -> Sequence[Participant]:
        """All systems, by mnemonic."""
        return _load(conn, _ALL, {})

    def certificates(self, conn: Connection, mnemonic: str) -> Sequence[StoredCertificate]:
        """The certificates of a system, by the end of their validity."""
        return [certificate for _, certificate in _certificates(conn, participant_certificates.c.mnemonic == mnemonic)]

    def all_certificates(self, conn: Connection) -> Sequence[tuple[str, StoredCertificate]]:
        """The certificates of all systems with the mnemonics of their owners, by the end of their validity."""
        return _certificates(conn, true())

    def remove(self, conn: Connection, mnemonic: str) -> bool:
        """Removes a system with its certificates and rights; False if there is none. Its messages stay."""
        return bool(conn.execute(delete(participants).where(participants.c.mnemonic == mnemonic)).rowcount)

    @staticmethod
    def _put_certificates(
        conn: Connection, participant: Participant, certificates: Iterable[ParticipantCertificate]
    ) -> None:
        table = participant_certificates.c
        wanted = participant.certificates
        conn.execute(
            delete(participant_certificates).where(
                table.mnemonic == participant.mnemonic, table.fingerprint.not_in(sorted(wanted))
            )
        )
        owners = {
            row.fingerprint: row.mnemonic
            for row in conn.execute(
                select(table.fingerprint, table.mnemonic).where(table.fingerprint.in_(sorted(wanted)))
            )
        }
        given = {certificate.fingerprint: certificate for certificate in certificates}
        for fingerprint in sorted(wanted):
            if owners.get(fingerprint, participant.mnemonic) != participant.mnemonic:
                raise CertificateTaken(fingerprint, owners[fingerprint])
            if fingerprint in owners:
                continue
            if fingerprint not in given:
                raise CertificateNotGiven(fingerprint)
            certificate = given[fingerprint]
            conn.execute(
                insert(participant_certificates).values(
                    fingerprint=fingerprint,
                    mnemonic=participant.mnemonic,
                    subject=certificate.subject,
                    not_before=certificate.not_before,
                    not_after=certificate.not_after,
                    certificate=certificate.der,
                )
            )


class CachedParticipants:
    """Participants, remembered for a short time, since every call and every request asks. May be shared by threads.

    A change in the store is seen after `lifetime` at the latest; a system that was not there is looked for again at
    every call, so a new one is known at once.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime], lifetime: timedelta) -> None:
        """Remembers nothing yet."""
        self._engine = engine
        self._clock = clock
        self._lifetime = lifetime
        self._store = ParticipantStore()
        self._known: OrderedDict[str, tuple[datetime, Participant]] = OrderedDict()
        self._lock = threading.Lock()

    def by_fingerprint(self, fingerprint: str) -> Participant | None:
        """The system that signs with the certificate of this fingerprint, active or not."""
        return self._remembered(f"certificate {fingerprint}", self._store.by_fingerprint, fingerprint)

    def by_mnemonic(self, mnemonic: str) -> Participant | None:
        """The system of this mnemonic, active or not."""
        return self._remembered(f"mnemonic {mnemonic}", self._store.by_mnemonic, mnemonic)

    def _remembered(
        self, name: str, load: Callable[[Connection, str], Participant | None], key: str
    ) -> Participant | None:
        now = self._clock()
        with self._lock:
            known = self._known.get(name)
        # A clock that was set back must not keep a participant for longer.
        if known is not None and abs(now - known[0]) < self._lifetime:
            return known[1]
        with read(self._engine) as conn:
            participant = load(conn, key)
        with self._lock:
            if participant is None:
                self._known.pop(name, None)
                return None
            self._known[name] = (now, participant)
            self._known.move_to_end(name)
            while len(self._known) > _CACHED:
                self._known.popitem(last=False)
        return participant


_OWNER = select(participant_certificates.c.mnemonic).where(
    participant_certificates.c.fingerprint == bindparam("wanted")
)
_ALL: ColumnElement[bool] = true()
_OF_ONE: ColumnElement[bool] = participants.c.mnemonic == bindparam("wanted")


def _certificates(conn: Connection, which: ColumnElement[bool]) -> list[tuple[str, StoredCertificate]]:
    table = participant_certificates.c
    rows = conn.execute(select(participant_certificates).where(which).order_by(table.not_after, table.fingerprint))
    return [
        (row.mnemonic, StoredCertificate(row.certificate, row.fingerprint, row.subject, row.not_before, row.not_after))
        for row in rows
    ]


def _load(conn: Connection, which: ColumnElement[bool], parameters: dict[str, str]) -> list[Participant]:
    certificates: dict[str, set[str]] = {}
    rights: dict[tuple[str, str], set[str]] = {}
    owners = select(participants.c.mnemonic).where(which).scalar_subquery()
    for row in conn.execute(
        select(participant_certificates.c.mnemonic, participant_certificates.c.fingerprint).where(
            participant_certificates.c.mnemonic.in_(owners)
        ),
        parameters,
    ):
        certificates.setdefault(row.mnemonic, set()).add(row.fingerprint)
    for row in conn.execute(select(participant_rights).where(participant_rights.c.mnemonic.in_(owners)), parameters):
        rights.setdefault((row.mnemonic, row.permission), set()).add(row.subject)
    return [
        Participant(
            mnemonic=row.mnemonic,
            name=row.name,
            certificates=frozenset(certificates.get(row.mnemonic, ())),
            sends=frozenset(rights.get((row.mnemonic, Permission.SENDS), ())),
            provides=frozenset(rights.get((row.mnemonic, Permission.PROVIDES), ())),
            subscriptions=frozenset(rights.get((row.mnemonic, Permission.SUBSCRIBES), ())),
            organisations=frozenset(rights.get((row.mnemonic, Permission.ORGANISATION), ())),
            roles=frozenset(rights.get((row.mnemonic, Permission.ROLE), ())),
            active=row.active,
            region=row.region,
            priority=row.priority,
            queue_limit=row.queue_limit,
        )
        for row in conn.execute(select(participants).where(which).order_by(participants.c.mnemonic), parameters)
    ]
