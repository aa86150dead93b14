"""Changes that an operator makes to participants and routes: each is checked, and written into the journal."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from ..exchange.participants import Participant
from ..exchange.routing import Route
from .changes import Author, Change, Changed, ChangeLog, Values, participant_values, route_values
from .participants import ParticipantCertificate, ParticipantError, ParticipantStore
from .routes import RouteStore


class ProvidersContested(ParticipantError):  # noqa: N818  named for what is wrong
    """Several systems provide a kind, and no route says which of them answers."""

    code = "PROVIDERS_CONTESTED"

    def __init__(self, kind: str, providers: Iterable[str]) -> None:
        """`providers` are their mnemonics."""
        self.kind = kind
        self.providers = tuple(providers)
        super().__init__(
            f"{kind} is provided by {' and '.join(self.providers)}: say by a route which of them answers whom "
            f"(mezhved routes set {kind} {self.providers[0]}, or [[route]] in the file)"
        )


class ProviderUnknown(ParticipantError):  # noqa: N818  named for what is wrong
    """A route leads to a system that is not there."""

    code = "PROVIDER_UNKNOWN"

    def __init__(self, route: Route) -> None:
        """`route` is the one."""
        super().__init__(f"the route of {route.kind} leads to {route.provider}, which is no participant: add it first")


@dataclass(frozen=True)
class Administration:
    """Changes of one author, inside the caller's transaction. `check` must be called before it ends.

    What is the same as before is neither written nor recorded. Every method returns the change, or None for none.
    """

    author: Author
    routes: RouteStore
    participants: ParticipantStore = field(default_factory=ParticipantStore)
    log: ChangeLog = field(default_factory=ChangeLog)

    def put(
        self, conn: Connection, participant: Participant, certificates: Iterable[ParticipantCertificate] = ()
    ) -> Change | None:
        """Stores a participant (`ParticipantStore.put`)."""
        self.log.lock(conn)
        before = self.participants.by_mnemonic(conn, participant.mnemonic)
        if before == participant:
            return None
        self.participants.put(conn, participant, certificates)
        values = None if before is None else participant_values(before)
        return self._recorded(conn, Changed.PARTICIPANT, participant.mnemonic, values, participant_values(participant))

    def remove(self, conn: Connection, mnemonic: str) -> Change | None:
        """Removes a participant with its certificates and rights. Its messages stay, and so do routes to it: see
        `KindRouting.provider`.
        """
        self.log.lock(conn)
        before = self.participants.by_mnemonic(conn, mnemonic)
        if before is None:
            return None
        self.participants.remove(conn, mnemonic)
        return self._recorded(conn, Changed.PARTICIPANT, mnemonic, participant_values(before), None)

    def put_route(self, conn: Connection, route: Route) -> Change | None:
        """Stores a route in place of the one for the same kind, region, version and value. Raises ProviderUnknown."""
        self.log.lock(conn)
        if route.provider != self.routes.register and self.participants.by_mnemonic(conn, route.provider) is None:
            raise ProviderUnknown(route)
        before = self._route(conn, route)
        if before == route:
            return None
        self.routes.put(conn, route)
        values = None if before is None else route_values(before)
        return self._recorded(conn, Changed.ROUTE, route.kind, values, route_values(route))

    def remove_route(
        self, conn: Connection, kind: str, region: str | None, version: str | None, value: str | None = None
    ) -> Change | None:
        """Removes the route for just this kind, region, version and value."""
        self.log.lock(conn)
        before = self._route(conn, Route(kind, "", region, version, value))
        if before is None:
            return None
        self.routes.remove(conn, before)
        return self._recorded(conn, Changed.ROUTE, kind, route_values(before), None)

    def check(self, conn: Connection) -> None:
        """Raises ProvidersContested where the changes leave a kind for which nothing says who answers."""
        for kind in sorted(self.routes.kinds(conn)):
            if contested := self.routes.routing(conn, kind).contested:
                raise ProvidersContested(kind, contested)

    def _route(self, conn: Connection, like: Route) -> Route | None:
        """The stored route for the same, wherever it leads."""
        return next((one for one in self.routes.list(conn) if replace(one, provider=like.provider) == like), None)

    def _recorded(
        self, conn: Connection, changed: Changed, subject: str, before: Values | None, after: Values | None
    ) -> Change:
        change = Change(self.author.at, self.author.name, changed, subject, before, after)
        self.log.record(conn, change)
        return change
