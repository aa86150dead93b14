"""Carrying out an update: all that is wrong with it at once, or the change and what became of it."""

from dataclasses import dataclass

from lxml.etree import QName
from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ...exchange.rejection import Rejection
from ...exchange.times import moscow_day
from ..facts import Provenance, VersionSuperseded, add, revise, withdraw
from ..outcome import Answer, KindRequest, Refusal
from ..rule import Rule
from . import rules
from .answer import Recorded, answer
from .change import Change, Section, read_change
from .checks import judge_difference, judge_record, judge_target
from .findings import Judged
from .identity import identifier
from .owner import Owner
from .sent import Action, Sent
from .workers import WORKERS


@dataclass(frozen=True, slots=True)
class Upsert:
    """The handler of a kind that enters, changes or withdraws one record of one of its sections.

    `owner` finds whose record it is. A kind that writes more than one fact puts the same parts together by itself.
    """

    sections: tuple[Section, ...]
    owner: Owner = WORKERS

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules of the kind, each once."""
        every = (*self.owner.rules, *(rule for section in self.sections for rule in section.rules))
        return tuple(dict.fromkeys(every))

    def handle(self, request: KindRequest, conn: Connection) -> Answer | Refusal:
        """Records the change and tells what became of it, or refuses with every rule that it breaks.

        Locks whose record it is; the caller commits, or rolls back on a refusal.
        """
        section, sent = self._read(request.content)
        today = moscow_day(request.now)
        owner = self.owner.find(request, conn, today)
        change = read_change(conn, section, sent, owner, today)
        judged = owner.judged
        judge_target(change, judged)
        if sent.action is not Action.WITHDRAW:
            judge_difference(change, judged)
        judge_own(change, judged, conn)
        if judged.rejections:
            return Refusal(tuple(judged.rejections), owner.about)
        try:
            recorded = write_record(change, request, conn)
        except VersionSuperseded as conflict:
            return Refusal((superseded(f"{change.sent.path}/@version", conflict),), owner.about)
        return Answer(answer(request, owner, recorded, judged.warnings), owner.about)

    def _read(self, content: Element) -> tuple[Section, Sent]:
        by_name = {section.element: section for section in self.sections}
        element = next(child for child in content.iterchildren("*") if QName(child).localname in by_name)
        section = by_name[QName(element).localname]
        [action] = element.iterchildren("*")
        return section, Sent.read(f"{QName(content).localname}/{section.element}", action, section.fields)


def judge_own(change: Change, judged: Judged, conn: Connection) -> None:
    """Judges a record that is entered or changed by the rules of all records, and any change by its section's own."""
    withdrawal = change.action is Action.WITHDRAW
    if not withdrawal:
        judge_record(change, judged)
    for check in change.section.checks:
        if check.withdrawal is withdrawal:
            judged.add(check.rule, check.judge(change, conn))


def write_record(change: Change, request: KindRequest, conn: Connection, part: str = "record") -> Recorded:
    """Writes the change of the section's own fact; `part` tells the facts of a message apart (identifier).

    Raises VersionSuperseded.
    """
    provenance = Provenance(request.sender.mnemonic, request.message_id, request.now)
    table, current = change.section.table, change.current
    if current is None:
        identify = change.section.identify
        entity_id = identify(conn, change.owner) if identify else identifier(request.message_id, part)
        add(conn, table, provenance, {"entity_id": entity_id, **change.record})
        return Recorded(entity_id, 1)
    entity_id = current["entity_id"]
    if change.action is Action.WITHDRAW:
        return Recorded(entity_id, withdraw(conn, table, provenance, current))
    version = revise(conn, table, provenance, current, change.record)
    return Recorded(None if change.section.own else entity_id, version)


def superseded(path: str, conflict: VersionSuperseded) -> Rejection:
    """The refusal of who has lost a race that no lock has prevented."""
    values = {"sent": conflict.version, "entity": conflict.entity_id, "stored": conflict.current or "нет"}
    return rules.VERSION_CONFLICT.rejection(path, **values)
