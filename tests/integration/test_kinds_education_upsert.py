"""EducationUpsert on both databases: the stages, their fields and rules; what all updates share is tested elsewhere."""

from datetime import date

import pytest
from mezhved.adapter.registry.kinds.education_upsert.sections import SECTIONS
from mezhved.adapter.registry.rule import Severity
from mezhved.adapter.registry.schema import education, employments
from mezhved.adapter.registry.upsert.fields import Coded
from sqlalchemy import Engine
from support.register import ANNA, Register, employment
from support.updates import Update, told, warned

DIPLOMA = Update(
    "education_upsert",
    "Professional",
    {
        "Type": ("2", "Высшее образование"),
        "Institution": ("1",),
        "Foreign": None,
        "Level": ("5",),
        "Form": ("1",),
        "Specialty": ("31", "Лечебное дело"),
        "Qualification": ("1", "Врач"),
        "DurationMonths": "72",
        "Budget": "true",
        "BeginDate": "2002-09-01",
        "EndDate": "2008-06-25",
        "Studying": None,
        "Document": {"Series": "ВСГ", "Number": "1234567", "Date": "2008-06-25"},
        "Duplicate": None,
        "Target": None,
    },
)
FOREIGN = {
    "Country": ("112", "Беларусь"),
    "InstitutionName": "Минский медицинский институт",
    "Recognition": {"Number": "77-01", "Date": "2009-03-10"},
}
ABROAD = DIPLOMA.but({"Institution": None, "Foreign": FOREIGN})
TARGET = {
    "Region": ("77",),
    "ContractNumber": "Ц-15",
    "ContractDate": "2002-08-20",
    "CustomerInn": "7707083893",
    "CustomerOgrn": "1027700132195",
    "EmployerInn": None,
    "EmployerOgrn": None,
    "DutyMonths": "36",
    "Termination": None,
}
TARGETED = DIPLOMA.but({"Target": TARGET})
TERMINATED = TARGETED.but({"Target/Termination": {"Date": "2007-02-01", "Reason": ("1",)}})
INTERNSHIP = Update(
    "education_upsert",
    "Postgraduate",
    {
        "Type": ("4", "Ординатура"),
        "Institution": ("1",),
        "Foreign": None,
        "Form": None,
        "Specialty": ("37",),
        "Degree": None,
        "ScienceBranch": None,
        "BeginDate": "2008-09-01",
        "EndDate": "2010-08-31",
        "Studying": None,
        "Document": {"Number": "П-17", "Date": "2010-08-31"},
    },
)
COURSE = Update(
    "education_upsert",
    "Additional",
    {
        "Type": ("6",),
        "Programme": ("1", "Повышение квалификации"),
        "Institution": ("41",),
        "Theme": "Актуальные вопросы терапии",
        "Hours": "144",
        "Specialty": ("37",),
        "BeginDate": "2024-02-01",
        "EndDate": "2024-03-01",
        "Document": {"Number": "У-901", "Date": "2024-03-01"},
    },
)
SCHOOL = Update(
    "education_upsert",
    "General",
    {
        "Type": ("9", "Среднее общее образование"),
        "InstitutionName": "Школа № 4 города Примерска",
        "Level": ("2",),
        "Document": {"Number": "А-4401", "Date": "2002-06-20"},
    },
)


@pytest.fixture
def register(engine: Engine) -> Register:
    """Anna works in the hospital."""
    register = Register(engine).furnish()
    register.put(employments, employment())
    return register


def test_a_diploma_is_entered(register: Register) -> None:
    assert warned(register.ask(DIPLOMA.xml())) == []
    [row] = register.rows(education)
    assert (row["worker_oid"], row["stage"], row["education_type"], row["institution"]) == (
        ANNA,
        "PROFESSIONAL",
        "2",
        "1",
    )
    assert (row["level"], row["form"], row["specialty"], row["qualification"]) == ("5", "1", "31", "1")
    assert (row["duration_months"], row["budget"], row["studying"], row["duplicate"]) == (72, True, False, False)
    assert (row["document_series"], row["document_number"], row["document_date"]) == (
        "ВСГ",
        "1234567",
        date(2008, 6, 25),
    )
    assert (row["valid_from"], row["valid_to"]) == (date(2002, 9, 1), date(2008, 6, 25))
    assert (row["foreign"], row["recognised"], row["targeted"]) == (False, None, False)


def test_an_education_abroad_is_entered_with_its_recognition(register: Register) -> None:
    assert warned(register.ask(ABROAD.xml())) == []
    [row] = register.rows(education)
    assert (row["foreign"], row["foreign_country"], row["institution"]) == (True, "112", None)
    assert row["institution_name"] == "Минский медицинский институт"
    assert (row["recognised"], row["recognition_number"], row["recognition_date"]) == (True, "77-01", date(2009, 3, 10))


def test_target_training_is_entered_with_its_end(register: Register) -> None:
    register.ask(TERMINATED.xml())
    [row] = register.rows(education)
    assert (row["targeted"], row["target_region"], row["target_duty_months"]) == (True, "77", 36)
    assert (row["target_contract_number"], row["target_contract_date"]) == ("Ц-15", date(2002, 8, 20))
    assert (row["target_customer_inn"], row["target_customer_ogrn"]) == ("7707083893", "1027700132195")
    assert (row["target_terminated_on"], row["target_termination_reason"]) == (date(2007, 2, 1), "1")


def test_a_change_removes_what_is_left_out(register: Register) -> None:
    entity = told(register.ask(TARGETED.xml()), "EntityId")
    register.ask(TARGETED.change(entity, 1, {"Target": None, "Qualification": None}).xml())
    row = register.rows(education)[-1]
    assert (row["version"], row["targeted"], row["target_contract_number"], row["qualification"]) == (
        2,
        False,
        None,
        None,
    )


def test_who_still_studies_has_no_document(register: Register) -> None:
    studying = {"Studying": "true", "Document": None, "EndDate": None, "BeginDate": "2022-09-01"}
    entity = told(register.ask(DIPLOMA.but(studying).xml()), "EntityId")
    [row] = register.rows(education)
    assert (row["studying"], row["document_number"], row["document_date"]) == (True, None, None)
    finished = {"BeginDate": "2022-09-01", "EndDate": None, "Document/Date": "2026-06-25"}
    register.ask(DIPLOMA.change(entity, 1, finished).xml())
    assert register.rows(education)[-1]["studying"] is False


@pytest.mark.parametrize(
    ("update", "stage"), [(INTERNSHIP, "POSTGRADUATE"), (COURSE, "ADDITIONAL"), (SCHOOL, "GENERAL")]
)
def test_the_other_stages_are_entered_and_withdrawn(register: Register, update: Update, stage: str) -> None:
    answer = register.ask(update.xml())
    assert warned(answer) == []
    [row] = register.rows(education)
    assert (row["stage"], row["document_number"]) == (stage, update.fields["Document"]["Number"])
    assert told(register.ask(update.withdraw(told(answer, "EntityId"), 1).xml()), "Version") == "2"


def test_what_each_stage_has_of_its_own(register: Register) -> None:
    register.ask(INTERNSHIP.but({"Type": ("5",), "Degree": ("1",), "ScienceBranch": ("1",)}).xml())
    register.ask(COURSE.xml())
    register.ask(SCHOOL.xml())
    rows = {row["stage"]: row for row in register.rows(education)}
    assert (rows["POSTGRADUATE"]["academic_degree"], rows["POSTGRADUATE"]["science_branch"]) == ("1", "1")
    assert (rows["ADDITIONAL"]["theme"], rows["ADDITIONAL"]["hours"]) == ("Актуальные вопросы терапии", 144)
    assert rows["ADDITIONAL"]["programme_kind"] == "1"
    assert (rows["GENERAL"]["institution_name"], rows["GENERAL"]["level"]) == ("Школа № 4 города Примерска", "2")


def test_a_record_is_changed_only_within_its_stage(register: Register) -> None:
    entity = told(register.ask(COURSE.xml()), "EntityId")
    assert register.codes(INTERNSHIP.change(entity, 1).xml()) == [
        ("RECORD_NOT_FOUND", "EducationUpsertRequest/Postgraduate/Change/@entityId")
    ]


BROKEN: list[tuple[Update, str, str]] = [
    (DIPLOMA.but({"Type": ("99",)}), "CODE_UNKNOWN", "Type/Code"),
    (DIPLOMA.but({"Institution": ("99",)}), "CODE_UNKNOWN", "Institution/Code"),
    (DIPLOMA.but({"Level": ("99",)}), "CODE_UNKNOWN", "Level/Code"),
    (
        DIPLOMA.but({"Form": ("4",), "Document/Date": "2013-01-01", "EndDate": None}),
        "CODE_NOT_VALID_ON_DATE",
        "Form/Code",
    ),
    (DIPLOMA.but({"Specialty": ("999",)}), "CODE_UNKNOWN", "Specialty/Code"),
    (DIPLOMA.but({"Qualification": ("1", "Провизор")}), "CODE_NAME_MISMATCH", "Qualification/Name"),
    (DIPLOMA.but({"Document/Date": "2002-08-31", "EndDate": None}), "DOCUMENT_BEFORE_BEGIN", "Document/Date"),
    (DIPLOMA.but({"Document/Date": "2026-11-24"}), "DATE_IN_FUTURE", "Document/Date"),
    (
        DIPLOMA.but({"BeginDate": "1998-09-01", "EndDate": None, "Document/Date": "2001-04-11"}),
        "TOO_YOUNG",
        "Document/Date",
    ),
    (DIPLOMA.but({"EndDate": "2002-08-31"}), "END_BEFORE_BEGIN", "EndDate"),
    (ABROAD.but({"Foreign/Country": ("000",)}), "CODE_UNKNOWN", "Foreign/Country/Code"),
    (ABROAD.but({"Foreign/Country": ("643",)}), "FOREIGN_IN_RUSSIA", "Foreign/Country/Code"),
    (
        ABROAD.but({"Foreign/Recognition": {"Number": "1", "Date": "2008-06-24"}}),
        "RECOGNISED_BEFORE_DOCUMENT",
        "Foreign/Recognition/Date",
    ),
    (TARGETED.but({"Target/Region": ("00",)}), "CODE_UNKNOWN", "Target/Region/Code"),
    (TARGETED.but({"Target/CustomerInn": "7707083894"}), "INN_CONTROL", "Target/CustomerInn"),
    (TARGETED.but({"Target/CustomerOgrn": "1027700132196"}), "OGRN_CONTROL", "Target/CustomerOgrn"),
    (TARGETED.but({"Target/EmployerInn": "7707083894"}), "INN_CONTROL", "Target/EmployerInn"),
    (TARGETED.but({"Target/EmployerOgrn": "1027700132196"}), "OGRN_CONTROL", "Target/EmployerOgrn"),
    (TARGETED.but({"Target/ContractDate": "2008-06-26"}), "TARGET_AFTER_STUDIES", "Target/ContractDate"),
    (
        TERMINATED.but({"Target/Termination": {"Date": "2002-08-19", "Reason": ("1",)}}),
        "TERMINATED_BEFORE_CONTRACT",
        "Target/Termination/Date",
    ),
    (
        TERMINATED.but({"Target/Termination": {"Date": "2007-02-01", "Reason": ("9",)}}),
        "CODE_UNKNOWN",
        "Target/Termination/Reason/Code",
    ),
    (INTERNSHIP.but({"Degree": ("9",)}), "CODE_UNKNOWN", "Degree/Code"),
    (INTERNSHIP.but({"ScienceBranch": ("9",)}), "CODE_UNKNOWN", "ScienceBranch/Code"),
    (INTERNSHIP.but({"Document/Date": "2008-08-31", "EndDate": None}), "DOCUMENT_BEFORE_BEGIN", "Document/Date"),
    (COURSE.but({"Programme": ("9",)}), "CODE_UNKNOWN", "Programme/Code"),
    (COURSE.but({"Document/Date": "2024-01-31", "EndDate": None}), "DOCUMENT_BEFORE_BEGIN", "Document/Date"),
    (SCHOOL.but({"Document/Date": "1998-04-11"}), "TOO_YOUNG", "Document/Date"),
]


@pytest.mark.parametrize(("update", "code", "path"), BROKEN, ids=[f"{code}-{path}" for _, code, path in BROKEN])
def test_what_breaks_one_rule_is_refused_by_it_alone(register: Register, update: Update, code: str, path: str) -> None:
    assert register.codes(update.xml()) == [(code, f"{update.path}/{path}")]
    assert register.rows(education) == []


WARNED: list[tuple[Update, str, str]] = [
    (ABROAD.but({"Foreign/Recognition": None}), "RECOGNITION_ABSENT", "Foreign"),
    (DIPLOMA.but({"Document": None, "Studying": "true"}), "STUDYING_IS_OVER", "Studying"),
    (COURSE.but({"Hours": "15"}), "HOURS_TOO_FEW", "Hours"),
    (COURSE.but({"Programme": ("2",), "Hours": "249"}), "HOURS_TOO_FEW", "Hours"),
]


@pytest.mark.parametrize(("update", "code", "path"), WARNED, ids=[code for _, code, _ in WARNED])
def test_what_is_only_doubtful_is_entered_with_a_warning(
    register: Register, update: Update, code: str, path: str
) -> None:
    assert warned(register.ask(update.xml())) == [(code, f"{update.path}/{path}")]


@pytest.mark.parametrize(
    "twin",
    [
        DIPLOMA.but({"Specialty": ("32",), "BeginDate": "2001-09-01"}),
        DIPLOMA.but({"Document/Number": "7654321"}),
    ],
)
def test_the_same_document_or_the_same_studies_twice_are_refused(register: Register, twin: Update) -> None:
    entity = told(register.ask(DIPLOMA.xml()), "EntityId")
    outcome = register.ask(twin.xml())
    assert [rejection.code for rejection in outcome.rejections] == ["DUPLICATE"]
    assert entity in outcome.rejections[0].text


def test_a_school_and_a_course_with_the_same_number_are_two_records(register: Register) -> None:
    register.ask(SCHOOL.xml())
    assert warned(register.ask(COURSE.but({"Document/Number": "А-4401"}).xml())) == []


def test_every_rule_and_every_dictionary_of_its_own_has_a_test() -> None:
    tested = {code for _, code, _ in (*BROKEN, *WARNED)}
    assert {check.rule.code for section in SECTIONS for check in section.checks} <= tested
    warnings = {rule.code for section in SECTIONS for rule in section.rules if rule.severity is Severity.WARNING}
    assert warnings - {"NUMBER_ELSEWHERE"} == {code for _, code, _ in WARNED}
    coded = {one.path for section in SECTIONS for one in section.fields if isinstance(one, Coded)}
    assert coded == {path.rpartition("/")[0] for _, code, path in BROKEN if code.startswith("CODE")}
