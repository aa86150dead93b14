"""ValidateOnly on both databases: it tells what would become of an update, and the store stays as it was."""

from typing import Any

import pytest
from lxml.etree import QName
from lxml.etree import _Element as Element
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.schema import employments, metadata
from sqlalchemy import Engine, select
from support.register import DISMISSAL, HOSPITAL, KEEPER, SENDER, Register, employment
from support.updates import Registration, Update, told, warned

NAMESPACE = "urn://x-artefacts-mezhved/frmr/validate_only/1.0.0"
Q = f"{{{NAMESPACE}}}"
CATEGORY = Update(
    "qualification_upsert",
    "Qualification",
    {"Category": ("2",), "Specialty": ("37",), "BeginDate": "2024-05-20", "EndDate": None},
)
LIMIT = Update(
    "restriction_set",
    "Restriction",
    {
        "Kind": ("1",),
        "Basis": "Решение",
        "Decision": {"t:Number": "7", "t:Date": "2026-03-10"},
        "BeginDate": "2026-03-11",
    },
    organisation=None,
)
UPDATES = {
    "qualification_upsert": CATEGORY.xml(),
    "restriction_set": LIMIT.xml(),
    "worker_register": Registration().xml(),
    "employment_event": DISMISSAL.xml(),
}


@pytest.fixture
def register(engine: Engine) -> Register:
    """Anna works in the hospital."""
    register = Register(engine).furnish()
    register.put(employments, employment())
    return register


def tried(content: str) -> str:
    return f'<ValidateOnlyRequest xmlns="{NAMESPACE}"><Content>{content}</Content></ValidateOnlyRequest>'


def store(register: Register) -> dict[str, Any]:
    with register.engine.connect() as conn:
        return {
            table.name: [tuple(row) for row in conn.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }


def answer(register: Register, content: str, sender: Any = KEEPER) -> Element:
    before = store(register)
    outcome = register.ask(tried(content), sender)
    assert not isinstance(outcome, Refusal), outcome
    assert store(register) == before
    return outcome


def errors(outcome: Element) -> list[tuple[str, str]]:
    assert outcome.findtext(f"{Q}Accepted") == "false"
    return [(str(one.findtext(f"{Q}Code")), str(one.findtext(f"{Q}Path"))) for one in outcome.iter(f"{Q}Error")]


@pytest.mark.parametrize("kind", UPDATES)
def test_what_would_be_carried_out_is_answered_and_undone(register: Register, kind: str) -> None:
    outcome = answer(register, UPDATES[kind])
    assert (outcome.findtext(f"{Q}Kind"), outcome.findtext(f"{Q}Accepted")) == (kind, "true")
    [inner] = outcome.iterfind(f"{Q}Answer/*")
    assert register.kinds.by_response(inner.tag) is register.kinds.by_name(kind)
    # It was undone: carried out in earnest it is as new.
    done = register.ask(UPDATES[kind], KEEPER)
    assert QName(done).localname == QName(inner).localname


def test_warnings_stand_in_the_answer(register: Register) -> None:
    update = Update(
        "certificate_upsert",
        "Certificate",
        {
            "Specialty": ("37",),
            "Institution": ("41",),
            "Number": "0177",
            "ExamDate": "2020-06-20",
        },
    )
    register.ask(update.xml(), KEEPER)
    boris = {"Snils": "08765430300", "LastName": "Крутой", "FirstName": "Борис", "BirthDate": "1990-01-31"}
    outcome = answer(register, update.but(worker=boris).xml())
    [inner] = outcome.iterfind(f"{Q}Answer/*")
    assert warned(inner) == [("NUMBER_ELSEWHERE", update.path)]
    assert told(inner, "Version") == "1"


def test_all_errors_of_what_would_be_refused_are_told(register: Register) -> None:
    update = CATEGORY.but({"Category": ("9",), "BeginDate": "2026-11-24"})
    assert sorted(errors(answer(register, update.xml()))) == [
        ("CODE_UNKNOWN", f"{update.path}/Category/Code"),
        ("DATE_IN_FUTURE", f"{update.path}/BeginDate"),
    ]


def test_errors_of_the_schema_are_told(register: Register) -> None:
    outcome = answer(register, CATEGORY.but({"BeginDate": "вчера"}).xml())
    assert errors(outcome) == [("SCHEMA", f"{CATEGORY.path}/BeginDate")]


def test_the_rights_are_those_of_the_update(register: Register) -> None:
    assert errors(answer(register, LIMIT.xml(), SENDER)) == [("ROLE_NOT_PERMITTED", "RestrictionSetRequest")]
    other = CATEGORY.but(organisation=f"{HOSPITAL}.9")
    path = "QualificationUpsertRequest/Organization/Oid"
    assert errors(answer(register, other.xml(), SENDER)) == [("ORG_NOT_PERMITTED", path)]


def test_what_is_no_update_is_refused(register: Register) -> None:
    path = "ValidateOnlyRequest/Content"
    assert register.codes(tried('<Wish xmlns="urn:example:wish"/>')) == [("KIND_UNKNOWN", path)]
    card = '<WorkerCardRequest xmlns="urn://x-artefacts-mezhved/frmr/worker_card/1.0.0"/>'
    assert register.codes(tried(card)) == [("KIND_CHANGES_NOTHING", path)]
