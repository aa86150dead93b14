"""The award, title or degree: its fields."""

from collections.abc import Mapping
from typing import Any

from ... import dictionaries as nsi
from ...schema import awards
from ...upsert import Coded, Day, Field, Section, Text


def _since(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"valid_from": record["awarded_on"]}


AWARD = Section(
    element="Award",
    table=awards,
    fields=(
        Field("Kind", "award_kind"),
        Coded("Award", "award", dictionary=nsi.AWARDS, days=("awarded_on",)),
        Text("Number", "number"),
        Day("Date", "awarded_on", age=14),
        Text("Issuer", "issuer"),
    ),
    natural_keys=(("award", "awarded_on"),),
    complete=_since,
)
