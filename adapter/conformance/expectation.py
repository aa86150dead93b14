"""Comparison of what a node did with what a fixture expects. Each function returns the differences, in words."""

from collections.abc import Callable, Iterator

from lxml import etree
from lxml.etree import QName
from lxml.etree import _Element as Element

from ..exchange.contract import Contract
from .changes import namespaces
from .fixture import DeliveryExpectation, FixtureError, ReplyExpectation
from .reply import Delivered, Reply

Fill = Callable[[str], str]
"""Replaces the placeholders in a text of the fixture."""


def compare_reply(expected: ReplyExpectation, reply: Reply, contract: Contract, fill: Fill) -> list[str]:
    """How the answer differs from what was expected; empty if it does not."""
    found = list(_reply(expected, reply, fill))
    if reply.body is not None:
        found.extend(_conditions(expected.holds, reply.body, namespaces(contract), fill))
    elif expected.holds:
        found.append("the answer is no SOAP, so its content cannot be judged")
    return found


def compare_delivery(expected: DeliveryExpectation, got: Delivered, contract: Contract, fill: Fill) -> list[str]:
    """How the delivered message differs from what was expected; empty if it does not."""
    found: list[str] = []
    root = None if got.content is None else QName(got.content).localname
    if expected.content != root:
        found.append(f"content expected {expected.content}, got {root or got.summary}")
    if expected.rejected:
        rejections = sorted(f"{one.reason} {one.code}" for one in got.rejected)
        codes = sorted(one.code for one in got.rejected)
        if sorted(expected.rejected) not in (rejections, codes):
            found.append(f"rejections expected {', '.join(expected.rejected)}, got {got.summary}")
    if expected.interim != got.interim:
        found.append(f"interim status expected {expected.interim or 'none'}, got {got.summary}")
    if expected.notice != got.notice:
        found.append(f"the node's word expected {expected.notice or 'none'}, got {got.summary}")
    if not found:
        # Of another message than the one expected the conditions say nothing.
        found.extend(_conditions(expected.holds, got.body, _prefixes(got, contract), fill))
    return found


def kept(path: str, got: Delivered, contract: Contract) -> str:
    """The string that an XPath finds in a delivered message. Raises FixtureError where there is none."""
    try:
        value = got.body.xpath(f"string({path})", namespaces=_prefixes(got, contract))
    except etree.XPathError as error:
        raise FixtureError(f"keep {path}: {error}") from error
    if not value:
        raise FixtureError(f"keep {path}: the message has no such thing")
    return str(value)


def _prefixes(got: Delivered, contract: Contract) -> dict[str, str]:
    """Those of the contract; `k` is the namespace of the content, `c` the other one that stands in it, if one does."""
    if got.content is None:
        return namespaces(contract)
    used = [QName(element).namespace for element in got.content.iter("*")]
    others = (namespace for namespace in used if namespace != used[0])
    named = {"k": used[0], "c": next(others, None)}
    return namespaces(contract) | {prefix: namespace for prefix, namespace in named.items() if namespace}


def _reply(expected: ReplyExpectation, reply: Reply, fill: Fill) -> Iterator[str]:
    fault, wanted_root = reply.fault, expected.root and fill(expected.root)
    root = None if reply.body is None or fault is not None else QName(reply.body).localname
    if expected.status and reply.status not in expected.status:
        yield f"HTTP status expected {' or '.join(map(str, expected.status))}, got {reply.status}"
    if wanted_root is not None and wanted_root != root:
        yield f"answer expected {wanted_root}, got {reply.summary}"
    for what, wanted, got in (
        ("fault", expected.fault, fault and fault.name),
        ("faultcode", expected.faultcode, fault and fault.code),
        ("fault's Code", expected.code, fault and fault.number),
        ("signature problem", expected.problem, fault and fault.problem),
    ):
        if wanted is not None and wanted != got:
            yield f"{what} expected {wanted}, got {got or reply.summary}"
    for part in expected.text:
        if fault is None or part not in fault.text:
            yield f"{part!r} expected in the fault's text, got {reply.summary}"
    errors = () if fault is None else fault.errors
    if len(errors) < expected.errors:
        yield f"at least {expected.errors} validation errors expected, got {len(errors)}"


def _conditions(conditions: tuple[str, ...], body: Element, prefixes: dict[str, str], fill: Fill) -> Iterator[str]:
    for condition in conditions:
        filled = fill(condition)
        try:
            met = body.xpath(f"boolean({filled})", namespaces=prefixes)
        except etree.XPathError as error:
            raise FixtureError(f"condition {filled}: {error}") from error
        if met is not True:
            yield f"does not hold: {filled}"
