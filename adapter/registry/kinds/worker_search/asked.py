"""What a search asks: the request's elements as a query, and all that is wrong with them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ....exchange.rejection import Rejection
from ... import dictionaries as nsi
from ...check_digits import is_inn, is_snils, normalised_snils
from ...common_rules import BIRTH_DATE_IN_FUTURE, INN_CONTROL, SNILS_CONTROL
from ...kind import namespace
from ...lookup.codes import read_codes, wrong_codes
from ...projection import Projection, Section
from ...search import Query
from .rules import KEY_WITHHELD, WINDOW_REVERSED

NAMESPACE = namespace("worker_search", "1.0.0")
Q = f"{{{NAMESPACE}}}"
ROOT = "WorkerSearchRequest"
LICENCE = "Keys/LicenceNumber"
_DEFAULT_PAGE = 50

_TEXTS: Mapping[str, str] = {
    "Keys/WorkerOid": "oid",
    "Keys/Inn": "inn",
    "Keys/LastName": "last_name",
    "Keys/FirstName": "first_name",
    "Keys/Patronymic": "patronymic",
    "Keys/CertificateNumber": "certificate",
    "Keys/AccreditationNumber": "accreditation",
    "Filters/Organization": "organisation",
    "Filters/Post": "post",
    "Filters/Region": "region",
    "Filters/Specialty": "specialty",
    "Filters/Category": "category",
    "Filters/Status": "status",
}
_DATES: Mapping[str, str] = {
    "Keys/BirthDate": "birth_date",
    "Filters/Expires/From": "expires_from",
    "Filters/Expires/To": "expires_to",
}
_NEEDS: Mapping[str, tuple[tuple[Section, str], ...]] = {
    "Keys/Snils": ((Section.PERSON, "snils"),),
    "Keys/Inn": ((Section.PERSON, "inn"),),
    "Keys/LastName": ((Section.PERSON, "last_name"),),
    "Keys/FirstName": ((Section.PERSON, "first_name"),),
    "Keys/Patronymic": ((Section.PERSON, "patronymic"),),
    "Keys/BirthDate": ((Section.PERSON, "birth_date"),),
    "Keys/CertificateNumber": ((Section.CERTIFICATES, "number"),),
    "Keys/AccreditationNumber": ((Section.ACCREDITATIONS, "registry_number"),),
    LICENCE: ((Section.EMPLOYMENTS, "organisation_oid"),),
    "Filters/Organization": ((Section.EMPLOYMENTS, "organisation_oid"),),
    "Filters/Post": ((Section.EMPLOYMENTS, "post"),),
    "Filters/Region": ((Section.EMPLOYMENTS, "region"),),
    "Filters/Specialty": ((Section.CERTIFICATES, "specialty"), (Section.ACCREDITATIONS, "specialty")),
    "Filters/Category": ((Section.QUALIFICATIONS, "category"),),
    "Filters/Status": ((Section.PERSON, "status"),),
    "Filters/Expires/From": ((Section.CERTIFICATES, "valid_to"), (Section.ACCREDITATIONS, "valid_to")),
    "Filters/Expires/To": ((Section.CERTIFICATES, "valid_to"), (Section.ACCREDITATIONS, "valid_to")),
}
"""What must be visible for a condition: whoever may not see a column would learn it by searching for its values."""
_CODES: Mapping[str, str] = {
    "Filters/Post": nsi.POSTS,
    "Filters/Region": nsi.REGIONS,
    "Filters/Specialty": nsi.SPECIALTIES,
    "Filters/Category": nsi.CATEGORIES,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as it was asked. `given` holds the texts of its conditions by their paths."""

    query: Query
    given: Mapping[str, str]
    size: int
    cursor: str | None
    count: bool

    @classmethod
    def read(cls, content: Element, today: date) -> "Asked":
        """Reads a request that is valid against the schema."""
        given = {path: text for path in _NEEDS.keys() | _TEXTS.keys() if (text := _text(content, path)) is not None}
        values: dict[str, object] = {name: given[path] for path, name in _TEXTS.items() if path in given}
        values |= {name: date.fromisoformat(given[path]) for path, name in _DATES.items() if path in given}
        if "Keys/Snils" in given:
            values["snils"] = normalised_snils(given["Keys/Snils"])
        on = _text(content, "On")
        return cls(
            query=Query(today if on is None else date.fromisoformat(on), **values),  # type: ignore[arg-type]
            given=given,
            size=int(_text(content, "PageSize") or _DEFAULT_PAGE),
            cursor=_text(content, "Cursor"),
            count=_text(content, "Count") in ("true", "1"),
        )

    def sees(self, projection: Projection) -> bool:
        """Whether all that is searched by may be seen."""
        return all(not self._hidden(path, projection) for path in self.given)

    def wrong(self, conn: Connection, projection: Projection, today: date) -> list[Rejection]:
        """Everything that is wrong with it."""
        return [*self._numbers(today), *self._codes(conn), *self._keys(projection)]

    def _hidden(self, path: str, projection: Projection) -> bool:
        return not all(projection.sees(*needed) for needed in _NEEDS.get(path, ()))

    def _keys(self, projection: Projection) -> Iterator[Rejection]:
        for path in sorted(self.given):
            if self._hidden(path, projection):
                yield KEY_WITHHELD.rejection(f"{ROOT}/{path}")

    def _numbers(self, today: date) -> Iterator[Rejection]:
        query = self.query
        if query.snils is not None and not is_snils(query.snils):
            yield SNILS_CONTROL.rejection(f"{ROOT}/Keys/Snils", sent=self.given["Keys/Snils"])
        if query.inn is not None and not is_inn(query.inn):
            yield INN_CONTROL.rejection(f"{ROOT}/Keys/Inn", sent=query.inn)
        if query.birth_date is not None and query.birth_date > today:
            yield BIRTH_DATE_IN_FUTURE.rejection(f"{ROOT}/Keys/BirthDate", sent=query.birth_date)
        first, last = query.expires_from, query.expires_to
        if first is not None and last is not None and first > last:
            yield WINDOW_REVERSED.rejection(f"{ROOT}/Filters/Expires/From", sent=first, until=last)

    def _codes(self, conn: Connection) -> Iterator[Rejection]:
        sent = {f"{ROOT}/{path}": (oid, self.given[path]) for path, oid in _CODES.items() if path in self.given}
        yield from wrong_codes(read_codes(conn, sent), sent, self.query.on)


def _text(content: Element, path: str) -> str | None:
    return content.findtext("/".join(f"{Q}{step}" for step in path.split("/")))
