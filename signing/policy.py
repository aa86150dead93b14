"""What a verifier demands of a signature, as one frozen value."""

from dataclasses import dataclass

from .algorithms import GOST2001, SIGNATURES
from .canonical import EXCLUSIVE_C14N, INCLUSIVE_C14N
from .transform import SMEV_TRANSFORM

ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"


@dataclass(frozen=True, slots=True)
class SignaturePolicy:
    """What is accepted when a signature is verified, and what is written when one is made.

    `transforms`: the sequences of transforms that a Reference may have, each in its order; the first one is used for
    signing. `signed_info`: the canonicalisations that SignedInfo may name; the first one is used for signing.
    `algorithms`: URIs of the signature algorithms that may be named; a digest is accepted if one of these uses it.
    `chain`: whether further certificates may stand in KeyInfo beside the signer's (they are never trusted by that).
    """

    transforms: tuple[tuple[str, ...], ...]
    signed_info: tuple[str, ...]
    algorithms: frozenset[str]
    chain: bool = False


_ALGORITHMS = frozenset(SIGNATURES) - {GOST2001.uri}

SMEV = SignaturePolicy(
    transforms=((EXCLUSIVE_C14N, SMEV_TRANSFORM),),
    signed_info=(EXCLUSIVE_C14N,),
    algorithms=_ALGORITHMS,
)
"""The exchange's own rules (MR 3.3): both transforms, in this order."""

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
