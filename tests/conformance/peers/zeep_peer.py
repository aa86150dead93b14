"""zeep: what the peers do (README.md), from the WSDL alone. Its plugin has each envelope signed."""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
import zeep
from lxml import etree
from zeep.exceptions import Fault

Plan = dict[str, Any]
KIND = "urn://x-artefacts-mezhved/demo/licence_card/1.0.0"


class Signing(zeep.Plugin):
    """Hands every envelope that goes out to the plan's command for signing."""

    def __init__(self, command: list[str]) -> None:
        self.command = command

    def egress(self, envelope: Any, http_headers: Any, operation: Any, binding_options: Any) -> Any:
        """The signed envelope in the place of the one that zeep has made."""
        done = subprocess.run(self.command, input=etree.tostring(envelope), capture_output=True, check=True)
        return etree.fromstring(done.stdout), http_headers


def client(plan: Plan, system: str) -> Any:
    """A client that signs as one of the plan's systems."""
    session = requests.Session()
    session.trust_env = False
    transport = zeep.Transport(session=session)
    return zeep.Client(plan["wsdl"], transport=transport, plugins=[Signing(plan[system]["sign"])])


def tell(step: str, **values: Any) -> None:
    """A line of the story."""
    print(json.dumps({"step": step, **values}, ensure_ascii=False), flush=True)


def refused(soap: Any, step: str, call: Any, **arguments: Any) -> None:
    """A call that the node must refuse: the name of the typed detail, its Code and Description."""
    try:
        call(**arguments)
    except Fault as fault:
        (detail,) = fault.detail
        known = soap.get_element(etree.QName(detail).text)
        typed = known.parse(detail, soap.wsdl.types)
        tell(step, fault=etree.QName(detail).localname, code=typed.Code, text=typed.Description)
    else:
        tell(step, fault=None)


def waited(call: Any, **arguments: Any) -> Any:
    """What is in a queue, as soon as there is something."""
    for _ in range(100):
        if found := call(**arguments):
            return found
        time.sleep(0.2)
    sys.exit("nothing came")


def content(xml: str) -> dict[str, Any]:
    """Business content."""
    return {"_value_1": etree.fromstring(xml)}


def text(data: Any) -> str:
    """Business content that has come."""
    return etree.tostring(data.MessagePrimaryContent._value_1, encoding="unicode")


def now() -> datetime:
    """The moment of a poll."""
    return datetime.now(UTC)


def selector(root: str) -> dict[str, Any]:
    """What to poll for. zeep cannot leave the optional pair of names out: it misses its parts one by one."""
    return {"NamespaceURI": KIND, "RootElementLocalName": root, "Timestamp": now()}


def timed() -> dict[str, Any]:
    """For operations that ask for nothing but the moment; the empty signature is there to be replaced."""
    signature = etree.Element("{http://www.w3.org/2000/09/xmldsig#}Signature")
    stamp = {"_value_1": now(), "Id": "NOW"}
    return {"Timestamp": stamp, "CallerInformationSystemSignature": {"_value_1": signature}}


def run(plan: Plan) -> None:
    """The whole story."""
    consumer, provider = client(plan, "consumer"), client(plan, "provider")
    asks, answers = consumer.service, provider.service
    request = {"MessageID": plan["ids"][0], "MessagePrimaryContent": content(plan["request"])}
    accepted = asks.SendRequest(SenderProvidedRequestData=request)
    tell("SendRequest", status=accepted.MessageMetadata.Status, message_id=accepted.MessageMetadata.MessageId)
    refused(consumer, "again", asks.SendRequest, SenderProvidedRequestData=request)
    foreign = {"MessageID": plan["ids"][1], "MessagePrimaryContent": content("<n:Nothing xmlns:n='urn:nothing'/>")}
    refused(consumer, "unknown kind", asks.SendRequest, SenderProvidedRequestData=foreign)

    got = waited(answers.GetRequest, MessageTypeSelector=selector("LicenceCardRequest"))
    asked = got.Request.SenderProvidedRequestData
    tell("GetRequest", message_id=asked.MessageID, content=text(asked))
    answer = {"To": got.Request.ReplyTo, "MessagePrimaryContent": content(plan["response"])}
    made_up = {**answer, "MessageID": plan["ids"][2], "To": "nowhere"}
    refused(provider, "to nobody", answers.SendResponse, SenderProvidedResponseData=made_up)
    sent = answers.SendResponse(SenderProvidedResponseData={**answer, "MessageID": plan["ids"][3]})
    tell("SendResponse", status=sent.MessageMetadata.Status)
    answers.Ack(AckTargetMessage={"_value_1": asked.MessageID, "accepted": True, "Id": "ACK"})
    tell("Ack of the request")

    back = waited(asks.GetResponse, MessageTypeSelector=selector("LicenceCardResponse"))
    data = back.Response.SenderProvidedResponseData
    tell("GetResponse", original=back.Response.OriginalMessageId, content=text(data))
    target = {"AckTargetMessage": {"_value_1": data.MessageID, "accepted": True, "Id": "ACK"}}
    asks.Ack(**target)
    tell("Ack of the response")
    refused(consumer, "Ack again", asks.Ack, **target)
    tell("GetStatus", empty=asks.GetStatus(**timed()) is None)
    if plan["statistics"]:
        found = asks.GetIncomingQueueStatistics(**timed())
        tell("GetIncomingQueueStatistics", found=str(found)[:200])


if __name__ == "__main__":
    run(json.loads(Path(sys.argv[1]).read_text("utf-8")))
