"""The client's registry requests and routing (contract 1.3), answered by a whole node with its register."""

from copy import deepcopy
from datetime import UTC, datetime

import pytest
from lxml import etree
from mezhved import testing
from mezhved.adapter.client.batching import MOST_RECORDS, registry_of
from mezhved.adapter.client.building import read_content
from mezhved.adapter.client.errors import ContentUnusable
from mezhved.adapter.dispatch.record_answers import REGISTRY
from mezhved.adapter.exchange.contract import CONTRACTS
from mezhved.adapter.exchange.faults import InvalidContent, RecipientIsNotFound
from mezhved.adapter.registry.audit_reading import AuditQuery, entries
from mezhved.adapter.store.engine import read
from mezhved.signing.xmldsig import sign

D = f"{{{CONTRACTS['1.3'].directive}}}"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def node(tmp_path):
    with testing.node(tmp_path / "node", clock=lambda: NOW) as found:
        yield found


@pytest.fixture
def region(node):
    with node.client(testing.REGION.mnemonic, "1.3") as client:
        yield client


def outcomes(response):
    """Local name of what stands in the answer to each record, with the codes of its refusals."""
    found = {}
    for record in response.content.iterchildren(f"{D}RegistryRecord"):
        content = record[1][0][0]
        reasons = content.iter(f"{{{REGISTRY}}}RejectionReasonDescription")
        found[int(record[0].text)] = [content.tag.rpartition("}")[2], *(one.text.partition("|")[0] for one in reasons)]
    return found


def test_records_are_answered_one_by_one(node, region):
    card = read_content(node.request("worker_card"))
    nobody = read_content(node.request("worker_card"))
    next(nobody.iter("{*}Snils")).text = "11223344595"
    request = region.send(region.prepare([card, nobody, card]))
    assert node.work() == 1
    response = region.get_response()
    assert response.original_message_id == request.message_id
    assert outcomes(response) == {
        1: ["WorkerCardResponse"],
        2: ["RecordRejected", "WORKER_NOT_FOUND"],
        3: ["WorkerCardResponse"],
    }


def test_an_official_signs_each_record(node, region):
    hire = read_content(node.request("employment_event"))
    region.send(region.prepare([hire], personal=node.official(testing.REGION.mnemonic)))
    region.send(region.prepare([hire, hire]))
    node.work()
    signed, unsigned = region.get_response(), region.get_response()
    assert outcomes(signed) == {1: ["EmploymentEventResponse"]}
    assert outcomes(unsigned) == {number: ["RecordRejected", "SIGNATURE_MISSING"] for number in (1, 2)}


def test_who_is_no_official_signs_for_nothing(node, region):
    hire = read_content(node.request("employment_event"))
    region.send(region.prepare([hire, hire], personal=region.key))
    node.work()
    assert {codes[1] for codes in outcomes(region.get_response()).values()} == {"OFFICIAL_UNKNOWN"}


def test_a_signature_over_another_record_does_not_count(node, region):
    hire = read_content(node.request("employment_event"))
    registry = registry_of([hire, hire])
    first, second = (element[1] for element in registry)
    signature = sign(first[0], node.official(testing.REGION.mnemonic))
    for record in (first, second):
        etree.SubElement(record, f"{D}PersonalSignature").append(deepcopy(signature))
    region.send(region.prepare(registry))
    node.work()
    assert outcomes(region.get_response()) == {
        1: ["EmploymentEventResponse"],
        2: ["RecordRejected", "SIGNATURE_INVALID"],
    }


def test_a_record_sees_what_the_one_before_it_has_done(node, region):
    hire = read_content(node.request("employment_event"))
    region.send(region.prepare([hire, hire], personal=node.official(testing.REGION.mnemonic)))
    node.work()
    found = outcomes(region.get_response())
    assert found[1] == ["EmploymentEventResponse"]
    assert found[2][0] == "RecordRejected"
    assert "DUPLICATE" in found[2]


def test_every_record_stands_in_the_audit_under_the_message(node, region):
    request = region.send(region.prepare([read_content(node.request("worker_card"))] * 2))
    node.work()
    with read(node.store.engine) as conn:
        assert len(entries(conn, AuditQuery(message_id=request.message_id), 10)) == 2


def test_a_bad_record_is_told_to_the_client_by_its_path(node, region):
    bad = read_content(node.request("worker_card"))
    next(bad.iter("{*}Snils")).tag = "{urn:x}Number"
    request = region.send(region.prepare([read_content(node.request("worker_card")), bad]))
    node.work()
    with read(node.store.engine) as conn:
        assert len(entries(conn, AuditQuery(message_id=request.message_id), 10)) == 1
    notice = region.get_response().notice
    assert notice.code == InvalidContent.code
    assert "Registry/RegistryRecord[RecordId=2]/WorkerCardRequest" in notice.description
    assert outcomes(region.get_response()) == {1: ["WorkerCardResponse"]}


def test_who_is_named_gets_the_request(node, region):
    card = read_content(node.request("worker_card"))
    region.send(region.prepare(card, to=["FRMR", "NOBODY"], route=["77"]))
    assert node.work() == 1
    notice = region.get_response().notice
    assert notice.routing == (("77", "recipientNotFound"), ("FRMR", "success"), ("NOBODY", "recipientNotFound"))
    assert region.get_response().content.tag.endswith("WorkerCardResponse")
    with pytest.raises(RecipientIsNotFound):
        region.send(region.prepare(card, to=[testing.AGENCY.mnemonic]))


def test_a_full_registry_goes_through_the_limits_of_the_node(node, region):
    card = read_content(node.request("worker_card"))
    request = region.send(region.prepare([card] * MOST_RECORDS))
    assert node.work() == 1
    response = region.get_response()
    assert response.original_message_id == request.message_id
    assert len(outcomes(response)) == MOST_RECORDS
    with pytest.raises(ContentUnusable, match="1000"):
        region.prepare([card] * (MOST_RECORDS + 1))


def test_older_contracts_have_neither(node):
    with node.client(testing.REGION.mnemonic) as client:
        card = read_content(node.request("worker_card"))
        with pytest.raises(ContentUnusable, match=r"1\.3"):
            client.prepare([card])
        with pytest.raises(ContentUnusable, match=r"1\.3"):
            client.prepare(card, to=["FRMR"])
