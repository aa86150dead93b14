"""WorkerBatchVerify: finds all the workers, judges all the questions, answers them in their order.

The number of queries does not depend on how many questions there are: one for each kind of number, one for the codes,
one for the consents where they matter, and those of the verdict.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection, bindparam, select

from ....exchange.rejection import Rejection
from ...lookup.codes import read_codes, wrong_codes
from ...lookup.subjects import asked_moment, today_of
from ...lookup.views import views
from ...markup import answer, leaf, moment
from ...outcome import Answer, KindRequest, Refusal
from ...projection import Projection
from ...reading import Moment
from ...schema import persons, workers
from ...verdict import Question, Verdict, judge
from ...verdict.writing import write_verdict
from .items import NAMESPACE, Item, Q
from .rules import ITEM_REPEATED

_ROOT = "WorkerBatchVerifyRequest"
_BY_SNILS = select(persons.c.snils, persons.c.entity_id).where(
    persons.c.snils.in_(bindparam("numbers", expanding=True)), persons.c.superseded_at.is_(None)
)
_BY_OID = select(workers.c.oid, workers.c.oid).where(workers.c.oid.in_(bindparam("numbers", expanding=True)))


class _Asked(NamedTuple):
    """A question with what is wrong with it, and the worker's OID if one was found."""

    item: Item
    wrong: Sequence[Rejection]
    worker: str | None


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Answers every question; refuses the batch only where it makes no sense as a whole."""
    content, today = request.content, today_of(request)
    at, wrong = asked_moment(content, today)
    items = [Item.read(element, at.as_of or today) for element in content.iterchildren(f"{Q}Item")]
    for name, times in Counter(item.name for item in items).items():
        if times > 1:
            wrong.append(ITEM_REPEATED.rejection(f"{_ROOT}/Item", sent=name))
    if wrong:
        return Refusal(tuple(wrong))
    asked = _find(conn, items)
    told = views(conn, request.access, dict.fromkeys(one.worker for one in asked if one.worker is not None), today)
    verdicts = _judged(conn, asked, told, at)
    root = answer(NAMESPACE, "WorkerBatchVerifyResponse")
    leaf(root, f"{Q}ActualAt", moment(request.now))
    for one in asked:
        _write(SubElement(root, f"{Q}Item"), one, verdicts)
    return Answer(root, tuple(told))


def _find(conn: Connection, items: Sequence[Item]) -> list[_Asked]:
    codes = read_codes(conn, *(item.codes for item in items))
    wrong = [[*item.wrong_number(), *wrong_codes(codes, item.codes, item.day)] for item in items]
    sound = [item for item, errors in zip(items, wrong, strict=True) if not errors]
    found: dict[str, str] = {}
    for statement, numbers in (
        (_BY_SNILS, {item.snils for item in sound if item.snils is not None}),
        (_BY_OID, {item.oid for item in sound if item.oid is not None}),
    ):
        if numbers:
            found |= {row[0]: row[1] for row in conn.execute(statement, {"numbers": sorted(numbers)})}
    return [
        _Asked(item, errors, None if errors else found.get(item.snils or item.oid or ""))
        for item, errors in zip(items, wrong, strict=True)
    ]


def _judged(
    conn: Connection, asked: Sequence[_Asked], told: Mapping[str, Projection], at: Moment
) -> Mapping[Question, Verdict]:
    """The verdicts: one reading for all workers of whom the same may be read."""
    groups: dict[int, tuple[Projection, list[Question]]] = {}
    for one in asked:
        if one.worker is not None and (view := told[one.worker]):
            groups.setdefault(id(view), (view, []))[1].append(one.item.about(one.worker))
    found: dict[Question, Verdict] = {}
    for view, questions in groups.values():
        found |= zip(questions, judge(conn, questions, view, at), strict=True)
    return found


def _write(element: Element, one: _Asked, verdicts: Mapping[Question, Verdict]) -> None:
    element.set("id", one.item.name)
    status = f"{Q}Status"
    if one.wrong:
        leaf(element, status, "INVALID_FORMAT")
        for rejection in one.wrong:
            error = SubElement(element, f"{Q}Error")
            leaf(error, f"{Q}Code", rejection.code)
            leaf(error, f"{Q}Path", rejection.path)
            leaf(error, f"{Q}Text", rejection.text)
        return
    if one.worker is None:
        leaf(element, status, "NEVER_REGISTERED")
        return
    verdict = verdicts.get(one.item.about(one.worker))
    leaf(element, status, "CONSENT_ABSENT" if verdict is None else "ANSWERED")
    if verdict is None:
        return
    leaf(element, f"{Q}WorkerOid", one.worker)
    leaf(element, f"{Q}Date", one.item.day.isoformat())
    write_verdict(SubElement(element, f"{Q}Verdict"), Q, verdict)
