"""The stages of education: their fields, which are columns of one table."""

from collections.abc import Mapping
from typing import Any

from ... import dictionaries as nsi
from ...names import compact
from ...schema import education
from ...upsert import Coded, Day, Field, Number, Present, Section, Text, YesNo
from ...upsert.fields import INN, OGRN
from .rules import ABROAD, DOCUMENT, HOURS, STUDIES, TARGET

_DAYS = ("document_date", "valid_from")
"""Codes are those of the day of the document; of who has none yet, of the first day of studies."""
_YOUNGEST = 16
"""Age below which nobody has finished a professional education, in years."""
_YOUNGEST_AT_SCHOOL = 13


def _coded(path: str, column: str, dictionary: str) -> Coded:
    return Coded(path, column, dictionary=dictionary, days=_DAYS)


def _document(age: int) -> tuple[Field, ...]:
    return (
        Text("Document/Series", "document_series", kept=compact),
        Text("Document/Number", "document_number", kept=compact),
        Day("Document/Date", "document_date", age=age),
    )


_TYPE = _coded("Type", "education_type", nsi.EDUCATION_TYPES)
_INSTITUTION = _coded("Institution", "institution", nsi.INSTITUTIONS)
_LEVEL = _coded("Level", "level", nsi.EDUCATION_LEVELS)
_SPECIALTY = _coded("Specialty", "specialty", nsi.SPECIALTIES)
_PERIOD = (Day("BeginDate", "valid_from"), Day("EndDate", "valid_to", future=True))
_COURSE = (
    _coded("Form", "form", nsi.EDUCATION_FORMS),
    Number("DurationMonths", "duration_months"),
    YesNo("Budget", "budget", absent=None),
    Present("Studying", "studying"),
    YesNo("Duplicate", "duplicate"),
)
_ABROAD = (
    Present("Foreign", "foreign"),
    _coded("Foreign/Country", "foreign_country", nsi.COUNTRIES),
    Text("Foreign/InstitutionName", "institution_name"),
    Present("Foreign/Recognition", "recognised"),
    Text("Foreign/Recognition/Series", "recognition_series", kept=compact),
    Text("Foreign/Recognition/Number", "recognition_number", kept=compact),
    Day("Foreign/Recognition/Date", "recognition_date"),
)
_TARGET = (
    Present("Target", "targeted"),
    Coded("Target/Region", "target_region", dictionary=nsi.REGIONS, days=("target_contract_date",)),
    Text("Target/ContractNumber", "target_contract_number"),
    Day("Target/ContractDate", "target_contract_date"),
    Text("Target/CustomerInn", "target_customer_inn", control=INN),
    Text("Target/CustomerOgrn", "target_customer_ogrn", control=OGRN),
    Text("Target/EmployerInn", "target_employer_inn", control=INN),
    Text("Target/EmployerOgrn", "target_employer_ogrn", control=OGRN),
    Number("Target/DutyMonths", "target_duty_months"),
    Day("Target/Termination/Date", "target_terminated_on"),
    Coded(
        "Target/Termination/Reason",
        "target_termination_reason",
        dictionary=nsi.TARGET_TERMINATIONS,
        days=("target_terminated_on",),
    ),
)


def _recognised(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of an education in Russia nobody asks whether it is recognised."""
    return {} if record["foreign"] else {"recognised": None}


_BY_DOCUMENT = ("document_number", "document_series", "document_date", "institution", "institution_name")
_BY_STUDIES = ("valid_from", "institution", "institution_name", "specialty", "education_type")
_NUMBER = ("document_number", "institution", "document_date")

PROFESSIONAL = Section(
    element="Professional",
    table=education,
    constants={"stage": "PROFESSIONAL"},
    fields=(
        _TYPE,
        _INSTITUTION,
        *_ABROAD,
        _LEVEL,
        _SPECIALTY,
        _coded("Qualification", "qualification", nsi.DIPLOMA_QUALIFICATIONS),
        *_COURSE,
        *_PERIOD,
        *_document(_YOUNGEST),
        *_TARGET,
    ),
    natural_keys=(_BY_DOCUMENT, _BY_STUDIES),
    number=_NUMBER,
    checks=(*STUDIES, *DOCUMENT, *ABROAD, *TARGET),
    complete=_recognised,
)

POSTGRADUATE = Section(
    element="Postgraduate",
    table=education,
    constants={"stage": "POSTGRADUATE"},
    fields=(
        _TYPE,
        _INSTITUTION,
        *_ABROAD,
        _SPECIALTY,
        _coded("Degree", "academic_degree", nsi.ACADEMIC_DEGREES),
        _coded("ScienceBranch", "science_branch", nsi.SCIENCE_BRANCHES),
        *_COURSE,
        *_PERIOD,
        *_document(_YOUNGEST),
        *_TARGET,
    ),
    natural_keys=(_BY_DOCUMENT, _BY_STUDIES),
    number=_NUMBER,
    checks=(*STUDIES, *DOCUMENT, *ABROAD, *TARGET),
    complete=_recognised,
)

ADDITIONAL = Section(
    element="Additional",
    table=education,
    constants={"stage": "ADDITIONAL"},
    fields=(
        _TYPE,
        _coded("Programme", "programme_kind", nsi.PROGRAMME_KINDS),
        _INSTITUTION,
        Text("Theme", "theme"),
        Number("Hours", "hours"),
        _SPECIALTY,
        *_PERIOD,
        *_document(_YOUNGEST),
    ),
    natural_keys=(_BY_DOCUMENT[:-1],),
    number=_NUMBER,
    checks=(*DOCUMENT, *HOURS),
)

GENERAL = Section(
    element="General",
    table=education,
    constants={"stage": "GENERAL"},
    fields=(_TYPE, Text("InstitutionName", "institution_name"), _LEVEL, *_document(_YOUNGEST_AT_SCHOOL)),
    natural_keys=(("document_number", "document_series", "document_date"),),
)

SECTIONS = (PROFESSIONAL, POSTGRADUATE, ADDITIONAL, GENERAL)
