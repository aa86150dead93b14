"""The credit of points: its fields."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml.etree import _Element as Element

from ... import dictionaries as nsi
from ...schema import cme_points
from ...upsert import Coded, Day, Field, Number, Section, Text


@dataclass(frozen=True, slots=True)
class Hundredths(Field):
    """A number with at most two decimal places, kept in hundredths."""

    def value(self, element: Element) -> Any:
        """The number of hundredths."""
        return int(Decimal(element.text or "") * 100)


POINTS = Section(
    element="Points",
    table=cme_points,
    fields=(
        Coded("Activity", "activity_kind", dictionary=nsi.CME_ACTIVITIES, days=("valid_from",)),
        Text("Title", "title"),
        Text("Provider", "provider"),
        Coded("Specialty", "specialty", dictionary=nsi.SPECIALTIES, days=("valid_from",)),
        Text("Number", "activity_number"),
        Hundredths("Amount", "points"),
        Number("Hours", "hours"),
        Day("BeginDate", "valid_from", age=17),
        Day("EndDate", "valid_to"),
    ),
    natural_keys=(("activity_number",),),
)
