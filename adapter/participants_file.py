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
```
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..signing.certificates import Certificate, load_pem_many, same_name
from ..signing.errors import SigningError
from .exchange.participants import Participant
from .exchange.roles import Role

Mnemonic = Annotated[str, Field(pattern=r"^\S{1,50}$")]
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


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    participant: list[_Entry]


def read_participants(path: Path) -> list[tuple[Participant, list[Certificate]]]:
    """The participants in the file, each with its certificates. Raises ParticipantsFileError or OSError."""
    try:
        entries = _File.model_validate(tomllib.loads(path.read_text("utf-8"))).participant
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ParticipantsFileError(f"{path}: not a TOML file: {error}") from error
    except ValidationError as error:
        raise ParticipantsFileError(_lines(error, f"{path}: ")) from error
    found = []
    for entry in entries:
        certificates = [one for name in entry.certificates for one in read_certificates(path.parent / name)]
        found.append((_participant(entry, certificates), certificates))
    return found


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
    )


def _lines(error: ValidationError, before: str = "") -> str:
    return "\n".join(
        f"{before}{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)
    )
