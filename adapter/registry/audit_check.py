"""Verification of the sealed audit: whatever was altered, taken out, moved or put in is named.

What it cannot tell: what was written or deleted before it was sealed, beyond what still waits to be; what somebody
sealed who has the node's key; and that the latest seals were cut off with all that they cover, unless the head of one
of them was kept elsewhere (docs/explanation/register-rights.md).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from ...signing.algorithms import signature_algorithm
from ...signing.certificates import Certificate
from ...signing.errors import SigningError
from ...signing.providers import provider_for
from .schema import audit_entries, audit_links, audit_pending, audit_seals
from .sealing import NOTHING, Seal, link_digest, seal_of, stretch_digest

LATE = timedelta(hours=1)
"""How much later than the request an entry may come to light: longer than any transaction of a worker. What comes still
later was not written when it says."""
_MOST_MOVED = 2000
"""Links that do not fit, among which is looked for what was moved: each is compared with each."""

Trusted = Callable[[Certificate, datetime], None]
"""Returns if the certificate may have sealed at that time; else raises SigningError."""


class Problem(StrEnum):
    """What was found."""

    ALTERED = "ALTERED"
    """The entry, or its link, is not what was sealed."""
    MISSING = "MISSING"
    """What was sealed, or waited for it, is not there."""
    REORDERED = "REORDERED"
    """The entry is what was sealed, but stands at another place."""
    FOREIGN = "FOREIGN"
    """Nobody has sealed it, and it does not wait for that either, or it came much too late."""
    SEAL_BROKEN = "SEAL_BROKEN"
    """The seal is not what the node signed, or not one that may sign."""
    SEAL_MISSING = "SEAL_MISSING"
    """There was a seal here."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was. `entry`, `position` and `seal` name it, as far as it is known."""

    problem: Problem
    detail: str
    entry: int | None = None
    position: int | None = None
    seal: int | None = None

    def __str__(self) -> str:
        names = (("seal", self.seal), ("position", self.position), ("entry", self.entry))
        where = ", ".join(f"{name} {number}" for name, number in names if number is not None)
        return f"{self.problem} {where}: {self.detail}"


@dataclass(slots=True)
class Checked:
    """The result: what is wrong, and how much was looked at. `pending` entries are not sealed yet."""

    findings: list[Finding] = field(default_factory=list)
    seals: int = 0
    entries: int = 0
    pending: int = 0
    last: Seal | None = None

    def find(self, problem: Problem, detail: str, **where: int | None) -> None:
        """Adds a finding."""
        self.findings.append(Finding(problem, detail, **where))


@dataclass(frozen=True, slots=True)
class _Misfit:
    """A link whose digest is not that of its entry at its position."""

    seal: int
    link: Row[Any]


_SEALS = select(audit_seals).order_by(audit_seals.c.number)
_STRETCH = (
    select(audit_links, audit_entries)
    .outerjoin(audit_entries, audit_entries.c.number == audit_links.c.entry)
    .where(audit_links.c.position.between(bindparam("first"), bindparam("last")))
    .order_by(audit_links.c.position)
)
_OUTSIDE = (
    select(audit_links.c.position)
    .where(
        ~select(audit_seals.c.number)
        .where(audit_links.c.position.between(audit_seals.c.first_position, audit_seals.c.last_position))
        .exists()
    )
    .order_by(audit_links.c.position)
)
_NOWHERE = (
    select(audit_entries.c.number)
    .outerjoin(audit_links, audit_links.c.entry == audit_entries.c.number)
    .outerjoin(audit_pending, audit_pending.c.number == audit_entries.c.number)
    .where(audit_links.c.entry.is_(None), audit_pending.c.number.is_(None))
    .order_by(audit_entries.c.number)
)
_PENDING = (
    select(audit_pending.c.number, audit_entries.c.at, audit_links.c.position)
    .outerjoin(audit_entries, audit_entries.c.number == audit_pending.c.number)
    .outerjoin(audit_links, audit_links.c.entry == audit_pending.c.number)
    .order_by(audit_pending.c.number)
)


def check(conn: Connection, trusted: Trusted, kept: tuple[int, bytes] | None = None) -> Checked:
    """Verifies everything that is sealed. `kept` is the number and the head of a seal, kept elsewhere."""
    result = Checked()
    misfits: list[_Misfit] = []
    for row in conn.execute(_SEALS).all():
        current = seal_of(row)
        whole = _check_seal(result, current, trusted)
        _check_stretch(conn, result, current, misfits, whole=whole)
        if kept is not None and kept[0] == current.number and kept[1] != current.head:
            result.find(Problem.SEAL_BROKEN, "its head is not the one that was kept", seal=current.number)
        result.last = current
        result.seals += 1
    if kept is not None and (result.last is None or kept[0] > result.last.number):
        result.find(Problem.SEAL_MISSING, "the log ends before the seal whose head was kept", seal=kept[0])
    _name_misfits(result, misfits)
    _check_rest(conn, result)
    return result


def _check_seal(result: Checked, current: Seal, trusted: Trusted) -> bool:
    """Whether the seal is what was signed. Those before it are judged by it as well."""
    before = result.last
    expected = 1 if before is None else before.number + 1
    for number in range(expected, current.number):
        result.find(Problem.SEAL_MISSING, "there is one after it", seal=number)
    try:
        certificate = Certificate.from_der(current.certificate)
        algorithm = signature_algorithm(current.algorithm)
        provider_for(algorithm).verify(algorithm, certificate, current.statement, current.signature)
        trusted(certificate, current.sealed_at)
    except SigningError as error:
        result.find(Problem.SEAL_BROKEN, str(error), seal=current.number)
        return False
    if current.number == expected and current.previous != (NOTHING if before is None else before.head):
        # Its own signature holds: so the one before is not the one upon which it was put.
        result.find(Problem.SEAL_BROKEN, "the seal after it was put upon another one", seal=expected - 1)
    return True


def _check_stretch(conn: Connection, result: Checked, current: Seal, misfits: list[_Misfit], *, whole: bool) -> None:
    """The links under a seal and their entries. What a seal says that is not `whole` is not believed."""
    links = conn.execute(_STRETCH, {"first": current.first, "last": current.last}).all()
    found, expected = len(result.findings) + len(misfits), current.first
    for link in links:
        if whole:
            _find_gap(result, current, expected, link.position)
        expected = link.position + 1
        result.entries += 1
        where = {"entry": link.entry, "position": link.position, "seal": current.number}
        if link.number is None:
            result.find(Problem.MISSING, "the entry was taken out", **where)
        elif link_digest(link.position, link) != link.digest:
            misfits.append(_Misfit(current.number, link))
        elif result.last is not None and link.at < result.last.sealed_at - LATE:
            said = f"{link.at:%Y-%m-%d %H:%M}"
            result.find(Problem.FOREIGN, f"it says {said}, but was not there when that time was sealed", **where)
    if whole:
        _find_gap(result, current, expected, current.last + 1)
        quiet = found == len(result.findings) + len(misfits)
        if quiet and stretch_digest(link.digest for link in links) != current.digest:
            detail = f"positions {current.first} to {current.last} were written anew, entries and links together"
            result.find(Problem.ALTERED, detail, seal=current.number)


def _find_gap(result: Checked, current: Seal, expected: int, there: int) -> None:
    if there > expected:
        upto = "" if there == expected + 1 else f" and those up to position {there - 1}"
        result.find(Problem.MISSING, f"its link{upto} was taken out", position=expected, seal=current.number)


def _name_misfits(result: Checked, misfits: list[_Misfit]) -> None:
    """Tells what was moved from what was altered: the former fits a digest that stands elsewhere."""
    few = misfits[:_MOST_MOVED]
    digests = {one.link.digest for one in few}
    for one in misfits:
        places = (other.link.position for other in few)
        origin = next((place for place in places if link_digest(place, one.link) in digests), None)
        where = {"entry": one.link.entry, "position": one.link.position, "seal": one.seal}
        if origin is None:
            result.find(Problem.ALTERED, "the entry, or the digest of its link, is not what was sealed", **where)
        else:
            result.find(Problem.REORDERED, f"it was moved; position {origin} was its own", **where)


def _check_rest(conn: Connection, result: Checked) -> None:
    """What stands under no seal: links, entries, and what waits for the sealer."""
    for first, last in _ranges(conn.execute(_OUTSIDE).scalars()):
        upto = "" if first == last else f", and so do those up to position {last}"
        result.find(Problem.FOREIGN, f"its link stands under no seal{upto}", position=first)
    for number in conn.execute(_NOWHERE).scalars():
        result.find(Problem.FOREIGN, "it is neither sealed nor does it wait for that", entry=number)
    for waiting in conn.execute(_PENDING):
        result.pending += 1
        if waiting.position is not None:
            result.find(Problem.FOREIGN, "it is sealed, and yet waits for that", entry=waiting.number)
        elif waiting.at is None:
            result.find(Problem.MISSING, "it was taken out before it could be sealed", entry=waiting.number)
        elif result.last is not None and waiting.at < result.last.sealed_at - LATE:
            said = f"{waiting.at:%Y-%m-%d %H:%M}"
            result.find(
                Problem.FOREIGN, f"it says {said}, but was not there when that time was sealed", entry=waiting.number
            )


def _ranges(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Consecutive ones of rising numbers, as first and last."""
    first = last = None
    for number in numbers:
        if first is None or last is None:
            first = last = number
        elif number == last + 1:
            last = number
        else:
            yield first, last
            first = last = number
    if first is not None and last is not None:
        yield first, last
