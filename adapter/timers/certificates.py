"""Notices of certificates that end soon: the node's own and those of the participants."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, true

from ...signing.certificates import Certificate
from ..store.schema import participant_certificates, participants
from .job import Batch, Progress

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Expiring:
    """A system whose last certificate ends, or has ended, at `not_after`."""

    owner: str
    not_after: datetime


def expiring(conn: Connection, own: Mapping[str, Certificate], before: datetime) -> Sequence[Expiring]:
    """Systems whose last certificate ends before a moment, the first to end first: those of `own` by their names, and
    the participants whose calls are accepted. One that was renewed in time is not among them.
    """
    last = func.max(participant_certificates.c.not_after)
    rows = conn.execute(
        select(participants.c.mnemonic, last.label("not_after"))
        .join_from(participants, participant_certificates)
        .where(participants.c.active == true())
        .group_by(participants.c.mnemonic)
        .having(last <= before)
    )
    found = [Expiring(row.mnemonic, row.not_after) for row in rows]
    found += [Expiring(name, one.not_after) for name, one in own.items() if one.not_after <= before]
    return sorted(found, key=lambda one: (one.not_after, one.owner))


@dataclass(frozen=True, slots=True)
class CertificateNotices:
    """Warns in the log of what ends within `ahead`. `own` are the certificates of this process by their names."""

    own: Mapping[str, Certificate]
    ahead: timedelta

    def begin(self) -> Batch:
        """A run; all at once, since there are as many as systems."""
        return self._warn

    def _warn(self, conn: Connection, now: datetime) -> Progress:
        found = expiring(conn, self.own, now + self.ahead)
        for one in found:
            ends = "ended" if one.not_after <= now else "ends"
            _LOG.warning("the last certificate of %s %s on %s", one.owner, ends, f"{one.not_after:%Y-%m-%d %H:%M} UTC")
        return Progress(len(found), False)
