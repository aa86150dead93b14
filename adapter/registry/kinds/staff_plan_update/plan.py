"""The staff plan: its fields and its rules."""

from datetime import date

from sqlalchemy import Connection, bindparam, select

from ...periods import period
from ...rule import Rule, Severity
from ...schema import staff_plans, staff_positions
from ...upsert import Change, Check, Day, Field, Findings, Section, found

PLANS_OVERLAP = Rule(
    "PLANS_OVERLAP",
    "на часть этих дней действует и штатное расписание {stored} (запись {entity}, версия {version}): {period};"
    " их ставки складываются",
    "Если новое расписание заменяет прежнее, укажите последний день прежнего",
    severity=Severity.WARNING,
)
PLAN_IN_USE = Rule(
    "PLAN_IN_USE",
    "в штатном расписании есть должности",
    "Если расписание действовало, не отзывайте его, а укажите последний день; иначе сначала отзовите его должности",
)
_POSITIONS = (
    select(staff_positions.c.entity_id)
    .where(staff_positions.c.plan_id == bindparam("plan"), staff_positions.c.superseded_at.is_(None))
    .limit(1)
)


def _overlap(change: Change, _conn: Connection) -> Findings:
    first, last = change.record["valid_from"], change.record["valid_to"] or date.max
    for row in change.others:
        begins, ends = row["valid_from"] or date.min, row["valid_to"] or date.max
        if begins <= last and first <= ends:
            shown = period(row["valid_from"], row["valid_to"])
            stored = {"stored": row["number"], "entity": row["entity_id"], "version": row["version"]}
            yield found(change.sent.path, **stored, period=shown)


def _in_use(change: Change, conn: Connection) -> Findings:
    if change.current is not None and conn.execute(_POSITIONS, {"plan": change.current["entity_id"]}).first():
        yield found(change.sent.path)


PLAN = Section(
    element="Plan",
    table=staff_plans,
    fields=(
        Field("Number", "number"),
        Day("Date", "created_on"),
        Day("BeginDate", "valid_from", future=True),
        Day("EndDate", "valid_to", future=True),
    ),
    natural_keys=(("number", "created_on"),),
    checks=(Check(PLANS_OVERLAP, _overlap), Check(PLAN_IN_USE, _in_use, withdrawal=True)),
)
