"""Officials written down in a TOML file, to be taken over into the register (`mezhved officials import`).

```toml
[[official]]
certificate = "chief.pem"                       # relative to this file; a chain's authorities are left out
name = "Иванова Мария Петровна"
position = "Главный врач"
participant = "RMIS_DEMO"                       # the system through which the official acts
organisations = ["1.2.643.5.1.13.13.12.2.77.1"] # for which the official signs; none: all of the system's
valid_from = 2026-01-01                         # days by Moscow
valid_to = 2028-12-31                           # may be left out: without end
```
"""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..signing.certificates import Certificate
from .participants_file import Mnemonic, Oid, read_certificates
from .registry.access import Official
from .registry.officials import Appointment


class OfficialsFileError(Exception):
    """The file cannot be taken over; the text names the file, the place and what is wrong."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    certificate: str
    name: str = Field(min_length=1)
    position: str = Field(min_length=1)
    participant: Mnemonic
    organisations: list[Oid] = []
    valid_from: date
    valid_to: date | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    official: list[_Entry]


def read_officials(path: Path, now: datetime) -> list[Appointment]:
    """The officials in the file, to be entered `now`. Raises OfficialsFileError, ParticipantsFileError or OSError."""
    try:
        entries = _File.model_validate(tomllib.loads(path.read_text("utf-8"))).official
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OfficialsFileError(f"{path}: not a TOML file: {error}") from error
    except ValidationError as error:
        raise OfficialsFileError(_lines(error, f"{path}: ")) from error
    return [_appointment(entry, path.parent / entry.certificate, now) for entry in entries]


def checked(values: Mapping[str, Any], certificate: Path, now: datetime) -> Appointment:
    """An official from the values of one table, checked as in a file. Raises as `read_officials` does."""
    try:
        entry = _Entry.model_validate({**values, "certificate": str(certificate)})
    except ValidationError as error:
        raise OfficialsFileError(_lines(error)) from error
    return _appointment(entry, certificate, now)


def _appointment(entry: _Entry, path: Path, now: datetime) -> Appointment:
    if entry.valid_to is not None and entry.valid_to < entry.valid_from:
        raise OfficialsFileError(f"{entry.name}: valid_to {entry.valid_to} is before valid_from {entry.valid_from}")
    certificate = _only(read_certificates(path), path)
    return Appointment(
        official=Official(certificate.fingerprint, entry.name, entry.participant, frozenset(entry.organisations)),
        position=entry.position,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        certificate=certificate.der,
        added_at=now,
    )


def _only(found: list[Certificate], path: Path) -> Certificate:
    if len(found) != 1:
        raise OfficialsFileError(f"{path}: holds {len(found)} certificates of persons; one is wanted")
    return found[0]


def _lines(error: ValidationError, before: str = "") -> str:
    return "\n".join(
        f"{before}{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)
    )
