"""MIME packages: what is written is read again octet for octet, however it arrives; broken framing is refused."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mezhved.adapter.exchange.faults import ClientFault, VersionMismatch
from mezhved.adapter.soap.outgoing import OutgoingPart, write_package
from mezhved.adapter.soap.package import Package, PackageLimits, read_package, referred

TYPE = 'multipart/related; type="application/xop+xml"; boundary="BB"'
ROOT = b"--BB\r\nContent-ID: <root@x>\r\nContent-Type: application/xop+xml; charset=utf-8\r\n\r\n<a/>\r\n"
END = b"--BB--\r\n"


async def arriving(octets: bytes, step: int) -> AsyncIterator[bytes]:
    for place in range(0, len(octets), step):
        yield octets[place : place + step]


def read(octets: bytes, content_type: str = TYPE, *, step: int = 65536, **limits: int) -> Package:
    return asyncio.run(read_package(arriving(octets, step), content_type, PackageLimits(**limits)))


def part(content: bytes, *headers: bytes) -> bytes:
    return b"--BB\r\n" + b"".join(header + b"\r\n" for header in (b"Content-ID: <a@x>", *headers)) + b"\r\n" + content


def refused(octets: bytes, content_type: str = TYPE, **limits: int) -> str:
    with pytest.raises(ClientFault) as caught:
        read(octets, content_type, **limits)
    return caught.value.description


def contents(package: Package) -> list[tuple[str, bytes]]:
    with package:
        return [(one.content_id, one.octets()) for one in package.parts]


# -- what is right -----------------------------------------------------------------------------------------------------

NEAR_FRAMING = st.sampled_from(
    [b"\r", b"\n", b"\r\n", b"-", b"--", b"--BB", b"\r\n--", b"\r\n--BC\r\n", b"\0", b"x" * 90]
)


@given(
    st.lists(st.one_of(st.binary(max_size=300), st.lists(NEAR_FRAMING, max_size=40).map(b"".join)), max_size=4),
    st.integers(1, 400),
)
def test_what_is_written_is_read_again_however_it_arrives(files: list[bytes], step: int) -> None:
    parts = tuple(OutgoingPart(f"part{number}@x", octets) for number, octets in enumerate(files))
    written = write_package(b"<envelope/>", parts)
    package = read(b"".join(written), written.content_type, step=step)
    assert package.envelope == b"<envelope/>"
    assert contents(package) == [(one.content_id, one.octets) for one in parts]
    assert written.size == len(b"".join(written))


@pytest.mark.parametrize("step", [1, 3, 65536])
@pytest.mark.parametrize(
    ("encoding", "written", "octets"),
    [
        (b"base64", b"AAEC\r\nAw==\r\n", b"\0\1\2\3"),
        (b"base64", b"A\r\nA\r\nEC", b"\0\1\2"),
        (b"quoted-printable", b"a=0D=0Ab=\r\n=C3=A9", b"a\r\nb\xc3\xa9"),
        (b"8bit", b"\r\n\xff\r\n", b"\r\n\xff\r\n"),
    ],
)
def test_transfer_encodings_are_undone(encoding: bytes, written: bytes, octets: bytes, step: int) -> None:
    body = ROOT + part(written, b"content-transfer-encoding: " + encoding) + b"\r\n" + END
    assert contents(read(body, step=step)) == [("a@x", octets)]


@pytest.mark.parametrize("step", [1000, 65536, 1 << 30])
def test_a_long_part_goes_to_a_file_and_comes_back(step: int) -> None:
    octets = bytes(range(256)) * 5000
    package = read(ROOT + part(octets) + b"\r\n" + END, in_memory=1000, step=step)
    with package:
        (one,) = package.parts
        assert (one.size, one.octets(), b"".join(one.chunks())) == (len(octets), octets, octets)
        assert one.file._rolled  # type: ignore[attr-defined]  # the file that it went to
    assert one.file.closed


def test_headers_do_not_rule_over_the_boundary() -> None:
    body = ROOT + part(b"0123456789", b"Content-Length: 3") + b"\r\n" + END
    assert contents(read(body)) == [("a@x", b"0123456789")]


def test_the_start_names_the_root() -> None:
    body = part(b"octets") + b"\r\n" + ROOT + END
    package = read(body, TYPE + '; start="<root@x>"')
    assert (package.envelope, contents(package)) == (b"<a/>", [("a@x", b"octets")])


def test_a_cid_is_read_as_rfc_2392_writes_it() -> None:
    assert referred("cid:a%2Bb@x") == "a+b@x"
    assert referred("CID:a@x") == "a@x"
    assert [referred(other) for other in ("http://x/a", "a@x", "cid:", "")] == [None] * 4


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "граница частей"),
        (b"no boundary at all", "граница частей"),
        (ROOT, "граница частей"),
        (ROOT + part(b"cut off"), "граница частей"),
        (END, "нет ни одной части"),
        (ROOT + part(b"x") + b"\r\n" + part(b"y") + b"\r\n" + END, "одним Content-ID"),
        (ROOT + part(b"A", b"Content-Transfer-Encoding: base64") + b"\r\n" + END, "base64"),
        (ROOT + part(b"QU!D", b"Content-Transfer-Encoding: base64") + b"\r\n" + END, "base64"),
        (
            ROOT + part(b"=41" * 5000, b"Content-Transfer-Encoding: quoted-printable") + b"\r\n" + END,
            "quoted-printable",
        ),
        (ROOT + part(b"x", b"Content-Transfer-Encoding: x-uuencode") + b"\r\n" + END, "x-uuencode"),
        (ROOT + part(b"x", b"Content-Encoding: gzip") + b"\r\n" + END, "Content-Encoding"),
        (ROOT + part(b"x", b"Content-Type: multipart/mixed; boundary=CC") + b"\r\n" + END, "multipart"),
        (ROOT + part(b"x", b"no header") + b"\r\n" + END, "не читаются"),
        (ROOT + part(b"x", *[b"A: b"] * 40) + b"\r\n" + END, "заголовков"),
        (ROOT + part(b"x", b"A: " + b"b" * 9000) + b"\r\n" + END, "заголовков"),
        (ROOT + part(b"x", b"A: " + b"b" * 900_000) + b"\r\n" + END, "длинная строка"),
        (b"x\r\n" * 2000 + ROOT + END, "строк вне частей"),
        (b"--BB\r\nContent-Type: text/html\r\n\r\n<a/>\r\n" + END, "text/html"),
        (b"--BB\r\nContent-Type: text/xml; charset=utf-16\r\n\r\n<a/>\r\n" + END, "utf-16"),
    ],
)
def test_broken_framing_is_refused(octets: bytes, reason: str) -> None:
    assert reason in refused(octets)


def test_a_package_of_too_many_parts_is_refused() -> None:
    nameless = b"--BB\r\n\r\nx\r\n"
    assert contents(read(ROOT + nameless * 3 + END, parts=4)) == [("", b"x")] * 3
    assert "слишком много частей" in refused(ROOT + nameless * 4 + END, parts=4)


def test_an_envelope_that_is_too_long_is_refused() -> None:
    assert "длиннее допустимого" in refused(ROOT + END, envelope=3)


def test_a_start_that_no_part_has_is_refused() -> None:
    assert "other@x" in refused(ROOT + END, TYPE + '; start="<other@x>"')


def test_a_package_without_a_boundary_is_refused() -> None:
    assert "boundary" in refused(ROOT + END, "multipart/related")


def test_soap_1_2_is_told_apart() -> None:
    for declared in ('start-info="application/soap+xml"', 'type="application/soap+xml"'):
        with pytest.raises(VersionMismatch):
            read(ROOT + END, f"multipart/related; boundary=BB; {declared}")
