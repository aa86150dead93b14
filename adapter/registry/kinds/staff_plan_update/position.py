"""Posts of a staff plan: their fields and their rules."""

from datetime import date

from sqlalchemy import Connection, RowMapping, bindparam, func, select

from ... import dictionaries as nsi
from ...markup import share
from ...reading import Shape, holds
from ...rule import Rule, Severity
from ...schema import employments, staff_plans, staff_positions, subdivisions
from ...upsert import Change, Check, Coded, Day, Field, Findings, Hundredths, Section, found

PLAN_NOT_FOUND = Rule(
    "PLAN_NOT_FOUND",
    "штатного расписания {sent} у организации нет",
    "Возьмите идентификатор из ответа на внесение расписания",
)
OUTSIDE_PLAN = Rule(
    "OUTSIDE_PLAN",
    "срок должности выходит за срок штатного расписания",
    "Исправьте даты или сначала измените расписание",
)
SUBDIVISION_NOT_FOUND = Rule(
    "SUBDIVISION_NOT_FOUND",
    "подразделения {sent} у организации на первый день должности нет",
    "Возьмите OID подразделения из карточки организации",
)
BELOW_OCCUPIED = Rule(
    "BELOW_OCCUPIED",
    "на этих должностях сейчас занято {stored} ставки, больше, чем {sent}",
    "Проверьте число ставок или внесите увольнения и переводы",
    severity=Severity.WARNING,
)
_PLAN = select(staff_plans).where(
    staff_plans.c.entity_id == bindparam("plan"),
    staff_plans.c.organisation_oid == bindparam("organisation"),
    staff_plans.c.superseded_at.is_(None),
)
_SUBDIVISION = select(subdivisions.c.entity_id).where(
    subdivisions.c.entity_id == bindparam("subdivision"),
    subdivisions.c.organisation_oid == bindparam("organisation"),
    holds(subdivisions, Shape(as_of=True, known_on=False)),
)
_OCCUPIED = select(func.coalesce(func.sum(employments.c.rate), 0)).where(
    employments.c.organisation_oid == bindparam("organisation"),
    employments.c.subdivision_oid == bindparam("subdivision"),
    employments.c.post == bindparam("post"),
    holds(employments, Shape(as_of=True, known_on=False)),
)


def _plan(change: Change, conn: Connection) -> RowMapping | None:
    values = {"plan": change.record["plan_id"], "organisation": change.owner.oid}
    return conn.execute(_PLAN, values).mappings().first()


def _not_found(change: Change, conn: Connection) -> Findings:
    if change.owner.oid is not None and _plan(change, conn) is None:
        yield found(change.path("plan_id"), sent=change.record["plan_id"])


def _outside(change: Change, conn: Connection) -> Findings:
    plan, record = _plan(change, conn), change.record
    if plan is None:
        return
    first, last = plan["valid_from"] or date.min, plan["valid_to"] or date.max
    begin = record["valid_from"]
    if begin < first or max(begin, record["valid_to"] or begin) > last:
        yield found(change.sent.path)


def _subdivision(change: Change, conn: Connection) -> Findings:
    record, organisation = change.record, change.owner.oid
    values = {"subdivision": record["subdivision_oid"], "organisation": organisation, "as_of": record["valid_from"]}
    if organisation is not None and conn.execute(_SUBDIVISION, values).first() is None:
        yield found(change.path("subdivision_oid"), sent=record["subdivision_oid"])


def _below_occupied(change: Change, conn: Connection) -> Findings:
    record, today = change.record, change.today
    if record["valid_from"] > today or (record["valid_to"] or today) < today:
        return
    values = {
        "organisation": change.owner.oid,
        "subdivision": record["subdivision_oid"],
        "post": record["post"],
        "as_of": today,
    }
    occupied = int(conn.scalar(_OCCUPIED, values) or 0)
    if occupied > record["rate"]:
        yield found(change.path("rate"), sent=share(record["rate"]), stored=share(occupied))


POSITION = Section(
    element="Position",
    table=staff_positions,
    fields=(
        Field("PlanId", "plan_id"),
        Field("SubdivisionOid", "subdivision_oid"),
        Coded("Post", "post", dictionary=nsi.POSTS, days=("valid_from",)),
        Hundredths("Rate", "rate"),
        Day("BeginDate", "valid_from", future=True),
        Day("EndDate", "valid_to", future=True),
    ),
    natural_keys=(("plan_id", "subdivision_oid", "post"),),
    checks=(
        Check(PLAN_NOT_FOUND, _not_found),
        Check(OUTSIDE_PLAN, _outside),
        Check(SUBDIVISION_NOT_FOUND, _subdivision),
        Check(BELOW_OCCUPIED, _below_occupied),
    ),
)
