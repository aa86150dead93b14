"""Templates come alive: fresh MessageIDs, moments near now, values of earlier steps."""

import uuid
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from mezhved.adapter.conformance.placeholders import PlaceholderError, Values

NOW = datetime(2027, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def values(given: dict[str, str] | None = None, earlier: dict[str, str] | None = None) -> Values:
    return Values(NOW, Random(1).getrandbits, given or {}, earlier or {})


def moment_of(message_id: str) -> datetime:
    return datetime(1582, 10, 15, tzinfo=UTC) + timedelta(microseconds=uuid.UUID(message_id).time // 10)


def test_a_message_id_is_the_same_throughout_a_step_and_new_in_the_next() -> None:
    chance = Random(1)
    first, second = (Values(NOW, chance.getrandbits, {}) for _ in range(2))
    assert first.fill("{{message_id}} {{message_id}}").split()[0] == first.message_id
    assert first.fill("{{message_id}}") == first.message_id
    assert second.fill("{{message_id}}") != first.message_id


@pytest.mark.parametrize(("offset", "hours"), [("", 0), (":-25h", -25), (":+2d", 48), (":-1y", -8760)])
def test_a_message_id_may_be_made_at_another_time(offset: str, hours: int) -> None:
    message_id = values().fill("{{message_id" + offset + "}}")
    assert moment_of(message_id) == NOW + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{{now}}", "2027-03-01T12:00:00.250Z"),
        ("{{ now:-10m }}", "2027-03-01T11:50:00.250Z"),
        ("{{today:-1d}}", "2027-02-28"),
        ("{{any_day:2001-02-03..2001-02-03}}", "2001-02-03"),
        ("<a>{{name}}</a>", "<a>value</a>"),
        ("{{outer}}", "[value]"),
        ("{{1.message_id}}", "earlier"),
        ("<a>{{absent?}}{{name?}}</a>", "<a>value</a>"),
        ("{no placeholder}", "{no placeholder}"),
        ("{{day:+1d}} {{day:-1y}} {{day}}", "2024-02-29 2023-02-28 2024-02-28"),
        ("{{today:+9h}} {{now:+9h}}", "2027-03-02 2027-03-01T21:00:00.250Z"),
    ],
)
def test_placeholders_are_filled(template: str, filled: str) -> None:
    given = {"name": "value", "outer": "[{{name}}]", "day": "2024-02-28"}
    assert values(given, {"1.message_id": "earlier"}).fill(template) == filled


def test_a_given_value_goes_before_a_built_in_one() -> None:
    assert values({"message_id": "{{1.message_id}}"}, {"1.message_id": "first"}).fill("{{message_id}}") == "first"
    stale = values({"message_id": "{{message_id:-25h}}"}).fill("{{message_id}}")
    assert moment_of(stale) == NOW - timedelta(hours=25)


@pytest.mark.parametrize(
    "template",
    ["{{unknown}}", "{{now:soon}}", "{{now:-10}}", "{{any_day:2001}}", "{{digits}}", "{{digits:0}}", "{{a}}"],
)
def test_what_has_no_value_is_refused(template: str) -> None:
    with pytest.raises(PlaceholderError):
        values({"a": "{{b}}", "b": "{{a}}"}).fill(template)


def test_random_digits_are_as_many_as_asked_for() -> None:
    found = {values().fill("{{digits:3}}"), Values(NOW, lambda _: 7, {}).fill("{{digits:3}}")}
    assert "007" in found
    assert all(len(one) == 3 and one.isdigit() for one in found)
