"""What tests of the operations ask again and again: that a call is refused, what an answer holds, who signed it."""

import pytest
from lxml import etree
from lxml.etree import _Element as Element
from mezhved.adapter.dispatch.answering import answered as content_of
from mezhved.adapter.dispatch.answering import write_response
from mezhved.adapter.exchange.contract import XMLDSIG, Contract
from mezhved.adapter.exchange.faults import ExchangeFault, declared
from mezhved.adapter.exchange.lifecycle import MessageType, State
from mezhved.adapter.soap.call import Call, Handler
from mezhved.adapter.soap.schemas import SchemaSet
from mezhved.adapter.store.engine import write
from mezhved.adapter.store.messages import Message
from mezhved.signing.policy import SMEV
from mezhved.signing.xmldsig import verify

from .world import ECHO, V12, World

SIGNATURE = f"{{{XMLDSIG}}}Signature"
_SCHEMAS = SchemaSet()


def refused(handler: Handler, call: Call) -> ExchangeFault:
    """The fault that a call is refused with: one that the contract declares for this operation."""
    with pytest.raises(ExchangeFault) as caught:
        handler(call)
    assert type(caught.value) in declared(call.operation, call.contract)
    return caught.value


def answered(handler: Handler, call: Call) -> Element:
    """The answer to a call, as its caller reads it: valid by the schema of the contract that it was called by."""
    root = etree.fromstring(handler(call))
    assert root.tag == call.contract.response_root(call.operation)
    assert list(_SCHEMAS.contract(call.contract.version).errors(root)) == []
    return root


def signed_by_node(world: World, root: Element, target: Element | None, holder: str) -> None:
    """Asserts that the node has signed `target`; `holder` is the path of the signature's holder."""
    assert target is not None
    verified = verify(root.find(f"{holder}/{SIGNATURE}"), target, policy=SMEV, trust=world.trust, at=world.clock())
    assert verified.certificate == world.node_key.certificate


def delivered(world: World, handler: Handler, call: Call, name: str) -> Element | None:
    """The Request or Response (`name`) of an answer, its node's signature verified; None where nothing waits."""
    root, types = answered(handler, call), f"{{{call.contract.types}}}"
    message = root.find(f"{types}{name}Message")
    if message is None:
        return None
    found = message.find(f"{types}{name}")
    signed_by_node(world, message, found, f"{types}SMEVSignature")
    return found


def put_response(world: World, recipient: str, to_request: str | None = None, node_id: str | None = None) -> str:
    """Puts a response into a queue, as the register would; returns its MessageID."""
    message_id = world.message_ids()
    content = etree.fromstring(f'<e:EchoResponse xmlns:e="{ECHO}">ответ</e:EchoResponse>')
    octets = write_response(V12, message_id, "to", content_of(content), world.issue("CN=FRMR").signing_key())
    message = Message(
        message_id=message_id,
        message_type=MessageType.RESPONSE,
        kind="echo",
        sender="FRMR",
        recipient=recipient,
        contract="1.2",
        accepted_at=world.clock(),
        state=State.RESPONSE_IS_ACCEPTED_BY_SMEV,
        original_message_id=to_request,
        transaction_code="TX-1",
        node_id=node_id,
    )
    with write(world.engine) as conn:
        world.context().office.post(conn, message, octets)
    return message_id


def text(contract: Contract, element: Element, *names: str) -> str | None:
    """The text of a descendant by its path of local names in the contract's namespace of types."""
    return element.findtext("/".join(f"{{{contract.types}}}{name}" for name in names))
