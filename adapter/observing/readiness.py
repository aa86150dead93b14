"""Whether a node can work on calls just now, and if not, what is missing."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ...signing.errors import SigningError
from ...signing.keys import SigningKey
from ...signing.providers import provider_for
from ...signing.trust import TrustStore
from ..migrations import current, newest
from .collectors import next_update

Check = Callable[[], str | None]
"""One thing that must be in order: None, or in a few words what is not. May block."""
_REMEMBERED = 1.0
_PROBE = b"readiness"


class Readiness:
    """All of the checks; remembers the answer for a second, so that asking costs nothing. Safe for many threads."""

    def __init__(self, checks: Sequence[Check], timer: Callable[[], float] = time.monotonic) -> None:
        self._checks = tuple(checks)
        self._timer = timer
        self._lock = threading.Lock()
        self._answer: str | None = None
        self._until: float | None = None

    def __call__(self) -> str | None:
        """None if the node is ready, else what is missing, on one line."""
        with self._lock:
            if self._until is None or self._timer() >= self._until:
                self._answer = "; ".join(found for check in self._checks if (found := check())) or None
                self._until = self._timer() + _REMEMBERED
            return self._answer


def database_check(engine: Engine) -> Check:
    """The database answers, and has the tables of this version of the program."""
    wanted = newest()

    def check() -> str | None:
        try:
            found = current(engine)
        except SQLAlchemyError:
            return "the database does not answer"
        return None if found == wanted else "the database is not migrated to this version of the program"

    return check


def key_check(key: SigningKey, clock: Callable[[], datetime], name: str = "key of the node") -> Check:
    """The key signs, its certificate is about it, and is valid now. `name` is what the key is called in the answer."""

    def check() -> str | None:
        if not key.certificate.not_before <= clock() < key.certificate.not_after:
            return f"the certificate of the {name} is not valid now"
        try:
            value = key.sign(_PROBE)
            provider_for(key.algorithm).verify(key.algorithm, key.certificate, _PROBE, value)
        except SigningError as error:
            return f"the {name} cannot be used ({error.code})"
        return None

    return check


def trust_check(trust: TrustStore, clock: Callable[[], datetime]) -> Check:
    """Where revocation lists are demanded, none of them is stale."""
    due = next_update(trust.crls)

    def check() -> str | None:
        if trust.require_crl and due is not None and due <= clock():
            return "a revocation list is stale"
        return None

    return check
