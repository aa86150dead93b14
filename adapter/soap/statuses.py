"""Words for the state of a message: each version of the contract has its own (//InteractionStatusType)."""

from collections.abc import Mapping

from ..exchange.contract import Contract

_COMMON = frozenset(
    {
        "doesNotExist",
        "requestIsQueued",
        "requestIsAcceptedBySmev",
        "requestIsRejectedBySmev",
        "underProcessing",
        "responseIsAcceptedBySmev",
        "cancelled",
    }
)
_SINCE_1_2 = _COMMON | {"responseIsRejectedBySmev", "messageIsArchived", "messageIsDelivered"}
STATUS_WORDS: Mapping[str, frozenset[str]] = {
    "1.1": _COMMON | {"responseIsDelivered"},
    "1.2": _SINCE_1_2,
    "1.3": _SINCE_1_2 | {"requestIsProcessed", "responseIsQueued", "responseIsProcessed"},
}
"""Every word of //InteractionStatusType by the version of the contract."""

_SAME = {"messageIsDelivered": "responseIsDelivered", "responseIsDelivered": "messageIsDelivered"}
"""Words of different versions that mean the same."""
_NEAREST = {
    "messageIsArchived": "messageIsDelivered",
    "responseIsRejectedBySmev": "requestIsRejectedBySmev",
    "requestIsProcessed": "underProcessing",
    "responseIsQueued": "responseIsAcceptedBySmev",
    "responseIsProcessed": "messageIsDelivered",
}
"""For a word that a version lacks: the word that says most of what is meant."""


def status_word(status: str, contract: Contract) -> str | None:
    """The word of `contract` for a status of any version; None where it has no word that means the same."""
    words = STATUS_WORDS[contract.version]
    return next((word for word in (status, _SAME.get(status)) if word in words), None)


def nearest_word(status: str, contract: Contract) -> str:
    """The word of `contract` for a status, where the contract demands one: the same in meaning, or the nearest."""
    word = status_word(status, contract)
    return nearest_word(_NEAREST[status], contract) if word is None else word
