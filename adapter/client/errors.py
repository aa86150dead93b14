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


class SenderNotTrusted(AnswerNotTrusted):
    """The node's signature vouches for what it delivers, but the sender's inside is not accepted.

    `message_id` names what was delivered, `reply_to` is where a request wants its answer (None: nowhere): enough to
    refuse and acknowledge it, without which the node would deliver it again and again.
    """

    code = "SENDER_NOT_TRUSTED"

    def __init__(self, text: str, message_id: str, reply_to: str | None) -> None:
        """`text` is for people."""
        super().__init__(f"message {message_id}: {text}")
        self.message_id = message_id
        self.reply_to = reply_to


class ContentUnusable(ClientFailure):
    """What is to be sent cannot be sent: no XML, no namespace, or not as the contract wants it."""

    code = "CONTENT_UNUSABLE"
