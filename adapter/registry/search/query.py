"""What workers may be searched by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from ..names import compact, folded


class NothingToSearchBy(ValueError):  # noqa: N818  named for what is wrong
    """A query without a key or a filter that an index serves: it would look through the whole register."""

    code = "NOTHING_TO_SEARCH_BY"


@dataclass(frozen=True, slots=True)
class Query:
    """Keys and filters; all that are given must hold. Names and numbers may be in any spelling.

    `on` is the day on which an employment, a category, or a credential in the specialty must hold. `organisation`,
    `post` and `region` speak of one employment; `specialty` and `expires_from`–`expires_to` (both days included) of one
    accreditation or certificate. With a window it must end in it, whether it still holds or not. A number finds its
    certificate or accreditation whatever day it is valid on.
    """

    on: date
    oid: str | None = None
    snils: str | None = None
    inn: str | None = None
    last_name: str | None = None
    first_name: str | None = None
    patronymic: str | None = None
    birth_date: date | None = None
    certificate: str | None = None
    accreditation: str | None = None
    organisation: str | None = None
    post: str | None = None
    region: str | None = None
    category: str | None = None
    specialty: str | None = None
    status: str | None = None
    expires_from: date | None = None
    expires_to: date | None = None

    @property
    def given(self) -> frozenset[str]:
        """The names of the conditions that are given."""
        return frozenset(field.name for field in fields(self) if getattr(self, field.name) is not None) - {"on"}

    @property
    def values(self) -> dict[str, Any]:
        """The values of the conditions given, in the spelling in which the register keeps them, and the day."""
        spelled = {name: _SPELLING.get(name, _as_is)(getattr(self, name)) for name in self.given}
        return {**spelled, "on": self.on}


def _as_is(value: Any) -> Any:
    return value


_SPELLING: Mapping[str, Callable[[Any], Any]] = {
    "last_name": folded,
    "first_name": folded,
    "patronymic": folded,
    "certificate": compact,
    "accreditation": compact,
}
