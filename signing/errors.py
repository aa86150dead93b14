"""Why a signature, a certificate or a key is refused: one class per reason, each with a stable code.

The code is what programs compare (`mezhved verify --json`, the node's log); the text is for the person who has to put
it right and says what to do. Nothing here knows which fault of the contract a reason becomes.
"""

from typing import ClassVar


class SigningError(Exception):
    """Base of everything that this room raises on purpose."""

    code: ClassVar[str] = "SIGNING_ERROR"


class SignatureInvalid(SigningError):  # noqa: N818 – named for what is wrong
    """The signature itself does not hold, whoever made it."""

    code = "SIGNATURE_INVALID"


class SignatureMissing(SignatureInvalid):
    """There is no signature where one is demanded."""

    code = "NO_SIGNATURE"


class WrongTarget(SignatureInvalid):
    """The signature is about another element than the one that is to be used."""

    code = "WRONG_TARGET"


class MalformedSignature(SignatureInvalid):
    """The signature's structure, or the length of its value, is not the one demanded."""

    code = "MALFORMED_SIGNATURE"


class AlgorithmRefused(SignatureInvalid):
    """An algorithm that is unknown, misspelt, switched off, or does not fit the key."""

    code = "ALGORITHM_REFUSED"


class TransformRefused(SignatureInvalid):
    """The transforms are not those that the policy demands."""

    code = "TRANSFORM_REFUSED"


class DuplicateId(SignatureInvalid):
    """The Id that is referred to stands more than once in the document."""

    code = "DUPLICATE_ID"


class DigestMismatch(SignatureInvalid):
    """The signed element is not the one that was hashed."""

    code = "DIGEST_MISMATCH"


class SignatureMismatch(SignatureInvalid):
    """The signature value was not made by the certificate's key over these octets."""

    code = "SIGNATURE_MISMATCH"


class TransformError(SignatureInvalid):
    """The transform cannot be applied to the element."""

    code = "TRANSFORM_ERROR"


class CertificateRefused(SigningError):  # noqa: N818 – named for what is wrong
    """The certificate may not vouch for the signature."""

    code = "CERTIFICATE_REFUSED"


class CertificateMissing(CertificateRefused):
    """The signature carries no certificate."""

    code = "CERTIFICATE_MISSING"


class CertificateMalformed(CertificateRefused):
    """The octets are not a certificate that can be read."""

    code = "CERTIFICATE_MALFORMED"


class CertificateNotYetValid(CertificateRefused):
    """The certificate, or one above it, is not valid yet at the time asked about."""

    code = "CERTIFICATE_NOT_YET_VALID"


class CertificateExpired(CertificateRefused):
    """The certificate, or one above it, is not valid any more at the time asked about."""

    code = "CERTIFICATE_EXPIRED"


class CertificateRevoked(CertificateRefused):
    """Its issuer has revoked the certificate, or one above it."""

    code = "CERTIFICATE_REVOKED"


class CertificateUntrusted(CertificateRefused):
    """No chain leads from the certificate to an authority that is trusted here."""

    code = "CERTIFICATE_UNTRUSTED"


class CertificateUsage(CertificateRefused):
    """The certificate's key usage does not allow signing of data."""

    code = "CERTIFICATE_USAGE"


class CrlUnusable(CertificateRefused):
    """A revocation list that is needed is absent, stale or not signed by the certificate's issuer."""

    code = "CRL_UNUSABLE"


class ProviderUnavailable(SigningError):  # noqa: N818 – named for what is wrong
    """The machine lacks what the algorithm needs; the text says how to get it."""

    code = "PROVIDER_UNAVAILABLE"


class KeyUnusable(SigningError):  # noqa: N818 – named for what is wrong
    """A private key cannot be used: unreadable, wrong password, not the certificate's."""

    code = "KEY_UNUSABLE"
