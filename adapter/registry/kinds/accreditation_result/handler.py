"""AccreditationResult: a procedure and the accreditation that it gave are judged and written together."""

from dataclasses import dataclass, replace

from lxml.etree import QName, SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ....exchange.times import moscow_day
from ...facts import VersionSuperseded
from ...kind import namespace
from ...markup import leaf
from ...outcome import Answer, KindRequest, Refusal
from ...rule import Rule
from ...upsert import Action, Change, Found, Judged, Recorded, Workers
from ...upsert.answer import answer
from ...upsert.change import read_change
from ...upsert.checks import differs, judge_difference, judge_target
from ...upsert.handler import judge_own, superseded, write_record
from ...upsert.sent import Sent
from .sections import (
    ACCREDITATION,
    ACCREDITATION_NOT_PASSED,
    PASSED_WITHOUT_ACCREDITATION,
    PROCEDURE,
    outcome_and_accreditation,
)

Q = f"{{{namespace('accreditation_result', '1.0.0')}}}"
_WORKERS = Workers(own=False)
RULES: tuple[Rule, ...] = tuple(
    dict.fromkeys(
        (
            *_WORKERS.rules,
            *PROCEDURE.rules,
            PASSED_WITHOUT_ACCREDITATION,
            ACCREDITATION_NOT_PASSED,
            *ACCREDITATION.rules,
        )
    )
)


@dataclass(frozen=True, slots=True)
class Result:
    """What is told of a procedure; `accreditation` is the change of the accreditation that it gave or gives, if any.

    A procedure that is withdrawn, or turns out not to have been passed, takes its accreditation with it.
    """

    procedure: Change
    accreditation: Change | None

    @property
    def changes_accreditation(self) -> bool:
        """Whether the accreditation comes, goes, or is to be other than it is."""
        change = self.accreditation
        return change is not None and (change.action is Action.WITHDRAW or differs(change))


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Records the outcome and tells what became of it, or refuses with every rule that it breaks."""
    today = moscow_day(request.now)
    owner = _WORKERS.find(request, conn, today)
    element = next(child for child in request.content.iterchildren("*") if QName(child).localname == "Procedure")
    [action] = element.iterchildren("*")
    path = f"{QName(request.content).localname}/Procedure"
    procedure = read_change(conn, PROCEDURE, Sent.read(path, action, PROCEDURE.fields), owner, today)
    given = action.find(f"{Q}Accreditation") is not None
    sent = Sent.read(path, action, ACCREDITATION.fields) if given else None
    result = Result(procedure, _accreditation(conn, procedure, sent))
    judged = owner.judged
    _judge(result, judged, conn, given=given)
    if judged.rejections:
        return Refusal(tuple(judged.rejections), owner.about)
    try:
        recorded, accreditation = _write(result, request, conn)
    except VersionSuperseded as conflict:
        return Refusal((superseded(f"{procedure.sent.path}/@version", conflict),), owner.about)
    return Answer(_answer(request, owner, judged, recorded, accreditation), owner.about)


def _accreditation(conn: Connection, procedure: Change, sent: Sent | None) -> Change | None:
    """The change of the accreditation, beside the one that the procedure has given before."""
    held = None if procedure.current is None else procedure.current["accreditation_id"]
    if sent is None and held is None:
        return None
    named = replace(sent or procedure.sent, entity_id=held)
    if sent is None:
        named = replace(named, action=Action.WITHDRAW)
    change = read_change(conn, ACCREDITATION, named, procedure.owner, procedure.today)
    if change.current is None and sent is None:
        return None  # it was withdrawn before
    if change.current is None:
        return replace(change, sent=replace(named, action=Action.CREATE))
    return change


def _judge(result: Result, judged: Judged, conn: Connection, *, given: bool) -> None:
    judge_target(result.procedure, judged)
    for rule, findings in outcome_and_accreditation(result.procedure, given=given):
        judged.add(rule, findings)
    if result.procedure.action is Action.WITHDRAW:
        return
    if not result.changes_accreditation:
        judge_difference(result.procedure, judged)
    judge_own(result.procedure, judged, conn)
    if result.accreditation is not None and result.accreditation.action is not Action.WITHDRAW:
        judge_own(result.accreditation, judged, conn)


def _write(result: Result, request: KindRequest, conn: Connection) -> tuple[Recorded, tuple[Change, Recorded] | None]:
    procedure, accreditation = result.procedure, result.accreditation
    written = None
    if accreditation is not None and result.changes_accreditation:
        written = accreditation, write_record(accreditation, request, conn, "accreditation")
    if procedure.action is Action.WITHDRAW:
        return write_record(procedure, request, conn), written
    held = None
    if accreditation is not None and accreditation.action is not Action.WITHDRAW:
        held = accreditation.sent.entity_id if written is None else written[1].entity_id
    record = {**procedure.record, "accreditation_id": held}
    if procedure.action is Action.CREATE and procedure.owner.row is not None:
        record |= {name: procedure.owner.row[name] for name in ("last_name", "first_name", "patronymic")}
    return write_record(replace(procedure, record=record), request, conn), written


def _answer(
    request: KindRequest,
    owner: Found,
    judged: Judged,
    recorded: Recorded,
    accreditation: tuple[Change, Recorded] | None,
) -> Element:
    root = answer(request, owner, recorded, judged.warnings)
    if accreditation is not None and accreditation[0].action is not Action.WITHDRAW:
        change, version = accreditation
        element = SubElement(root, f"{Q}Accreditation")
        for name, text in (
            ("EntityId", version.entity_id or ""),
            ("Version", str(version.version)),
            ("BeginDate", change.record["valid_from"].isoformat()),
            ("EndDate", change.record["valid_to"].isoformat()),
        ):
            leaf(element, f"{Q}{name}", text)
    return root
