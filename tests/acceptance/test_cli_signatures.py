"""`mezhved transform`, `verify`, `sign` and `explain` as their users run them: processes, files, exit statuses."""

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from lxml import etree
from mezhved.adapter.exchange.contract import CONTRACTS, XMLDSIG, Contract
from mezhved.adapter.exchange.faults import AccessDenied, SignatureProblem, SignatureVerificationFault
from mezhved.adapter.soap.fault_xml import render
from mezhved.signing.canonical import EXCLUSIVE_C14N
from mezhved.signing.keys import load_pem
from mezhved.signing.policy import ENVELOPED, SignaturePolicy
from mezhved.signing.policy import XMLDSIG as XMLDSIG_POLICY
from mezhved.signing.xmldsig import sign
from shared_vectors import shared_dir

KEYS = Path(__file__).parents[2] / "fixtures" / "keys"
CA = KEYS / "ca-ecdsa.crt.pem"
COMMAND = (sys.executable, "-c", "from mezhved.adapter.cli import main; main()")


def mezhved(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *map(str, arguments)], input=stdin, capture_output=True, check=False, timeout=120)


def pair(name: str) -> list[str | Path]:
    return ["--key", KEYS / f"{name}.key.pem", "--cert", KEYS / f"{name}.crt.pem"]


def unsigned(version: str = "1.2", data: str = ' Id="A"', content: str = "<q:Ask xmlns:q='urn:q'/>") -> bytes:
    contract = CONTRACTS[version]
    return (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">\n <s:Body>\n  <t:SendRequestRequest '
        f'xmlns:t="{contract.types}" xmlns:b="{contract.basic}">\n   <t:SenderProvidedRequestData{data}>'
        f"<t:MessageID>one</t:MessageID><b:MessagePrimaryContent>{content}</b:MessagePrimaryContent>"
        "</t:SenderProvidedRequestData>\n  </t:SendRequestRequest>\n </s:Body>\n</s:Envelope>"
    ).encode()


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    path = tmp_path / "signed.xml"
    done = mezhved("sign", "-", *pair("region-ecdsa"), "--output", path, stdin=unsigned())
    assert (done.returncode, done.stderr) == (0, b"")
    return path


def verdicts(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


# -- transform ---------------------------------------------------------------------------------------------------------


def test_transform_writes_the_octets_that_are_hashed() -> None:
    done = mezhved("transform", stdin=b"<a xmlns='urn:a' z='1' y='2'>  <b/> text</a>")
    assert (done.returncode, done.stdout) == (0, b'<ns1:a xmlns:ns1="urn:a" y="2" z="1"><ns1:b></ns1:b> text</ns1:a>')


def test_transform_of_one_element_is_what_its_signature_digests(signed: Path) -> None:
    octets = mezhved("transform", signed, "--id", "A").stdout
    stated = etree.parse(signed).findtext(f".//{{{XMLDSIG}}}DigestValue")
    assert base64.b64encode(hashlib.sha256(octets).digest()).decode() == stated


@pytest.mark.parametrize(
    ("document", "arguments", "status", "says"),
    [
        (b"<a/>", [], 1, "TRANSFORM_ERROR"),
        (b"<a", [], 2, "well-formed"),
        (b"", [], 2, "well-formed"),
        (b"<!DOCTYPE a><a xmlns='urn:a'/>", [], 2, "document type"),
        (b"<a xmlns='urn:a'/>", ["--id", "X"], 2, "'X'"),
        (b"<a xmlns='urn:a' Id='X'><b Id='X'/></a>", ["--id", "X"], 2, "2 elements"),
    ],
)
def test_transform_says_what_it_cannot_do(document: bytes, arguments: list[str], status: int, says: str) -> None:
    done = mezhved("transform", "-", *arguments, stdin=document)
    assert (done.returncode, done.stdout) == (status, b"")
    assert says in done.stderr.decode()


def test_a_file_that_is_not_there_is_named() -> None:
    for command in (["transform"], ["explain"], ["verify", "--trust", CA], ["sign", *pair("region-ecdsa")]):
        done = mezhved(*command, "absent.xml")
        assert done.returncode == 2
        assert "absent.xml" in done.stdout.decode() + done.stderr.decode()


# -- verify and sign ---------------------------------------------------------------------------------------------------


def test_what_sign_signs_verify_accepts(signed: Path) -> None:
    done = mezhved("verify", signed, "--trust", CA, "--json")
    assert done.returncode == 0
    assert verdicts(done) == [
        {
            "file": str(signed),
            "valid": True,
            "signatures": [
                {
                    "role": "caller",
                    "element": "SenderProvidedRequestData",
                    "id": "A",
                    "algorithm": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
                    "signer": "CN=TEST Regional system ECDSA,O=Mezhved fixtures,C=RU",
                    "valid": True,
                    "code": None,
                    "reason": None,
                }
            ],
        }
    ]


def judge(
    octets: bytes, folder: Path, *options: str | Path, trust: Sequence[str] = ("ca-ecdsa",)
) -> tuple[int, list[str]]:
    """Exit status of verify, and the codes of what is not valid."""
    path = folder / "judged.xml"
    path.write_bytes(octets)
    anchors = [part for name in trust for part in ("--trust", KEYS / f"{name}.crt.pem")]
    done = mezhved("verify", path, *anchors, *options, "--json")
    (verdict,) = verdicts(done)
    signatures = verdict["signatures"]
    assert isinstance(signatures, list)
    return done.returncode, [one["code"] for one in signatures if not one["valid"]]


def test_what_is_wrong_is_told_by_its_code(signed: Path, tmp_path: Path) -> None:
    octets = signed.read_bytes()
    changes = {
        "DIGEST_MISMATCH": octets.replace(b">one<", b">two<"),
        "WRONG_TARGET": octets.replace(b'Data Id="A"', b'Data Id="B"'),
        "TRANSFORM_REFUSED": octets.replace(b"urn://smev-gov-ru/xmldsig/transform", b"urn:other"),
        "ALGORITHM_REFUSED": octets.replace(b"ecdsa-sha256", b"ecdsa-sha1"),
        "DUPLICATE_ID": octets.replace(b"<s:Body>", b"<s:Header><x:x xmlns:x='urn:x' ID='A'/></s:Header><s:Body>"),
        "NO_SIGNATURE": unsigned(),
    }
    for code, changed in changes.items():
        assert judge(changed, tmp_path) == (1, [code]), code
    assert judge(octets, tmp_path, trust=["ca-rsa"]) == (1, ["CERTIFICATE_UNTRUSTED"])


def test_certificates_are_judged_by_the_moment_asked_about(tmp_path: Path) -> None:
    def by(name: str) -> bytes:
        return mezhved("sign", "-", *pair(name), stdin=unsigned()).stdout

    assert judge(by("expired-ecdsa"), tmp_path) == (1, ["CERTIFICATE_EXPIRED"])
    assert judge(by("expired-ecdsa"), tmp_path, "--at", "2025-07-01T00:00:00Z") == (0, [])
    assert judge(by("not-yet-valid-ecdsa"), tmp_path) == (1, ["CERTIFICATE_NOT_YET_VALID"])
    assert judge(by("not-yet-valid-ecdsa"), tmp_path, "--at", "2036-12-30T12:00:00+03:00") == (0, [])
    assert judge(by("revoked-ecdsa"), tmp_path) == (0, [])
    assert judge(by("revoked-ecdsa"), tmp_path, "--crl", KEYS / "ca-ecdsa.crl.pem") == (1, ["CERTIFICATE_REVOKED"])
    crl = ("--crl", KEYS / "ca-ecdsa.crl.pem", "--at", "2025-05-01")
    assert judge(by("revoked-ecdsa"), tmp_path, *crl) == (0, [])


def test_exit_status_is_that_of_the_worst_file(signed: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xml"
    broken.write_bytes(signed.read_bytes().replace(b">one<", b">two<"))
    unreadable = tmp_path / "unreadable.xml"
    unreadable.write_bytes(b"<a/>")
    assert mezhved("verify", signed, broken, "--trust", CA).returncode == 1
    done = mezhved("verify", broken, unreadable, signed, "--trust", CA, "--json")
    assert done.returncode == 2
    found = verdicts(done)
    assert [one["valid"] for one in found] == [False, False, True]
    assert "not the Envelope" in str(found[1]["error"])


def test_several_authorities_may_follow_one_option(signed: Path, tmp_path: Path) -> None:
    gost = tmp_path / "rsa.xml"
    gost.write_bytes(mezhved("sign", "-", *pair("region-rsa"), stdin=unsigned()).stdout)
    rsa = KEYS / "ca-rsa.crt.pem"
    assert mezhved("verify", signed, gost, "--trust", CA, rsa, "--crl", KEYS / "ca-rsa.crl.pem").returncode == 0
    assert mezhved("verify", "--trust", CA, "--trust", rsa, signed, gost).returncode == 0
    # Where the files follow an option, a certificate among them is a file, and no anchor of trust.
    assert mezhved("verify", "--trust", CA, gost, rsa).returncode == 2


@pytest.mark.parametrize("arguments", [[], ["--trust", "absent.pem"], ["--trust", str(CA), "--at", "soon"]])
def test_verify_that_cannot_be_carried_out_is_no_verdict(signed: Path, arguments: list[str]) -> None:
    done = mezhved("verify", signed, *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr
    assert b"Traceback" not in done.stderr


def test_every_role_of_contract_1_3_is_signed_and_verified(tmp_path: Path) -> None:
    contract = CONTRACTS["1.3"]
    record = (
        "<d:RegistryRecord><d:RecordId>{0}</d:RecordId><d:Record><d:RecordContent><q:Ask xmlns:q='urn:q'/>"
        "</d:RecordContent></d:Record></d:RegistryRecord>"
    )
    registry = f"<d:Registry xmlns:d='{contract.directive}'>{record.format(1)}{record.format(2)}</d:Registry>"
    routing = (
        f"<r:Routing xmlns:r='{contract.routing}'><r:RoutingInformation><r:MessageID>one</r:MessageID>"
        "</r:RoutingInformation></r:Routing></t:SendRequestRequest>"
    )
    octets = unsigned("1.3", "", registry).replace(b"</t:SendRequestRequest>", routing.encode())
    for role in ("person", "record", "routing", "caller"):
        done = mezhved("sign", "-", *pair("region-ecdsa"), "--role", role, stdin=octets)
        assert (done.returncode, done.stderr) == (0, b""), role
        octets = done.stdout
    path = tmp_path / "all.xml"
    path.write_bytes(octets)
    (verdict,) = verdicts(mezhved("verify", path, "--trust", CA, "--json"))
    assert verdict["valid"]
    signatures = verdict["signatures"]
    assert isinstance(signatures, list)
    roles = sorted((one["role"], one["element"]) for one in signatures)
    assert roles == [
        ("caller", "SenderProvidedRequestData"),
        ("person", "RecordContent"),
        ("person", "RecordContent"),
        ("record", "Record"),
        ("record", "Record"),
        ("routing", "RoutingInformation"),
    ]
    body = etree.fromstring(octets)[0][0]
    assert [etree.QName(child).localname for child in body] == [
        "SenderProvidedRequestData",
        "CallerInformationSystemSignature",
        "Routing",
    ]


def test_an_answer_is_signed_by_the_node(tmp_path: Path) -> None:
    contract = CONTRACTS["1.2"]
    answer = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<t:GetResponseResponse xmlns:t="{contract.types}">'
        "<t:ResponseMessage><t:Response><t:SenderProvidedResponseData><t:MessageID>two</t:MessageID>"
        "</t:SenderProvidedResponseData></t:Response></t:ResponseMessage></t:GetResponseResponse></s:Body></s:Envelope>"
    ).encode()
    sent = mezhved("sign", "-", *pair("region-ecdsa"), "--role", "sender", stdin=answer).stdout
    passed_on = mezhved("sign", "-", *pair("node-ecdsa"), stdin=sent).stdout
    assert judge(passed_on, tmp_path) == (0, [])
    signers = [element.getparent().tag for element in etree.fromstring(passed_on).iter(f"{{{XMLDSIG}}}Signature")]  # type: ignore[union-attr]
    assert [etree.QName(tag).localname for tag in signers] == ["SenderInformationSystemSignature", "SMEVSignature"]


def test_signing_inside_what_another_has_signed_is_pointed_out(signed: Path) -> None:
    done = mezhved("sign", signed, *pair("official-ecdsa"), "--role", "person")
    assert done.returncode == 0
    assert "sign again with --role caller" in done.stderr.decode()


def test_signing_twice_replaces_the_signature(signed: Path, tmp_path: Path) -> None:
    again = mezhved("sign", signed, *pair("region-ecdsa")).stdout
    assert again.count(b"<ds:Signature ") == 1
    assert judge(again, tmp_path) == (0, [])


@pytest.mark.parametrize(
    ("document", "arguments", "status", "says"),
    [
        (unsigned(), pair("region-ecdsa")[:2], 2, "--pkcs12"),
        (
            unsigned(),
            ["--key", KEYS / "region-rsa.key.pem", "--cert", KEYS / "region-ecdsa.crt.pem"],
            2,
            "KEY_UNUSABLE",
        ),
        (unsigned(), [*pair("region-ecdsa"), "--role", "node"], 1, "no place"),
        (b"<a/>", pair("region-ecdsa"), 2, "Envelope"),
        (unsigned().replace(b"SendRequestRequest", b"AckResponse"), pair("region-ecdsa"), 1, "no signature"),
    ],
)
def test_sign_says_what_it_cannot_do(document: bytes, arguments: list[str | Path], status: int, says: str) -> None:
    done = mezhved("sign", "-", *arguments, stdin=document)
    assert (done.returncode, done.stdout) == (status, b"")
    assert says in done.stderr.decode()


def made_by(*transforms: str) -> SignaturePolicy:
    """A policy to sign by, with these transforms."""
    return SignaturePolicy((transforms,), XMLDSIG_POLICY.signed_info, XMLDSIG_POLICY.algorithms)


def test_profile_xmldsig_takes_one_transform_and_enveloped_signatures(tmp_path: Path) -> None:
    key = load_pem((KEYS / "region-ecdsa.key.pem").read_bytes(), (KEYS / "region-ecdsa.crt.pem").read_bytes())
    detached, enveloped = etree.fromstring(unsigned()), etree.fromstring(unsigned())
    holder = etree.SubElement(detached[0][0], f"{{{CONTRACTS['1.2'].types}}}CallerInformationSystemSignature")
    holder.append(sign(detached[0][0][0], key, policy=made_by(EXCLUSIVE_C14N)))
    data = enveloped[0][0][0]
    data.append(sign(data, key, policy=made_by(ENVELOPED, EXCLUSIVE_C14N)))
    for root, refused in ((detached, ["TRANSFORM_REFUSED"]), (enveloped, ["NO_SIGNATURE", "WRONG_TARGET"])):
        octets = etree.tostring(root)
        assert judge(octets, tmp_path) == (1, refused)
        assert judge(octets, tmp_path, "--profile", "xmldsig") == (0, [])
        changed = octets.replace(b">one<", b">two<")
        assert judge(changed, tmp_path, "--profile", "xmldsig") == (1, ["DIGEST_MISMATCH"])


def test_hostile_documents_are_unreadable_whatever_they_hold() -> None:
    files = sorted((shared_dir() / "vectors" / "hostile").glob("*.xml"))
    forbidden = {str(path) for path in files if b"<!DOCTYPE" in path.read_bytes()}
    done = mezhved("verify", *files, "--trust", CA, "--json")
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    found = {str(one["file"]): one for one in verdicts(done)}
    assert len(found) == len(files)
    assert not any(one["valid"] for one in found.values())
    assert forbidden <= {name for name, one in found.items() if "error" in one}
    for command in (["transform"], ["explain"], ["sign", *pair("region-ecdsa")]):
        refused = mezhved(*command, next(path for path in files if str(path) in forbidden))
        assert (refused.returncode, refused.stdout) == (2, b"")


# -- explain -----------------------------------------------------------------------------------------------------------


def test_explain_writes_what_was_hashed_and_names_the_cause(signed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "octets"
    done = mezhved("explain", signed, "--output", folder, "--json")
    assert done.returncode == 0
    (one,) = json.loads(done.stdout)["signatures"]
    assert (one["digest"]["matches"], one["signature"]["matches"], one["causes"]) == (True, True, [])
    assert sorted(path.name for path in folder.iterdir()) == [
        "1-caller-1-exclusive-c14n.xml",
        "1-caller-2-smev.xml",
        "1-caller-signed-info.xml",
    ]
    hashed = (folder / "1-caller-2-smev.xml").read_bytes()
    assert base64.b64encode(hashlib.sha256(hashed).digest()).decode() == one["digest"]["stated"]
    assert hashed == mezhved("transform", signed, "--id", "A").stdout

    broken = tmp_path / "broken.xml"
    tree = etree.parse(signed)
    etree.indent(next(tree.iter(f"{{{XMLDSIG}}}SignedInfo")))
    tree.write(broken)
    done = mezhved("explain", broken)
    assert done.returncode == 1
    assert "this would match (signature): SIGNED_INFO_PRETTY_PRINTED" in done.stdout.decode()


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_explain_tells_what_a_refusal_means(contract: Contract) -> None:
    fault = SignatureVerificationFault(SignatureProblem.NO_SIGNATURE_FOUND, "подписи нет")
    done = mezhved("explain", "-", stdin=render(fault, contract))
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    for part in ("SignatureVerificationFault/NoSignatureFound SMEV-100", "подписи нет", "correct it"):
        assert part in said
    told = json.loads(mezhved("explain", "-", "--json", stdin=render(AccessDenied("REGION", "card"), contract)).stdout)
    assert (told["fault"]["name"], told["fault"]["code"]) == ("AccessDenied", "SMEV-908")
    assert told["fault"]["advice"] == "stop"


def test_explain_of_what_is_no_envelope_is_no_explanation() -> None:
    done = mezhved("explain", "-", stdin=b"<a/>")
    assert (done.returncode, done.stdout) == (2, b"")


# -- envelopes of independent software ---------------------------------------------------------------------------------


def test_envelopes_of_other_software_are_judged_as_they_deserve() -> None:
    folder = shared_dir() / "vectors" / "signed"
    files = sorted(folder.glob("*.xml"))
    trust = ["--trust", folder / "ca-rsa.crt.pem", "--trust", folder / "ca-gost256.crt.pem"]
    crl = ["--crl", folder / "ca-gost256.crl.pem", "--at", "2027-01-01T00:00:00Z"]
    expected = {path.name: path.name.startswith("valid--santuario") or "prefix-renamed" in path.name for path in files}
    smev = mezhved("verify", *files, *trust, *crl, "--json")
    assert smev.returncode == 1
    assert {Path(str(one["file"])).name: one["valid"] for one in verdicts(smev)} == expected
    plain = mezhved("verify", *files, *trust, *crl, "--json", "--profile", "xmldsig")
    expected |= {path.name: True for path in files if path.name.startswith("valid--")}
    assert {Path(str(one["file"])).name: one["valid"] for one in verdicts(plain)} == expected
