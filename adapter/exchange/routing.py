"""Who answers a kind of messages: the most specific route wins. Pure; the tables stand in `store.routes`."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """Requests of `kind` go to the system `provider`.

    `region` limits the route to senders of that region, `version` to that version of the kind; None means any. A route
    with a `value` is for requests alone whose sender names that value (DynamicValue of contract 1.3), and one without
    is for those that name none.
    """

    kind: str
    provider: str
    region: str | None = None
    version: str | None = None
    value: str | None = None

    def fits(self, region: str | None, version: str, value: str | None = None) -> bool:
        """Whether the route is for a sender of `region` (None: of no region) that asks by this version and names
        `value` (None: no value).
        """
        return self.region in (None, region) and self.version in (None, version) and self.value == value


@dataclass(frozen=True, slots=True)
class KindRouting:
    """All that is known of who gets messages of one kind.

    `implied` are the systems that answer what no route speaks of: one at most, unless it is not decided. `standing`
    are the systems that are there, switched on or off. `subscribers` receive the kind if it is a broadcast.
    """

    routes: tuple[Route, ...] = ()
    implied: tuple[str, ...] = ()
    standing: frozenset[str] = frozenset()
    subscribers: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        routes: Iterable[Route],
        providers: Iterable[str],
        standing: Iterable[str],
        subscribers: Iterable[str] = (),
        register: str | None = None,
    ) -> "KindRouting":
        """From the routes of a kind and all systems that provide it, `register` among them if the kind is its own.

        A provider that routes name has its part by them, so the one without a route answers the rest; where all have
        routes, the only provider there is, or the register.
        """
        found, known = tuple(routes), set(providers)
        rest = known - {route.provider for route in found if route.value is None}
        if not rest and len(known) == 1:
            rest = known
        elif not rest and register is not None:
            rest = {register}
        return cls(found, tuple(sorted(rest)), frozenset(standing), tuple(sorted(subscribers)))

    def provider(self, region: str | None, version: str) -> str | None:
        """The system that answers; None where none does, where the one meant is no longer there, or where it is not
        decided.

        Version and region go before version alone, that before region alone, that before the general route: a system
        that answers another version cannot answer this one, in whatever region. A route to a system that was removed
        is not passed over: its requests would go to a system that they are not for.
        """
        best = self._best(region, version, None)
        if best is not None:
            return best.provider if best.provider in self.standing else None
        return self.implied[0] if len(self.implied) == 1 else None

    def of_value(self, value: str, region: str | None, version: str) -> str | None:
        """The system that the operator has assigned to `value`; None where there is none, or it is no longer there.

        Of several routes of a value the most specific one wins, as in `provider`.
        """
        best = self._best(region, version, value)
        return None if best is None or best.provider not in self.standing else best.provider

    def answers(self, mnemonic: str, version: str) -> bool:
        """Whether the system, which must be there, answers this version of the kind to some sender."""
        by_route = any(route.provider == mnemonic and route.version in (None, version) for route in self.routes)
        return mnemonic in self.standing and (by_route or mnemonic in self.implied)

    def _best(self, region: str | None, version: str, value: str | None) -> Route | None:
        fitting = [route for route in self.routes if route.fits(region, version, value)]
        return max(fitting, key=lambda route: (route.version is not None, route.region is not None), default=None)

    @property
    def contested(self) -> tuple[str, ...]:
        """The systems of which nothing says which one answers what no route speaks of; empty where it is decided."""
        general = any(route.region is None and route.version is None and route.value is None for route in self.routes)
        return () if general or len(self.implied) < 2 else self.implied

    def provides(self, mnemonic: str) -> bool:
        """Whether requests of the kind may reach a system, as a provider or as a subscriber."""
        return (
            mnemonic in self.implied
            or mnemonic in self.subscribers
            or any(route.provider == mnemonic for route in self.routes)
        )
