"""Systems that take part in the exchange, as the protocol sees them."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Participant:
    """A registered information system.

    `certificates` are SHA-256 fingerprints (lower-case hex) of the certificates it signs with: several at a time, so
    that a renewal leaves no gap. `sends` and `provides` are names of kinds (`worker_card`); `*` in `sends` means all.
    `organisations` are OIDs of the organisations on whose behalf it may change records. `subscriptions` are names of
    the broadcast kinds that it receives. `region` (code of a region, `77`) is where it stands, for routing. Requests of
    `priority` 1 are delivered before those of 0: there are these two (MR 2.3.5). `queue_limit` is the most messages
    that may wait for it, requests and responses apart; None: the node's own limit. `roles`
    (exchange.roles) say what it is to the register.
    """

    mnemonic: str
    name: str
    certificates: frozenset[str]
    sends: frozenset[str] = field(default_factory=frozenset)
    provides: frozenset[str] = field(default_factory=frozenset)
    organisations: frozenset[str] = field(default_factory=frozenset)
    active: bool = True
    subscriptions: frozenset[str] = field(default_factory=frozenset)
    region: str | None = None
    priority: int = 0
    queue_limit: int | None = None
    roles: frozenset[str] = field(default_factory=frozenset)

    def may_send(self, kind: str) -> bool:
        """Whether requests of `kind` are accepted from this system."""
        return "*" in self.sends or kind in self.sends
