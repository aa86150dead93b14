"""WorkerUpdate: the personal data, which a worker has exactly once, or a record of one of the other sections."""

from dataclasses import replace

from sqlalchemy import Connection

from ....exchange.times import MOSCOW
from ...facts import VersionSuperseded
from ...outcome import Answer, KindRequest, Refusal
from ...rule import Rule
from ...upsert import WORKERS, Recorded, Upsert
from ...upsert.answer import answer
from ...upsert.change import read_change
from ...upsert.checks import judge_difference, judge_target
from ...upsert.handler import judge_own, superseded, write_record
from ...upsert.person import ALTERNATE_IDENTIFIER, OF_A_NEW_WORKER, PERSON
from ...upsert.sent import Sent

_RECORDS = Upsert((*OF_A_NEW_WORKER, ALTERNATE_IDENTIFIER))
RULES: tuple[Rule, ...] = tuple(dict.fromkeys((*_RECORDS.rules, *PERSON.rules)))
_PERSON = "{*}Person/{*}Change"


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Records the change and tells what became of it, or refuses with every rule that it breaks."""
    element = request.content.find(_PERSON)
    if element is None:
        return _RECORDS.handle(request, conn)
    today = request.now.astimezone(MOSCOW).date()
    owner = WORKERS.find(request, conn, today)
    sent = replace(Sent.read("WorkerUpdateRequest/Person", element, PERSON.fields), entity_id=owner.oid)
    change = read_change(conn, PERSON, sent, replace(owner, column="entity_id"), today)
    judged = owner.judged
    judge_target(change, judged)
    judge_difference(change, judged)
    judge_own(change, judged, conn)
    if judged.rejections:
        return Refusal(tuple(judged.rejections), owner.about)
    try:
        version = write_record(change, request, conn).version
    except VersionSuperseded as conflict:
        return Refusal((superseded(sent, conflict),), owner.about)
    return Answer(answer(request, owner, Recorded(None, version), judged.warnings), owner.about)
