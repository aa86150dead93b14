"""Participants written down in a TOML file, to be taken over into the store (`mezhved participants import`).

```toml
[[participant]]
mnemonic = "RMIS_DEMO"
name = "Региональная МИС"
certificates = ["rmis.pem", "rmis-next.pem"]   # relative to this file; a chain's authorities are left out
sends = ["worker_card", "employment_event"]    # kinds of messages; "*" means all
provides = []                                  # kinds that this system answers
organisations = ["1.2.643.5.1.13.13.12.2.77.1"]
roles = ["EMPLOYER"]                           # what it is to the register (docs/explanation/register-rights.md)
active = true
region = "77"                                  # where it stands, for routing
priority = 0                                   # 1: its requests are delivered before those of others
queue_limit = 50000                            # most messages that may wait for it; else the node's own limit
subscriptions = []                             # broadcast kinds that it receives

[[route]]                                      # who answers a kind, where `provides` alone does not say it
kind = "licence_card"
provider = "LICENCES_77"
region = "77"                                  # only for senders of this region
version = "1.0.0"                              # only for this version of the kind
value = "Липецк"                               # only for requests that name this value (DynamicValue, contract 1.3)
```
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..signing.certificates import Certificate, load_pem_many, same_name
from ..signing.errors import SigningError
from .exchange.participants import Participant
from .exchange.roles import Role
from .exchange.routing import Route

Mnemonic = Annotated[str, Field(pattern=r"^\S{1,50}$")]
Region = Annotated[str, Field(pattern=r"^\w{1,20}$")]
Oid = Annotated[str, Field(pattern=r"^[0-2](\.(0|[1-9]\d*))+$")]


class ParticipantsFileError(Exception):
    """The file cannot be taken over; the text names the file, the place and what is wrong."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    mnemonic: Mnemonic
    name: str = Field(min_length=1)
    certificates: list[str]
    sends: list[str] = []
    provides: list[str] = []
    organisations: list[Oid] = []
    roles: list[Role] = []
    active: bool = True
    region: Region | None = None
    priority: Literal[0, 1] = 0
    queue_limit: Annotated[int, Field(gt=0)] | None = None
    subscriptions: list[str] = []


class _Route(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: str = Field(min_length=1)
    provider: Mnemonic
    region: Region | None = None
    version: str | None = Field(default=None, min_length=1)
    value: str | None = Field(default=None, min_length=1, max_length=500)

    def route(self) -> Route:
        """What the table says."""
        return Route(self.kind, self.provider, self.region, self.version, self.value)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    participant: list[_Entry] = []
    route: list[_Route] = []

    @model_validator(mode="after")
    def _without_repetition(self) -> Self:
        mnemonics = [entry.mnemonic for entry in self.participant]
        if twice := sorted({name for name in mnemonics if mnemonics.count(name) > 1}):
            raise ValueError(f"more than one [[participant]] {', '.join(twice)}")
        routes = [(route.kind, route.region, route.version, route.value) for route in self.route]
        if repeated := sorted({route[0] for route in routes if routes.count(route) > 1}):
            raise ValueError(f"more than one [[route]] of {', '.join(repeated)} for the same region, version and value")
        if not (self.participant or self.route):
            raise ValueError("there is neither a [[participant]] nor a [[route]]")
        return self


@dataclass(frozen=True, slots=True)
class Listed:
    """What a file holds: participants, each with its certificates, and routes."""

    participants: Sequence[tuple[Participant, Sequence[Certificate]]]
    routes: Sequence[Route]


def read_participants(path: Path) -> Listed:
    """The participants and routes in the file. Raises ParticipantsFileError or OSError."""
    try:
        file = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ParticipantsFileError(f"{path}: not a TOML file: {error}") from error
    except ValidationError as error:
        raise ParticipantsFileError(_lines(error, f"{path}: ")) from error
    found = []
    for entry in file.participant:
        certificates = [one for name in entry.certificates for one in read_certificates(path.parent / name)]
        found.append((_participant(entry, certificates), certificates))
    return Listed(found, [one.route() for one in file.route])


def checked(values: Mapping[str, Any], certificates: Sequence[Certificate]) -> Participant:
    """A participant from the values of one table, checked as in a file. Raises ParticipantsFileError."""
    try:
        entry = _Entry.model_validate({"certificates": [], **values})
    except ValidationError as error:
        raise ParticipantsFileError(_lines(error)) from error
    return _participant(entry, certificates)


def read_certificates(path: Path) -> list[Certificate]:
    """The certificates of a PEM file by which a system is known. Raises ParticipantsFileError or OSError.

    A file may hold the chain too, as those of `mezhved keys issue` do. Who has certified another one in it is left out:
    that authority is not the system, and it certifies other systems too.
    """
    try:
        found = load_pem_many(path.read_bytes())
    except SigningError as error:
        raise ParticipantsFileError(f"{path}: {error}") from error
    issued = [one for one in found if not same_name(one.subject, one.issuer)]
    return [one for one in found if not any(same_name(one.subject, other.issuer) for other in issued)]


def _participant(entry: _Entry, certificates: Sequence[Certificate]) -> Participant:
    return Participant(
        mnemonic=entry.mnemonic,
        name=entry.name,
        certificates=frozenset(certificate.fingerprint for certificate in certificates),
        sends=frozenset(entry.sends),
        provides=frozenset(entry.provides),
        organisations=frozenset(entry.organisations),
        roles=frozenset(role.value for role in entry.roles),
        active=entry.active,
        region=entry.region,
        priority=entry.priority,
        queue_limit=entry.queue_limit,
        subscriptions=frozenset(entry.subscriptions),
    )


def checked_route(values: Mapping[str, Any]) -> Route:
    """A route from the values of one table, checked as in a file. Raises ParticipantsFileError."""
    try:
        return _Route.model_validate(dict(values)).route()
    except ValidationError as error:
        raise ParticipantsFileError(_lines(error)) from error


def _lines(error: ValidationError, before: str = "") -> str:
    return "\n".join(
        before + ": ".join(filter(None, (".".join(map(str, one["loc"])), one["msg"], _given(one["input"]))))
        for one in error.errors(include_url=False)
    )


def _given(value: object) -> str:
    return f"given {value!r}" if isinstance(value, str | int | float) else ""
