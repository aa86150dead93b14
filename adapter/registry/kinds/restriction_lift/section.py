"""The part of a restriction that lifting it changes, and its rules."""

from sqlalchemy import Connection

from ...rule import Rule
from ...schema import restrictions
from ...upsert import Change, Check, Day, Findings, Section, Text, found
from ..restriction_set.section import ALREADY_LIFTED, already_lifted

LIFTED_AFTER_END = Rule(
    "LIFTED_AFTER_END",
    "решение о снятии от {sent}, но ограничение кончилось {stored}",
    "Снять можно то, что ещё действует; исправьте дату",
)
LIFTED_BEFORE_DECISION = Rule(
    "LIFTED_BEFORE_DECISION",
    "решение о снятии от {sent} раньше решения об ограничении от {stored}",
    "Исправьте дату; ограничение, которого не должно было быть, отзывают",
)


def _after_end(change: Change, _conn: Connection) -> Findings:
    sent, end = change.record["lifted_on"], change.record["valid_to"]
    if end is not None and sent > end:
        yield found(change.path("lifted_on"), sent=sent, stored=end)


def _before_decision(change: Change, _conn: Connection) -> Findings:
    sent, decision = change.record["lifted_on"], change.record["basis_date"]
    if decision is not None and sent < decision:
        yield found(change.path("lifted_on"), sent=sent, stored=decision)


LIFT = Section(
    element="Restriction",
    table=restrictions,
    fields=(
        Text("Basis", "lift_basis"),
        Day("Date", "lifted_on"),
    ),
    natural_keys=(),
    checks=(
        Check(ALREADY_LIFTED, already_lifted),
        Check(LIFTED_AFTER_END, _after_end),
        Check(LIFTED_BEFORE_DECISION, _before_decision),
    ),
    partial=True,
)
