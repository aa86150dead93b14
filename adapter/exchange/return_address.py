"""ReplyTo of a request and To of its answers: opaque to participants, and not to be made up (protocol §1).

It names the request, so that it can be resolved by the request's key, and holds a secret that only the provider is
given.
"""

import hmac
import secrets


def new_return_address(message_id: str) -> str:
    """A fresh ReplyTo for a request: its secret has 144 bits that nobody can foresee."""
    return f"{message_id}.{secrets.token_urlsafe(18)}"


def addressed_request(address: str) -> str:
    """MessageID of the request that a To claims to be about; whether rightly, `is_return_address` says."""
    return address.rpartition(".")[0]


def is_return_address(address: str, of_request: str | None) -> bool:
    """Whether a To is what the request's ReplyTo was; takes the same time wherever they differ."""
    return of_request is not None and hmac.compare_digest(address.encode(), of_request.encode())
