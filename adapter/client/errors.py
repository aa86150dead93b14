"""What can go wrong on the client's side, beside the faults that the node answers with (`adapter.exchange.faults`)."""

from typing import ClassVar


class ClientFailure(Exception):  # noqa: N818 – named for what happened
    """Base of the client's own errors; the text is for the person who runs the client."""

    code: ClassVar[str] = "CLIENT_FAILURE"


class NodeUnreachable(ClientFailure):
    """No answer came: the node is down, the network failed, or the answer was cut off.

    The call may have taken effect. Sending the *same* message again is safe: see `SmevClient.send`.
    """

    code = "NODE_UNREACHABLE"


class CallRefused(ClientFailure):
    """The node, or something in front of it, refused the call by HTTP before reading it as SOAP."""

    code = "CALL_REFUSED"


class AnswerNotUnderstood(ClientFailure):
    """An answer came that is not what the contract promises."""

    code = "ANSWER_NOT_UNDERSTOOD"


class AnswerNotTrusted(ClientFailure):
    """A signature that must vouch for the answer is missing, wrong, or not made by whom it should be."""

    code = "ANSWER_NOT_TRUSTED"


class ContentUnusable(ClientFailure):
    """What is to be sent cannot be sent: no XML, no namespace, or not as the contract wants it."""

    code = "CONTENT_UNUSABLE"
