"""Signatures and digests, through the one interface of the providers, for every kind of key."""

import threading
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from mezhved.signing import algorithms
from mezhved.signing.algorithms import (
    DIGESTS,
    ECDSA_SHA256,
    GOST2012_256,
    RSA_SHA256,
    SIGNATURES,
    DigestAlgorithm,
    KeyType,
    SignatureAlgorithm,
)
from mezhved.signing.certificates import Certificate
from mezhved.signing.errors import AlgorithmRefused, CertificateMalformed, MalformedSignature, SignatureMismatch
from mezhved.signing.keys import SigningKey, load_pem
from mezhved.signing.providers import provider_for
from support.certificates import ARCHIVE_KINDS, BEGIN, COMMON_KINDS, END, GOST_KINDS, system
from support.gost import gost_provider

KINDS = GOST_KINDS + ARCHIVE_KINDS + COMMON_KINDS
OCTETS = "Подписанное содержание".encode()


def verify(key: SigningKey, octets: bytes, signature: bytes) -> None:
    provider_for(key.algorithm).verify(key.algorithm, key.certificate, octets, signature)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_key_signs_its_certificate_verifies(kind: str) -> None:
    key = system(kind).signing_key()
    verify(key, OCTETS, key.sign(OCTETS))


@pytest.mark.parametrize("kind", KINDS)
def test_the_empty_message_can_be_signed(kind: str) -> None:
    key = system(kind).signing_key()
    verify(key, b"", key.sign(b""))


@pytest.mark.parametrize("kind", KINDS)
def test_changed_octets_do_not_verify(kind: str) -> None:
    key = system(kind).signing_key()
    with pytest.raises(SignatureMismatch):
        verify(key, OCTETS + b" ", key.sign(OCTETS))


@pytest.mark.parametrize("kind", KINDS)
def test_any_changed_octet_of_the_value_is_noticed(kind: str) -> None:
    key = system(kind).signing_key()
    value = key.sign(OCTETS)
    for place in range(0, len(value), 7):
        changed = value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]
        with pytest.raises(SignatureMismatch):
            verify(key, OCTETS, changed)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", [lambda v: v + b"\0", lambda v: b"\0" + v, lambda v: v[:-1], lambda _: b""])
def test_a_value_has_exactly_its_length(kind: str, change) -> None:
    """The gost engine alone looks at the first octets only and lets what follows pass."""
    key = system(kind).signing_key()
    with pytest.raises(MalformedSignature):
        verify(key, OCTETS, change(key.sign(OCTETS)))


@pytest.mark.parametrize("kind", ["gost256-tc26-a", "gost512-tc26-a", "p256"])
def test_a_value_of_zeros_is_no_signature(kind: str) -> None:
    key = system(kind).signing_key()
    with pytest.raises(SignatureMismatch):
        verify(key, OCTETS, bytes(len(key.sign(OCTETS))))


@pytest.mark.parametrize("kind", ["gost256-tc26-a", "gost512-tc26-a"])
def test_gost_halves_are_not_exchanged(kind: str) -> None:
    """Some writers put r before s; SMEV's order is the other one, and nothing is guessed."""
    key = system(kind).signing_key()
    value = key.sign(OCTETS)
    half = len(value) // 2
    with pytest.raises(SignatureMismatch):
        verify(key, OCTETS, value[half:] + value[:half])


@pytest.mark.parametrize("kind", ["gost256-tc26-a", "rsa2048", "p256"])
def test_another_key_of_the_kind_does_not_verify(kind: str) -> None:
    key, other = system(kind).signing_key(), system(kind, 101).signing_key()
    with pytest.raises(SignatureMismatch):
        verify(other, OCTETS, key.sign(OCTETS))


@pytest.mark.parametrize("algorithm", SIGNATURES.values(), ids=lambda algorithm: algorithm.uri.rpartition("#")[2])
def test_an_algorithm_takes_only_its_own_kind_of_key(algorithm: SignatureAlgorithm) -> None:
    own = {
        KeyType.GOST256: "gost256-tc26-a",
        KeyType.GOST512: "gost512-tc26-a",
        KeyType.GOST2001: "gost2001-cryptopro-a",
        KeyType.RSA: "rsa2048",
        KeyType.ECDSA: "p256",
    }
    for key_type in own.keys() - {algorithm.key_type}:
        issued = system(own[key_type])
        with pytest.raises(AlgorithmRefused):
            provider_for(algorithm).verify(algorithm, issued.certificate, OCTETS, bytes(64))
        with pytest.raises(AlgorithmRefused):
            issued.signing_key().private.sign(algorithm, OCTETS)


@pytest.mark.parametrize("kind", ["rsa2048", "p256", "p521"])
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_any_digest_of_sha2_goes_with_any_common_key(kind: str, digest: str) -> None:
    issued = system(kind)
    (algorithm,) = (
        one for one in SIGNATURES.values() if one.digest.name == digest and one.key_type is issued.certificate.key_type
    )
    key = load_pem(issued.key_pem, issued.certificate.to_pem(), algorithm=algorithm)
    verify(key, OCTETS, key.sign(OCTETS))


def test_a_certificate_whose_key_is_damaged_is_malformed() -> None:
    """Octets that are a certificate in form, whose point lies on no curve."""
    provider = gost_provider()
    certificate = system("gost256-tc26-a").certificate
    place = certificate.der.rindex(b"\x04\x40") + 2
    der = certificate.der[:place] + b"\xff" * 64 + certificate.der[place + 64 :]
    with pytest.raises((CertificateMalformed, SignatureMismatch)):
        provider.verify(GOST2012_256, replace(certificate, der=der), OCTETS, bytes(64))


@pytest.mark.parametrize("bits", [1024, 2047, 8200, 16384])
def test_rsa_keys_too_short_or_too_long_are_not_even_tried(bits: int) -> None:
    """Only the size matters: the modulus is no product of primes."""
    public = rsa.RSAPublicNumbers(65537, (1 << (bits - 1)) + 1).public_key()
    certificate = certificate_about(public)
    with pytest.raises(AlgorithmRefused, match=f"{bits} bits"):
        provider_for(RSA_SHA256).verify(RSA_SHA256, certificate, OCTETS, bytes(bits // 8))


def test_other_curves_are_refused() -> None:
    certificate = certificate_about(ec.generate_private_key(ec.SECP256K1()).public_key())
    with pytest.raises(AlgorithmRefused, match="P-256"):
        provider_for(ECDSA_SHA256).verify(ECDSA_SHA256, certificate, OCTETS, bytes(64))


def certificate_about(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> Certificate:
    """A certificate of the given key, made by nobody in particular."""
    name = x509.Name.from_rfc4514_string("CN=Anybody")
    builder = x509.CertificateBuilder(name, name, key, 5, BEGIN, END)
    made = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return Certificate.from_der(made.public_bytes(Encoding.DER))


DIGESTS_OF_ABC = {
    # GOST R 34.11-2012 of "abc" has no vector in RFC 6986; the conformance tests have its own messages.
    algorithms.SHA256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    algorithms.GOST94: "b285056dbf18d7392d7677369524dd14747459ed8143997e163b2986f92fd42c",
    algorithms.SHA384: "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
    "8086072ba1e7cc2358baeca134c825a7",
    algorithms.SHA512: "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
}


@pytest.mark.parametrize("algorithm", DIGESTS_OF_ABC, ids=lambda algorithm: algorithm.name)
def test_digests_of_published_values(algorithm: DigestAlgorithm) -> None:
    if algorithm is algorithms.GOST94:
        gost_provider()
    assert provider_for(algorithm).digest(algorithm, b"abc").hex() == DIGESTS_OF_ABC[algorithm]


@pytest.mark.parametrize("algorithm", DIGESTS.values(), ids=lambda algorithm: algorithm.name)
def test_digests_have_the_size_that_the_table_says(algorithm: DigestAlgorithm) -> None:
    if algorithm.name.startswith("md_gost"):
        gost_provider()
    assert len(provider_for(algorithm).digest(algorithm, b"")) == algorithm.size


@pytest.mark.parametrize("kind", ["gost256-tc26-a", "gost512-tc26-c", "rsa2048", "p256"])
def test_one_key_serves_many_threads(kind: str) -> None:
    key = system(kind).signing_key()
    errors: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(20):
                octets = f"{number}/{turn}".encode()
                verify(key, octets, key.sign(octets))
        except Exception as error:  # noqa: BLE001 – handed to the test
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


@pytest.mark.parametrize("kind", ["gost256-tc26-a", "p256"])
def test_providers_say_that_they_work(kind: str) -> None:
    found = provider_for(system(kind).signing_key().algorithm).availability()
    assert found.works, found.detail
