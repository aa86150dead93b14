"""What a participant's software may have signed, and how it may have written the value down, instead of the right way.

The counterpart of `canonical_variants` for SignedInfo and SignatureValue.
"""

import base64
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree
from lxml.etree import _Element as Element

from ...signing.algorithms import SIGNATURES, SignatureAlgorithm
from ...signing.canonical import exclusive_c14n, inclusive_c14n
from ...signing.errors import TransformError
from ...signing.transform import smev_transform
from .canonical_variants import Variant

_COORDINATES = (32, 48, 64, 66)
"""Sizes of r and s in octets: P-256 and GOST 256, P-384, GOST 512, P-521."""


@dataclass(frozen=True, slots=True)
class ValueVariant:
    """Another reading of the octets in SignatureValue."""

    cause: str
    text: str
    value: bytes


def signed_variants(signed_info: Element, right: bytes, target: bytes, digest: bytes) -> Iterator[Variant]:
    """Octets that may have been signed instead of `right`, the canonical SignedInfo.

    `target` are the octets of the signed element after its transforms, `digest` their digest.
    """
    seen = {right}
    for variant in _signed(signed_info, right, target, digest):
        if variant.octets not in seen:
            seen.add(variant.octets)
            yield variant


def value_variants(value: bytes) -> Iterator[ValueVariant]:
    """Other byte orders and encodings of a signature value."""
    half = len(value) // 2
    first, second = value[:half], value[half:]
    order = "write r and s as OpenSSL's gost engine does"
    yield ValueVariant("REVERSED_VALUE", f"the octets of the value are reversed as a whole: {order}", value[::-1])
    yield ValueVariant(
        "REVERSED_HALVES", f"the octets of each half of the value are reversed: {order}", first[::-1] + second[::-1]
    )
    yield ValueVariant("SWAPPED_HALVES", f"the halves of the value are swapped: {order}", second + first)
    try:
        r, s = decode_dss_signature(value)
    except ValueError:
        pass
    else:
        text = "the value is a DER structure: XML-DSig wants r and s side by side, each at full length"
        for size in _COORDINATES:
            if r.bit_length() <= 8 * size >= s.bit_length():
                yield ValueVariant("DER_VALUE", text, r.to_bytes(size) + s.to_bytes(size))
                yield ValueVariant("DER_VALUE", text, s.to_bytes(size) + r.to_bytes(size))
    for size in (2 * coordinate for coordinate in _COORDINATES):
        if len(value) > size:
            text = f"the value has {len(value) - size} octets too many at its end"
            yield ValueVariant("TRAILING_OCTETS", text, value[:size])


def other_algorithms(algorithm: SignatureAlgorithm) -> list[SignatureAlgorithm]:
    """Algorithms for the same kind of key, of which the signer may have used one without saying so."""
    return [other for other in SIGNATURES.values() if other.key_type is algorithm.key_type and other is not algorithm]


def _signed(signed_info: Element, right: bytes, target: bytes, digest: bytes) -> Iterator[Variant]:
    yield from _canonicalisations(signed_info, right)
    yield from _layouts(signed_info, right)
    yield from _prefixes(right)
    stated = re.compile(rb"(<(?:[\w-]+:)?DigestValue>)[^<]*(</)")
    computed = base64.b64encode(digest)
    yield Variant(
        "DIGEST_VALUE_CHANGED",
        "DigestValue was changed after signing: with the digest of the element as it is now the signature holds",
        stated.sub(lambda match: match.group(1) + computed + match.group(2), right),
    )
    direct = "the signer signed the element itself instead of SignedInfo"
    yield Variant("ELEMENT_SIGNED", direct, target)
    yield Variant("ELEMENT_SIGNED", "the signer signed the digest of the element instead of SignedInfo", digest)


def _canonicalisations(signed_info: Element, right: bytes) -> Iterator[Variant]:
    text = "SignedInfo was canonicalised by inclusive c14n"
    yield Variant(
        "SIGNED_INFO_INCLUSIVE_C14N", f"{text}: the contract wants exclusive c14n", inclusive_c14n(signed_info)
    )
    alone = deepcopy(signed_info)
    yield Variant("SIGNED_INFO_INCLUSIVE_C14N", f"{text} outside its envelope", inclusive_c14n(alone))
    yield Variant(
        "SIGNED_INFO_EXCLUSIVE_C14N", "SignedInfo was canonicalised by exclusive c14n", exclusive_c14n(signed_info)
    )
    try:
        transformed = smev_transform(right)
    except TransformError:
        pass
    else:
        yield Variant("SIGNED_INFO_TRANSFORMED", "the SMEV transform was applied to SignedInfo too", transformed)
    raw = etree.tostring(signed_info, encoding="utf-8", with_tail=False)
    yield Variant("SIGNED_INFO_NOT_CANONICAL", "SignedInfo was signed as the XML writer put it down", raw)
    empty = re.sub(rb"<([^\s/>]+)((?:\s[^<>]*)?)></\1>", rb"<\1\2/>", right)
    yield Variant("SIGNED_INFO_NOT_CANONICAL", "SignedInfo was signed with empty elements written <a/>", empty)


def _layouts(signed_info: Element, right: bytes) -> Iterator[Variant]:
    added = "SignedInfo was pretty-printed after signing: between its elements there may be no white space"
    joined = re.sub(rb">\s+<", b"><", right)
    yield Variant("SIGNED_INFO_PRETTY_PRINTED", added, joined)
    lost = "SignedInfo was signed with white space between its elements, which has been removed since"
    for space in ("  ", "    ", "\t", ""):
        copy = deepcopy(signed_info)
        etree.indent(copy, space)
        printed = exclusive_c14n(copy)
        yield Variant("SIGNED_INFO_PRETTY_PRINTED", lost, printed)
        yield Variant("SIGNED_INFO_PRETTY_PRINTED", lost, printed.replace(b"\n", b"&#xD;\n"))
    ends = "SignedInfo was signed with other line ends (CR LF)"
    yield Variant("SIGNED_INFO_LINE_ENDS", ends, right.replace(b"\n", b"&#xD;\n"))
    yield Variant("SIGNED_INFO_LINE_ENDS", ends, right.replace(b"\n", b"\r\n"))
    yield Variant("SIGNED_INFO_LINE_ENDS", ends, right.replace(b"&#xD;", b""))


def _prefixes(right: bytes) -> Iterator[Variant]:
    """SignedInfo keeps its prefixes under exclusive c14n, so that a renamed one breaks the signature."""
    match = re.match(rb"<(?:([\w-]+):)?SignedInfo", right)
    if match is None:
        return
    now = match.group(1) + b":" if match.group(1) else b""
    declared = b"xmlns:" + now[:-1] if now else b"xmlns"
    for prefix in (b"ds", b"dsig", b"ns1", b"ns2", b""):
        before = prefix + b":" if prefix else b""
        renamed = re.sub(rb"<(/?)" + now + rb"(?=[A-Z])", rb"<\1" + before, right)
        renamed = renamed.replace(declared + b'="', (b"xmlns:" + prefix if prefix else b"xmlns") + b'="', 1)
        yield Variant(
            "SIGNED_INFO_PREFIX",
            f"SignedInfo was signed with the prefix {prefix.decode() or '(none)'}, and it has been renamed since",
            renamed,
        )
