"""XOP: contents of attachments are taken out, other parts put back in base64, and nothing else changes by one octet."""

import base64
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from mezhved.adapter.exchange.contract import CONTRACTS, SOAP_ENVELOPE
from mezhved.adapter.exchange.faults import ClientFault, InvalidContent
from mezhved.adapter.soap.package import Part
from mezhved.adapter.soap.xop import Resolved, resolve

V13 = CONTRACTS["1.3"]
MOST = 100_000
INCLUDE = '<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:%s"/>'


def envelope(data: str, listed: str, operation: str = "SendRequest") -> bytes:
    return (
        f'<?xml version="1.0"?>\n<S:Envelope xmlns:S="{SOAP_ENVELOPE}">\n<S:Body>\n<t:{operation}Request '
        f'xmlns:t="{V13.types}" xmlns:b="{V13.basic}"><t:Data Id="D">{data}</t:Data>{listed}</t:{operation}Request>'
        "</S:Body></S:Envelope>\n"
    ).encode()


def contents(*written: str) -> str:
    listed = "".join(
        f"<b:AttachmentContent><b:Id>a{number}</b:Id><b:Content>{one}</b:Content></b:AttachmentContent>"
        for number, one in enumerate(written)
    )
    return f"<b:AttachmentContentList>{listed}</b:AttachmentContentList>"


def part(content_id: str, octets: bytes) -> Part:
    return Part(content_id, len(octets), BytesIO(octets))


def octets_of(resolved: Resolved) -> list[bytes]:
    return [one.octets() for one in resolved.contents]


def test_an_envelope_without_binary_octets_stays_as_it_is() -> None:
    octets = envelope("text", "")
    assert resolve(octets, most=MOST).envelope is octets


@given(st.lists(st.binary(max_size=100), min_size=1, max_size=5), st.booleans(), st.sampled_from(["", "\n", " \n\t\n"]))
def test_contents_are_taken_out_whichever_way_they_come(files: list[bytes], beside: bool, space: str) -> None:
    parts = [part(f"p{number}@x", octets) for number, octets in enumerate(files)] if beside else []
    written = (
        [INCLUDE % one.content_id for one in parts] if beside else [base64.b64encode(one).decode() for one in files]
    )
    octets = envelope("text", contents(*(space + one + space for one in written)))
    resolved = resolve(octets, parts, most=MOST)
    assert octets_of(resolved) == files
    root = etree.fromstring(resolved.envelope)
    assert [(one.text or "").strip() for one in root.iter(f"{{{V13.basic}}}Content")] == [""] * len(files)
    assert resolved.envelope.count(b"\n") == octets.count(b"\n"), "lines are counted in faults"


def test_everything_else_stays_octet_for_octet() -> None:
    octets = envelope("a\r\n<![CDATA[<]]>&#13;<e:x  xmlns:e = 'urn:e'   a='>'/>", contents("AAEC", INCLUDE % "p@x"))
    resolved = resolve(octets, [part("p@x", b"beside")], most=MOST)
    assert octets_of(resolved) == [b"\0\1\2", b"beside"]
    assert resolved.envelope == octets.replace(b"AAEC", b"").replace((INCLUDE % "p@x").encode(), b"")


@pytest.mark.parametrize("form", [INCLUDE, INCLUDE.replace("/>", "></x:Include>"), INCLUDE.replace("/>", " />")])
def test_a_signature_in_a_part_is_put_back_in_base64_without_line_breaks(form: str) -> None:
    signature = bytes(range(256))
    octets = envelope(f"<b:SignaturePKCS7>{form % 's@x'}</b:SignaturePKCS7>", "")
    resolved = resolve(octets, [part("s@x", signature)], most=MOST)
    assert resolved.envelope == octets.replace((form % "s@x").encode(), base64.b64encode(signature))
    assert resolved.contents == ()


def test_every_answer_that_delivers_is_read_too() -> None:
    for operation, holder in (("GetRequest", "RequestMessage"), ("GetResponse", "ResponseMessage")):
        octets = envelope("", contents("AAEC"), operation).replace(b"Request xmlns", b"Response xmlns")
        octets = octets.replace(f"</t:{operation}Request>".encode(), f"</t:{operation}Response>".encode())
        octets = octets.replace(b"<t:Data", f"<t:{holder}><t:Data".encode())
        octets = octets.replace(b"</b:AttachmentContentList>", f"</b:AttachmentContentList></t:{holder}>".encode())
        assert octets_of(resolve(octets, most=MOST)) == [b"\0\1\2"]


def test_a_list_elsewhere_is_no_list() -> None:
    """In the business's own content, say: what stands there is signed, and nobody's but the business's."""
    octets = envelope(contents("AAEC"), "")
    assert resolve(octets, most=MOST) == Resolved(octets)


@pytest.mark.parametrize(
    "octets", [envelope("", contents("AAEC"))[:-30], envelope("<open>", contents("AAEC")), b"AttachmentContentList"]
)
def test_what_is_not_xml_is_left_to_the_parser(octets: bytes) -> None:
    assert resolve(octets, most=MOST).envelope == octets


def refused(octets: bytes, *parts: Part, most: int = MOST) -> str:
    with pytest.raises(ClientFault) as caught:
        resolve(octets, parts, most=most)
    return caught.value.description


def test_a_part_must_be_there() -> None:
    assert "такой части MIME в сообщении нет" in refused(envelope("", contents(INCLUDE % "p@x")))
    assert "строка 4" in refused(envelope("", contents(INCLUDE % "p@x")), part("other@x", b""))
    assert "http://x/p" in refused(envelope("", contents(INCLUDE.replace("cid:%s", "http://x/p"))), part("p@x", b""))


def test_a_part_that_nothing_includes_is_refused() -> None:
    assert "нигде в конверте не упомянута" in refused(envelope("", ""), part("p@x", b""))


def test_a_part_is_included_once() -> None:
    """Else a few octets of envelope could ask for any number of copies."""
    twice = "<b:SignaturePKCS7>" + INCLUDE % "p@x" + "</b:SignaturePKCS7>"
    assert "больше одного раза" in refused(envelope(twice * 2, ""), part("p@x", b"x"))


def test_what_is_put_back_has_a_limit() -> None:
    octets = envelope(f"<b:SignaturePKCS7>{INCLUDE % 's@x'}</b:SignaturePKCS7>", "")
    assert "длиннее допустимого" in refused(octets, part("s@x", bytes(MOST)))


def test_an_include_holds_nothing() -> None:
    for inside in ("text", "<x/>", " "):
        written = (INCLUDE % "p@x").replace("/>", f">{inside}</x:Include>")
        assert "должен быть пустым" in refused(envelope("", contents(written)), part("p@x", b""))


@pytest.mark.parametrize(
    "written",
    [
        "AAE",
        "A!==",
        "AAEC<x/>",
        "<x/>",
        "AA&#69;C<!-- -->",
        INCLUDE % "p@x" + "AAEC",
        INCLUDE % "p@x" + INCLUDE % "q@x",
    ],
)
def test_content_that_is_not_base64_is_told_by_line_and_path(written: str) -> None:
    with pytest.raises(InvalidContent) as caught:
        resolve(envelope("", contents("AAEC", written)), [part("p@x", b""), part("q@x", b"")], most=MOST)
    (error,) = caught.value.errors
    assert (error.line, error.path) == (4, "SendRequestRequest/AttachmentContentList/AttachmentContent/Content")


def test_a_document_type_that_hides_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever way past the first look somebody may find: the entities must not be expanded."""
    monkeypatch.setattr("mezhved.adapter.soap.xop.check_octets", lambda _: None)
    octets = envelope("", contents("AAEC")).replace(b"<S:Env", b'<!DOCTYPE x [<!ENTITY e "x">]><S:Env', 1)
    assert "DTD" in refused(octets)


def test_a_document_type_is_refused_before_anything_is_read() -> None:
    octets = envelope("", contents("AAEC")).replace(b"<S:Env", b'<!DOCTYPE x [<!ENTITY e "x">]><S:Env', 1)
    assert "DTD" in refused(octets)
