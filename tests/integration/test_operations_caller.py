"""Who is calling: signatures, certificates and systems that are refused, whatever the operation."""

from datetime import timedelta

import pytest
from lxml import etree
from mezhved.adapter.exchange.faults import (
    SenderIsNotRegistered,
    SignatureProblem,
    SignatureVerificationFault,
)
from mezhved.adapter.soap.call import Call
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.signing.authority import create_authority
from sqlalchemy import Engine
from support.operations import SIGNATURE, refused
from support.world import ECHO, START, V12, World

T = f"{{{V12.types}}}"


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def problem(world: World, call: Call) -> SignatureVerificationFault:
    fault = refused(SendRequest(world.context()), call)
    assert isinstance(fault, SignatureVerificationFault)
    return fault


def test_an_unsigned_call_is_refused(world: World) -> None:
    assert problem(world, world.send_request(None)).problem is SignatureProblem.NO_SIGNATURE_FOUND


def test_content_changed_after_signing_is_refused(world: World) -> None:
    call = world.send_request(world.register("REGION"))
    next(call.body.iter(f"{{{ECHO}}}EchoRequest")).text = "changed"
    fault = problem(world, call)
    assert fault.problem is SignatureProblem.SIGNATURE_IS_INVALID
    assert "DIGEST_MISMATCH" in fault.description


def test_a_signature_over_something_else_is_refused(world: World) -> None:
    call = world.send_request(world.register("REGION"))
    call.body[0].set("Id", "OTHER")
    next(call.body.iter(f"{{{ECHO}}}EchoRequest")).set("Id", "SIGNED")
    assert problem(world, call).problem is SignatureProblem.INCORRECT_SIGNATURE_TARGET


def test_a_certificate_of_nobody_is_refused_by_its_name(world: World) -> None:
    fault = problem(world, world.send_request(world.issue("CN=Nobody").signing_key()))
    assert fault.problem is SignatureProblem.CERTIFICATE_IS_NOT_FOUND
    assert "CN=Nobody" in fault.description


def test_a_foreign_authority_is_refused(world: World) -> None:
    foreign = create_authority(
        "p256", "CN=Foreign", valid_from=START - timedelta(days=1), valid_to=START + timedelta(days=99)
    )
    key = world.register("REGION", world.issue("CN=REGION", foreign))
    fault = problem(world, world.send_request(key))
    assert fault.problem is SignatureProblem.CERTIFICATE_IS_NOT_FOUND
    assert "CERTIFICATE_UNTRUSTED" in fault.description


@pytest.mark.parametrize(("day", "code"), [(-31, "CERTIFICATE_NOT_YET_VALID"), (366, "CERTIFICATE_EXPIRED")])
def test_a_certificate_outside_its_time_is_refused(world: World, day: int, code: str) -> None:
    key = world.register("REGION")
    world.clock.now = START + timedelta(days=day)
    fault = problem(world, world.send_request(key))
    assert fault.problem is SignatureProblem.CERTIFICATE_IS_EXPIRED
    assert code in fault.description


def test_a_renewed_certificate_works_beside_the_old_one(world: World) -> None:
    old, new = world.issue("CN=REGION"), world.issue("CN=REGION")
    world.register("REGION", old, new)
    for issued in (old, new):
        SendRequest(world.context())(world.send_request(issued.signing_key()))


@pytest.mark.parametrize("where", ["header", "content's neighbour"])
def test_a_signature_where_the_contract_has_no_place_is_refused(world: World, where: str) -> None:
    call = world.send_request(world.register("REGION"))
    root = call.body.getroottree().getroot()
    stray = etree.Element(SIGNATURE)
    if where == "header":
        etree.SubElement(root, f"{{{etree.QName(root).namespace}}}Header").append(stray)
    else:
        call.body.append(stray)
    fault = problem(world, call)
    assert fault.problem is SignatureProblem.SIGNATURE_IS_INVALID
    assert "лишняя подпись" in fault.description


def test_a_system_switched_off_is_not_registered(world: World) -> None:
    key = world.register("REGION", active=False)
    fault = refused(SendRequest(world.context()), world.send_request(key))
    assert isinstance(fault, SenderIsNotRegistered)
