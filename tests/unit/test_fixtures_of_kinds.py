"""The fixtures of the register's kinds: one for each rule by which a kind may refuse or warn, or a reason for none."""

import re
from pathlib import Path

import pytest
from mezhved.adapter.registry.kind import Kind
from mezhved.adapter.registry.kinds import load_kinds

KINDS = Path(__file__).parents[2] / "fixtures" / "kinds"
SHARED = frozenset(
    {
        "CODE_NOT_VALID_ON_DATE",
        "CODE_NAME_MISMATCH",
        "CODE_UNKNOWN",
        "CONSENT_ABSENT",
        "DUPLICATE",
        "RECORD_NOT_FOUND",
        "RECORD_UNCHANGED",
        "VERSION_CONFLICT",
        "WORKER_MERGED",
        "WORKER_NOT_FOUND",
    }
)
"""Rules that one place judges for all kinds: a fixture of another kind shows them; here the integration tests do."""
NOT_SHOWN = {
    "ALREADY_LIFTED": "restriction_lift shows it: only a lifted restriction can be changed in vain",
    "AMBIGUOUS": "the synthetic register has no two people of one name and birth date",
    "LICENCE_OF_SEVERAL": "the synthetic register has no number of a licence twice",
    "NOT_EMPLOYED_HERE": "the systems of the fixtures with an official hold a role that need not be the employer's",
    "NO_VALID_CREDENTIAL": "a warning that depends on the day of the replay",
    "NUMBER_ELSEWHERE": "a warning about a number that only another message could have entered",
    "ORG_AMBIGUOUS": "the synthetic register has no ИНН twice",
    "POSSIBLE_TWIN": "a warning about a person that only another message could have entered",
    "REQUISITES_RESERVED": "the system of the fixtures with organisations is an authority too",
    "WORKER_NOT_ACTIVE": "a record that is closed stays closed, and each run would need another one",
}
"""Rules without a fixture in some kind, with the reason; the integration tests of the kind show them."""


@pytest.mark.parametrize("kind", list(load_kinds()), ids=lambda kind: kind.name)
def test_every_rule_of_a_kind_has_a_fixture_or_a_reason(kind: Kind) -> None:
    folder = KINDS / kind.name
    shown = "\n".join(path.read_text("utf-8") for path in sorted(folder.glob("*.fixture.toml")))
    assert "Response" in shown, "no fixture in which it is carried out"
    rules = {rule.code for rule in (*kind.rules, *kind.access.rules)}
    missing = {code for code in rules if not re.search(rf"\b{code}\b", shown)}
    assert sorted(missing - SHARED - set(NOT_SHOWN)) == []


def test_every_shared_rule_is_shown_by_some_kind() -> None:
    shown = "\n".join(path.read_text("utf-8") for path in sorted(KINDS.rglob("*.fixture.toml")))
    assert sorted(code for code in SHARED if not re.search(rf"\b{code}\b", shown)) == []
