"""WorkerRegister: everything that is told of the person is judged at once, then entered."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from lxml.etree import QName
from lxml.etree import _Element as Element
from sqlalchemy import Connection, insert

from ....exchange.times import moscow_day
from ...facts import Provenance, add
from ...outcome import Answer, KindRequest, Refusal
from ...rule import Rule
from ...schema import persons, workers
from ...upsert import Action, Change, Found, Judged, Recorded, Section, identifier
from ...upsert import found as at
from ...upsert.answer import answer
from ...upsert.change import read_change
from ...upsert.handler import judge_own
from ...upsert.numbers import following, lock
from ...upsert.person import OF_A_NEW_WORKER, PERSON
from ...upsert.rules import NUMBER_ELSEWHERE, RECORD_NOT_FOUND, RECORD_UNCHANGED, VERSION_CONFLICT
from ...upsert.sent import Sent
from ...upsert.workers import WORKER_MERGED, locked, merged_into

ALREADY_REGISTERED = Rule(
    "ALREADY_REGISTERED",
    "этот работник уже в регистре под номером {stored}",
    "Не вносите его повторно; изменения подаются видом сведений worker_update",
)
_OF_CHANGES = (RECORD_NOT_FOUND, VERSION_CONFLICT, RECORD_UNCHANGED, NUMBER_ELSEWHERE)
"""What only a record that is there already can break."""
RULES: tuple[Rule, ...] = tuple(
    rule
    for rule in dict.fromkeys(
        (
            ALREADY_REGISTERED,
            WORKER_MERGED,
            *PERSON.rules,
            *(rule for section in OF_A_NEW_WORKER for rule in section.rules),
        )
    )
    if rule not in _OF_CHANGES
)
ROOT = "WorkerRegisterRequest"


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Enters the worker and tells the number, or refuses with every rule that the message breaks."""
    today = moscow_day(request.now)
    lock(conn)
    judged = Judged()
    person = _person(request, conn, today, judged)
    known = _known(conn, person, judged)
    if known is not None:
        return Refusal(tuple(judged.rejections), (known,))  # nothing else matters of who is there already
    judge_own(person, judged, conn)
    changes = list(_others(request, conn, person.owner, today))
    for change in changes:
        judge_own(change, judged, conn)
    if judged.rejections:
        return Refusal(tuple(judged.rejections))
    worker = _enter(request, conn, person, changes, today)
    found = Found("worker_oid", worker, None)
    return Answer(answer(request, found, Recorded(None, 1), judged.warnings), (worker,))


def _child(content: Element, name: str) -> Element:
    return next(child for child in content.iterchildren("*") if QName(child).localname == name)


def _person(request: KindRequest, conn: Connection, today: date, judged: Judged) -> Change:
    element = _child(request.content, "Person")
    sent = Sent.of(Action.CREATE, f"{ROOT}/Person", element, PERSON.fields)
    owner = Found("entity_id", None, {"birth_date": sent.values["birth_date"]}, (), judged)
    return read_change(conn, PERSON, sent, owner, today)


def _known(conn: Connection, person: Change, judged: Judged) -> str | None:
    """The number of the person if it is one that the register knows by this СНИЛС."""
    row = locked(conn, person.record["snils"])
    names = ("last_folded", "first_folded", "patronymic_folded", "birth_date")
    if row is None or any(row[name] != person.record[name] for name in names):
        return None
    worker = str(row["entity_id"])
    path = person.path("snils")
    if row["status"] == "MERGED":
        judged.add(WORKER_MERGED, [at(path, stored=merged_into(conn, worker))])
    else:
        judged.add(ALREADY_REGISTERED, [at(path, stored=worker)])
    return worker


def _others(request: KindRequest, conn: Connection, owner: Found, today: date) -> Iterator[Change]:
    """The rest of what is told, each beside the records of its section before it: the same one twice is a duplicate."""
    for section in OF_A_NEW_WORKER:
        before: list[dict[str, Any]] = []
        elements = [child for child in request.content.iterchildren("*") if QName(child).localname == section.element]
        for number, element in enumerate(elements, 1):
            path = f"{ROOT}/{section.element}" + (f"[{number}]" if len(elements) > 1 else "")
            sent = Sent.of(Action.CREATE, path, element, section.fields)
            change = read_change(conn, section, sent, replace(owner, column="worker_oid"), today)
            yield replace(change, others=tuple(before))
            before.append({**change.record, "entity_id": path})


def _enter(request: KindRequest, conn: Connection, person: Change, changes: list[Change], today: date) -> str:
    worker = following(conn, today.year)
    provenance = Provenance(request.sender.mnemonic, request.message_id, request.now)
    conn.execute(insert(workers), {"oid": worker, "registered_at": request.now})
    own = {"entity_id": worker, "status": "ACTIVE", "valid_from": person.record["birth_date"]}
    add(conn, persons, provenance, {**person.record, **own})
    by_section: dict[Section, list[dict[str, Any]]] = {}
    for number, change in enumerate(changes, 1):
        row = {**change.record, "worker_oid": worker, "entity_id": identifier(request.message_id, f"part {number}")}
        by_section.setdefault(change.section, []).append(row)
    for section, rows in by_section.items():
        add(conn, section.table, provenance, *rows)
    return worker
