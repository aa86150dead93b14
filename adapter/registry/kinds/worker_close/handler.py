"""WorkerClose: death and merge."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection, and_, bindparam, func, select

from ....exchange.times import moscow_day
from ...facts import Provenance, add, revise
from ...kind import namespace
from ...markup import leaf
from ...outcome import Answer, KindRequest, Refusal
from ...schema import MAIN_POST, employments, persons, worker_merges
from ...upsert import Found, Judged, Recorded, WorkerKey, found, locked
from ...upsert.answer import answer
from ...upsert.rules import DATE_IN_FUTURE
from ...upsert.workers import WORKER_MERGED, merged_into
from . import rules
from .merging import Merged, merge
from .rules import RULES

__all__ = ["RULES", "handle"]

NAMESPACE = namespace("worker_close", "1.0.0")
Q = f"{{{NAMESPACE}}}"
ROOT = "WorkerCloseRequest"
Person = Mapping[str, Any]

_OPEN = and_(employments.c.superseded_at.is_(None), employments.c.valid_to.is_(None))
_OPEN_EMPLOYMENTS = select(func.count()).where(employments.c.worker_oid == bindparam("worker"), _OPEN)
_OPEN_MAIN_POSTS = _OPEN_EMPLOYMENTS.where(employments.c.position_type == MAIN_POST)


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Closes the record and tells what became of it, or refuses with every rule that is broken."""
    today = moscow_day(request.now)
    death, merging = request.content.find(f"{Q}Death"), request.content.find(f"{Q}Merge")
    return _die(request, conn, today, death) if death is not None else _merge(request, conn, today, merging)


def _key(request: KindRequest, path: str) -> WorkerKey:
    element = request.content.find("/".join(f"{Q}{step}" for step in path.split("/")))
    assert element is not None  # the schema demands it
    return WorkerKey.read(element, f"{ROOT}/{path}")


def _judge(conn: Connection, key: WorkerKey, row: Person | None, today: date, judged: Judged) -> None:
    key.judge(row, today, judged)
    if row is not None and row["status"] == "MERGED":
        judged.add(WORKER_MERGED, [found(key.path, stored=merged_into(conn, row["entity_id"]))])


def _die(request: KindRequest, conn: Connection, today: date, element: Element) -> Answer | Refusal:
    judged, key = Judged(), _key(request, "Worker")
    row = locked(conn, key.snils)
    _judge(conn, key, row, today, judged)
    died = date.fromisoformat(element.findtext(f"{Q}Date", ""))
    registered = date.fromisoformat(element.findtext("{*}Act/{*}Date", ""))
    for path, day in (("Death/Date", died), ("Death/Act/Date", registered)):
        judged.add(DATE_IN_FUTURE, [found(f"{ROOT}/{path}", sent=day)] if day > today else [])
    judged.add(rules.ACT_BEFORE_DEATH, _earlier(registered, died, f"{ROOT}/Death/Act/Date", death=died))
    if row is not None:
        judged.add(rules.DEATH_BEFORE_BIRTH, _earlier(died, row["birth_date"], f"{ROOT}/Death/Date"))
        judged.add(rules.ALREADY_DECEASED, [found(f"{ROOT}/Worker")] if row["status"] == "DECEASED" else [])
        count = conn.scalar(_OPEN_EMPLOYMENTS, {"worker": row["entity_id"]})
        judged.add(rules.OPEN_EMPLOYMENTS, [found(f"{ROOT}/Worker", count=count)] if count else [])
    about = () if row is None else (row["entity_id"],)
    if row is None or judged.rejections:
        return Refusal(tuple(judged.rejections), about)
    version = revise(conn, persons, _provenance(request), row, {"status": "DECEASED", "death_date": died})
    return Answer(_answer(request, row, version, judged), about)


def _earlier(day: date, other: date, path: str, **values: object) -> list[Any]:
    return [found(path, sent=day, **values)] if day < other else []


def _merge(request: KindRequest, conn: Connection, today: date, element: Element | None) -> Answer | Refusal:
    assert element is not None  # one of the two is there
    judged = Judged()
    keys = _key(request, "Worker"), _key(request, "Merge/Into")
    # In the order of their numbers, so that two merges of the same records do not wait for each other.
    rows = {snils: locked(conn, snils) for snils in sorted({key.snils for key in keys})}
    for key in keys:
        _judge(conn, key, rows[key.snils], today, judged)
    second, first = (rows[key.snils] for key in keys)
    about = tuple(row["entity_id"] for row in (second, first) if row is not None)
    if second is not None and first is not None:
        _judge_pair(conn, second, first, judged)
    if second is None or first is None or judged.rejections:
        return Refusal(tuple(judged.rejections), about)
    provenance = _provenance(request)
    merged = merge(conn, provenance, second["entity_id"], first["entity_id"])
    version = revise(conn, persons, provenance, second, {"status": "MERGED"})
    fact = {"entity_id": second["entity_id"], "into_oid": first["entity_id"], "valid_from": today}
    add(conn, worker_merges, provenance, {**fact, "reason": element.findtext(f"{Q}Reason")})
    return Answer(_answer(request, second, version, judged, (first["entity_id"], merged)), about)


def _judge_pair(conn: Connection, second: Person, first: Person, judged: Judged) -> None:
    path = f"{ROOT}/Merge/Into"
    if second["entity_id"] == first["entity_id"]:
        judged.add(rules.SAME_WORKER, [found(path)])
        return
    both = all(conn.scalar(_OPEN_MAIN_POSTS, {"worker": row["entity_id"]}) for row in (second, first))
    judged.add(rules.TWO_MAIN_POSTS, [found(path)] if both else [])
    differ = second["birth_date"] != first["birth_date"]
    judged.add(rules.BIRTH_DATES_DIFFER, [found(f"{path}/BirthDate")] if differ else [])


def _provenance(request: KindRequest) -> Provenance:
    return Provenance(request.sender.mnemonic, request.message_id, request.now)


def _answer(
    request: KindRequest, row: Person, version: int, judged: Judged, merged: tuple[str, Merged] | None = None
) -> Element:
    owner = Found("worker_oid", row["entity_id"], None)
    root = answer(request, owner, Recorded(None, version), judged.warnings)
    if merged is not None:
        into, counts = merged
        element = SubElement(root, f"{Q}Merged")
        leaf(element, f"{Q}Into", into)
        leaf(element, f"{Q}Moved", str(counts.moved))
        leaf(element, f"{Q}Withdrawn", str(counts.withdrawn))
    return root
