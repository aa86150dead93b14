"""Systems that take part in the exchange, as the protocol sees them."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Participant:
    """A registered information system.

    `certificates` are SHA-256 fingerprints (lower-case hex) of the certificates it signs with: several at a time, so
    that a renewal leaves no gap. `sends` and `provides` are names of kinds (`worker_card`); `*` in `sends` means all.
    `organisations` are OIDs of the organisations on whose behalf it may change records.
    """

    mnemonic: str
    name: str
    certificates: frozenset[str]
    sends: frozenset[str] = field(default_factory=frozenset)
    provides: frozenset[str] = field(default_factory=frozenset)
    organisations: frozenset[str] = field(default_factory=frozenset)
    active: bool = True

    def may_send(self, kind: str) -> bool:
        """Whether requests of `kind` are accepted from this system."""
        return "*" in self.sends or kind in self.sends
