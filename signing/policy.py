"""What a verifier demands of a signature, as one frozen value."""

from dataclasses import dataclass

from .algorithms import GOST2001, SIGNATURES
from .canonical import EXCLUSIVE_C14N, INCLUSIVE_C14N
from .transform import SMEV_TRANSFORM

ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"


@dataclass(frozen=True, slots=True)
class SignaturePolicy:
    """What is accepted when a signature is verified, and what is written when one is made.

    No policy can widen what `xmldsig.verify` refuses always: more or fewer References than one, a Reference to anything
    but the Id of the element in use, an Id that stands twice, ds:Object, HMAC, SHA-1, MD5, a key without a certificate.
    """

    transforms: tuple[tuple[str, ...], ...]
    """Sequences of transforms (URIs) that the Reference may have, each in its order. The first is used for signing."""

    signed_info: tuple[str, ...]
    """Canonicalisations (URIs) that SignedInfo may name. Signing always uses the exclusive one."""

    algorithms: frozenset[str]
    """Signature algorithms (URIs) that may be named; a digest algorithm is accepted if one of these uses it.

    To verify an archive of GOST R 34.10-2001: `dataclasses.replace(SMEV, algorithms=SMEV.algorithms | {GOST2001.uri})`.
    """

    chain: bool = False
    """Whether KeyInfo may hold more than the signer's certificate: those above it, KeyName, KeyValue, X509IssuerSerial
    and the like. None of that is ever used; a chain is built from what the `TrustStore` holds."""


_ALGORITHMS = frozenset(SIGNATURES) - {GOST2001.uri}

SMEV = SignaturePolicy(
    transforms=((EXCLUSIVE_C14N, SMEV_TRANSFORM),),
    signed_info=(EXCLUSIVE_C14N,),
    algorithms=_ALGORITHMS,
)
"""The exchange's own rules (MR 3.3, section 4.3): both transforms, in this order; one certificate."""

XMLDSIG = SignaturePolicy(
    transforms=(
        (EXCLUSIVE_C14N, SMEV_TRANSFORM),
        (EXCLUSIVE_C14N,),
        (INCLUSIVE_C14N,),
        (ENVELOPED, EXCLUSIVE_C14N),
        (ENVELOPED, INCLUSIVE_C14N),
        (ENVELOPED, EXCLUSIVE_C14N, SMEV_TRANSFORM),
    ),
    signed_info=(EXCLUSIVE_C14N, INCLUSIVE_C14N),
    algorithms=_ALGORITHMS,
    chain=True,
)
"""Plain XML-DSig as other systems write it: one canonicalisation is enough, and a signature may be enveloped."""
