"""`mezhved.testing`: what integrators write in their own tests works, and behaves as a real node does."""

from datetime import UTC, datetime, timedelta

import pytest
from mezhved import testing
from mezhved.adapter.client.building import read_content
from mezhved.adapter.client.smev import Selector
from mezhved.adapter.exchange.faults import AccessDenied, SignatureVerificationFault, StaleMessageId


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def node(tmp_path, clock):
    with testing.node(tmp_path / "node", clock=clock) as found:
        yield found


@pytest.fixture
def region(node):
    with node.client(testing.REGION.mnemonic) as client:
        yield client


def hiring(node, region, **how):
    """A hire, which the region's official has signed."""
    official = node.official(testing.REGION.mnemonic)
    return region.prepare(read_content(node.request("employment_event")), personal=official, **how)


def test_an_update_that_no_official_has_signed_is_denied(node, region):
    region.send(read_content(node.request("employment_event")))
    node.work()
    assert [one.code for one in region.get_response().rejections] == ["SIGNATURE_MISSING"]


def test_a_request_is_answered_by_the_register_and_acknowledged(node, region):
    request = region.send(read_content(node.request("worker_card")))
    assert region.get_response() is None
    assert node.work() == 1
    response = region.get_response()
    assert response.original_message_id == request.message_id
    assert response.content.tag.endswith("WorkerCardResponse")
    region.ack(response.message_id)
    assert region.get_response() is None


def test_a_change_takes_effect_once(node, region):
    region.send(hiring(node, region))
    region.send(hiring(node, region))
    node.work()
    first, second = region.get_response(), region.get_response()
    assert first.content is not None
    assert {one.code for one in second.rejections} >= {"DUPLICATE"}


def test_the_same_message_again_is_accepted_once(node, region):
    prepared = region.prepare(read_content(node.request("worker_card")))
    region.send(prepared)
    assert region.send(prepared, sent_before=True).again
    assert node.work() == 1


def test_the_kind_and_the_sub_queue_select_what_is_fetched(node, region):
    region.send(region.prepare(read_content(node.request("worker_card")), node_id="night"))
    region.send(hiring(node, region))
    node.work()
    answer = "{urn://x-artefacts-mezhved/frmr/employment_event/1.0.0}EmploymentEventResponse"
    assert region.get_response(Selector(answer)).content.tag == answer
    assert region.get_response() is None
    assert region.get_response(Selector(node_id="night")).content.tag.endswith("WorkerCardResponse")


def test_what_is_not_acknowledged_comes_again_after_its_lease(node, region, clock):
    region.send(read_content(node.request("worker_card")))
    node.work()
    first = region.get_response()
    clock.now += timedelta(minutes=14)
    assert region.get_response() is None
    clock.now += timedelta(minutes=2)
    again = region.get_response()
    assert again.message_id == first.message_id


def test_a_test_message_changes_nothing(node, region):
    region.send(hiring(node, region, test=True))
    region.send(hiring(node, region))
    node.work()
    assert region.get_response().content is not None
    assert region.get_response().content is not None


def test_the_clock_is_the_tests_own(node, region, clock):
    prepared = region.prepare(read_content(node.request("worker_card")))
    clock.now += timedelta(hours=25)
    with pytest.raises(StaleMessageId):
        region.send(prepared)
    clock.now += timedelta(days=400)
    with pytest.raises(SignatureVerificationFault, match="CERTIFICATE_EXPIRED"):
        region.send(read_content(node.request("worker_card")))


def test_a_participant_may_do_only_what_it_may(node):
    with node.client(testing.AGENCY.mnemonic) as agency, pytest.raises(AccessDenied):
        agency.send(read_content(node.request("employment_event")))
