"""Attachments through a real node: five megabytes there and back by MTOM, and what they cost it in memory."""

import base64
import random
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from mezhved.adapter.client.building import OutgoingFile, read_content
from mezhved.adapter.client.smev import SmevClient
from mezhved.adapter.client_console import connect
from mezhved.adapter.settings_sources import load
from mezhved.adapter.soap.outgoing import Outgoing, write_package
from mezhved.adapter.stand.layout import AGENCY, LICENCES
from mezhved.adapter.stand.making import Plan, make
from mezhved.adapter.stand.running import Stand
from support.memory import PeakMemory

LARGEST = 5 * 1024 * 1024


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    folder = tmp_path_factory.mktemp("stand") / "stand"
    layout = make(Plan(folder, workers=20, ecdsa=True), now=datetime.now(UTC), random_bits=secrets.randbits)
    with Stand(layout) as running:
        yield running


def client(stand: Stand, system: str) -> SmevClient:
    return connect(load(stand.layout.client(system), {}))


def post_package(stand: Stand, client: SmevClient, octets: bytes, file: bytes) -> requests.Response:
    """Sends an envelope with `file` as a part instead of base64."""
    outgoing = Outgoing(takes_parts=True)
    before, after = octets.split(base64.b64encode(file))
    package = write_package(before + outgoing.place(file) + after, outgoing.parts)
    headers = {"Content-Type": package.content_type, "SOAPAction": '"urn:SendRequest"'}
    return requests.post(
        f"{stand.url}/smev/v{client.contract.version}/ws", data=b"".join(package), headers=headers, timeout=60
    )


def test_five_megabytes_come_and_go_for_less_than_four_times_their_size(stand: Stand) -> None:
    file = random.Random(20261124).randbytes(LARGEST)
    content = read_content((stand.layout.requests / "licence_card.xml").read_bytes())
    with client(stand, AGENCY) as sender, client(stand, LICENCES) as provider:
        # What is loaded once, at the first message, is no cost of this one.
        sender.send(sender.prepare(content, attachments=[OutgoingFile(b"small")]))
        first = provider.get_request()
        assert first is not None
        provider.ack(first.message_id)
        prepared = sender.prepare(content, attachments=[OutgoingFile(file)])
        assert stand.node.pid is not None
        sending = PeakMemory(stand.node.pid)
        answer = post_package(stand, sender, prepared.octets, file)
        assert answer.status_code == 200, answer.text
        assert sending.rise() < 4 * LARGEST
        fetching = PeakMemory(stand.node.pid)
        request = provider.get_request()
        assert request is not None
        assert [one.octets for one in request.attachments] == [file]
        assert fetching.rise() < 4 * LARGEST
