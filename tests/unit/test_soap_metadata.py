"""MessageMetadata of each version: valid by its schema, canonical, and true."""

from datetime import UTC, datetime

import pytest
from lxml import etree
from mezhved.adapter.exchange.contract import CONTRACTS
from mezhved.adapter.exchange.lifecycle import MessageType, State
from mezhved.adapter.soap.metadata import Metadata, Party
from mezhved.adapter.soap.schemas import contract_schema_path
from mezhved.adapter.soap.statuses import STATUS_WORDS, nearest_word, status_word
from mezhved.signing.canonical import exclusive_c14n

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SENDER = Party("REGION", "Система «Регион» & Ко")
RECIPIENT = Party("FRMR", "Р" * 600)
MESSAGE_ID = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"


@pytest.fixture(scope="module")
def schemas() -> dict[str, etree.XMLSchema]:
    return {version: etree.XMLSchema(file=str(contract_schema_path(version))) for version in CONTRACTS}


@pytest.mark.parametrize("version", CONTRACTS)
@pytest.mark.parametrize("message_type", MessageType)
@pytest.mark.parametrize("state", State)
def test_metadata_is_valid_and_canonical(
    schemas: dict[str, etree.XMLSchema], version: str, message_type: MessageType, state: State
) -> None:
    for recipient, delivered in ((RECIPIENT, None), (RECIPIENT, NOW), (None, NOW)):
        octets = Metadata(MESSAGE_ID, message_type, SENDER, NOW, recipient, delivered, state)
        written = octets.write(CONTRACTS[version], "ID-1").encode()
        element = etree.fromstring(written)
        schemas[version].assertValid(element)
        assert exclusive_c14n(element) == written


def test_what_a_version_tells_of_the_parties() -> None:
    told = {
        version: [
            (etree.QName(element).localname, element.text)
            for element in etree.fromstring(
                Metadata(MESSAGE_ID, "REQUEST", SENDER, NOW, RECIPIENT, None, "messageIsDelivered").write(contract, "M")
            ).iter()
            if not len(element)
        ]
        for version, contract in CONTRACTS.items()
    }
    assert ("HumanReadableName", SENDER.name) in told["1.1"]
    assert ("HumanReadableName", SENDER.name) in told["1.3"]
    assert "HumanReadableName" not in dict(told["1.2"])
    assert dict(told["1.1"])["DestinationName"] == "FRMR"
    assert [dict(told[version])["Status"] for version in CONTRACTS] == [
        "responseIsDelivered",
        "messageIsDelivered",
        "messageIsDelivered",
    ]


def test_a_state_that_a_version_has_no_word_for_is_not_told() -> None:
    archived = Metadata(MESSAGE_ID, "REQUEST", SENDER, NOW, RECIPIENT, None, State.MESSAGE_IS_ARCHIVED)
    assert "Status" not in archived.write(CONTRACTS["1.1"], "M")
    assert "messageIsArchived" in archived.write(CONTRACTS["1.2"], "M")


@pytest.mark.parametrize("version", CONTRACTS)
def test_every_word_has_a_nearest_one_in_every_version(version: str) -> None:
    contract = CONTRACTS[version]
    for word in set().union(*STATUS_WORDS.values()):
        assert nearest_word(word, contract) in STATUS_WORDS[version]
        assert status_word(word, contract) in (None, nearest_word(word, contract))
        if word in STATUS_WORDS[version]:
            assert status_word(word, contract) == word


def test_1_3_has_a_word_for_every_state_of_the_node() -> None:
    assert [status_word(state, CONTRACTS["1.3"]) for state in State] == list(State)
