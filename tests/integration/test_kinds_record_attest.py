"""RecordAttest on both databases: only what was seen is attested; what all updates share is tested elsewhere."""

from datetime import UTC, date, datetime

import pytest
from lxml.etree import _Element as Element
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.schema import attestations, employments
from sqlalchemy import Engine
from support.lookups import answered, texts
from support.register import ANNA, ANNA_SNILS, HOSPITAL, NOW, TODAY, Register, employment
from support.updates import Update, told

SEEN = "2026-11-23T08:30:00.000Z"
WHOLE = Update("record_attest", "Attestation", {"Section": None, "SeenAt": SEEN, "Date": TODAY.isoformat()})
EDUCATION = WHOLE.but({"Section": "EDUCATION"})


@pytest.fixture
def register(engine: Engine) -> Register:
    """Anna works in the hospital."""
    register = Register(engine).furnish()
    register.put(employments, employment())
    return register


def done(register: Register, update: Update) -> Element:
    outcome = register.ask(update.xml())
    assert not isinstance(outcome, Refusal), outcome
    return outcome


def refused(register: Register, update: Update) -> list[str]:
    outcome = register.ask(update.xml())
    assert isinstance(outcome, Refusal)
    return [one.code for one in outcome.rejections]


def test_an_attestation_tells_who_has_seen_what_and_counts_for_twelve_months(register: Register) -> None:
    entity = told(done(register, EDUCATION), "EntityId")
    [row] = register.rows(attestations)
    assert (row["worker_oid"], row["attester"], row["attested_section"]) == (ANNA, HOSPITAL, "EDUCATION")
    assert row["seen_at"] == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert (row["valid_from"], row["valid_to"]) == (TODAY, date(2027, 11, 22))
    card = answered(register, "worker_card", f"<Snils>{ANNA_SNILS}</Snils>")
    assert texts(card, "Attestations/Attestation/SeenAt") == [SEEN]
    assert told(done(register, EDUCATION.withdraw(entity, 1)), "Version") == "2"


def test_what_has_changed_since_it_was_seen_cannot_be_attested(register: Register) -> None:
    done(register, EDUCATION)
    done(register, WHOLE)
    award = {"Kind": "TITLE", "Award": ("11", "Заслуженный врач"), "Number": "7", "Date": "2024-06-20"}
    done(register, Update("award_upsert", "Award", award))
    assert refused(register, WHOLE.but({"SeenAt": "2026-11-23T08:59:59.999Z", "Section": "AWARDS"})) == [
        "RECORD_CHANGED_SINCE"
    ]
    assert refused(register, WHOLE.but({"SeenAt": SEEN})) == ["DUPLICATE", "RECORD_CHANGED_SINCE"]
    done(register, WHOLE.but({"SeenAt": SEEN, "Section": "CERTIFICATES"}))
    done(register, WHOLE.but({"SeenAt": NOW.isoformat(timespec="milliseconds")[:-6] + "Z", "Section": "AWARDS"}))


def test_what_was_seen_later_cannot_be_attested_before(register: Register) -> None:
    assert refused(register, WHOLE.but({"Date": "2026-11-22"})) == ["SEEN_AFTER_DATE"]
    assert refused(register, WHOLE.but({"Date": "2026-11-24"})) == ["DATE_IN_FUTURE"]
