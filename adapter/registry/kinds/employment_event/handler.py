"""EmploymentEvent: all rules at once, then the change."""

from collections.abc import Sequence

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ....exchange.times import moscow_day
from ...check_digits import is_snils
from ...markup import answer, leaf, moment
from ...outcome import Answer, KindRequest, Refusal
from ...rule import Warned
from ...upsert.findings import Judged
from .checks import CHECKS, is_another
from .event import NAMESPACE, Event, Q
from .known import Known, read
from .recording import Recorded, identifier, record


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Records the event and tells what became of it, or refuses with every rule that it breaks.

    Locks the worker's record (registry.kinds.employment_event.known); the caller commits, or rolls back on a refusal.
    """
    sent = Event.read(request.content)
    today = moscow_day(request.now)
    event, known = read(sent, conn, today, worker=is_snils(sent.worker.snils))
    about = (event.organisation_oid,) if known.worker is None else (event.organisation_oid, known.worker["entity_id"])
    judged = _judge(event, known)
    if judged.rejections:
        return Refusal(tuple(judged.rejections), about)
    return Answer(_answer(request, known, judged.warnings, record(request, event, known, conn)), about)


def _judge(event: Event, known: Known) -> Judged:
    judged = Judged()
    seen = known.of_nobody() if is_another(event, known) else known
    for check in CHECKS:
        if event.kind in check.events:
            judged.add(check.rule, check.judge(event, known if check.whose else seen))
    return judged


def _answer(request: KindRequest, known: Known, warnings: Sequence[Warned], recorded: Sequence[Recorded]) -> Element:
    assert known.worker is not None
    root = answer(NAMESPACE, "EmploymentEventResponse")
    leaf(root, f"{Q}EventId", identifier(request, "event"))
    leaf(root, f"{Q}WorkerOid", known.worker["entity_id"])
    for one in recorded:
        element = SubElement(root, f"{Q}{one.element}")
        leaf(element, f"{Q}EntityId", one.entity_id)
        leaf(element, f"{Q}Version", str(one.version))
        if one.previous is not None:
            leaf(element, f"{Q}PreviousId", one.previous)
    leaf(root, f"{Q}RecordedAt", moment(request.now))
    if warnings:
        container = SubElement(root, f"{Q}Warnings")
        for warned in warnings:
            element = SubElement(container, f"{Q}Warning")
            leaf(element, f"{Q}Code", warned.code)
            leaf(element, f"{Q}Path", warned.path)
            leaf(element, f"{Q}Text", warned.text)
    return root
