"""Where each signature of an envelope stands, and what it must sign: the contract's fixed places as one table.

A signature is never looked for by its Id or its Reference: an attacker chooses both. It is found by the place that the
contract gives it, and it counts only for the element at the place that the contract gives to what it signs (MR 3.3,
tables 4, 6 and 7; contract 1.3 for routing and records). A Signature anywhere else in the contract's part of the
envelope is reported as stray; inside business content it is the business's own matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from lxml.etree import SubElement
from lxml.etree import _Element as Element

from .contract import CONTRACTS, XMLDSIG, Contract, Operation, SignatureRole

SIGNATURE = f"{{{XMLDSIG}}}Signature"
_ANY = "*"

_BATCHES = frozenset(f"{{{contract.directive}}}Registry" for contract in CONTRACTS.values())
"""Content that is no business document itself: its records are, and they are signed one by one."""

Path = tuple[str, ...]
"""Steps from an element down to a descendant: Clark names of children; `*` is any child element."""


@dataclass(frozen=True, slots=True)
class SignaturePlace:
    """One place of the contract.

    `scope` leads from the operation's element to the elements in which the place exists (a batch has one for each
    record); `holder` is the child of the scope that holds the signature, and follows the last child named in `after`
    (empty: it is the scope's last child). `targets` lead from the scope to what is signed, in order of preference;
    there is more than one only where contracts disagree. `demanded`: an envelope without it is not valid.
    """

    role: SignatureRole
    scope: Path
    holder: str
    targets: tuple[Path, ...]
    demanded: bool = False
    after: Path = ()
    most: int = 1


@dataclass(frozen=True, slots=True)
class PlacedSignature:
    """A signature found at its place, or missing from it, or standing where the contract has no place for one.

    `signature` is None where the place is empty although the contract demands a signature; `target` is None where the
    element to be signed is missing or not the only one; `place` is None for a stray signature.
    """

    role: SignatureRole | None
    place: SignaturePlace | None
    scope: Element | None
    signature: Element | None
    target: Element | None

    @property
    def stray(self) -> bool:
        """Whether the signature stands where the contract has no place for it."""
        return self.place is None


def places(contract: Contract, root: str) -> tuple[SignaturePlace, ...] | None:
    """The places of the envelope whose body holds `root` (Clark name); None if `root` is no element of the contract."""
    return _table(contract.version).get(root)


def find_signatures(contract: Contract, body: Element) -> list[PlacedSignature]:
    """All signatures of the envelope whose soap:Body holds `body`, in the order of the table, stray ones last.

    Raises KeyError if `body` is no element of the contract.
    """
    found: list[PlacedSignature] = []
    for place in _table(contract.version)[str(body.tag)]:
        for scope in find_scopes(body, place):
            found.extend(_at_place(place, scope))
    found.extend(_strays(contract, body, found))
    return found


def find_scopes(body: Element, place: SignaturePlace) -> list[Element]:
    """The elements of the operation's element `body` in which `place` exists: one for each record in a batch."""
    return list(_follow(body, place.scope))


def signatures_at(place: SignaturePlace, scope: Element) -> list[PlacedSignature]:
    """What stands at `place` of one of its scopes (`find_scopes`), none of them stray."""
    return list(_at_place(place, scope))


def targets_of(place: SignaturePlace, scope: Element) -> list[Element]:
    """The elements that a signature at `place` of `scope` may sign: at most one for each of the place's targets."""
    choices = [list(_follow(scope, path)) for path in place.targets]
    return [choice[0] for choice in choices if len(choice) == 1 and choice[0].tag not in _BATCHES]


def empty_holder(place: SignaturePlace, scope: Element) -> Element:
    """The holder for a signature at `place` of `scope`, with nothing in it: the one that is there, or a new one.

    A new one stands where the contract's sequence wants it: after the last of the elements that it follows.
    """
    for holder in scope.iterchildren(place.holder):
        holder.text = None
        for old in list(holder):
            holder.remove(old)
        return holder
    before = [child for child in scope.iterchildren("*") if child.tag in place.after]
    holder = SubElement(scope, place.holder)
    if before:
        before[-1].addnext(holder)
    return holder


def _at_place(place: SignaturePlace, scope: Element) -> Iterator[PlacedSignature]:
    # What is beyond the number that the contract allows is left for `_strays`.
    holders = list(scope.iterchildren(place.holder))[: place.most]
    candidates = targets_of(place, scope)
    first = candidates[0] if candidates else None
    if not holders and place.demanded:
        yield PlacedSignature(place.role, place, scope, None, first)
    for holder in holders:
        signature = next(holder.iterchildren(SIGNATURE), None)
        target = first if len(candidates) < 2 or signature is None else _referenced(signature, candidates)
        yield PlacedSignature(place.role, place, scope, signature, target)


def _referenced(signature: Element, candidates: list[Element]) -> Element:
    """Which of several elements that the contract allows is meant: a choice among fixed places, never a search."""
    reference = signature.find(f"{{{XMLDSIG}}}SignedInfo/{{{XMLDSIG}}}Reference")
    uri = "" if reference is None else reference.get("URI", "")
    return next((element for element in candidates if uri == f"#{element.get('Id')}"), candidates[0])


def _strays(contract: Contract, body: Element, found: list[PlacedSignature]) -> Iterator[PlacedSignature]:
    known = {placed.signature for placed in found if placed.signature is not None}
    free = set(_free_content(contract, body))
    roles = {place.holder: place.role for place in _table(contract.version)[str(body.tag)]}
    for signature in body.getroottree().getroot().iter(SIGNATURE):
        if signature in known or not free.isdisjoint(signature.iterancestors()):
            continue
        holder = signature.getparent()
        role = None if holder is None else roles.get(str(holder.tag))
        yield PlacedSignature(role, None, None, signature, None)


def _free_content(contract: Contract, body: Element) -> Iterator[Element]:
    """Elements below which the contract says nothing: business content and business process metadata."""
    registry = f"{{{contract.directive}}}Registry"
    for scope in _sender_parts(contract, str(body.tag)):
        yield from _follow(body, (*scope, f"{{{contract.types}}}BusinessProcessMetadata"))
        for content in _follow(body, (*scope, f"{{{contract.basic}}}MessagePrimaryContent", _ANY)):
            if content.tag == registry:
                yield from _follow(content, _record_path(contract)[1:] + _names(contract.directive, "RecordContent"))
            else:
                yield content


def _follow(start: Element, path: Path) -> Iterator[Element]:
    if not path:
        yield start
        return
    for child in start.iterchildren(path[0]):
        yield from _follow(child, path[1:])


def _names(namespace: str, *names: str) -> Path:
    return tuple(f"{{{namespace}}}{name}" for name in names)


def _record_path(contract: Contract) -> Path:
    return _names(contract.directive, "Registry", "RegistryRecord", "Record")


def _sender_parts(contract: Contract, root: str) -> list[Path]:
    """Paths from the operation's element `root` to what a sender has provided."""
    parts: dict[str, tuple[str, ...]] = {
        contract.request_root(Operation.SEND_REQUEST): ("SenderProvidedRequestData",),
        contract.request_root(Operation.SEND_RESPONSE): ("SenderProvidedResponseData",),
        contract.response_root(Operation.GET_REQUEST): ("RequestMessage", "Request", "SenderProvidedRequestData"),
        contract.response_root(Operation.GET_RESPONSE): ("ResponseMessage", "Response", "SenderProvidedResponseData"),
    }
    return [_names(contract.types, *parts[root])] if root in parts else []


def _business(contract: Contract, root: str) -> Iterator[SignaturePlace]:
    """Places inside what a sender has provided: of officials, and of the records of a registry request (1.3)."""
    content = _names(contract.basic, "MessagePrimaryContent")
    for scope in _sender_parts(contract, root):
        yield SignaturePlace(
            SignatureRole.PERSON,
            scope,
            f"{{{contract.types}}}PersonalSignature",
            targets=((*content, _ANY),),
            after=content,
        )
        if contract.version != "1.3":
            continue
        record = scope + content + _record_path(contract)
        yield SignaturePlace(
            SignatureRole.RECORD,
            record[:-1],
            f"{{{contract.directive}}}RecordSignature",
            targets=(record[-1:],),
        )
        inner = _names(contract.directive, "RecordContent")
        yield SignaturePlace(
            SignatureRole.PERSON,
            record,
            f"{{{contract.directive}}}PersonalSignature",
            # The schema's annotation names RecordContent, which bears an Id; by analogy with MR's table 4 the element
            # in it may be meant as well.
            targets=(inner, (*inner, _ANY)),
            most=10,
        )


def _called(contract: Contract) -> Iterator[tuple[str, SignaturePlace]]:
    """The place of the calling system in each operation's request."""
    attachments = f"{{{contract.basic}}}AttachmentContentList"
    signed = {
        Operation.SEND_REQUEST: _names(contract.types, "SenderProvidedRequestData"),
        Operation.SEND_RESPONSE: _names(contract.types, "SenderProvidedResponseData"),
        Operation.GET_REQUEST: _names(contract.basic, "MessageTypeSelector"),
        Operation.GET_RESPONSE: _names(contract.basic, "MessageTypeSelector"),
        Operation.GET_STATUS: _names(contract.basic, "Timestamp"),
        Operation.ACK: _names(contract.basic, "AckTargetMessage"),
        Operation.GET_INCOMING_QUEUE_STATISTICS: _names(contract.basic, "Timestamp"),
    }
    for operation in contract.operations:
        target = signed[operation]
        yield (
            contract.request_root(operation),
            SignaturePlace(
                SignatureRole.CALLER,
                (),
                f"{{{contract.types}}}CallerInformationSystemSignature",
                targets=(target,),
                demanded=True,
                after=(*target, attachments),
            ),
        )


def _answered(contract: Contract) -> Iterator[tuple[str, SignaturePlace]]:
    """The places of the node, and of the sender whose message is passed on, in each operation's answer."""
    signed: dict[Operation, tuple[tuple[str, ...], tuple[str, ...]]] = {
        Operation.SEND_REQUEST: ((), ("MessageMetadata",)),
        Operation.SEND_RESPONSE: ((), ("MessageMetadata",)),
        Operation.GET_REQUEST: (
            ("RequestMessage",),
            ("Request", "Cancel") if contract.version == "1.1" else ("Request",),
        ),
        Operation.GET_RESPONSE: (("ResponseMessage",), ("Response",)),
        Operation.GET_STATUS: (("SmevAsyncProcessingMessage",), ("AsyncProcessingStatusData",)),
    }
    for operation, (scope, targets) in signed.items():
        yield (
            contract.response_root(operation),
            SignaturePlace(
                SignatureRole.NODE,
                _names(contract.types, *scope),
                f"{{{contract.types}}}SMEVSignature",
                targets=tuple(_names(contract.types, target) for target in targets),
                demanded=True,
            ),
        )
    sender = f"{{{contract.types}}}SenderInformationSystemSignature"
    for operation in (Operation.GET_REQUEST, Operation.GET_RESPONSE):
        root = contract.response_root(operation)
        for part in _sender_parts(contract, root):
            yield root, SignaturePlace(SignatureRole.SENDER, part[:-1], sender, targets=(part[-1:],))
    if contract.version == "1.1":
        cancel = _names(contract.types, "RequestMessage", "Cancel")
        reference = _names(contract.basic, "MessageReference")
        yield (
            contract.response_root(Operation.GET_REQUEST),
            SignaturePlace(SignatureRole.SENDER, cancel, sender, targets=(reference,)),
        )


@cache
def _table(version: str) -> dict[str, tuple[SignaturePlace, ...]]:
    """The places of one contract version by the Clark name of the element in soap:Body."""
    contract = CONTRACTS[version]
    table: dict[str, list[SignaturePlace]] = {}
    for operation in contract.operations:
        for root in (contract.request_root(operation), contract.response_root(operation)):
            table[root] = []
    for root, place in (*_called(contract), *_answered(contract)):
        table[root].append(place)
    for root, found in table.items():
        found.extend(_business(contract, root))
    if version == "1.3":
        table[contract.request_root(Operation.SEND_REQUEST)].append(
            SignaturePlace(
                SignatureRole.ROUTING,
                _names(contract.routing, "Routing"),
                f"{{{contract.routing}}}RoutingSignature",
                targets=(_names(contract.routing, "RoutingInformation"),),
                demanded=True,
            )
        )
    return {root: tuple(found) for root, found in table.items()}
