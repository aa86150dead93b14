"""Fields of a record: which element of a request becomes which column, and what is to be judged of its value."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lxml.etree import _Element as Element

from ..check_digits import is_inn, is_ogrn
from ..common_rules import INN_CONTROL, OGRN_CONTROL
from ..rule import Rule


@dataclass(frozen=True, slots=True)
class Field:
    """An element whose text becomes a column: below the record's own (`Document/Number`), or `../../Organization/Oid`.

    `absent` is the column's value where the element is left out.
    """

    path: str
    column: str
    absent: Any = None

    def value(self, element: Element) -> Any:
        """The value of the element that stands at the path."""
        return element.text or ""


@dataclass(frozen=True, slots=True)
class Control:
    """A number with check digits: how it is judged, and the rule that a wrong one breaks."""

    holds: Callable[[str], bool]
    rule: Rule


INN = Control(is_inn, INN_CONTROL)
OGRN = Control(is_ogrn, OGRN_CONTROL)


@dataclass(frozen=True, slots=True)
class Text(Field):
    """A text; `kept` makes of it what the column holds (registry.names.compact), `control` judges that."""

    kept: Callable[[str], str] = str
    control: Control | None = None

    def value(self, element: Element) -> Any:
        """The text as it is kept."""
        return self.kept(element.text or "")


@dataclass(frozen=True, slots=True)
class Day(Field):
    """A date. It may lie in the future only if `future`; the worker must be `age` years old by then."""

    future: bool = False
    age: int | None = None

    def value(self, element: Element) -> Any:
        """The date."""
        return date.fromisoformat(element.text or "")


@dataclass(frozen=True, slots=True)
class Instant(Field):
    """A moment, which its schema gives a time zone."""

    def value(self, element: Element) -> Any:
        """The moment, aware."""
        return datetime.fromisoformat(element.text or "")


@dataclass(frozen=True, slots=True)
class Number(Field):
    """A whole number."""

    def value(self, element: Element) -> Any:
        """The number."""
        return int(element.text or "")


@dataclass(frozen=True, slots=True)
class Hundredths(Field):
    """A number with two decimals at most, kept in hundredths."""

    def value(self, element: Element) -> Any:
        """The hundredths."""
        return int(Decimal(element.text or "") * 100)


@dataclass(frozen=True, slots=True)
class YesNo(Field):
    """A truth value; false where the element is left out, unless `absent` says otherwise."""

    absent: Any = False

    def value(self, element: Element) -> Any:
        """Either of the spellings that xs:boolean has."""
        return (element.text or "").strip() in ("true", "1")


@dataclass(frozen=True, slots=True)
class Present(Field):
    """Whether there is such an element at all: a block of elements that is given whole or not at all."""

    absent: Any = False

    def value(self, element: Element) -> Any:  # noqa: ARG002  that it stands there says it all
        """It is there."""
        return True


@dataclass(frozen=True, slots=True)
class Coded(Field):
    """A code of a dictionary with its name (Code, Name), which must hold on the first day that the columns `days` have.

    Where none is named, or the record has none, today counts.
    """

    dictionary: str = ""
    days: tuple[str, ...] = ()

    def value(self, element: Element) -> Any:
        """The code."""
        return element.findtext("{*}Code")

    @staticmethod
    def name(element: Element) -> str | None:
        """The name that was sent with the code."""
        return element.findtext("{*}Name")
