"""AccessLog: the worker is found, and a page of the audit of that record becomes the answer."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection, Row, bindparam, select

from ....exchange.rejection import Rejection
from ....exchange.roles import Role
from ....exchange.times import MOSCOW, moscow_day
from ...audit_reading import AuditQuery, entries
from ...check_digits import is_snils, normalised_snils
from ...common_rules import SNILS_CONTROL, WORKER_NOT_FOUND
from ...kind import namespace
from ...markup import answer, leaf, moment
from ...outcome import Answer, KindRequest, Refusal
from ...schema import persons, workers
from .rules import PERIOD_REVERSED

NAMESPACE = namespace("access_log", "1.0.0")
Q = f"{{{NAMESPACE}}}"
_ROOT = "AccessLogRequest"
_PAGE = 50
_WINDOW = timedelta(days=365)
"""How far back is looked unless the request says so: the keeping itself has no end (requirements, contradiction 12)."""
_EVERYTHING = frozenset({Role.REGULATOR, Role.AUDITOR, Role.AUTHORITY})
"""Who may also know which official signed and from which address; the worker may know which system it was."""

_BY_SNILS = select(persons.c.entity_id).where(persons.c.snils == bindparam("snils"), persons.c.superseded_at.is_(None))
_BY_OID = select(workers.c.oid).where(workers.c.oid == bindparam("oid"))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked for: days by Moscow, both included; `before` is the entry at which the last page ended."""

    since: date
    until: date
    most: int
    before: int | None

    @classmethod
    def read(cls, content: Element, today: date) -> "_Wanted":
        until = _date(content, "Until") or today
        cursor = content.findtext(f"{Q}Cursor")
        return cls(
            since=_date(content, "Since") or until - _WINDOW,
            until=until,
            most=int(content.findtext(f"{Q}PageSize") or _PAGE),
            before=None if cursor is None else int(cursor),
        )


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Answers with a page of the log; refuses when the worker cannot be found, with all that is wrong."""
    content = request.content
    wanted = _Wanted.read(content, moscow_day(request.now))
    rejections: list[Rejection] = []
    snils = content.findtext(f"{Q}Snils")
    if snils is not None and not is_snils(normalised_snils(snils)):
        rejections.append(SNILS_CONTROL.rejection(f"{_ROOT}/Snils", sent=snils))
    if wanted.since > wanted.until:
        rejections.append(PERIOD_REVERSED.rejection(f"{_ROOT}/Since", sent=wanted.since, until=wanted.until))
    if rejections:
        return Refusal(tuple(rejections))
    oid = _worker(content, conn)
    if oid is None:
        return Refusal((WORKER_NOT_FOUND.rejection(_ROOT),))
    query = AuditQuery(
        about=oid,
        since=_midnight(wanted.since),
        until=_midnight(wanted.until + timedelta(days=1)),
        before=wanted.before,
    )
    found = entries(conn, query, wanted.most + 1)
    return Answer(_page(request, oid, wanted, found), (oid,))


def _worker(content: Element, conn: Connection) -> str | None:
    snils = content.findtext(f"{Q}Snils")
    if snils is not None:
        oid: str | None = conn.execute(_BY_SNILS, {"snils": normalised_snils(snils)}).scalar()
    else:
        oid = conn.execute(_BY_OID, {"oid": content.findtext(f"{Q}WorkerOid")}).scalar()
    return oid


def _page(request: KindRequest, oid: str, wanted: _Wanted, found: Any) -> Element:
    root = answer(NAMESPACE, "AccessLogResponse")
    leaf(root, f"{Q}ActualAt", moment(request.now))
    leaf(root, f"{Q}WorkerOid", oid)
    leaf(root, f"{Q}Since", wanted.since.isoformat())
    leaf(root, f"{Q}Until", wanted.until.isoformat())
    container = SubElement(root, f"{Q}Entries")
    everything = not _EVERYTHING.isdisjoint(request.access.roles)
    page = found[: wanted.most]
    for entry in page:
        _write(SubElement(container, f"{Q}Entry"), entry, everything=everything)
    if len(found) > wanted.most:
        leaf(root, f"{Q}NextCursor", str(page[-1].number))
    return root


def _write(element: Element, entry: Row[Any], *, everything: bool) -> None:
    leaf(element, f"{Q}At", moment(entry.at))
    leaf(element, f"{Q}System", entry.system)
    leaf(element, f"{Q}Action", entry.action)
    leaf(element, f"{Q}Changes", "true" if entry.writes else "false")
    leaf(element, f"{Q}Outcome", entry.outcome)
    if entry.purpose is not None:
        leaf(element, f"{Q}Purpose", entry.purpose)
    leaf(element, f"{Q}MessageId", entry.message_id)
    for name, value in (("Official", entry.official), ("Address", entry.address)):
        if everything and value is not None:
            leaf(element, f"{Q}{name}", value)


def _date(content: Element, name: str) -> date | None:
    text = content.findtext(f"{Q}{name}")
    return None if text is None else date.fromisoformat(text)


def _midnight(day: date) -> datetime:
    """The beginning of a day by Moscow."""
    return datetime.combine(day, time(), MOSCOW).astimezone(UTC)
