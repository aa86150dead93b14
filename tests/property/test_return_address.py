"""ReplyTo cannot be made up: whatever is altered in it, nobody is found."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mezhved.adapter.exchange.faults import RecipientIsNotFound
from mezhved.adapter.exchange.return_address import addressed_request, is_return_address, new_return_address
from mezhved.adapter.soap.operations.get_request import GetRequest
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.adapter.soap.operations.send_response import SendResponse
from mezhved.signing.keys import SigningKey
from sqlalchemy import Engine
from support.operations import delivered, text
from support.world import V12, World

MESSAGE_ID = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
CHARACTERS = st.characters(min_codepoint=0x20, max_codepoint=0x24F, exclude_characters="\x7f")


@st.composite
def altered(draw: st.DrawFn, address: str) -> str:
    """The address with something in it exchanged, put in, taken out or repeated."""
    start = draw(st.integers(0, len(address)))
    end = draw(st.integers(start, min(len(address), start + 8)))
    return address[:start] + draw(st.text(CHARACTERS, max_size=8)) + address[end:]


@given(st.data())
def test_an_altered_address_is_no_address(data: st.DataObject) -> None:
    address = new_return_address(MESSAGE_ID)
    other = data.draw(altered(address).filter(lambda text: text != address))
    assert addressed_request(address) == MESSAGE_ID
    assert is_return_address(address, address)
    assert not is_return_address(other, address)
    assert not is_return_address(other, None)


def test_no_two_requests_have_the_same_address() -> None:
    assert len({new_return_address(MESSAGE_ID) for _ in range(1000)}) == 1000


@pytest.fixture
def asked(engine: Engine) -> tuple[World, SigningKey, str]:
    world = World(engine)
    provider, context = world.register("FRMR"), world.context()
    for _ in range(3):
        SendRequest(context)(world.send_request(world.register("REGION")))
    request = delivered(world, GetRequest(context), world.get_request(provider), "Request")
    assert request is not None
    return world, provider, text(V12, request, "ReplyTo") or ""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_an_answer_to_an_altered_address_reaches_nobody(
    asked: tuple[World, SigningKey, str], data: st.DataObject
) -> None:
    world, provider, address = asked
    other = data.draw(altered(address).filter(lambda text: text != address))
    with pytest.raises(RecipientIsNotFound):
        SendResponse(world.context())(world.send_response(provider, other))
