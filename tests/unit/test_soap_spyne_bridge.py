"""spyne calls the operation and changes nothing on the way."""

import gc
import sys
import threading
import warnings
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from mezhved.adapter.exchange.contract import Operation
from mezhved.adapter.exchange.faults import SMEVFailure
from mezhved.adapter.soap.call import Call
from mezhved.adapter.soap.envelope import parse
from mezhved.adapter.soap.spyne_bridge import SpyneBridge
from support.envelopes import CONTRACT, ack, get_status


def call_of(octets: bytes) -> Call:
    parsed = parse(octets)
    return Call(parsed.contract, parsed.operation, parsed.body, octets, datetime(2026, 11, 22, tzinfo=UTC), "peer")


def test_the_very_element_goes_in_and_the_very_octets_come_out() -> None:
    seen: list[Call] = []
    answer = b'<a:B xmlns:a="urn:a"  odd = "\'" ><!-- kept --></a:B\n>'

    def handler(call: Call) -> bytes:
        seen.append(call)
        return answer

    call = call_of(ack())
    assert SpyneBridge(CONTRACT, {Operation.ACK: handler}).call(call) == answer
    (received,) = seen
    assert received is call
    assert received.body is call.body


def test_each_element_calls_its_own_operation() -> None:
    bridge = SpyneBridge(CONTRACT, {Operation.ACK: lambda _: b"<ack/>", Operation.GET_STATUS: lambda _: b"<status/>"})
    assert bridge.call(call_of(ack())) == b"<ack/>"
    assert bridge.call(call_of(get_status())) == b"<status/>"


@pytest.mark.parametrize("error", [SMEVFailure(), KeyError("x"), RecursionError()])
def test_whatever_an_operation_raises_comes_out_as_it_is(error: Exception) -> None:
    def handler(_call: Call) -> bytes:
        raise error

    with pytest.raises(type(error)) as raised:
        SpyneBridge(CONTRACT, {Operation.ACK: handler}).call(call_of(ack()))
    assert raised.value is error


def test_threads_do_not_mix_their_calls() -> None:
    bridge = SpyneBridge(CONTRACT, {Operation.ACK: lambda call: call.octets})
    ids = [f"f81d4fae-7dec-11d0-a765-{number:012x}" for number in range(200)]
    wrong: list[str] = []

    def work(mine: list[str]) -> None:
        wrong.extend(one for one in mine if bridge.call(call_of(ack(one))) != ack(one))

    threads = [threading.Thread(target=work, args=(ids[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_spyne_leaves_no_import_hook_behind() -> None:
    # Its own one makes every later import warn on 3.11, and is unknown to 3.12.
    assert all(type(hook).__module__ != "spyne.util.six" for hook in sys.meta_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ImportError):
            __import__("mezhved_has_no_such_module")


def test_a_call_leaves_no_document_to_the_garbage_collector() -> None:
    def refuse(call: Call) -> bytes:
        raise SMEVFailure

    bridge = SpyneBridge(CONTRACT, {Operation.ACK: lambda _: b"<ack/>", Operation.GET_STATUS: refuse})
    gc.collect()
    gc.disable()
    try:
        for octets in (ack(), get_status()):
            call = call_of(octets)
            with suppress(SMEVFailure):
                bridge.call(call)
            assert [holder for holder in gc.get_referrers(call) if holder is not sys._getframe()] == []
    finally:
        gc.enable()
