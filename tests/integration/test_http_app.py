"""HTTP around the endpoint: what is answered with SOAP, what plainly, and that the description leads a client in."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from lxml import etree
from mezhved.adapter.exchange.contract import CONTRACTS, Operation
from mezhved.adapter.exchange.faults import ClientFault, Fault, InvalidContent, SMEVFailure, VersionMismatch
from mezhved.adapter.http.app import create_app
from mezhved.adapter.http.limits import HttpLimits
from mezhved.adapter.observing.traffic import Traffic
from mezhved.adapter.soap.call import Call
from mezhved.adapter.soap.endpoint import SoapEndpoint
from mezhved.adapter.soap.fault_xml import parse_fault
from support.envelopes import ack, in_version

WS = "/smev/v1.2/ws"
XML = {"Content-Type": "text/xml; charset=utf-8"}
ANSWER = f'<t:AckResponse xmlns:t="{CONTRACTS["1.2"].types}"></t:AckResponse>'.encode()


def client_of(
    limits: HttpLimits | None = None, handler: Callable[[Call], bytes] = lambda _: ANSWER, **options: Any
) -> httpx.AsyncClient:
    endpoint = SoapEndpoint({Operation.ACK: handler}, clock=lambda: datetime(2026, 11, 22, tzinfo=UTC))
    app = create_app(endpoint, limits=limits or HttpLimits(), **options)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://node.example:8080")


def request(method: str, path: str, *, client: httpx.AsyncClient | None = None, **options: Any) -> httpx.Response:
    async def run() -> httpx.Response:
        async with client or client_of() as opened:
            return await opened.request(method, path, **options)

    return asyncio.run(run())


def test_a_call_is_answered() -> None:
    answer = request("POST", WS, content=ack(), headers={**XML, "SOAPAction": '"urn:Ack"'})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert ANSWER in answer.content


@pytest.mark.parametrize(
    "content_type", ["text/xml", "application/xml", 'TEXT/XML; charset="UTF-8"', "text/xml;charset=utf8; action=x"]
)
def test_media_types_of_soap_1_1_are_taken(content_type: str) -> None:
    assert request("POST", WS, content=ack(), headers={"Content-Type": content_type}).status_code == 200


@pytest.mark.parametrize(
    ("content_type", "expected", "words"),
    [
        ('multipart/related; type="application/xop+xml"; boundary=B', ClientFault, "MIME"),
        ("application/soap+xml; charset=utf-8", VersionMismatch, "SOAP 1.1"),
        ("text/xml; charset=windows-1251", ClientFault, "windows-1251"),
    ],
)
def test_other_forms_of_soap_are_told_what_is_taken(content_type: str, expected: type[Fault], words: str) -> None:
    answer = request("POST", WS, content=ack(), headers={"Content-Type": content_type})
    assert answer.status_code == 500
    fault = parse_fault(answer.content)
    assert type(fault) is expected
    assert words in fault.description


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Content-Type": "application/json"}, "application/json"),
        ({"Content-Type": "text/xmlx"}, "text/xmlx"),
        ({}, "ожидается text/xml"),
        ({**XML, "Content-Encoding": "gzip"}, "сжатие"),
    ],
)
def test_what_is_no_soap_gets_plain_http(headers: dict[str, str], words: str) -> None:
    answer = request("POST", WS, content=ack(), headers=headers)
    assert answer.status_code == 415
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert words in answer.text


def test_a_node_may_serve_some_versions_only() -> None:
    endpoint = SoapEndpoint({}, clock=lambda: datetime(2026, 11, 22, tzinfo=UTC), contracts=["1.2"])
    client = httpx.AsyncClient(transport=httpx.ASGITransport(create_app(endpoint)), base_url="http://node.example")
    assert request("GET", "/smev/v1.1/ws?wsdl", client=client).status_code == 404


@pytest.mark.parametrize("version", CONTRACTS)
def test_an_address_serves_its_own_version_only(version: str) -> None:
    assert request("POST", f"/smev/v{version}/ws", content=in_version(ack(), version), headers=XML).status_code == 200
    for other in CONTRACTS.keys() - {version}:
        answer = request("POST", f"/smev/v{version}/ws", content=in_version(ack(), other), headers=XML)
        assert answer.status_code == 500
        assert f"обслуживаются: {version}" in parse_fault(answer.content).description


def test_a_bad_call_gets_a_fault() -> None:
    answer = request("POST", WS, content=ack("XYZ"), headers=XML)
    assert answer.status_code == 500
    assert isinstance(parse_fault(answer.content), InvalidContent)


@pytest.mark.parametrize("content", [b"", b"not xml"])
def test_a_body_that_is_no_xml_gets_a_fault_of_the_client(content: bytes) -> None:
    assert type(parse_fault(request("POST", WS, content=content, headers=XML).content)) is ClientFault


@pytest.mark.parametrize(("method", "path"), [("PUT", WS), ("DELETE", WS), ("GET", WS), ("POST", "/healthz")])
def test_a_method_that_is_not_allowed(method: str, path: str) -> None:
    answer = request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"]


@pytest.mark.parametrize("path", ["/", "/smev/v9.9/ws", "/smev/v1.2", "/xsd/no.xsd", "/xsd/../setup.cfg"])
def test_nothing_is_found_where_nothing_is(path: str) -> None:
    assert request("GET", path).status_code == 404
    assert request("GET", path + "?wsdl").status_code == 404


def test_alive_and_ready() -> None:
    assert request("GET", "/healthz").status_code == 200
    assert request("GET", "/readyz").status_code == 200
    missing = "the database does not answer"
    busy = request("GET", "/readyz", client=client_of(ready=lambda: missing))
    assert (busy.status_code, busy.text) == (503, f"not ready: {missing}\n")
    assert request("GET", "/healthz", client=client_of(ready=lambda: missing)).status_code == 200


@pytest.mark.parametrize(("method", "path"), [("POST", WS), ("GET", WS + "?wsdl"), ("GET", "/healthz"), ("GET", "/no")])
def test_every_answer_bears_the_fixed_headers(method: str, path: str) -> None:
    headers = request(method, path, content=ack(), headers=XML).headers
    assert headers["server"] == "mezhved"
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]


class TestDescription:
    """WSDL and schemas by relative URLs."""

    def test_the_address_is_the_one_that_was_used(self) -> None:
        assert self.address(request("GET", WS + "?wsdl")) == "http://node.example:8080/smev/v1.2/ws"
        assert self.address(request("GET", WS + "?WSDL")) == "http://node.example:8080/smev/v1.2/ws"

    def test_the_address_is_the_public_one_if_that_is_known(self) -> None:
        client = client_of(public_url="https://smev.example/exchange/")
        assert self.address(request("GET", WS + "?wsdl", client=client)) == "https://smev.example/exchange/smev/v1.2/ws"

    @pytest.mark.parametrize(("version", "documents"), [("1.1", 4), ("1.2", 4), ("1.3", 6)])
    def test_every_link_leads_to_a_schema(self, version: str, documents: int) -> None:
        waiting, seen = [httpx.URL(f"http://node.example:8080/smev/v{version}/ws?wsdl")], set()
        while waiting:
            url = waiting.pop()
            if url in seen:
                continue
            seen.add(url)
            answer = request("GET", str(url))
            assert answer.status_code == 200, url
            assert answer.headers["content-type"] == "text/xml; charset=utf-8"
            for linked in etree.fromstring(answer.content).iter("{http://www.w3.org/2001/XMLSchema}import"):
                waiting.append(url.join(linked.get("schemaLocation", "")))
        assert len(seen) == documents

    def test_schemas_of_kinds_are_served_too(self) -> None:
        answer = request("GET", "/xsd/frmr/worker_card/1.0.0.xsd")
        assert answer.status_code == 200
        assert b"WorkerCardRequest" in answer.content

    @staticmethod
    def address(answer: httpx.Response) -> str:
        (port,) = etree.fromstring(answer.content).iter("{http://schemas.xmlsoap.org/wsdl/soap/}address")
        return str(port.get("location"))


class TestBody:
    """Limits of size and memory."""

    LIMITS = HttpLimits(body_bytes=10_000, free_bytes=1000, buffered_bytes=4000)

    def test_a_long_body_is_refused(self) -> None:
        answer = request("POST", WS, content=b"x" * 10_001, headers=XML, client=client_of(self.LIMITS))
        assert answer.status_code == 413
        assert "10000 байт" in answer.text
        assert answer.headers["connection"] == "close"

    def test_a_long_body_of_unknown_length_is_refused(self) -> None:
        async def parts() -> AsyncIterator[bytes]:
            for _ in range(11):
                yield b"x" * 1000

        client = client_of(HttpLimits(body_bytes=10_000))
        assert request("POST", WS, content=parts(), headers=XML, client=client).status_code == 413

    def test_a_body_that_says_it_is_far_too_long_is_not_read(self) -> None:
        async def parts() -> AsyncIterator[bytes]:
            raise AssertionError("read")
            yield b""

        headers = {**XML, "Content-Length": str(10**12)}
        assert request("POST", WS, content=parts(), headers=headers).status_code == 413

    def test_a_caller_that_asks_first_is_told_first(self) -> None:
        async def parts() -> AsyncIterator[bytes]:
            raise AssertionError("read")
            yield b""

        headers = {**XML, "Content-Length": "10001", "Expect": "100-continue"}
        answer = request("POST", WS, content=parts(), headers=headers, client=client_of(self.LIMITS))
        assert answer.status_code == 413

    def test_when_memory_is_short_large_bodies_are_sent_away_and_small_ones_are_not(self) -> None:
        client = client_of(self.LIMITS)
        large = request("POST", WS, content=b"x" * 6000, headers=XML, client=client)
        assert large.status_code == 503
        assert large.headers["retry-after"]
        assert isinstance(parse_fault(large.content), SMEVFailure)
        assert request("POST", WS, content=ack(), headers=XML, client=client_of(self.LIMITS)).status_code == 200

    def test_memory_is_given_back(self) -> None:
        async def run() -> list[int]:
            async with client_of(self.LIMITS) as client:
                padded = ack() + b" " * (4500 - len(ack()))
                answers = [await client.post(WS, content=padded, headers=XML) for _ in range(5)]
                return [answer.status_code for answer in answers]

        assert asyncio.run(run()) == [200] * 5


def test_overload_is_told_and_passes() -> None:
    working, go_on = threading.Semaphore(0), threading.Event()

    def handler(_call: Call) -> bytes:
        working.release()
        assert go_on.wait(30)
        return ANSWER

    traffic = Traffic(threads=2)

    async def run() -> tuple[httpx.Response, list[httpx.Response], httpx.Response]:
        async with client_of(HttpLimits(concurrent=2, waiting=3), handler, traffic=traffic) as client:

            async def post() -> httpx.Response:
                return await client.post(WS, content=ack(), headers=XML, timeout=30)

            calls = [asyncio.create_task(post()) for _ in range(5)]
            for _ in range(2):
                await asyncio.to_thread(working.acquire)
            refused = await post()
            assert (traffic.in_work, traffic.waiting, traffic.overloaded) == (2, 3, 1)
            go_on.set()
            answered = await asyncio.gather(*calls)
            return refused, answered, await post()

    refused, answered, later = asyncio.run(run())
    assert (traffic.in_work, traffic.waiting, traffic.overloaded) == (0, 0, 1)
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert isinstance(parse_fault(refused.content), SMEVFailure)
    assert [answer.status_code for answer in answered] == [200] * 5
    assert later.status_code == 200
