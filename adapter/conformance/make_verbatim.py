"""Makes the signed envelopes of fixtures/verbatim and fixtures/bench: `python -m … .make_verbatim FIXTURES`.

They are sent as they lie there, for years: good signatures over messages that are long out of date, and signatures with
the mistakes that participants' software makes. They have to be made again after `make_keys`.
"""

import base64
import sys
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from lxml import etree
from lxml.etree import _Element as Element

from ...signing.canonical import EXCLUSIVE_C14N, exclusive_c14n, inclusive_c14n
from ...signing.keys import SigningKey
from ...signing.providers import provider_for
from ...signing.transform import SMEV_TRANSFORM, smev_transform
from ..exchange.contract import CONTRACTS, SOAP_ENVELOPE, XMLDSIG, SignatureRole
from .changes import write_envelope
from .key_ring import KeyRing
from .placeholders import Values
from .reading import Envelope, read_envelope
from .sealing import seal

MADE = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
"""The moment inside everything here, out of date ever since."""

_CARD = "urn://x-artefacts-mezhved/frmr/worker_card/1.0.0"
_EMPLOYMENTS = 14

Octets = Callable[[Element], bytes]


def _right(target: Element) -> bytes:
    return smev_transform(exclusive_c14n(target))


def _pretty(signed_info: Element) -> bytes:
    copy = deepcopy(signed_info)
    etree.indent(copy)
    return exclusive_c14n(copy)


def make_verbatim(fixtures: Path) -> None:
    """Writes all envelopes below the folder of the fixtures."""
    random = Random(1)  # noqa: S311  nothing secret: the same envelopes every time, but for the signatures
    keys = KeyRing()

    def key(name: str) -> SigningKey:
        return keys.key(fixtures / "verbatim" / "any", name)

    def envelope(template: str, **given: str) -> Envelope:
        values = Values(MADE, random.getrandbits, {"contract": "1.2", "node_id": "verbatim", **given})
        return read_envelope(values.fill((fixtures / "envelopes" / template).read_text("utf-8")).encode())

    def request() -> Envelope:
        content = (fixtures / "kinds" / "worker_card" / "by_snils.xml").read_text("utf-8").strip()
        return envelope("send_request.xml", content=content, snils="98541811650")

    folder = fixtures / "verbatim"
    for name in ("gost256", "gost512", "rsa", "ecdsa"):
        _write(folder / f"stale_{name}.xml", _sealed(request(), key(f"region-{name}")))
    captured = {"timestamp": "{{now}}", "target": "{{message_id}}", "accepted": "true"}
    for template in ("get_response", "get_status", "ack"):
        _write(folder / f"{template}.xml", _sealed(envelope(f"{template}.xml", **captured), key("region-gost256")))
    gost = key("region-gost256")
    _write(folder / "hashed_without_transform.xml", _mistaken(request(), gost, hashed=exclusive_c14n))
    _write(folder / "hashed_by_inclusive_c14n.xml", _mistaken(request(), gost, hashed=inclusive_c14n))
    _write(folder / "signed_info_by_inclusive_c14n.xml", _mistaken(request(), gost, signed=inclusive_c14n))
    _write(folder / "signed_info_pretty_printed.xml", _mistaken(request(), gost, signed=_pretty))
    _write(folder / "value_reversed.xml", _mistaken(request(), gost, written=lambda value: value[::-1]))
    _write(fixtures / "bench" / "document.xml", _sealed(read_envelope(_big_response(random)), gost))


def _write(path: Path, envelope: Envelope) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(write_envelope(envelope.body.getroottree().getroot()))


def _sealed(envelope: Envelope, key: SigningKey) -> Envelope:
    seal(envelope, SignatureRole.CALLER, key)
    return envelope


def _mistaken(
    envelope: Envelope,
    key: SigningKey,
    *,
    hashed: Octets = _right,
    signed: Octets = exclusive_c14n,
    written: Callable[[bytes], bytes] = bytes,
) -> Envelope:
    """Signs with a mistake: other octets hashed or signed than declared, or the value written otherwise."""
    data = envelope.body[0]
    holder = etree.SubElement(envelope.body, f"{{{envelope.contract.types}}}CallerInformationSystemSignature")
    algorithm = key.algorithm
    digest = provider_for(algorithm.digest).digest(algorithm.digest, hashed(data))
    signature = etree.fromstring(
        f'<ds:Signature xmlns:ds="{XMLDSIG}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}"/>'
        f'<ds:SignatureMethod Algorithm="{algorithm.uri}"/><ds:Reference URI="#{data.get("Id")}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{EXCLUSIVE_C14N}"/><ds:Transform Algorithm="{SMEV_TRANSFORM}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{algorithm.digest.uri}"/><ds:DigestValue>{_base64(digest)}</ds:DigestValue>'
        "</ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data>"
        f"<ds:X509Certificate>{_base64(key.certificate.der)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        "</ds:Signature>"
    )
    holder.append(signature)
    signature[1].text = _base64(written(key.sign(signed(signature[0]))))
    return envelope


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _big_response(random: Random) -> bytes:
    """A worker's card with fourteen employments as a SendResponse: 240 elements with its signature, about 10 KB."""
    contract = CONTRACTS["1.2"]
    values = Values(MADE, random.getrandbits, {})
    jobs = "".join(_employment(number, random) for number in range(_EMPLOYMENTS))
    return values.fill(
        f'<s:Envelope xmlns:s="{SOAP_ENVELOPE}"><s:Body><t:SendResponseRequest xmlns:t="{contract.types}" '
        f'xmlns:b="{contract.basic}"><t:SenderProvidedResponseData Id="SIGNED_BY_PROVIDER">'
        "<t:MessageID>{{message_id}}</t:MessageID><t:To>{{message_id}}.0</t:To><b:MessagePrimaryContent>"
        f'<WorkerCardResponse xmlns="{_CARD}"><ActualAt>{MADE:%Y-%m-%dT%H:%M:%SZ}</ActualAt><Worker>'
        "<Oid>2024.0000004</Oid><Status>ACTIVE</Status><LastName>Белинская</LastName><FirstName>Елизавета</FirstName>"
        "<Patronymic>Петровна</Patronymic><Gender><Code>2</Code></Gender><BirthDate>1997-07-25</BirthDate>"
        f"<Snils>98541811650</Snils><Version>1</Version></Worker><Employments>{jobs}</Employments>"
        "</WorkerCardResponse></b:MessagePrimaryContent></t:SenderProvidedResponseData></t:SendResponseRequest>"
        "</s:Body></s:Envelope>"
    ).encode()


def _employment(number: int, random: Random) -> str:
    entity, message = ("{:08x}-{:04x}-4000-8000-{:012x}".format(*map(random.getrandbits, (32, 16, 48))) for _ in "12")
    organisation = f"1.2.643.5.1.13.13.12.2.77.9000{number:02}"
    end_type = "<EndType><Code>1</Code></EndType>" if number % 4 == 0 else ""
    return (
        f'<Employment entityId="{entity}" version="1" recordedAt="{MADE:%Y-%m-%dT%H:%M:%SZ}" source="RMIS" '
        f'messageId="{message}"><Organization><Oid>{organisation}</Oid></Organization><Subdivision>'
        f"<Oid>{organisation}.0.{number}</Oid></Subdivision><Post><Code>{109 + number}</Code></Post><PositionType>"
        f"<Code>1</Code></PositionType><Rate>1.00</Rate><ContractNumber>{number + 1}/{number + 11}</ContractNumber>"
        f"<ContractDate>20{number + 11}-01-10</ContractDate><BeginDate>20{number + 11}-01-11</BeginDate>"
        f"<EndDate>20{number + 11}-12-20</EndDate>{end_type}</Employment>"
    )


if __name__ == "__main__":
    make_verbatim(Path(sys.argv[1]))
