"""XML-DSig: every kind of key signs and verifies; whatever is not exactly right is refused for its own reason."""

import base64
import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml.etree import _Element as Element
from mezhved.signing import errors
from mezhved.signing.algorithms import GOST2001
from mezhved.signing.canonical import EXCLUSIVE_C14N, INCLUSIVE_C14N, exclusive_c14n, inclusive_c14n
from mezhved.signing.policy import ENVELOPED, SMEV, XMLDSIG, SignaturePolicy
from mezhved.signing.signature_parts import NAMESPACE
from mezhved.signing.transform import SMEV_TRANSFORM
from mezhved.signing.trust import TrustStore
from mezhved.signing.xmldsig import Verified, sign, sign_octets, verify
from support.certificates import ARCHIVE_KINDS, BEGIN, COMMON_KINDS, END, GOST_KINDS, NOW, authority, system

DOCUMENT = (
    '<e:envelope xmlns:e="urn:envelope" xmlns:u="urn:unused"><e:call><d:data xmlns:d="urn:data" Id="DATA" d:a="1">'
    "<d:name>Имя &amp; &gt; 1</d:name><d:empty/></d:data><e:holder/></e:call></e:envelope>"
)
ARCHIVE = dataclasses.replace(SMEV, algorithms=SMEV.algorithms | {GOST2001.uri})
Change = tuple[str, str]


def made_by(*transforms: str) -> SignaturePolicy:
    return dataclasses.replace(XMLDSIG, transforms=(transforms,))


def trust_in(kind: str) -> TrustStore:
    return TrustStore([authority(kind).certificate])


def signed(kind: str = "p256", policy: SignaturePolicy = SMEV) -> bytes:
    root = etree.fromstring(DOCUMENT)
    target, holder = root[0]
    holder.append(sign(target, system(kind).signing_key(), policy=policy))
    return inclusive_c14n(root)  # every tag is written in one way only, so that tests can find and replace it


def judge(octets: bytes, kind: str = "p256", policy: SignaturePolicy = SMEV) -> Verified:
    target, holder = etree.fromstring(octets)[0]
    found = verify(holder[0] if len(holder) else None, target, policy=policy, trust=trust_in(kind), at=NOW)
    assert found.element is target
    return found


# -- what is right -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", GOST_KINDS + COMMON_KINDS)
def test_every_kind_of_key_signs_and_verifies(kind: str) -> None:
    key = system(kind).signing_key()
    found = judge(signed(kind), kind)
    assert (found.certificate, found.algorithm) == (key.certificate, key.algorithm.uri)


@pytest.mark.parametrize("kind", ARCHIVE_KINDS)
def test_gost_2001_is_for_archives_only(kind: str) -> None:
    octets = signed(kind)
    assert judge(octets, kind, ARCHIVE).algorithm == GOST2001.uri
    for policy in (SMEV, XMLDSIG):
        with pytest.raises(errors.AlgorithmRefused, match=r"SignatureMethod .* is not accepted"):
            judge(octets, kind, policy)


@pytest.mark.parametrize("kind", ["gost256-tc26-a", "rsa2048"])
def test_octets_are_signed_as_the_element_is(kind: str) -> None:
    root = etree.fromstring(DOCUMENT)
    octets = sign_octets(exclusive_c14n(root[0][0]), "DATA", system(kind).signing_key())
    assert b"> " not in octets
    assert b"\n" not in octets
    assert exclusive_c14n(etree.fromstring(octets)) == octets
    root[0][1].append(etree.fromstring(octets))
    judge(etree.tostring(root), kind)


def test_prefixes_white_space_and_the_order_of_attributes_may_change_on_the_way() -> None:
    octets = (
        signed().replace(b"d:", b"other:").replace(b":d=", b":other=").replace(b"<other:empty>", b"\n  <other:empty>")
    )
    judge(octets.replace(b'Id="DATA" other:a="1"', b'other:a="1" Id="DATA"'))
    with pytest.raises(errors.DigestMismatch):
        judge(octets.replace(b"1</other:name>", b"1 </other:name>"))


@pytest.mark.parametrize(
    "transforms",
    [(EXCLUSIVE_C14N,), (INCLUSIVE_C14N,), (EXCLUSIVE_C14N, SMEV_TRANSFORM)],
    ids=["exclusive", "inclusive", "smev"],
)
def test_the_plain_profile_takes_either_canonicalisation(transforms: tuple[str, ...]) -> None:
    octets = signed(policy=made_by(*transforms))
    judge(octets, policy=XMLDSIG)
    # Only inclusive c14n covers a namespace that is declared around the element and not used in it.
    elsewhere = octets.replace(b'xmlns:u="urn:unused"', b'xmlns:u="urn:other"')
    if INCLUSIVE_C14N in transforms:
        with pytest.raises(errors.DigestMismatch):
            judge(elsewhere, policy=XMLDSIG)
    else:
        judge(elsewhere, policy=XMLDSIG)
    if SMEV_TRANSFORM not in transforms:
        with pytest.raises(errors.TransformRefused, match="must be"):
            judge(octets)


@pytest.mark.parametrize("before", [None, "d:name"])
def test_an_enveloped_signature_is_left_out_and_the_text_after_it_is_not(before: str | None) -> None:
    target = etree.fromstring(DOCUMENT)[0][0]
    signature = sign(target, system("p256").signing_key(), policy=made_by(ENVELOPED, EXCLUSIVE_C14N))
    target.insert(0 if before is None else 1, signature)
    verdict = verify(signature, target, policy=XMLDSIG, trust=trust_in("p256"), at=NOW)
    assert verdict.element is target
    assert signature.getparent() is target
    signature.tail = "text"
    with pytest.raises(errors.DigestMismatch):
        verify(signature, target, policy=XMLDSIG, trust=trust_in("p256"), at=NOW)
    with pytest.raises(errors.TransformRefused):
        verify(signature, target, policy=SMEV, trust=trust_in("p256"), at=NOW)


def test_a_signature_outside_is_not_enveloped() -> None:
    with pytest.raises(errors.WrongTarget, match="enveloped"):
        judge(signed(policy=made_by(ENVELOPED, EXCLUSIVE_C14N)), policy=XMLDSIG)


def test_an_id_is_written_so_that_it_can_be_read() -> None:
    identifier = "a\"b<c&d>e'f \t\n"
    target = etree.fromstring('<d:data xmlns:d="urn:data"/>')
    target.set("Id", identifier)
    signature = sign(target, system("p256").signing_key())
    assert signature.find(f".//{{{NAMESPACE}}}Reference").get("URI") == f"#{identifier}"
    verify(signature, target, policy=SMEV, trust=trust_in("p256"), at=NOW)


def test_white_space_between_the_parts_and_in_base64_is_tolerated_where_it_is_not_signed() -> None:
    octets = (
        signed()
        .replace(b"</ds:SignedInfo><", b"</ds:SignedInfo>\n\t<")
        .replace(b"<ds:X509Data>", b" <ds:X509Data>\r\n")
    )
    value = between(octets, "SignatureValue")
    judge(octets.replace(value, value[:20] + b"&#13;\n " + value[20:]))
    with pytest.raises(errors.SignatureMismatch, match="re-indented"):
        judge(signed().replace(b"</ds:SignatureMethod>", b"</ds:SignatureMethod>\n"), policy=SMEV)


# -- what is wrong -----------------------------------------------------------------------------------------------------


def between(octets: bytes, name: str) -> bytes:
    return octets.partition(b"<ds:%b>" % name.encode())[2].partition(b"</ds:%b>" % name.encode())[0]


def with_value(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The signed document with another value, in base64, of one of the signature's elements."""
    octets = signed()
    value = between(octets, name)
    return octets.replace(value, base64.b64encode(change(base64.b64decode(value))))


EXC = f'Algorithm="{EXCLUSIVE_C14N}"'
INCLUSIVE_NAMESPACES = f'<x:InclusiveNamespaces xmlns:x="{EXCLUSIVE_C14N}" PrefixList="d"/>'
EMPTY_REFERENCE = '<ds:Reference URI="#OTHER"/>'
STRUCTURE: list[tuple[type[errors.SigningError], Change]] = [
    (errors.MalformedSignature, ("</ds:Signature>", "<ds:Object/></ds:Signature>")),
    (errors.MalformedSignature, ("</ds:Signature>", "<ds:Object><ds:Manifest/></ds:Object></ds:Signature>")),
    (errors.MalformedSignature, ("</ds:Signature>", "<x/></ds:Signature>")),
    (errors.MalformedSignature, ("</ds:Signature>", "text</ds:Signature>")),
    (errors.MalformedSignature, ("<ds:KeyInfo>", "<!-- c --><ds:KeyInfo>")),
    (errors.MalformedSignature, ("<ds:KeyInfo>", "<?p i?><ds:KeyInfo>")),
    (errors.MalformedSignature, ("<ds:KeyInfo>", "\u00a0<ds:KeyInfo>")),
    (errors.MalformedSignature, ("</ds:SignedInfo>", EMPTY_REFERENCE + "</ds:SignedInfo>")),
    (errors.MalformedSignature, ("<ds:Reference ", EMPTY_REFERENCE + "<ds:Reference ")),
    (errors.MalformedSignature, ("<ds:DigestValue>", "<ds:DigestValue>A<!-- c -->")),
    (errors.MalformedSignature, ("<ds:SignatureValue>", "<ds:SignatureValue><x/>")),
    (
        errors.MalformedSignature,
        ("</ds:SignatureMethod>", "<ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>"),
    ),
    (errors.MalformedSignature, ("</ds:DigestMethod>", "text</ds:DigestMethod>")),
    (errors.MalformedSignature, ("<ds:SignedInfo>", "<ds:SignedInfo>text")),
    (errors.MalformedSignature, ("ds:SignatureValue", "ds:Value")),
    (errors.MalformedSignature, ("ds:Signature", "ds:Other")),
    (errors.MalformedSignature, (NAMESPACE, "urn:other")),
    (errors.MalformedSignature, ("<ds:X509Data>", "<ds:KeyName>n</ds:KeyName><ds:X509Data>")),
    (errors.MalformedSignature, ("<ds:X509Data>", "<ds:X509Data><ds:X509SubjectName>n</ds:X509SubjectName>")),
    (errors.MalformedSignature, ("</ds:X509Data>", "</ds:X509Data><ds:X509Data/>")),
    (
        errors.TransformRefused,
        (f"<ds:CanonicalizationMethod {EXC}>", f"<ds:CanonicalizationMethod {EXC}>{INCLUSIVE_NAMESPACES}"),
    ),
    (
        errors.TransformRefused,
        (f"<ds:CanonicalizationMethod {EXC}", f'<ds:CanonicalizationMethod Algorithm="{INCLUSIVE_C14N}"'),
    ),
    (errors.TransformRefused, (f"<ds:Transform {EXC}>", f"<ds:Transform {EXC}>{INCLUSIVE_NAMESPACES}")),
    (
        errors.TransformRefused,
        (f"<ds:Transform {EXC}", '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"'),
    ),
    (errors.TransformRefused, (f"<ds:Transform {EXC}></ds:Transform>", "")),
    (errors.TransformRefused, (f'<ds:Transform Algorithm="{SMEV_TRANSFORM}"></ds:Transform>', "")),
    (errors.TransformRefused, ("</ds:Transforms>", f"<ds:Transform {EXC}/></ds:Transforms>")),
    (errors.AlgorithmRefused, ("xmldsig-more#ecdsa-sha256", "xmldsig-more#hmac-sha256")),
    (errors.AlgorithmRefused, ("xmldsig-more#ecdsa-sha256", "xmldsig-more#ecdsa-sha1")),
    (
        errors.AlgorithmRefused,
        ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
    ),
    (errors.AlgorithmRefused, ("ecdsa-sha256", "rsa-sha256")),
    (errors.AlgorithmRefused, ("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1")),
    (
        errors.AlgorithmRefused,
        ("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#md5"),
    ),
    (
        errors.AlgorithmRefused,
        ("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#gostr3411"),
    ),
    (errors.WrongTarget, ('URI="#DATA"', 'URI="DATA"')),
    (errors.WrongTarget, ('URI="#DATA"', 'URI=""')),
    (errors.WrongTarget, (' URI="#DATA"', "")),
    (errors.WrongTarget, ('URI="#DATA"', "URI=\"#xpointer(id('DATA'))\"")),
    (errors.WrongTarget, ('URI="#DATA"', 'URI="http://example.org/#DATA"')),
    (errors.WrongTarget, ('Id="DATA"', 'Id="OTHER"')),
    (errors.WrongTarget, ('Id="DATA"', 'ID="DATA"')),
    (errors.DuplicateId, ("<e:holder>", '<e:holder ID="DATA">')),
    (errors.DuplicateId, ("<ds:KeyInfo>", '<ds:KeyInfo Id="DATA">')),
    (errors.TransformError, ("d:empty>", "empty>")),
    (errors.TransformError, ("<d:empty>", "<d:empty xml:lang='ru'>")),
]


@pytest.mark.parametrize(("expected", "change"), STRUCTURE, ids=[f"{e.code}-{c[1][:40]}" for e, c in STRUCTURE])
def test_every_other_structure_is_refused(expected: type[errors.SigningError], change: Change) -> None:
    octets = signed().decode()
    assert change[0] in octets
    with pytest.raises(expected):
        judge(octets.replace(*change).encode())


def test_no_signature_is_no_signature() -> None:
    with pytest.raises(errors.SignatureMissing):
        judge(DOCUMENT.encode())
    root = etree.fromstring(signed())
    root[0][1][0].tag = f"{{{NAMESPACE}}}Other"
    with pytest.raises(errors.MalformedSignature, match="Other was found"):
        judge(etree.tostring(root))


@pytest.mark.parametrize("name", ["DigestValue", "SignatureValue", "X509Certificate"])
@pytest.mark.parametrize(
    "spoil", [b"", b"\xc2\xa0", b"====", b"-_", b"te*t", b"QUJD\xc2\x85QUJD", b"QUJDQQ==QUJD", b"QUJDQR=="]
)
def test_what_is_not_base64_is_refused(name: str, spoil: bytes) -> None:
    octets = signed()
    with pytest.raises(errors.MalformedSignature, match="not base64"):
        judge(octets.replace(between(octets, name), spoil))


@pytest.mark.parametrize("kind", ["gost256-tc26-a", "gost512-tc26-a", "rsa2048", "p256", "p521"])
@pytest.mark.parametrize("change", [lambda v: v + b"\0", lambda v: v[:-1], lambda v: b"\0" + v, lambda v: v + v])
def test_a_value_of_another_length_is_refused(kind: str, change: Callable[[bytes], bytes]) -> None:
    octets = signed(kind)
    value = between(octets, "SignatureValue")
    with pytest.raises(errors.MalformedSignature, match="octets"):
        judge(octets.replace(value, base64.b64encode(change(base64.b64decode(value)))), kind)


@pytest.mark.parametrize("kind", ["gost256-tc26-a", "gost512-tc26-a", "rsa2048", "p256"])
@pytest.mark.parametrize("value", [bytes, lambda size: b"\xff" * size])
def test_values_that_no_key_makes_are_refused(kind: str, value: Callable[[int], bytes]) -> None:
    octets = signed(kind)
    real = between(octets, "SignatureValue")
    with pytest.raises(errors.SignatureMismatch):
        judge(octets.replace(real, base64.b64encode(value(len(base64.b64decode(real))))), kind)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["gost256-tc26-a", "gost512-tc26-b", "rsa2048", "p256"]), st.data())
def test_any_bit_of_the_values_that_is_turned_is_noticed(kind: str, data: st.DataObject) -> None:
    octets = signed(kind)
    name, expected = data.draw(
        st.sampled_from([("DigestValue", errors.DigestMismatch), ("SignatureValue", errors.SignatureMismatch)])
    )
    value = between(octets, name)
    spoilt = bytearray(base64.b64decode(value))
    bit = data.draw(st.integers(0, 8 * len(spoilt) - 1))
    spoilt[bit // 8] ^= 1 << bit % 8
    with pytest.raises(expected):
        judge(octets.replace(value, base64.b64encode(spoilt)), kind)


def test_a_digest_that_differs_is_told_with_both_values() -> None:
    octets = signed()
    with pytest.raises(errors.DigestMismatch) as refused:
        judge(octets.replace(b"&gt; 1", b"&gt; 2"))
    stated = between(octets, "DigestValue").decode()
    assert f"the signature names {stated}" in str(refused.value)
    assert str(refused.value).count("=") == 2


def test_a_reference_elsewhere_is_told_with_the_right_one() -> None:
    with pytest.raises(errors.WrongTarget, match=r"refers to '#OTHER'; to sign <data> at its place it must be '#DATA'"):
        judge(signed().replace(b'URI="#DATA"', b'URI="#OTHER"'))
    with pytest.raises(errors.WrongTarget, match="has no Id"):
        judge(signed().replace(b' Id="DATA"', b""))


def test_signed_info_that_was_changed_is_told_from_a_changed_element() -> None:
    with pytest.raises(errors.SignatureMismatch, match="SignedInfo was changed"):
        judge(signed().replace(b"<ds:SignedInfo>", b'<ds:SignedInfo Id="SI">'))


def test_anothers_certificate_does_not_fit() -> None:
    octets = signed()
    other = authority("p256").issue("CN=Other", key_type="p256", serial=200, valid_from=BEGIN, valid_to=END)
    with pytest.raises(errors.SignatureMismatch):
        judge(octets.replace(between(octets, "X509Certificate"), base64.b64encode(other.certificate.der)))
    with pytest.raises(errors.CertificateMalformed):
        judge(octets.replace(between(octets, "X509Certificate"), b"QUJD"))


@pytest.mark.parametrize(
    ("key_info", "expected"),
    [
        ("", errors.CertificateMissing),
        ("<ds:KeyValue/>", errors.CertificateMissing),
        ("<ds:KeyName>name</ds:KeyName>", errors.CertificateMissing),
        ("<ds:X509Data><ds:X509SubjectName>CN=System</ds:X509SubjectName></ds:X509Data>", errors.CertificateMissing),
        ("<ds:X509Certificate>QUJD</ds:X509Certificate>", errors.CertificateMissing),
    ],
)
def test_a_key_without_certificate_is_nobodys(key_info: str, expected: type[errors.SigningError]) -> None:
    octets = signed()
    for policy in (SMEV, XMLDSIG):
        with pytest.raises(expected):
            judge(octets.replace(between(octets, "KeyInfo"), key_info.encode()), policy=policy)


def certificates(*ders: bytes) -> bytes:
    return b"".join(b"<ds:X509Certificate>%b</ds:X509Certificate>" % base64.b64encode(der) for der in ders)


def test_a_chain_is_taken_by_the_plain_profile_in_any_order() -> None:
    octets = signed()
    own, root = system("p256").certificate.der, authority("p256").certificate.der
    for chain in (certificates(own, root), certificates(root, own), certificates(own, own)):
        chained = octets.replace(
            between(octets, "KeyInfo"), b"<ds:KeyName>n</ds:KeyName><ds:X509Data>%b</ds:X509Data><ds:KeyValue/>" % chain
        )
        assert judge(chained, policy=XMLDSIG).certificate == system("p256").certificate
        with pytest.raises(errors.MalformedSignature):
            judge(chained)
    other = authority("p384").certificate.der
    with pytest.raises(errors.MalformedSignature, match="several certificates"):
        judge(octets.replace(certificates(own), certificates(own, other)), policy=XMLDSIG)


def test_the_certificate_is_judged_at_the_moment_asked_about() -> None:
    target, holder = etree.fromstring(signed())[0]
    for at, expected in (
        (BEGIN - timedelta(seconds=1), errors.CertificateNotYetValid),
        (END, errors.CertificateExpired),
    ):
        with pytest.raises(expected):
            verify(holder[0], target, policy=SMEV, trust=trust_in("p256"), at=at)
    with pytest.raises(errors.CertificateUntrusted):
        verify(holder[0], target, policy=SMEV, trust=trust_in("p384"), at=NOW)


# -- signing -----------------------------------------------------------------------------------------------------------


def parsed(document: str) -> Element:
    return etree.fromstring(document)


def test_signing_wants_an_id_that_stands_once() -> None:
    key = system("p256").signing_key()
    with pytest.raises(errors.WrongTarget, match="no attribute Id"):
        sign(parsed('<a xmlns="urn:a"/>'), key)
    with pytest.raises(errors.DuplicateId):
        sign(parsed('<a xmlns="urn:a" Id="A"><b id="A"/></a>'), key)
    with pytest.raises(errors.TransformError):
        sign(parsed('<a Id="A"/>'), key)


def test_a_policy_is_a_value_that_cannot_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SMEV.chain = True  # type: ignore[misc]
    assert SMEV.transforms == ((EXCLUSIVE_C14N, SMEV_TRANSFORM),)
    assert not SMEV.chain
    assert GOST2001.uri not in SMEV.algorithms | XMLDSIG.algorithms
