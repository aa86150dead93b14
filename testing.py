"""A whole exchange inside a test of your own: node, register and worker, without a network or processes.

```python
from mezhved import testing
from mezhved.adapter.client.building import read_content

def test_my_system_asks_the_register(tmp_path):
    with testing.node(tmp_path / "node") as node:
        client = node.client(testing.REGION.mnemonic)
        request = client.send(read_content(node.request("worker_card")))
        node.work()
        response = client.get_response()
        assert response.original_message_id == request.message_id
        client.ack(response.message_id)
```

Everything is what a real node does, on a store and with keys of its own; only HTTP is left out. `stand` gives the same
with real processes and HTTP, for systems that are not written in Python.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .adapter.client.checking import Checker
from .adapter.client.description import ServiceDescription, service_path
from .adapter.client.errors import AnswerNotUnderstood
from .adapter.client.smev import SmevClient
from .adapter.client.transport import HttpAnswer, NodeTransport
from .adapter.exchange.contract import CONTRACTS
from .adapter.exchange.message_id import MessageIds
from .adapter.exchange.times import utc_now
from .adapter.http.description import schemas, service_description
from .adapter.materials import load_certificates, load_signing_key, load_trust
from .adapter.node import Store, build_endpoint, build_worker
from .adapter.registry.worker import Worker
from .adapter.settings_sources import load
from .adapter.soap.endpoint import SoapEndpoint
from .adapter.stand.configuring import write_client_settings
from .adapter.stand.layout import AGENCY, LICENCES, PARTICIPANTS, REGION, Layout, System
from .adapter.stand.making import Plan, make
from .adapter.stand.running import Stand
from .signing.keys import SigningKey
from .signing.policy import SMEV

__all__ = ["AGENCY", "LICENCES", "REGION", "Node", "node", "stand"]

_URL = "http://in-process.invalid"
_PEER = "in-process"
_VERSION = "1.2"


@dataclass(frozen=True, slots=True)
class Node:
    """An exchange node with its register inside this process.

    `layout` says what lies where in its folder: keys, settings, example requests.
    """

    layout: Layout
    endpoint: SoapEndpoint
    worker: Worker
    store: Store
    clock: Callable[[], datetime]

    def client(self, mnemonic: str, contract: str = _VERSION) -> SmevClient:
        """The client of one of the stand's participants (`REGION`, `AGENCY`, the provider `LICENCES`), by a version of
        the contract.
        """
        settings = load(self.layout.client(_participant(mnemonic)))
        version, wire = CONTRACTS[contract], InProcess(self.endpoint, contract)
        nodes = frozenset(one.fingerprint for one in load_certificates(settings.client.node_certificates))
        return SmevClient(
            description=ServiceDescription(version, service_path(version), wire),
            wire=wire,
            contract=version,
            key=load_signing_key(settings.client),
            checker=Checker(version, load_trust(settings.trust), nodes, SMEV, self.clock),
            message_ids=MessageIds(self.clock, secrets.randbits),
            clock=self.clock,
        )

    def official(self, mnemonic: str) -> SigningKey:
        """The key of a participant's official (of `REGION`), for `client.prepare(content, personal=…)`."""
        return load_signing_key(load(self.layout.client(_participant(mnemonic))).official)

    def work(self) -> int:
        """Lets the register's worker answer everything that waits; returns how many requests that were."""
        answered = 0
        while found := self.worker.run_once():
            answered += found
        return answered

    def request(self, kind: str) -> bytes:
        """Example content of a kind (`worker_card`, `employment_event`) about a person of this register."""
        return (self.layout.requests / f"{kind}.xml").read_bytes()


class InProcess(NodeTransport):
    """The client's way to a node in the same process: the same octets as by HTTP, but no network."""

    def __init__(self, endpoint: SoapEndpoint, version: str) -> None:
        super().__init__(_URL, timeout=1, most=1)
        self._endpoint = endpoint
        self._version = version

    def call(self, path: str, octets: bytes, action: str) -> HttpAnswer:  # noqa: ARG002  the node knows the operation
        """Hands the octets to the node."""
        reply = self._endpoint.handle(octets, self._version, _PEER)
        return HttpAnswer(reply.status, reply.octets)

    def load(self, url: str) -> bytes:
        """A document of the contract, as the node serves it."""
        if url.endswith("?wsdl"):
            return service_description(self._version, _URL + url)
        found = schemas().get(url.removeprefix("/xsd/"))
        if found is None:
            raise AnswerNotUnderstood(f"{url}: the node has no such document")
        return found


def _participant(mnemonic: str) -> System:
    return next(one for one in PARTICIPANTS if one.mnemonic == mnemonic)


@contextmanager
def node(folder: Path, *, workers: int = 50, clock: Callable[[], datetime] = utc_now) -> Iterator[Node]:
    """A node in `folder` (new or empty) with a synthetic register of `workers` people and keys of ECDSA.

    `clock` gives aware moments; the certificates are valid from a day before what it says first.
    """
    layout = make(Plan(folder, ecdsa=True, workers=workers), now=clock(), random_bits=secrets.randbits)
    for system in PARTICIPANTS:
        write_client_settings(layout, system, _URL)
    settings = load(layout.config)
    store = Store.open(settings.database.url)
    try:
        yield Node(layout, build_endpoint(settings, store, clock), build_worker(settings, store, clock), store, clock)
    finally:
        store.close()


@contextmanager
def stand(folder: Path, *, workers: int = 50, ecdsa: bool = False, port: int = 0) -> Iterator[Stand]:
    """Node and worker as real processes: `stand.url` is the node, `stand.layout` says what lies where.

    With keys of GOST where the machine has it, unless `ecdsa`.
    """
    plan = Plan(folder, ecdsa=ecdsa, workers=workers, port=port)
    layout = make(plan, now=datetime.now(UTC), random_bits=secrets.randbits)
    with Stand(layout) as running:
        yield running
