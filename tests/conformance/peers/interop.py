"""Foreign SOAP clients that know nothing but our WSDL play the whole exchange (README.md). Run by `make interop`."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from mezhved.adapter.stand.layout import AGENCY, LICENCES, System
from mezhved.adapter.stand.licences import LICENCE_CARD, licence_card
from mezhved.adapter.stand.making import Plan, make
from mezhved.adapter.stand.running import Stand

HERE = Path(__file__).parent
MEZHVED = (sys.executable, "-c", "from mezhved.adapter.cli import main; main()")
VERSIONS = ("1.1", "1.2", "1.3")
ORGANISATION = "1.2.643.5.1.13.13.12.2.16.900000"
RESPONSE = (
    f'<l:LicenceCardResponse xmlns:l="{LICENCE_CARD}"><l:Licence><l:Number>УЧЕБНАЯ-0000000001</l:Number>'
    "<l:IssueDate>2020-02-03</l:IssueDate><l:Valid>true</l:Valid></l:Licence></l:LicenceCardResponse>"
)
SLOWEST = 300
JARS = ("jaxws-api", "jaxws-rt", "jaxws-ri-rt-jdk9", "jaxws-ri-runtime", "jaxb-api", "jaxb-core", "jaxb-impl")
JARS += ("jaxb-runtime", "saaj-impl", "stax-ex", "streambuffer", "metro-policy", "gmbal", "mimepull")
JARS += ("javax.activation",)

Command = list[str]


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A node, its worker, and systems of which nobody but the peers speaks."""
    plan = Plan(tmp_path_factory.mktemp("peers") / "stand", ecdsa=True)
    with Stand(make(plan, now=datetime.now(UTC), random_bits=secrets.randbits)) as running:
        yield running


def run(command: Command, folder: Path) -> str:
    """Standard output of a program that must succeed."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, check=False, text=True, timeout=SLOWEST
    )
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}; it said:\n{done.stdout}"
    return done.stdout


def python(name: str) -> Callable[[Path, str, str], Command]:
    return lambda _folder, _wsdl, _version: [sys.executable, str(HERE / name)]


def php(_folder: Path, _wsdl: str, _version: str) -> Command:
    return ["php", "-d", "display_errors=stderr", str(HERE / "php_peer.php")]


def node(folder: Path, _wsdl: str, _version: str) -> Command:
    for file in (HERE / "node").iterdir():
        shutil.copy(file, folder)
    run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], folder)
    return ["node", str(folder / "peer.mjs")]


def jaxws(folder: Path, wsdl: str, version: str) -> Command:
    """What wsimport makes of the WSDL stays as it is; contract 1.1 has an operation more than the others."""
    for name in ("made", "classes"):
        (folder / name).mkdir()
    run(["wsimport", "-quiet", "-Xnocompile", "-s", "made", wsdl], folder)
    path = ":".join([*(f"/usr/share/java/{jar}.jar" for jar in JARS), "classes"])
    own = [HERE / "jaxws" / "Peer.java", HERE / "jaxws" / "Attachments.java"]
    own += [HERE / "jaxws" / ("1.1" if version == "1.1" else "1.3") / "Statistics.java"]
    sources = [str(one) for one in (*(folder / "made").rglob("*.java"), *own)]
    run(["javac", "-nowarn", "-encoding", "UTF-8", "-cp", path, "-d", "classes", *sources], folder)
    return ["java", "-Dfile.encoding=UTF-8", "-cp", path, "Peer"]


def gsoap(folder: Path, wsdl: str, _version: str) -> Command:
    """What wsdl2h and soapcpp2 make of the WSDL stays as it is."""
    run(["wsdl2h", "-o", "smev.h", wsdl], folder)
    run(["soapcpp2", "-j", "-C", "-w", "-x", "-L", "-I/usr/share/gsoap/import", "smev.h"], folder)
    sources = [str(HERE / "gsoap" / "peer.cpp"), *(one.name for one in folder.glob("soap*.cpp"))]
    run(["g++", "-std=c++17", "-w", "-I.", "-o", "peer", *sources, "-lgsoap++"], folder)
    return ["./peer"]


PEERS = {
    "zeep": python("zeep_peer.py"),
    "suds": python("suds_peer.py"),
    "php": php,
    "node": node,
    "jaxws": jaxws,
    "gsoap": gsoap,
}


BY_MTOM = {"jaxws", "node"}
"""Those who send a file as a part, and receive it as one."""


def plan_of(stand: Stand, version: str, folder: Path) -> dict[str, Any]:
    """What a peer is told: where the node is, how its two systems sign, what they send."""

    def system(one: System) -> dict[str, Any]:
        pair = stand.layout.pair(one)
        return {"sign": [*MEZHVED, "sign", "-", "--key", str(pair.key), "--cert", str(pair.certificate)]}

    return {
        "version": version,
        "wsdl": f"{stand.url}/smev/v{version}/ws?wsdl",
        "url": f"{stand.url}/smev/v{version}/ws",
        "consumer": system(AGENCY),
        "provider": system(LICENCES),
        "ids": [str(uuid.uuid1()) for _ in range(5)],
        "request": licence_card(ORGANISATION).decode(),
        "response": RESPONSE,
        "statistics": version == "1.1",
        **file_of(stand, folder),
    }


def file_of(stand: Stand, folder: Path) -> dict[str, str]:
    """A file with every octet in it, and what looks like the end of a MIME part; and its signature."""
    file = folder / "file"
    file.write_bytes(bytes(range(256)) * 512 + b"\r\n--\r\n\r\n")
    pair = stand.layout.pair(AGENCY)
    run([*MEZHVED, "sign-file", str(file), "--key", str(pair.key), "--cert", str(pair.certificate)], folder)
    return {"file": str(file), "file_signature": f"{file}.p7s"}


def write(plan: dict[str, Any], folder: Path) -> None:
    """The plan, also as a file of properties for those who have no JSON."""
    (folder / "plan.json").write_text(json.dumps(plan), "utf-8")
    values = {name: plan[name] for name in ("wsdl", "url", "request", "response", "file", "file_signature")}
    values |= {name: "\\t".join(plan[name]["sign"]) for name in ("consumer", "provider")}
    values |= {f"id{place}": one for place, one in enumerate(plan["ids"])}
    (folder / "plan.properties").write_text("".join(f"{name}={value}\n" for name, value in values.items()), "utf-8")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("peer", PEERS)
def test_a_foreign_client_plays_the_whole_exchange(peer: str, version: str, stand: Stand, tmp_path: Path) -> None:
    plan = plan_of(stand, version, tmp_path)
    write(plan, tmp_path)
    command = PEERS[peer](tmp_path, plan["wsdl"], version)
    told = run([*command, "plan.properties" if peer in ("jaxws", "gsoap") else "plan.json"], tmp_path)
    story = {line["step"]: line for line in map(json.loads, told.splitlines())}
    asked = plan["ids"][0]

    assert (story["SendRequest"]["status"], story["SendRequest"]["message_id"]) == ("requestIsQueued", asked)
    assert story["GetRequest"]["message_id"] == asked
    assert ORGANISATION in story["GetRequest"]["content"]
    assert story["SendResponse"]["status"] == "responseIsAcceptedBySmev"
    assert story["GetResponse"]["original"] == asked
    assert "УЧЕБНАЯ-0000000001" in story["GetResponse"]["content"]
    faults = {step: (line["fault"], line["code"]) for step, line in story.items() if "fault" in line}
    assert faults == {
        "again": ("MessageIsAlreadySent", "SMEV-301"),
        "unknown kind": ("BusinessDataTypeIsNotSupported", "SMEV-901"),
        "to nobody": ("RecipientIsNotFound", "SMEV-911"),
        "Ack again": ("TargetMessageIsNotFound", "SMEV-501"),
    }
    for step, (_, code) in faults.items():
        assert story[step]["text"].startswith(f"{code}:")
    if peer in BY_MTOM:
        assert story["SendRequest by MTOM"]["status"] == "requestIsQueued"
        assert (story["GetRequest by MTOM"]["same"], int(story["GetRequest by MTOM"]["octets"])) == ("true", 131080)
    expected = {"Ack of the request", "Ack of the response", "GetStatus"}
    assert expected | ({"GetIncomingQueueStatistics"} if plan["statistics"] else set()) <= set(story)
