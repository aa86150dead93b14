"""What one recipient gets of a registry request that is not for it alone: the records that are."""

from collections.abc import Iterable
from copy import deepcopy

from lxml.etree import _Element as Element

from ...signing.canonical import exclusive_c14n
from ..exchange.contract import SOAP_ENVELOPE, Contract
from ..exchange.kept import primary_content

_ENVELOPE = (
    b'<S:Envelope xmlns:S="%s"><S:Body><t:SendRequestRequest xmlns:t="%s">%s</t:SendRequestRequest></S:Body>'
    b"</S:Envelope>"
)


def with_records(contract: Contract, data: Element, records: Iterable[int]) -> bytes:
    """An envelope that holds what the sender has provided with these of its records alone, counted from 0.

    It bears no signature of the sender over the whole, which no longer holds; those over the records do.
    """
    kept = frozenset(records)
    own = deepcopy(data)
    registry = primary_content(contract, own)
    for number, element in enumerate(list(registry)):
        if number not in kept:
            registry.remove(element)
    return _ENVELOPE % (SOAP_ENVELOPE.encode(), contract.types.encode(), exclusive_c14n(own))
