"""What a provider answers to a registry request: a Registry that tells of each record by its RecordId.

The contract has no refusal of a single record, and its response is either content or refusals. So the content is a
Registry, and a record that is refused holds RecordRejected, a small element of our own (docs/decisions/0014).
"""

from collections.abc import Iterable, Sequence
from copy import deepcopy

from lxml import etree
from lxml.etree import QName, SubElement
from lxml.etree import _Element as Element

from ..exchange.contract import Contract
from ..exchange.rejection import Rejection

REGISTRY_VERSION = "1.0.0"
REGISTRY = f"urn://x-artefacts-mezhved/registry/{REGISTRY_VERSION}"
RECORD_REJECTED = f"{{{REGISTRY}}}RecordRejected"
_LONGEST = 4000
"""Characters of a RejectionReasonDescription."""


def answered_records(contract: Contract, answers: Iterable[tuple[int, Element | Sequence[Rejection]]]) -> Element:
    """The Registry with the answer to each record, by its RecordId: content of the kind, or why it is refused."""
    d = f"{{{contract.directive}}}"
    registry = etree.Element(f"{d}Registry", nsmap={"d": contract.directive})
    for number, answer in answers:
        element = SubElement(registry, f"{d}RegistryRecord")
        SubElement(element, f"{d}RecordId").text = str(number)
        holder = SubElement(SubElement(element, f"{d}Record"), f"{d}RecordContent")
        holder.append(deepcopy(answer) if isinstance(answer, Element) else _rejected(answer))
    return registry


def _rejected(rejections: Sequence[Rejection]) -> Element:
    element = etree.Element(RECORD_REJECTED, nsmap={"m": QName(RECORD_REJECTED).namespace or ""})
    for one in rejections:
        rejection = SubElement(element, f"{{{REGISTRY}}}Rejection")
        SubElement(rejection, f"{{{REGISTRY}}}RejectionReasonCode").text = one.reason
        SubElement(rejection, f"{{{REGISTRY}}}RejectionReasonDescription").text = one.description[:_LONGEST]
    return element
