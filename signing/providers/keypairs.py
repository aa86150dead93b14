"""Private keys and PKCS#12 containers of every kind, through libcrypto.

GOST keys need the engine: callers load it first. A password is never asked for at the terminal, whatever libcrypto
would do by itself.
"""

from dataclasses import dataclass

from ..algorithms import KeyType
from ..errors import KeyUnusable
from .libcrypto import LibCrypto, LibCryptoError, Pointer

PKCS12_ITERATIONS = 20_000


@dataclass(frozen=True, slots=True)
class KeyRecipe:
    """How libcrypto generates a kind of key: the algorithm's name and its options."""

    key_type: KeyType
    algorithm: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Container:
    """What a PKCS#12 container holds: the key as PKCS#8 PEM, its certificate and the others, in DER."""

    key_pem: bytes
    certificate: bytes | None
    others: tuple[bytes, ...]


def generate(crypto: LibCrypto, recipe: KeyRecipe) -> Pointer:
    """A fresh EVP_PKEY."""
    lib = crypto.lib
    lib.ERR_clear_error()
    doing = f"generating a {recipe.algorithm} key"
    nid = lib.OBJ_sn2nid(recipe.algorithm.encode())
    ctx = crypto.owned(lib.EVP_PKEY_CTX_new_id(nid, crypto.null), "EVP_PKEY_CTX_free", doing)
    crypto.require(lib.EVP_PKEY_keygen_init(ctx), doing)
    for option, value in recipe.options:
        crypto.require(lib.EVP_PKEY_CTX_ctrl_str(ctx, option.encode(), value.encode()), f"{doing} of {option} {value}")
    place = crypto.ffi.new("EVP_PKEY **")
    crypto.require(lib.EVP_PKEY_keygen(ctx, place), doing)
    return crypto.owned(place[0], "EVP_PKEY_free", doing)


def read_pem(crypto: LibCrypto, pem: bytes, password: bytes | None) -> Pointer:
    """The EVP_PKEY in a PEM text.

    Raises:
        KeyUnusable: unreadable, or the password is wrong or missing.
    """
    if b"PRIVATE KEY-----" not in pem:
        raise KeyUnusable("no private key in the PEM text (-----BEGIN PRIVATE KEY----- is missing)")
    encrypted = b"ENCRYPTED" in pem
    if encrypted and not password:
        raise KeyUnusable("the private key is encrypted: give its password")
    try:
        with crypto.reading(pem) as bio:
            # With a password in place, even an empty one, libcrypto does not turn to the terminal.
            key = crypto.lib.PEM_read_bio_PrivateKey(bio, crypto.null, crypto.null, _c_string(password or b""))
            return crypto.owned(key, "EVP_PKEY_free", "reading a private key")
    except LibCryptoError as error:
        cause = "wrong password, or not a key" if encrypted else "not a key that this OpenSSL can read"
        raise KeyUnusable(f"the private key cannot be read ({cause}): {error}") from error


def write_pem(crypto: LibCrypto, key: Pointer, password: bytes | None = None) -> bytes:
    """The EVP_PKEY as PKCS#8 in PEM, encrypted by AES-256 under the password if there is one."""
    secret = _c_string(password) if password else crypto.null
    cipher = crypto.lib.EVP_aes_256_cbc() if password else crypto.null
    return crypto.written(
        lambda bio: crypto.lib.PEM_write_bio_PKCS8PrivateKey(
            bio, key, cipher, secret, len(password or b""), crypto.null, crypto.null
        ),
        "writing a private key",
    )


def read_pkcs12(crypto: LibCrypto, data: bytes, password: bytes) -> Container:
    """Open a PKCS#12 container.

    Raises:
        KeyUnusable: not a container, wrong password, no key inside, or protected by something unknown here.
    """
    ffi, lib = crypto.ffi, crypto.lib
    secret = _c_string(password)
    try:
        with crypto.reading(data) as bio:
            box = crypto.owned(lib.d2i_PKCS12_bio(bio, crypto.null), "PKCS12_free", "reading DER")
    except LibCryptoError as error:
        raise KeyUnusable(f"not a PKCS#12 container: {error}") from error
    key, certificate, others = ffi.new("EVP_PKEY **"), ffi.new("X509 **"), ffi.new("OPENSSL_STACK **")
    if lib.PKCS12_parse(box, secret, key, certificate, others) != 1:
        raise KeyUnusable(
            "the PKCS#12 container does not open (wrong password, or damaged, or protected by algorithms that "
            "OpenSSL 3 has retired; then write it anew: openssl pkcs12 -legacy -in OLD -nodes | openssl pkcs12 -export "
            "-out NEW)"
            f": {crypto.error('libcrypto says')}"
        )
    certificates = _take_stack(crypto, others[0])
    if key[0] == crypto.null:
        raise KeyUnusable("the PKCS#12 container holds no private key")
    own = crypto.owned(key[0], "EVP_PKEY_free", "taking the key")
    return Container(
        key_pem=write_pem(crypto, own),
        certificate=_take_certificate(crypto, certificate[0]) if certificate[0] != crypto.null else None,
        others=certificates,
    )


def write_pkcs12(crypto: LibCrypto, container: Container, password: bytes, name: str) -> bytes:
    """A PKCS#12 container: AES-256 under the password, a MAC over everything; `name` is its friendly name."""
    key = read_pem(crypto, container.key_pem, None)
    certificate = crypto.parsed("X509", container.certificate) if container.certificate else crypto.null
    others = [crypto.parsed("X509", der) for der in container.others]
    made = crypto.lib.PKCS12_create(
        _c_string(password), name.encode(), key, certificate, crypto.stack(others), 0, 0,
        PKCS12_ITERATIONS, PKCS12_ITERATIONS, 0,
    )  # fmt: skip
    box = crypto.owned(made, "PKCS12_free", "making a PKCS#12 container")
    return crypto.written(lambda bio: crypto.lib.i2d_PKCS12_bio(bio, box), "writing a PKCS#12 container")


def _take_stack(crypto: LibCrypto, stack: Pointer) -> tuple[bytes, ...]:
    if stack == crypto.null:
        return ()
    certificates = [
        _take_certificate(crypto, crypto.ffi.cast("X509 *", crypto.lib.OPENSSL_sk_shift(stack)))
        for _ in range(crypto.lib.OPENSSL_sk_num(stack))
    ]
    crypto.lib.OPENSSL_sk_free(stack)
    return tuple(certificates)


def _take_certificate(crypto: LibCrypto, certificate: Pointer) -> bytes:
    owned = crypto.owned(certificate, "X509_free", "taking a certificate")
    return crypto.written(lambda bio: crypto.lib.i2d_X509_bio(bio, owned), "writing a certificate")


def _c_string(password: bytes) -> bytes:
    if b"\0" in password:
        raise KeyUnusable("a password cannot hold a NUL character")
    return password
