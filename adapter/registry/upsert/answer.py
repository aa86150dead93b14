"""The answer to an update: what was recorded, and what was noticed on the way (types.RecordedResponseType)."""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree
from lxml.etree import QName, SubElement
from lxml.etree import _Element as Element

from ..kind import namespace
from ..markup import leaf, moment
from ..outcome import KindRequest
from ..rule import Warned
from .owner import Found

TYPES = namespace("types", "1.0.0")
T = f"{{{TYPES}}}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A version of a record that the update has made; `entity_id` None where the record is the owner's own data."""

    entity_id: str | None
    version: int


def answer(request: KindRequest, owner: Found, recorded: Recorded, warnings: Sequence[Warned]) -> Element:
    """The response."""
    name = QName(request.content)
    response = name.localname.removesuffix("Request") + "Response"
    root = etree.fromstring(f'<{response} xmlns="{name.namespace}" xmlns:t="{TYPES}"/>')
    leaf(root, f"{T}{_OWNERS[owner.column]}", owner.oid or "")
    if recorded.entity_id is not None:
        leaf(root, f"{T}EntityId", recorded.entity_id)
    leaf(root, f"{T}Version", str(recorded.version))
    leaf(root, f"{T}RecordedAt", moment(request.now))
    warn(root, warnings)
    return root


_OWNERS = {"worker_oid": "WorkerOid", "organisation_oid": "OrganizationOid"}


def warn(root: Element, warnings: Sequence[Warned]) -> None:
    """Adds Warnings to a response, if there are any."""
    if not warnings:
        return
    container = SubElement(root, f"{T}Warnings")
    for warned in warnings:
        element = SubElement(container, f"{T}Warning")
        leaf(element, f"{T}Code", warned.code)
        leaf(element, f"{T}Path", warned.path)
        leaf(element, f"{T}Text", warned.text)
