"""Who answers a kind of messages, by its routes and by what its providers say of themselves."""

import pytest
from mezhved.adapter.exchange.routing import KindRouting, Route

KIND = "licence_card"
EVERYBODY = frozenset({"GENERAL", "OLD", "OLD_77", "OF_77", "A", "B", "FRMR"})


def routed(*routes: Route, providers: tuple[str, ...] = (), register: str | None = None) -> KindRouting:
    return KindRouting.of(routes, providers, EVERYBODY, register=register)


LAYERS = (
    Route(KIND, "GENERAL"),
    Route(KIND, "OF_77", region="77"),
    Route(KIND, "OLD", version="1.0.0"),
    Route(KIND, "OLD_77", region="77", version="1.0.0"),
)


@pytest.mark.parametrize(
    ("region", "version", "provider"),
    [
        ("77", "1.0.0", "OLD_77"),
        ("78", "1.0.0", "OLD"),
        (None, "1.0.0", "OLD"),
        ("77", "2.0.0", "OF_77"),
        ("78", "2.0.0", "GENERAL"),
        (None, "2.0.0", "GENERAL"),
    ],
)
def test_the_most_specific_route_wins_in_whatever_order_they_stand(
    region: str | None, version: str, provider: str
) -> None:
    assert routed(*LAYERS).provider(region, version) == provider
    assert routed(*reversed(LAYERS)).provider(region, version) == provider


def test_a_version_of_its_own_goes_before_a_region() -> None:
    without_both = [route for route in LAYERS if route.provider != "OLD_77"]
    assert routed(*without_both).provider("77", "1.0.0") == "OLD"


def test_a_route_to_a_system_that_is_gone_does_not_give_way_to_a_more_general_one() -> None:
    assert routed(Route(KIND, "GENERAL"), Route(KIND, "GONE", region="77")).provider("77", "1.0.0") is None


def test_who_says_that_it_provides_a_kind_is_its_general_provider() -> None:
    assert routed(providers=("A",)).provider("77", "1.0.0") == "A"
    assert routed().provider(None, "1.0.0") is None


def test_of_two_providers_a_route_must_tell_them_apart() -> None:
    undecided = routed(providers=("A", "B"))
    assert (undecided.provider(None, "1.0.0"), undecided.contested) == (None, ("A", "B"))
    by_region = routed(Route(KIND, "B", region="77"), providers=("A", "B"))
    assert by_region.contested == ()
    assert (by_region.provider("77", "1.0.0"), by_region.provider(None, "1.0.0")) == ("B", "A")
    by_decision = routed(Route(KIND, "A"), providers=("A", "B", "OLD"))
    assert (by_decision.provider(None, "1.0.0"), by_decision.contested) == ("A", ())


def test_the_only_provider_keeps_the_rest_when_a_route_names_it() -> None:
    assert routed(Route(KIND, "A", version="2.0.0"), providers=("A",)).provider(None, "1.0.0") == "A"


def test_the_register_answers_whatever_of_its_kinds_no_route_speaks_of() -> None:
    elsewhere = routed(Route(KIND, "A", region="77"), providers=("FRMR",), register="FRMR")
    assert (elsewhere.provider("77", "1.0.0"), elsewhere.provider(None, "1.0.0")) == ("A", "FRMR")
    parts = Route(KIND, "A", region="77"), Route(KIND, "FRMR", region="78")
    assert routed(*parts, providers=("A", "FRMR"), register="FRMR").provider(None, "1.0.0") == "FRMR"


def test_providers_and_subscribers_may_select_the_kind() -> None:
    routing = KindRouting.of([Route(KIND, "A", region="77")], ["B"], ["A", "B"], ["C"])
    assert [routing.provides(name) for name in "ABCD"] == [True, True, True, False]


def test_a_route_of_a_value_decides_nothing_for_those_who_name_none() -> None:
    undecided = routed(Route(KIND, "B", value="x"), providers=("A", "B"))
    assert (undecided.provider(None, "1.0.0"), undecided.contested) == (None, ("A", "B"))
    assert undecided.of_value("x", None, "1.0.0") == "B"


def test_who_answers_another_version_only_does_not_answer_this_one() -> None:
    routing = routed(Route(KIND, "A", version="2.0.0"), providers=("B",))
    assert [routing.answers("A", version) for version in ("1.0.0", "2.0.0")] == [False, True]
