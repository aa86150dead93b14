"""Second opinions on signatures as the node makes them: OpenSSL's command line, Apache Santuario, xmlsec1.

None of them knows the SMEV transform: where it matters its octets are given to them. Run by `make interop`.
"""

import base64
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree
from mezhved.signing.authority import create_authority
from mezhved.signing.canonical import EXCLUSIVE_C14N, exclusive_c14n
from mezhved.signing.keys import SigningKey
from mezhved.signing.policy import ENVELOPED, SMEV, XMLDSIG, SignaturePolicy
from mezhved.signing.transform import smev_transform
from mezhved.signing.xmldsig import sign
from support.gost import gost_provider
from support.openssl import engine_for, openssl
from support.world import START

HERE = Path(__file__).parent
DS = "{http://www.w3.org/2000/09/xmldsig#}"
DOCUMENT = (
    '<o:doc xmlns:o="urn:opinion" xmlns:unused="urn:u"><o:signed Id="SIGNED">\n  <x:part xmlns:x="urn:x" b="1" a="2">'
    "текст &amp; ещё</x:part>\n  <o:empty/> </o:signed><o:place/></o:doc>"
)
PLAIN = SignaturePolicy(
    transforms=((ENVELOPED, EXCLUSIVE_C14N),), signed_info=(EXCLUSIVE_C14N,), algorithms=XMLDSIG.algorithms
)
JARS = ":".join(
    f"/usr/share/java/{name}.jar" for name in ("xmlsec", "bcprov", "slf4j-api", "woodstox-core", "stax2-api")
)
VALID = {"valid_from": START - timedelta(days=1), "valid_to": START + timedelta(days=3650)}
TAMPERED = (b'b="1"', b'b="9"')


def key_of(kind: str) -> SigningKey:
    if kind.startswith("gost"):
        gost_provider()
    authority = create_authority("p256", "CN=CA", **VALID)
    return authority.issue("CN=Signer", key_type=kind, serial=7, **VALID).signing_key()


def signed_as_the_node_signs(key: SigningKey) -> etree._Element:
    """A document with the node's kind of signature over its first child, in its second one."""
    root = etree.fromstring(DOCUMENT)
    root[1].append(sign(root[0], key, policy=SMEV))
    return root


def transformed(root: etree._Element) -> bytes:
    return smev_transform(exclusive_c14n(root[0]))


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("santuario")
    command = ["javac", "-nowarn", "-encoding", "UTF-8", "-cp", JARS, "-d", str(folder)]
    subprocess.run([*command, str(HERE / "santuario" / "Opinion.java")], check=True)
    return folder


def santuario(classes: Path, root: etree._Element, octets: bytes, key: SigningKey, folder: Path) -> str:
    for name, content in (
        ("signed.xml", etree.tostring(root)),
        ("octets", octets),
        ("signer.pem", key.certificate.to_pem()),
    ):
        (folder / name).write_bytes(content)
    command = ["java", "-cp", f"{classes}:{JARS}", "Opinion", "signed.xml", "octets", "signer.pem"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=True, text=True).stdout.split()[-1]


@pytest.mark.parametrize("kind", ["rsa2048", "p256", "gost512"])
def test_santuario_verifies_what_the_node_signs(kind: str, classes: Path, tmp_path: Path) -> None:
    key = key_of(kind)
    root = signed_as_the_node_signs(key)
    octets = transformed(root)
    assert santuario(classes, root, octets, key, tmp_path) == "valid"
    assert santuario(classes, root, octets.replace(*TAMPERED), key, tmp_path) == "invalid"
    value = root.find(f".//{DS}SignatureValue")
    assert value is not None
    value.text = base64.b64encode(base64.b64decode(value.text or "")[::-1]).decode()
    assert santuario(classes, root, octets, key, tmp_path) == "invalid"


@pytest.mark.parametrize("kind", ["rsa2048", "p256", "gost256", "gost512"])
def test_openssl_verifies_what_the_node_signs(kind: str, tmp_path: Path) -> None:
    key = key_of(kind)
    root = signed_as_the_node_signs(key)
    (tmp_path / "signed.xml").write_bytes(etree.tostring(root))
    (tmp_path / "signer.pem").write_bytes(key.certificate.to_pem())
    digest = {"rsa2048": "sha256", "p256": "sha256", "gost256": "md_gost12_256", "gost512": "md_gost12_512"}[kind]
    engine = engine_for(kind)
    found = openssl("dgst", *engine, f"-{digest}", "-binary", octets=transformed(root))
    assert base64.b64encode(found).decode() == root.findtext(f".//{DS}DigestValue")

    (tmp_path / "public.pem").write_bytes(openssl("x509", *engine, "-in", tmp_path / "signer.pem", "-noout", "-pubkey"))
    (tmp_path / "value").write_bytes(signature_of(root, kind))
    info = root.find(f".//{DS}SignedInfo")
    assert info is not None
    checked = ("dgst", *engine, f"-{digest}", "-verify", tmp_path / "public.pem", "-signature", tmp_path / "value")
    octets = etree.tostring(info, method="c14n", exclusive=True, with_tail=False)
    assert openssl(*checked, octets=octets).strip() == b"Verified OK"
    with pytest.raises(AssertionError, match="Verif"):
        openssl(*checked, octets=octets.replace(b"#SIGNED", b"#SIGNER"))


def signature_of(root: etree._Element, kind: str) -> bytes:
    """The value as the command line has it: XML has the two numbers of an ECDSA signature side by side, not in DER."""
    value = base64.b64decode(root.findtext(f".//{DS}SignatureValue") or "")
    if kind != "p256":
        return value
    half = len(value) // 2
    return encode_dss_signature(int.from_bytes(value[:half]), int.from_bytes(value[half:]))


@pytest.mark.parametrize("kind", ["rsa2048", "p256"])
def test_xmlsec1_verifies_plain_signatures(kind: str, tmp_path: Path) -> None:
    authority = create_authority("p256", "CN=CA", **VALID)
    key = authority.issue("CN=Signer", key_type=kind, serial=7, **VALID).signing_key()
    root = etree.fromstring(DOCUMENT)[0]
    root.append(sign(root, key, policy=PLAIN))
    (tmp_path / "authority.pem").write_bytes(authority.certificate.to_pem())
    for octets, valid in ((etree.tostring(root), True), (etree.tostring(root).replace(*TAMPERED), False)):
        (tmp_path / "signed.xml").write_bytes(octets)
        command = [
            "xmlsec1",
            "--verify",
            "--enabled-key-data",
            "x509",
            "--id-attr:Id",
            "urn:opinion:signed",
        ]
        done = subprocess.run(
            [*command, "--trusted-pem", "authority.pem", "signed.xml"], cwd=tmp_path, capture_output=True, check=False
        )
        assert (done.returncode == 0) is valid, done.stderr.decode()
