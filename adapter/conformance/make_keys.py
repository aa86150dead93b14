"""Makes the keys of fixtures/: `python -m mezhved.adapter.conformance.make_keys FOLDER`.

They are for tests only: the private keys are published with the program. Running this again makes other keys, after
which the verbatim envelopes have to be made again as well (fixtures/ORIGINS.md has the commands).
"""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ...signing.authority import Authority, Issued, create_authority
from ...signing.certificates import pem_block

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
END = datetime(2036, 12, 31, tzinfo=UTC)
REVOKED_AT = datetime(2025, 6, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key to be made: its name, its authority, and what its certificate says."""

    name: str
    authority: str
    key_type: str
    subject: str
    valid_from: datetime = BEGIN
    valid_to: datetime = END


AUTHORITIES = {
    "ca-ecdsa": ("p256", "CN=TEST Authority ECDSA,O=Mezhved fixtures,C=RU"),
    "ca-rsa": ("rsa2048", "CN=TEST Authority RSA,O=Mezhved fixtures,C=RU"),
    "ca-gost256": ("gost256", "CN=TEST Authority GOST,O=Mezhved fixtures,C=RU"),
    "foreign-ca": ("p256", "CN=TEST Authority nobody trusts,O=Mezhved fixtures,C=RU"),
}

WANTED = (
    Wanted("region-gost256", "ca-gost256", "gost256", "CN=TEST Regional system GOST 256,O=Mezhved fixtures,C=RU"),
    Wanted("region-gost512", "ca-gost256", "gost512", "CN=TEST Regional system GOST 512,O=Mezhved fixtures,C=RU"),
    Wanted("region-rsa", "ca-rsa", "rsa2048", "CN=TEST Regional system RSA,O=Mezhved fixtures,C=RU"),
    Wanted("region-ecdsa", "ca-ecdsa", "p256", "CN=TEST Regional system ECDSA,O=Mezhved fixtures,C=RU"),
    Wanted("clinic-ecdsa", "ca-ecdsa", "p256", "CN=TEST Clinic with few rights,O=Mezhved fixtures,C=RU"),
    Wanted("inactive-ecdsa", "ca-ecdsa", "p256", "CN=TEST System switched off,O=Mezhved fixtures,C=RU"),
    Wanted("unregistered-ecdsa", "ca-ecdsa", "p256", "CN=TEST System of nobody,O=Mezhved fixtures,C=RU"),
    Wanted("official-ecdsa", "ca-ecdsa", "p256", "CN=TEST Official,O=Mezhved fixtures,C=RU"),
    Wanted("node-ecdsa", "ca-ecdsa", "p256", "CN=TEST Node,O=Mezhved fixtures,C=RU"),
    Wanted("revoked-ecdsa", "ca-ecdsa", "p256", "CN=TEST Revoked certificate,O=Mezhved fixtures,C=RU"),
    Wanted(
        "expired-ecdsa",
        "ca-ecdsa",
        "p256",
        "CN=TEST Expired certificate,O=Mezhved fixtures,C=RU",
        valid_to=datetime(2025, 12, 31, tzinfo=UTC),
    ),
    Wanted(
        "not-yet-valid-ecdsa",
        "ca-ecdsa",
        "p256",
        "CN=TEST Certificate of the future,O=Mezhved fixtures,C=RU",
        valid_from=datetime(2036, 12, 30, tzinfo=UTC),
    ),
    Wanted("foreign-ecdsa", "foreign-ca", "p256", "CN=TEST System of a foreign authority,O=Mezhved fixtures,C=RU"),
    Wanted("clerk-ecdsa", "ca-ecdsa", "p256", "CN=TEST Official of one organisation,O=Mezhved fixtures,C=RU"),
    Wanted("former-ecdsa", "ca-ecdsa", "p256", "CN=TEST Official of the past,O=Mezhved fixtures,C=RU"),
    Wanted("elsewhere-ecdsa", "ca-ecdsa", "p256", "CN=TEST Official of another system,O=Mezhved fixtures,C=RU"),
    Wanted("provider-ecdsa", "ca-ecdsa", "p256", "CN=TEST Provider of a kind,O=Mezhved fixtures,C=RU"),
    Wanted("reader-ecdsa", "ca-ecdsa", "p256", "CN=TEST Reader of announcements,O=Mezhved fixtures,C=RU"),
    Wanted("crowded-ecdsa", "ca-ecdsa", "p256", "CN=TEST System that never reads,O=Mezhved fixtures,C=RU"),
)


def make_keys(folder: Path) -> None:
    """Writes NAME.key.pem and NAME.crt.pem for every key, and NAME.crl.pem for every authority that is trusted."""
    folder.mkdir(parents=True, exist_ok=True)
    authorities = {
        name: create_authority(key_type, subject, valid_from=BEGIN, valid_to=END)
        for name, (key_type, subject) in AUTHORITIES.items()
    }
    for name, authority in authorities.items():
        _write(folder, name, authority)
    for serial, wanted in enumerate(WANTED, 1001):
        issued = authorities[wanted.authority].issue(
            wanted.subject,
            key_type=wanted.key_type,
            serial=serial,
            valid_from=wanted.valid_from,
            valid_to=wanted.valid_to,
        )
        _write(folder, wanted.name, issued)
    _write_lists(folder, authorities)


def _write(folder: Path, name: str, issued: Issued) -> None:
    (folder / f"{name}.key.pem").write_bytes(issued.key_pem)
    (folder / f"{name}.crt.pem").write_bytes(issued.certificate.to_pem())


def _write_lists(folder: Path, authorities: dict[str, Authority]) -> None:
    revoked = {serial: wanted for serial, wanted in enumerate(WANTED, 1001) if wanted.name.startswith("revoked")}
    for name in ("ca-ecdsa", "ca-rsa", "ca-gost256"):
        crl = authorities[name].make_crl(
            [(serial, REVOKED_AT) for serial, wanted in revoked.items() if wanted.authority == name],
            number=1,
            this_update=REVOKED_AT,
            next_update=END,
        )
        (folder / f"{name}.crl.pem").write_bytes(pem_block(b"X509 CRL", crl.der))


if __name__ == "__main__":
    make_keys(Path(sys.argv[1]))
