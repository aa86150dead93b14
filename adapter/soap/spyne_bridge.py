"""spyne at arm's length: the one module that knows it (docs/decisions/0003).

spyne chooses the operation by the element in soap:Body and calls it, through its own ServerBase. What it reads is the
tree that our code has parsed and validated; what it hands back are our octets, untouched, since a signature covers
them. Its own parsing, validation, faults and WSDL stay unused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..exchange.contract import Contract, Operation
from ._spyne_compat import (
    AnyXml,
    Application,
    MethodContext,
    ServerBase,
    ServiceBase,
    Soap11,
    rpc,
    unregister_application,
)
from .call import Call, Handler


@dataclass(slots=True)
class _Passage:
    """What travels through spyne with a call: the call itself, its handler's name, and an error on the way back."""

    call: Call
    error: Exception | None = None


class _TreeProtocol(Soap11):  # type: ignore[misc]
    """SOAP 1.1 over a tree that is there already."""

    def create_in_document(self, ctx: Any, charset: str | None = None) -> None:  # noqa: ARG002  spyne's signature
        """The document of the call."""
        ctx.in_document = ctx.udc.call.body.getroottree()

    def decompose_incoming_envelope(self, ctx: Any, message: object = None) -> None:  # noqa: ARG002
        """The operation's element, which has been taken from its fixed place before."""
        ctx.in_body_doc = ctx.udc.call.body
        ctx.method_request_string = ctx.in_body_doc.tag

    def deserialize(self, ctx: Any, message: object) -> None:  # noqa: ARG002
        """The argument of the operation: the call, with the element in its document."""
        ctx.in_object = ctx.udc.call

    def serialize(self, ctx: Any, message: object) -> None:  # noqa: ARG002
        """The operation's octets as they are."""
        ctx.out_document = ctx.out_object[0]

    def create_out_string(self, ctx: Any, charset: str | None = None) -> None:  # noqa: ARG002
        """The same octets: writing them again could break the signature over them."""
        ctx.out_string = [ctx.out_document]


class _Exchange(Application):  # type: ignore[misc]
    """The operations of one contract version as an application of spyne."""

    def call_wrapper(self, ctx: Any) -> bytes:
        """Calls the operation. spyne would turn whatever is raised into a fault of its own, with the error's text."""
        try:
            result: bytes = super().call_wrapper(ctx)
        except Exception as error:  # noqa: BLE001  carried past spyne, and raised again by `call`
            ctx.udc.error = error
            return b""
        return result


class SpyneBridge(ServerBase):  # type: ignore[misc]
    """Calls the operations of one contract version. May be used by several threads at once."""

    transport = "https://schemas.xmlsoap.org/soap/http"

    def __init__(self, contract: Contract, handlers: Mapping[Operation, Handler]) -> None:
        service = type(
            "SMEVMessageExchangeService",
            (ServiceBase,),
            {operation.name.lower(): _method(contract, operation, handler) for operation, handler in handlers.items()},
        )
        protocol, answers = _TreeProtocol(), _TreeProtocol()
        app = _Exchange(
            [service], tns=contract.types, name=service.__name__, in_protocol=protocol, out_protocol=answers
        )
        # spyne keeps every application for ever, in a register of the whole process.
        unregister_application(app)
        super().__init__(app)

    def call(self, call: Call) -> bytes:
        """The octets of the operation's answer. Raises whatever the operation raises."""
        passage = _Passage(call)
        initial = MethodContext(self, MethodContext.SERVER)
        initial.udc = passage
        (ctx,) = self.generate_contexts(initial)
        try:
            if ctx.in_error is None:
                self.get_in_object(ctx)
            self.get_out_object(ctx)
            error, passage.error = passage.error, None
            if error is not None:
                try:
                    raise error
                finally:
                    del error  # else it and its traceback, which knows this frame, would hold each other
            self.get_out_string(ctx)
            return b"".join(ctx.out_string)
        finally:
            _let_go(initial, ctx)


def _let_go(*contexts: Any) -> None:
    """Unties the contexts of a call from each other and from the call.

    They refer to each other in circles, so the garbage collector would have to find them, and each holds a whole
    document until then. Closing them, as spyne does, collects garbage once a second, in the middle of a call.
    """
    for context in contexts:
        for part in (context.transport, context.inprot_ctx, context.outprot_ctx, context.event):
            vars(part).clear()
        vars(context).clear()


def _method(contract: Contract, operation: Operation, handler: Handler) -> Any:
    """An operation as a method of a spyne service."""

    def method(_ctx: Any, call: Call) -> bytes:
        return handler(call)

    method.__name__ = operation.name.lower()
    declare = rpc(
        AnyXml,
        _returns=AnyXml,
        _body_style="bare",
        _in_message_name=contract.request_root(operation),
        _out_message_name=contract.response_root(operation),
    )
    return declare(method)
