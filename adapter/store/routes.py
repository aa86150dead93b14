"""Routes of kinds to the systems that answer them, and who receives a broadcast."""

import threading
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, delete, insert, select

from ..exchange.participants import Participant
from ..exchange.ports import MessageKind
from ..exchange.routing import KindRouting, Route
from .engine import read
from .participants import Permission
from .schema import participant_rights, participants, routes


class RouteStore:
    """Reads and writes routes. All methods work inside the caller's transaction.

    The register `register` provides the kinds `own` without being told so, and without being a participant: unless a
    route says otherwise, they go to it.
    """

    def __init__(self, register: str, own: Collection[str]) -> None:
        """`register` is the mnemonic of the register's system, `own` are the names of its kinds."""
        self._register = register
        self._own = frozenset(own)

    @property
    def register(self) -> str:
        """Mnemonic of the register's system."""
        return self._register

    def put(self, conn: Connection, route: Route) -> None:
        """Stores a route, in place of the one for the same kind, region, version and value."""
        self.remove(conn, route)
        key = {"kind": route.kind, "region": route.region or "", "version": route.version or ""}
        conn.execute(insert(routes).values(provider=route.provider, value=route.value or "", **key))

    def remove(self, conn: Connection, route: Route) -> bool:
        """Removes the route for just this kind, region, version and value; False if there is none."""
        table = routes.c
        key = (
            table.kind == route.kind,
            table.region == (route.region or ""),
            table.version == (route.version or ""),
            table.value == (route.value or ""),
        )
        return bool(conn.execute(delete(routes).where(*key)).rowcount)

    def list(self, conn: Connection) -> Sequence[Route]:
        """All routes, by kind, region, version and value."""
        table = routes.c
        rows = conn.execute(select(routes).order_by(table.kind, table.region, table.version, table.value))
        return [_route(row) for row in rows]

    def kinds(self, conn: Connection) -> Collection[str]:
        """Names of all kinds that some route or some system's right to provide speaks of."""
        rights = participant_rights.c
        provided = conn.scalars(select(rights.subject).where(rights.permission == Permission.PROVIDES).distinct())
        return {route.kind for route in self.list(conn)} | set(provided)

    def routing(self, conn: Connection, kind: str) -> KindRouting:
        """All that is known of who gets messages of a kind."""
        found = [_route(row) for row in conn.execute(_ROUTES, {"wanted": kind})]
        rights = conn.execute(_RIGHTS, {"wanted": kind}).all()
        providers = {row.mnemonic for row in rights if row.permission == Permission.PROVIDES}
        register = self._register if kind in self._own else None
        if register is not None:
            providers.add(register)
        named = sorted(providers | {route.provider for route in found})
        standing = set(conn.scalars(select(participants.c.mnemonic).where(participants.c.mnemonic.in_(named))))
        subscribers = [row.mnemonic for row in rights if row.permission == Permission.SUBSCRIBES and row.active]
        return KindRouting.of(found, providers, standing | {self._register}, subscribers, register)


class CachedRoutes:
    """Routes, remembered for a short time by kind, since every message asks. May be shared by threads.

    A change in the store is seen after `lifetime` at the latest. Implements `exchange.ports.Routes`.
    """

    def __init__(self, engine: Engine, store: RouteStore, clock: Callable[[], datetime], lifetime: timedelta) -> None:
        """Remembers nothing yet."""
        self._engine = engine
        self._store = store
        self._clock = clock
        self._lifetime = lifetime
        self._known: dict[str, tuple[datetime, KindRouting]] = {}
        self._lock = threading.Lock()

    def provider(self, kind: MessageKind, sender: Participant) -> str | None:
        """Mnemonic of the system that answers this sender's requests of `kind`; None where nobody does.

        A system that is switched off still gets its requests: they wait until it is switched on again.
        """
        return self._routing(kind.name).provider(sender.region, kind.version)

    def of_value(self, kind: MessageKind, value: str, sender: Participant) -> str | None:
        """Mnemonic of the system that the operator has assigned to `value` of the kind; None where there is none."""
        return self._routing(kind.name).of_value(value, sender.region, kind.version)

    def answers(self, mnemonic: str, kind: MessageKind) -> bool:
        """Whether the system is there and answers requests of the kind, in this version, to some sender."""
        return self._routing(kind.name).answers(mnemonic, kind.version)

    def provides(self, mnemonic: str, kind: str) -> bool:
        """Whether requests of the kind of this name may reach the system, as its provider or subscriber."""
        return self._routing(kind).provides(mnemonic)

    def subscribers(self, kind: str) -> Sequence[str]:
        """Mnemonics of the systems, switched on, that receive the broadcast kind of this name."""
        return self._routing(kind).subscribers

    def _routing(self, kind: str) -> KindRouting:
        """`kind` must be one of the catalogue's: what is remembered grows with their number."""
        now = self._clock()
        with self._lock:
            known = self._known.get(kind)
        # A clock that was set back must not keep a route for longer.
        if known is not None and abs(now - known[0]) < self._lifetime:
            return known[1]
        with read(self._engine) as conn:
            routing = self._store.routing(conn, kind)
        with self._lock:
            self._known[kind] = now, routing
        return routing


def _route(row: Row[Any]) -> Route:
    return Route(row.kind, row.provider, row.region or None, row.version or None, row.value or None)


_ROUTES = select(routes).where(routes.c.kind == bindparam("wanted"))
_RIGHTS = (
    select(participant_rights.c.mnemonic, participant_rights.c.permission, participants.c.active)
    .join(participants, participants.c.mnemonic == participant_rights.c.mnemonic)
    .where(
        participant_rights.c.subject == bindparam("wanted"),
        participant_rights.c.permission.in_([Permission.PROVIDES.value, Permission.SUBSCRIBES.value]),
    )
)
