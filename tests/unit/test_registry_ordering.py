"""What requests take effect in the order of acceptance: writing ones about the same person."""

from lxml import etree
from mezhved.adapter.registry.kinds import load_kinds
from mezhved.adapter.registry.ordering import about_person, person_key

EVENT = "urn://x-artefacts-mezhved/frmr/employment_event/1.0.0"


def event(snils: str) -> etree._Element:
    return etree.fromstring(
        f'<e:EmploymentEventRequest xmlns:e="{EVENT}"><e:Worker><e:Snils>{snils}</e:Snils></e:Worker>'
        "</e:EmploymentEventRequest>"
    )


def test_an_event_has_the_key_of_its_person_in_whatever_spelling() -> None:
    kind = load_kinds().by_name("employment_event")
    key = kind.order_key(event("900-007-919 46"))
    assert key == kind.order_key(event("90000791946")) == person_key("90000791946")
    assert key != kind.order_key(event("900-007-920 38"))


def test_a_key_does_not_show_the_number() -> None:
    key = person_key("90000791946")
    assert "90000791946" not in key
    assert len(key) == 64


def test_content_that_names_nobody_has_no_key() -> None:
    assert about_person("Other/Snils")(event("90000791946")) is None


def test_kinds_that_only_read_wait_for_nobody() -> None:
    for kind in load_kinds():
        if not kind.writes:
            assert kind.description.order_key is None, kind.name


def test_kinds_that_write_wait_for_their_turn() -> None:
    for kind in load_kinds():
        if kind.writes:
            assert kind.description.order_key is not None, kind.name
