"""The restriction: its fields and its rules."""

from sqlalchemy import Connection

from ... import dictionaries as nsi
from ...rule import Rule
from ...schema import restrictions
from ...upsert import Change, Check, Coded, Day, Findings, Section, Text, found

BEGINS_BEFORE_DECISION = Rule(
    "BEGINS_BEFORE_DECISION",
    "ограничение действует с {sent}, раньше решения от {decision}",
    "Исправьте одну из двух дат",
)
ALREADY_LIFTED = Rule(
    "ALREADY_LIFTED",
    "ограничение уже снято решением от {stored}",
    "Снятое ограничение не меняют; новое вносят новой записью, ошибочное отзывают",
)


def _begins_before_decision(change: Change, _conn: Connection) -> Findings:
    begin, decision = change.record["valid_from"], change.record["basis_date"]
    if begin < decision:
        yield found(change.path("valid_from"), sent=begin, decision=decision)


def already_lifted(change: Change, _conn: Connection) -> Findings:
    """A restriction that was lifted stays as it was when it was in force."""
    if change.current is not None and change.current["lifted_on"] is not None:
        yield found(change.sent.path, stored=change.current["lifted_on"])


RESTRICTION = Section(
    element="Restriction",
    table=restrictions,
    fields=(
        Coded("Kind", "restriction_kind", dictionary=nsi.RESTRICTION_KINDS, days=("valid_from",)),
        Coded("Specialty", "specialty", dictionary=nsi.SPECIALTIES, days=("valid_from",)),
        Coded("Post", "post", dictionary=nsi.POSTS, days=("valid_from",)),
        Text("Basis", "basis"),
        Text("Decision/Number", "basis_number"),
        Day("Decision/Date", "basis_date"),
        Day("BeginDate", "valid_from", future=True),
        Day("EndDate", "valid_to", future=True),
    ),
    natural_keys=(("basis_number", "basis_date", "restriction_kind", "specialty", "post"),),
    checks=(Check(BEGINS_BEFORE_DECISION, _begins_before_decision), Check(ALREADY_LIFTED, already_lifted)),
)
