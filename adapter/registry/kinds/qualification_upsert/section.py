"""The qualification category: its fields and its rules."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from ... import dictionaries as nsi
from ...rule import Rule
from ...schema import qualifications
from ...upsert import Change, Check, Coded, Day, Findings, Section, Text, YesNo, found
from ...upsert.terms import last_day, term_checks

YOUNGEST = 17
"""Age below which nobody has practised at all, in years."""

BEGINS_BEFORE_ORDER = Rule(
    "BEGINS_BEFORE_ORDER", "категория действует с {sent}, раньше приказа от {order}", "Исправьте одну из двух дат"
)


def _begins_before_order(change: Change, _conn: Connection) -> Findings:
    begin, order = change.record["valid_from"], change.record["order_date"]
    if order is not None and begin < order:
        yield found(change.path("valid_from"), sent=begin, order=order)


def _term(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"valid_to": record["valid_to"] or last_day(record["valid_from"])}


QUALIFICATION = Section(
    element="Qualification",
    table=qualifications,
    fields=(
        Coded("Category", "category", dictionary=nsi.CATEGORIES, days=("valid_from",)),
        Coded("Specialty", "specialty", dictionary=nsi.SPECIALTIES, days=("valid_from",)),
        Coded("Post", "post", dictionary=nsi.POSTS, days=("valid_from",)),
        Text("Order/Number", "order_number"),
        Day("Order/Date", "order_date"),
        Day("BeginDate", "valid_from", age=YOUNGEST),
        Day("EndDate", "valid_to", future=True),
        YesNo("Extended", "extended"),
    ),
    natural_keys=(("category", "specialty", "post", "valid_from"),),
    checks=(Check(BEGINS_BEFORE_ORDER, _begins_before_order), *term_checks()),
    complete=_term,
)
