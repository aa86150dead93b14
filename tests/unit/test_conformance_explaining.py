"""`explain` shows what was hashed, and finds each mistake that people's software is known to make."""

import base64
import hashlib
import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree
from mezhved.adapter.conformance.explaining import Explanation, explain
from mezhved.adapter.conformance.fixture import Send
from mezhved.adapter.conformance.fixture_reading import load_fixture
from mezhved.adapter.conformance.placeholders import Values
from mezhved.adapter.conformance.reading import read_envelope
from mezhved.adapter.conformance.sealing import default_role, seal
from mezhved.adapter.exchange.contract import CONTRACTS, XMLDSIG, Contract, Operation
from mezhved.signing.algorithms import RSA_SHA512
from mezhved.signing.canonical import exclusive_c14n, inclusive_c14n
from mezhved.signing.errors import ProviderUnavailable
from mezhved.signing.keys import SigningKey, load_pem
from mezhved.signing.providers import provider_for
from mezhved.signing.transform import smev_transform

KEYS = Path(__file__).parents[2] / "fixtures" / "keys"
CONTRACT = CONTRACTS["1.2"]
CONTENT = (
    '<q:Ask xmlns:q="urn:q" xmlns:unused="urn:unused" Id="P"><q:Note>a &gt; b, and longer &amp;&gt; than twelve\n'
    "lines</q:Note><q:Empty/> <q:Sum>  5  </q:Sum><!-- remark --></q:Ask>"
)
ENVELOPE = f"""<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:outer="urn:outer">
  <s:Body>
    <t:SendRequestRequest xmlns:t="{CONTRACT.types}" xmlns:b="{CONTRACT.basic}">
      <t:SenderProvidedRequestData Id="A">
        <t:MessageID>one</t:MessageID>
        <b:MessagePrimaryContent>{CONTENT}</b:MessagePrimaryContent>
      </t:SenderProvidedRequestData>
      <t:CallerInformationSystemSignature/>
    </t:SendRequestRequest>
  </s:Body>
</s:Envelope>"""

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
Octets = Callable[[bytes], bytes]


def key(name: str) -> SigningKey:
    try:
        return load_pem((KEYS / f"{name}.key.pem").read_bytes(), (KEYS / f"{name}.crt.pem").read_bytes())
    except ProviderUnavailable as error:
        pytest.skip(f"needs GOST: {error}")


def same(octets: bytes) -> bytes:
    return octets


def right(target: etree._Element) -> bytes:
    return smev_transform(exclusive_c14n(target))


def signed(
    *,
    by: str = "region-ecdsa",
    hashed: Callable[[etree._Element], bytes] = right,
    digest: Octets = same,
    signs: Callable[[etree._Element], bytes] = exclusive_c14n,
    value: Octets = same,
    transforms: tuple[str, ...] = (EXCLUSIVE, "urn://smev-gov-ru/xmldsig/transform"),
    after: Callable[[etree._Element], None] = lambda _: None,
) -> bytes:
    """The envelope, signed by a signer that makes the mistakes given; `after` is what happens to it later."""
    signer = key(by)
    root = etree.fromstring(ENVELOPE)
    data, holder = root[0][0]
    method = signer.algorithm
    hashed_to = digest(provider_for(method.digest).digest(method.digest, hashed(data)))
    signature = etree.fromstring(
        f'<ds:Signature xmlns:ds="{XMLDSIG}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
        f'<ds:SignatureMethod Algorithm="{method.uri}"/><ds:Reference URI="#A"><ds:Transforms>'
        + "".join(f'<ds:Transform Algorithm="{uri}"/>' for uri in transforms)
        + f'</ds:Transforms><ds:DigestMethod Algorithm="{method.digest.uri}"/><ds:DigestValue>'
        f"{base64.b64encode(hashed_to).decode()}</ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue/>"
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
        f"{base64.b64encode(signer.certificate.der).decode()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        "</ds:Signature>"
    )
    holder.append(signature)
    signature[1].text = base64.b64encode(value(signer.sign(signs(signature[0])))).decode()
    after(root)
    return etree.tostring(root)


def explained(octets: bytes) -> Explanation:
    (one,) = explain(read_envelope(octets))
    return one


def causes(octets: bytes, subject: str) -> set[str]:
    one = explained(octets)
    assert not one.holds
    return {cause.cause for cause in one.causes if cause.subject == subject}


@pytest.mark.parametrize("by", ["region-ecdsa", "region-rsa", "region-gost256", "region-gost512"])
def test_a_good_signature_is_shown_step_by_step(by: str) -> None:
    one = explained(signed(by=by))
    assert one.holds
    assert (one.role, one.element, one.id) == ("caller", "SenderProvidedRequestData", "A")
    target = etree.fromstring(ENVELOPE)[0][0][0]
    assert [step.octets for step in one.steps] == [exclusive_c14n(target), right(target)]
    assert one.digest_stated == one.digest_computed
    assert one.signed_info.startswith(b"<ds:SignedInfo xmlns:ds=")
    assert not one.causes
    assert not one.notes


def white_space_kept(target: etree._Element) -> bytes:
    """What a transform gives that drops no white space: it goes through as words, and comes out as it was."""
    words = re.sub(rb">(\s+)<", lambda match: b">{" + match[1].hex().encode() + b"}<", exclusive_c14n(target))
    return re.sub(rb"\{(\w+)\}", lambda match: bytes.fromhex(match[1].decode()), smev_transform(words))


def trimmed(target: etree._Element) -> bytes:
    return right(target).replace(b">  5  <", b">5<")


HASHED: list[tuple[str, Callable[[etree._Element], bytes]]] = [
    ("NO_SECOND_TRANSFORM", exclusive_c14n),
    ("INCLUSIVE_C14N", inclusive_c14n),
    ("NOT_CANONICAL", lambda target: etree.tostring(target, encoding="utf-8", with_tail=False)),
    ("WHITE_SPACE_KEPT", white_space_kept),
    ("TEXT_TRIMMED", trimmed),
    ("TEXT_COLLAPSED", lambda target: trimmed(target).replace(b"\n", b" ")),
    ("LINE_ENDS", lambda target: right(target).replace(b"\n", b"\r\n")),
    ("LINE_ENDS", lambda target: right(target).replace(b"\n", b"&#xd;\n")),
    ("GT_ESCAPE", lambda target: right(target).replace(b"a > b", b"a &gt; b")),
    ("GT_ESCAPE", lambda target: right(target).replace(b"&gt;", b">")),
    ("EMPTY_ELEMENTS", lambda target: re.sub(rb"<(ns\d+:Empty)></\1>", rb"<\1/>", right(target))),
    ("XML_DECLARATION", lambda target: b'<?xml version="1.0" encoding="UTF-8"?>' + right(target)),
    ("ENCODING", lambda target: right(target).decode().encode("utf-16-le")),
    ("ID_ADDED", lambda target: right(etree.fromstring(exclusive_c14n(target).replace(b' Id="A"', b"")))),
    ("OTHER_ELEMENT", lambda target: right(target[1][0])),
    ("OTHER_ELEMENT", lambda target: right(target[1])),
    ("CONTENT_ONLY", lambda target: right(target).partition(b">")[2].rpartition(b"</")[0]),
]


@pytest.mark.parametrize(("cause", "hashed"), HASHED)
def test_the_octets_that_were_hashed_instead_are_found(cause: str, hashed: Callable[[etree._Element], bytes]) -> None:
    assert causes(signed(hashed=hashed), "digest") == {cause}


def test_digests_in_other_forms_and_by_other_algorithms_are_found() -> None:
    assert causes(signed(digest=lambda digest: digest[::-1]), "digest") == {"REVERSED_DIGEST"}
    assert causes(signed(digest=lambda digest: digest.hex().encode()), "digest") == {"HEX_DIGEST"}
    sha1 = hashlib.sha1(right(etree.fromstring(ENVELOPE)[0][0][0]), usedforsecurity=False).digest()
    assert causes(signed(digest=lambda _: sha1), "digest") == {"OTHER_DIGEST"}


def test_white_space_added_after_signing_is_found_where_one_transform_is_declared() -> None:
    def pretty(root: etree._Element) -> None:
        etree.indent(root[0][0][0], "\t")

    def bare(target: etree._Element) -> bytes:
        return re.sub(rb">\s+<", b"><", exclusive_c14n(target))

    assert causes(signed(hashed=bare, transforms=(EXCLUSIVE,), after=pretty), "digest") == {"WHITE_SPACE_ADDED"}


def test_line_ends_that_the_element_has_now_are_found() -> None:
    def on_windows(root: etree._Element) -> None:
        note = next(root.iter("{urn:q}Note"))
        note.text = (note.text or "").replace("\n", "\r\n")

    assert causes(signed(after=on_windows), "digest") == {"LINE_ENDS"}


def test_base64_that_was_folded_or_joined_is_found() -> None:
    lines = base64.b64encode(bytes(range(120))).decode()

    def holding(text: str) -> Callable[[etree._Element], None]:
        def put(root: etree._Element) -> None:
            next(root.iter("{urn:q}Sum")).text = text

        return put

    def over(text: str) -> Callable[[etree._Element], bytes]:
        return lambda target: right(target).replace(b"  5  ", text.encode())

    folded = "\n".join(lines[start : start + 76] for start in range(0, len(lines), 76))
    assert causes(signed(hashed=over(lines), after=holding(folded)), "digest") == {"BASE64_JOINED"}
    assert causes(signed(hashed=over(folded), after=holding(lines)), "digest") == {"BASE64_FOLDED"}


def test_an_include_that_was_not_inlined_is_found() -> None:
    def put(root: etree._Element) -> None:
        element = next(root.iter("{urn:q}Empty"))
        etree.SubElement(element, "{http://www.w3.org/2004/08/xop/include}Include", href="cid:1")

    assert causes(signed(after=put), "digest") == {"NOT_INLINED"}


def test_content_changed_after_signing_leaves_the_signer_beyond_doubt() -> None:
    def forge(root: etree._Element) -> None:
        next(root.iter("{urn:q}Sum")).text = "6"

    one = explained(signed(after=forge))
    assert (one.digest_matches, one.signature_matches, one.causes) == (False, True, [])
    assert any("changed" in note for note in one.notes)
    assert one.tried > 40


def printed(space: str, line_end: bytes = b"\n") -> Callable[[etree._Element], bytes]:
    def canonical(signed_info: etree._Element) -> bytes:
        copy = deepcopy(signed_info)
        etree.indent(copy, space)
        return exclusive_c14n(copy).replace(b"\n", line_end)

    return canonical


SIGNS: list[tuple[str, Callable[[etree._Element], bytes]]] = [
    ("SIGNED_INFO_INCLUSIVE_C14N", inclusive_c14n),
    ("SIGNED_INFO_TRANSFORMED", lambda info: smev_transform(exclusive_c14n(info))),
    ("SIGNED_INFO_PRETTY_PRINTED", printed("  ")),
    ("SIGNED_INFO_PRETTY_PRINTED", printed("")),
    ("SIGNED_INFO_PRETTY_PRINTED", printed("", b"&#xD;\n")),
    ("SIGNED_INFO_PREFIX", lambda info: exclusive_c14n(info).replace(b"ds:", b"").replace(b"xmlns:ds", b"xmlns")),
    ("SIGNED_INFO_NOT_CANONICAL", etree.tostring),
    ("ELEMENT_SIGNED", lambda _: right(etree.fromstring(ENVELOPE)[0][0][0])),
]


@pytest.mark.parametrize(("cause", "signs"), SIGNS)
def test_what_was_signed_instead_of_signed_info_is_found(cause: str, signs: Callable[[etree._Element], bytes]) -> None:
    assert causes(signed(signs=signs), "signature") == {cause}


def halves(value: bytes) -> tuple[bytes, bytes]:
    return value[: len(value) // 2], value[len(value) // 2 :]


VALUES: list[tuple[str, Octets]] = [
    ("REVERSED_VALUE", lambda value: value[::-1]),
    ("REVERSED_HALVES", lambda value: b"".join(half[::-1] for half in halves(value))),
    ("SWAPPED_HALVES", lambda value: b"".join(halves(value)[::-1])),
    ("DER_VALUE", lambda value: encode_dss_signature(*(int.from_bytes(half) for half in halves(value)))),
    ("TRAILING_OCTETS", lambda value: value + b"\0"),
]


@pytest.mark.parametrize("by", ["region-ecdsa", "region-gost256", "region-gost512"])
@pytest.mark.parametrize(("cause", "value"), VALUES, ids=[cause for cause, _ in VALUES])
def test_values_in_another_order_or_encoding_are_found(by: str, cause: str, value: Octets) -> None:
    assert causes(signed(by=by, value=value), "signature") == {cause}


def test_a_reversed_rsa_value_is_found() -> None:
    assert causes(signed(by="region-rsa", value=lambda value: value[::-1]), "signature") == {"REVERSED_VALUE"}


def test_two_mistakes_at_once_are_found() -> None:
    octets = signed(by="region-gost256", signs=inclusive_c14n, value=lambda value: value[::-1])
    assert causes(octets, "signature") == {"SIGNED_INFO_INCLUSIVE_C14N", "REVERSED_VALUE"}


def test_another_algorithm_than_the_one_named_is_found() -> None:
    rsa = key("region-rsa")

    def by_sha512(root: etree._Element) -> None:
        info, value, _ = next(root.iter(f"{{{XMLDSIG}}}Signature"))
        value.text = base64.b64encode(rsa.private.sign(RSA_SHA512, exclusive_c14n(info))).decode()

    assert causes(signed(by="region-rsa", after=by_sha512), "signature") == {"OTHER_ALGORITHM"}


def test_signed_info_that_was_pretty_printed_after_signing_is_found() -> None:
    def pretty(root: etree._Element) -> None:
        etree.indent(next(root.iter(f"{{{XMLDSIG}}}SignedInfo")))

    one = explained(signed(after=pretty))
    assert {cause.cause for cause in one.causes} == {"SIGNED_INFO_PRETTY_PRINTED"}
    assert any("white space" in note for note in one.notes)


def test_a_digest_value_that_was_changed_is_found() -> None:
    def change(root: etree._Element) -> None:
        next(root.iter(f"{{{XMLDSIG}}}DigestValue")).text = base64.b64encode(bytes(32)).decode()

    assert causes(signed(after=change), "signature") == {"DIGEST_VALUE_CHANGED"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b'URI="#A"', b'URI="#B"', "'#B'"),
        (b"<ds:KeyInfo>", b"<ds:Other>", "no certificate"),
        (b"xmldsig-more#ecdsa-sha256", b"xmldsig-more#ecdsa-sha-256", "right spelling"),
        (b"urn://smev-gov-ru/xmldsig/transform", b"urn://smev.gov.ru/transform", "unknown"),
    ],
)
def test_what_keeps_a_signature_from_being_checked_is_said(old: bytes, new: bytes, says: str) -> None:
    octets = signed().replace(old, new).replace(old.replace(b"<", b"</"), new.replace(b"<", b"</"))
    one = explained(octets)
    assert not one.holds
    assert says in " ".join(one.notes)


def test_a_missing_signature_and_one_out_of_place_are_said() -> None:
    missing = explained(signed(after=lambda root: root[0][0].remove(root[0][0][1])))
    assert missing.role == "caller"
    assert "demands" in missing.notes[0]

    def misplace(root: etree._Element) -> None:
        root[0][0].append(root[0][0][1][0])

    found = explain(read_envelope(signed(after=misplace)))
    assert [(one.role, one.holds) for one in found] == [("caller", False), (None, False)]
    assert "no place" in found[1].notes[0]


CALLS = [
    pytest.param(contract, operation, id=f"{operation}-{contract.version}")
    for contract in CONTRACTS.values()
    for operation in contract.operations
]


@pytest.mark.parametrize(("contract", "operation"), CALLS)
def test_calls_of_every_operation_in_every_version_are_explained(contract: Contract, operation: Operation) -> None:
    call = next(
        run.steps[0]
        for run in load_fixture(KEYS.parent / "signature" / "digest_changed.fixture.toml").runs
        if run.parameters == {"contract": contract.version, "operation": operation}
    )
    assert isinstance(call, Send)
    known = {"contract": contract.version, "node_id": "n"}
    values = Values(datetime(2027, 1, 1, tzinfo=UTC), Random(1).getrandbits, call.values, known)
    envelope = read_envelope(values.fill(call.envelope.read_text("utf-8")).encode())
    seal(envelope, default_role(envelope), key(call.sign[0].key))
    (one,) = explain(envelope)
    assert (one.role, one.holds, one.notes) == ("caller", True, [])
    next(envelope.body.iter(f"{{{XMLDSIG}}}DigestValue")).text = base64.b64encode(bytes(32)).decode()
    (one,) = explain(envelope)
    assert (one.digest_matches, one.signature_matches) == (False, False)
