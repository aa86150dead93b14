"""Detached signatures of files as CMS SignedData (RFC 5652, PKCS#7), read and written by libcrypto.

The digest of a file is computed here as its octets come, so that a file of any size costs the same memory; libcrypto
judges the signed attributes, which hold that digest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..errors import CertificateMissing, MalformedSignature, SignatureMismatch
from .libcrypto import LibCrypto, LibCryptoError, Pointer

# <openssl/cms.h>
_NO_CONTENT_VERIFY = 0x4
_NO_SIGNER_CERT_VERIFY = 0x20
_DETACHED = 0x40
_BINARY = 0x80
_NOSMIMECAP = 0x200
_PARTIAL = 0x4000

# <openssl/objects.h>
_NID_DATA = 21
_NID_SIGNED_DATA = 22
_NID_CONTENT_TYPE = 50
_NID_MESSAGE_DIGEST = 51
_NID_SIGNING_TIME = 52

# <openssl/asn1.h>
_OCTET_STRING = 4
_OBJECT = 6
_UTC_TIME = 23
_GENERALIZED_TIME = 24
_LAST_UTC_YEAR = 2049
_ONE_ONLY = -3
"""CMS_signed_get0_data_by_OBJ: the attribute must stand there once, with one value."""


@dataclass(frozen=True, slots=True)
class SignedAttributes:
    """What a detached signature says, once its attributes were found to be signed by the embedded certificate's key.

    `digest_name` is libcrypto's short name of the digest, in lower case; `certificate` is DER.
    """

    digest: bytes
    digest_name: str
    certificate: bytes


class Digester:
    """A digest over octets that come one after another. For one thread."""

    def __init__(self, crypto: LibCrypto, name: str) -> None:
        self._crypto = crypto
        self._ctx = crypto.owned(crypto.lib.EVP_MD_CTX_new(), "EVP_MD_CTX_free", "preparing a digest")
        method = crypto.digest_method(name)
        crypto.require(crypto.lib.EVP_DigestInit_ex(self._ctx, method, crypto.null), f"starting the digest {name}")

    def update(self, octets: bytes) -> None:
        """Takes the next octets in."""
        with self._crypto.ffi.from_buffer("unsigned char[]", octets) as buffer:
            status = self._crypto.lib.EVP_DigestUpdate(self._ctx, buffer, len(octets))
        self._crypto.require(status, "computing a digest")

    def result(self) -> bytes:
        """The digest of all octets so far; the last call."""
        value, size = self._crypto.ffi.new("unsigned char[64]"), self._crypto.ffi.new("unsigned int *")
        self._crypto.require(self._crypto.lib.EVP_DigestFinal_ex(self._ctx, value, size), "computing a digest")
        return bytes(self._crypto.ffi.buffer(value, size[0]))


def digest(crypto: LibCrypto, name: str, chunks: Iterable[bytes]) -> bytes:
    """The digest of everything in `chunks`."""
    digester = Digester(crypto, name)
    for chunk in chunks:
        digester.update(chunk)
    return digester.result()


class DetachedSignature:
    """A CMS structure that was read and has the profile of the exchange (MR 3.3, section 4.3.1 and appendix 3):
    SignedData without content, one signer, signed attributes. Nothing is verified yet.
    """

    def __init__(self, crypto: LibCrypto, der: bytes) -> None:
        """Raises MalformedSignature."""
        self._crypto = crypto
        self._cms = _read(crypto, der)
        lib = crypto.lib
        if lib.OBJ_obj2nid(lib.CMS_get0_type(self._cms)) != _NID_SIGNED_DATA:
            raise MalformedSignature("the PKCS#7 structure is not SignedData")
        if lib.OBJ_obj2nid(lib.CMS_get0_eContentType(self._cms)) != _NID_DATA or lib.CMS_is_detached(self._cms) != 1:
            raise MalformedSignature("the PKCS#7 signature holds content: it must be detached, its content type data")
        signers = lib.CMS_get0_SignerInfos(self._cms)
        count = lib.OPENSSL_sk_num(signers)
        if count != 1:
            raise MalformedSignature(f"the PKCS#7 structure has {count} signatures: exactly one is expected")
        self._signer = crypto.ffi.cast("CMS_SignerInfo *", lib.OPENSSL_sk_value(signers, 0))
        if lib.CMS_signed_get_attr_count(self._signer) < 1:
            raise MalformedSignature("the PKCS#7 signature has no signed attributes (contentType, messageDigest)")

    def message_digest(self) -> bytes:
        """The signed attribute messageDigest. Raises MalformedSignature."""
        crypto, lib = self._crypto, self._crypto.lib
        oid = lib.OBJ_nid2obj(_NID_MESSAGE_DIGEST)
        value = lib.CMS_signed_get0_data_by_OBJ(self._signer, oid, _ONE_ONLY, _OCTET_STRING)
        if value == crypto.null:
            raise MalformedSignature(
                "the PKCS#7 signature has no messageDigest among its signed attributes, or several"
            )
        size = lib.ASN1_STRING_length(value)
        return bytes(crypto.ffi.buffer(lib.ASN1_STRING_get0_data(value), size))

    def digest_name(self) -> str:
        """libcrypto's short name of the digest algorithm, in lower case."""
        crypto, lib, ffi = self._crypto, self._crypto.lib, self._crypto.ffi
        algorithm = ffi.new("X509_ALGOR **")
        lib.CMS_SignerInfo_get0_algs(self._signer, crypto.null, crypto.null, algorithm, crypto.null)
        identifier = ffi.new("const ASN1_OBJECT **")
        lib.X509_ALGOR_get0(identifier, crypto.null, crypto.null, algorithm[0])
        name = lib.OBJ_nid2sn(lib.OBJ_obj2nid(identifier[0]))
        return str(ffi.string(name).decode().lower()) if name != crypto.null else "unknown"

    def verify_attributes(self) -> SignedAttributes:
        """Returns what is signed, if the key of the embedded certificate signed it. Says nothing about trust.

        Raises:
            SignatureMismatch: it did not; or an attribute contradicts the structure.
            CertificateMissing: the structure does not hold the signer's certificate.
        """
        crypto, lib = self._crypto, self._crypto.lib
        lib.ERR_clear_error()
        flags = _NO_CONTENT_VERIFY | _NO_SIGNER_CERT_VERIFY | _BINARY
        with crypto.reading(b"\0") as nothing:
            status = lib.CMS_verify(self._cms, crypto.null, crypto.null, nothing, crypto.null, flags)
        if status != 1:
            reason = str(crypto.error("the PKCS#7 signature does not hold"))
            if "signer certificate not found" in reason:
                raise CertificateMissing("the PKCS#7 structure does not hold its signer's certificate")
            raise SignatureMismatch(reason)
        signers = crypto.owned(lib.CMS_get0_signers(self._cms), "OPENSSL_sk_free", "taking the signer's certificate")
        certificate = crypto.ffi.cast("X509 *", lib.OPENSSL_sk_value(signers, 0))
        der = crypto.written(lambda bio: lib.i2d_X509_bio(bio, certificate), "writing a certificate")
        return SignedAttributes(self.message_digest(), self.digest_name(), der)


def sign(
    crypto: LibCrypto, certificate: bytes, key: Pointer, *, digest_name: str, message_digest: bytes, at: datetime
) -> bytes:
    """A detached signature in DER: SignedData with contentType, messageDigest and signingTime, and the certificate."""
    lib, ffi, null = crypto.lib, crypto.ffi, crypto.null
    doing = "signing a file"
    lib.ERR_clear_error()
    flags = _DETACHED | _BINARY | _PARTIAL | _NOSMIMECAP
    made = lib.CMS_sign(null, null, null, null, flags)
    cms = crypto.owned(made, "CMS_ContentInfo_free", doing)
    method = crypto.digest_method(digest_name)
    signer = crypto.present(lib.CMS_add1_signer(cms, crypto.parsed("X509", certificate), key, method, flags), doing)
    octets = ffi.new("unsigned char[]", message_digest)
    time_type = _UTC_TIME if at.year <= _LAST_UTC_YEAR else _GENERALIZED_TIME
    for nid, kind, value, size in (
        (_NID_CONTENT_TYPE, _OBJECT, lib.OBJ_nid2obj(_NID_DATA), -1),
        (_NID_MESSAGE_DIGEST, _OCTET_STRING, octets, len(message_digest)),
        (_NID_SIGNING_TIME, time_type, crypto.time(at), -1),
    ):
        crypto.require(lib.CMS_signed_add1_attr_by_NID(signer, nid, kind, value, size), doing)
    crypto.require(lib.CMS_SignerInfo_sign(signer), doing)
    return crypto.written(lambda bio: lib.i2d_CMS_bio(bio, cms), doing)


def _read(crypto: LibCrypto, der: bytes) -> Pointer:
    lib, ffi = crypto.lib, crypto.ffi
    lib.ERR_clear_error()
    with ffi.from_buffer("unsigned char[]", der) as buffer:
        place = ffi.new("const unsigned char **", buffer)
        read = lib.d2i_CMS_ContentInfo(crypto.null, place, len(der))
        try:
            cms = crypto.owned(read, "CMS_ContentInfo_free", "reading PKCS#7")
        except LibCryptoError as error:
            raise MalformedSignature(f"not a PKCS#7 structure in DER: {error}") from error
        left = len(der) - (place[0] - ffi.cast("const unsigned char *", buffer))
    if left:
        raise MalformedSignature(f"{left} octets follow the PKCS#7 structure")
    return cms
