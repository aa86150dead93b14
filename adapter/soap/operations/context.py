"""What the operations work with: stores, trust, keys, clock and limits, passed in and never looked up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine

from ....queue.store import MessageQueue
from ....signing.keys import SigningKey
from ....signing.policy import SignaturePolicy
from ....signing.trust import TrustStore
from ...dispatch.posting import PostOffice
from ...dispatch.refusing import NodeVoice
from ...exchange.filed import FileStore
from ...exchange.message_id import Freshness
from ...exchange.ports import Bell, KindCatalogue, NoBell, Routes
from ...store.messages import MessageLog
from ...store.participants import CachedParticipants
from ..metadata import Party
from .backlog import Backlog


@dataclass(frozen=True, slots=True)
class ExchangeLimits:
    """Limits of the protocol that an operator may set. All durations are positive.

    `lease` is how long a fetched message stays with its reader before it returns to the head of the queue;
    `timestamp_window` is how far a signed moment may lie from the node's clock, either way; `freshness` judges the
    age of a MessageID; `queue_limit` is the most messages that may wait for a system, requests and responses apart;
    `attachments` is the most octets that all attachments inside one message may have together.
    """

    lease: timedelta
    timestamp_window: timedelta
    freshness: Freshness
    queue_limit: int
    attachments: int


@dataclass(frozen=True, slots=True)
class ExchangeContext:
    """Everything an operation needs. `mnemonic` is the node's own, in what it says itself, and `new_message_id` gives
    that a MessageID; `new_id` gives a fresh, unique XML Id for what the node signs. `files` is the store for what goes
    beside messages, if there is one; `bell` wakes those who wait for a message; `backlog` is what is known of the
    queues' length."""

    engine: Engine
    queue: MessageQueue
    messages: MessageLog
    participants: CachedParticipants
    kinds: KindCatalogue
    routes: Routes
    mnemonic: str
    trust: TrustStore
    policy: SignaturePolicy
    key: SigningKey
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    new_message_id: Callable[[], str]
    limits: ExchangeLimits
    files: FileStore | None = None
    bell: Bell = field(default_factory=NoBell)
    backlog: Backlog = field(default_factory=Backlog)

    @property
    def office(self) -> PostOffice:
        """Where messages enter the exchange."""
        return PostOffice(self.queue, self.messages)

    @property
    def voice(self) -> NodeVoice:
        """The node, as one who sends messages of its own."""
        return NodeVoice(self.office, self.mnemonic, self.key, self.new_message_id)

    def party(self, mnemonic: str) -> Party:
        """A system as metadata names it. What is no participant, as the node itself, is called by its mnemonic."""
        participant = self.participants.by_mnemonic(mnemonic)
        return Party(mnemonic, mnemonic if participant is None else participant.name)
