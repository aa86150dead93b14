"""Fixtures of the kinds that write records: each kind is shown at work, and each of its rules refusing or warning."""

from pathlib import Path

import pytest
from mezhved.adapter.conformance.fixture import Await, Send
from mezhved.adapter.conformance.fixture_reading import load_fixture
from mezhved.adapter.registry.kinds import load_kinds
from mezhved.adapter.registry.rule import Severity

FIXTURES = Path(__file__).parents[2] / "fixtures" / "kinds"
KINDS = (
    "accreditation_result",
    "certificate_upsert",
    "education_upsert",
    "licence_update",
    "organization_update",
    "qualification_upsert",
    "worker_close",
    "worker_register",
    "worker_update",
)
UNSEEN = {
    # The system of the fixtures plays every role, so that it is nowhere a mere employer.
    "NOT_EMPLOYED_HERE",
    "REQUISITES_RESERVED",
}


def shown(kind: str) -> set[str]:
    """Codes of rules that the fixtures of a kind show."""
    found = set()
    for path in (FIXTURES / kind).glob("*.fixture.toml"):
        for run in load_fixture(path).runs:
            for step in run.steps:
                if isinstance(step, Await):
                    found |= {name.split()[-1] for name in step.expect.rejected}
                    found |= {one.split("'")[1] for one in step.expect.holds if "Warning/c:Code = " in one}
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_request_is_carried_out_for_good(kind: str) -> None:
    steps = [
        step
        for path in (FIXTURES / kind).glob("*.fixture.toml")
        for run in load_fixture(path).runs
        for step in run.steps
        if isinstance(step, Send)
    ]
    assert any(step.values.get("after_content") == "" for step in steps)


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_of_a_kind_is_shown(kind: str) -> None:
    """Rules that several kinds share are shown by one of them."""
    kinds = load_kinds()
    elsewhere = {
        rule.code: other
        for other in KINDS
        if other != kind
        for rule in kinds.by_name(other).description.rules
        if rule.code in shown(other)
    }
    rules = kinds.by_name(kind).description.rules
    assert {rule.code for rule in rules} - shown(kind) - elsewhere.keys() - UNSEEN == set()
    assert {rule.code for rule in rules if rule.severity is Severity.WARNING} - shown(kind) <= elsewhere.keys()
