"""Ids of copies and of records: known inside, never told."""

from datetime import UTC, datetime

import pytest
from lxml import etree
from mezhved.adapter.exchange.copies import copy_id, is_copy, original_id, record_id
from mezhved.adapter.exchange.return_address import addressed_request, is_return_address, new_return_address
from mezhved.adapter.registry.kinds.changes_since.handler import NAMESPACE, _write

ID = "3c1ab0f2-c5f1-11f0-8de9-0242ac120002"


@pytest.mark.parametrize("name", [ID, copy_id(ID, "A.B~C#1"), record_id(ID, 7), record_id(copy_id(ID, "A"), 7)])
def test_outside_there_is_only_the_message_id(name: str) -> None:
    assert original_id(name) == ID
    assert is_copy(name) == ("~" in name)


def test_a_return_address_leads_to_its_copy_whatever_the_recipient_is_called() -> None:
    name = copy_id(ID, "EAST.77")
    address = new_return_address(name)
    assert addressed_request(address) == name
    assert is_return_address(address, address)


def test_a_change_of_a_record_is_told_under_its_message() -> None:
    columns = ("section", "entity_id", "worker_oid", "organisation_oid", "version", "action")
    change = dict.fromkeys(columns) | {"recorded_at": datetime(2026, 1, 1, tzinfo=UTC), "source": "X"}
    element = etree.Element("change")
    _write(element, {**change, "message_id": record_id(ID, 7)})  # type: ignore[arg-type]
    assert element.findtext(f"{{{NAMESPACE}}}MessageId") == ID
