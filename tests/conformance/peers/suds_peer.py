"""suds: what the peers do (README.md), from the WSDL alone. Its plugin has each envelope signed."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from suds import WebFault
from suds.client import Client
from suds.plugin import MessagePlugin
from suds.sax.parser import Parser
from suds.sudsobject import Property

Plan = dict[str, Any]
BASIC = "urn://x-artefacts-smev-gov-ru/services/message-exchange/types/basic/"


class Signing(MessagePlugin):  # type: ignore[misc]
    """Hands every envelope that goes out to the plan's command for signing, with its `content` put in.

    suds makes nothing of xs:any, so what stands there is added by its own hook before the envelope is written.
    """

    def __init__(self, command: list[str]) -> None:
        self.command = command
        self.content = ""

    def marshalled(self, context: Any) -> None:
        """The content as the last thing that the sender provides."""
        if self.content:
            data = context.envelope.childAtPath("Body").children[0].children[0]
            data.append(Parser().parse(string=self.content.encode()).root())

    def sending(self, context: Any) -> None:
        """The signed envelope in the place of the one that suds has made."""
        context.envelope = subprocess.run(
            self.command, input=context.envelope, stdout=subprocess.PIPE, check=True
        ).stdout


def tell(step: str, **values: Any) -> None:
    """A line of the story."""
    print(json.dumps({"step": step, **values}, ensure_ascii=False), flush=True)


def refused(step: str, call: Callable[[], Any]) -> None:
    """A call that the node must refuse: the name of the typed detail, its Code and Description."""
    try:
        call()
    except WebFault as fault:
        [(name, detail)] = list(fault.fault.detail)
        tell(step, fault=name, code=str(detail.Code), text=str(detail.Description))
    else:
        tell(step, fault=None)


class System:
    """One of the systems in one version of the contract."""

    def __init__(self, plan: Plan, name: str) -> None:
        self.basic = f"{BASIC}{plan['version']}"
        self.signing = Signing(plan[name]["sign"])
        self.soap = Client(plan["wsdl"], plugins=[self.signing], cache=None)

    def send(self, operation: str, xml: str, **data: str) -> Any:
        """A message with business content."""
        wrapper = f'<b:MessagePrimaryContent xmlns:b="{self.basic}">{xml}</b:MessagePrimaryContent>'
        self.signing.content = wrapper
        try:
            return getattr(self.soap.service, operation)(data)
        finally:
            self.signing.content = ""

    def poll(self, operation: str) -> Any:
        """What is in a queue, as soon as there is something."""
        for _ in range(100):
            if found := getattr(self.soap.service, operation)({"Timestamp": moment()}):
                return found
            time.sleep(0.2)
        sys.exit("nothing came")

    def ack(self, message_id: str) -> None:
        """Acknowledges."""
        target = signed(message_id)
        target._accepted = "true"
        self.soap.service.Ack(target)

    def timed(self, operation: str, *before: None) -> Any:
        """An operation that asks for nothing but the moment."""
        return getattr(self.soap.service, operation)(*before, signed(moment()))


def signed(text: str) -> Any:
    """Text with the Id to which the signature refers."""
    made = Property(text)
    made._Id = "SIGNED"
    return made


def moment() -> str:
    """Now, as xs:dateTime."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def run(plan: Plan) -> None:
    """The whole story."""
    consumer, provider = System(plan, "consumer"), System(plan, "provider")
    ids = plan["ids"]
    accepted = consumer.send("SendRequest", plan["request"], MessageID=ids[0])
    tell("SendRequest", status=str(accepted.MessageMetadata.Status), message_id=str(accepted.MessageMetadata.MessageId))
    refused("again", lambda: consumer.send("SendRequest", plan["request"], MessageID=ids[0]))
    foreign = "<n:Nothing xmlns:n='urn:nothing'/>"
    refused("unknown kind", lambda: consumer.send("SendRequest", foreign, MessageID=ids[1]))

    got = provider.poll("GetRequest").Request
    asked = got.SenderProvidedRequestData
    tell("GetRequest", message_id=str(asked.MessageID), content=str(asked.MessagePrimaryContent))
    refused("to nobody", lambda: provider.send("SendResponse", plan["response"], MessageID=ids[2], To="nowhere"))
    sent = provider.send("SendResponse", plan["response"], MessageID=ids[3], To=str(got.ReplyTo))
    tell("SendResponse", status=str(sent.MessageMetadata.Status))
    provider.ack(str(asked.MessageID))
    tell("Ack of the request")

    back = consumer.poll("GetResponse").Response
    data = back.SenderProvidedResponseData
    tell("GetResponse", original=str(back.OriginalMessageId), content=str(data.MessagePrimaryContent))
    consumer.ack(str(data.MessageID))
    tell("Ack of the response")
    refused("Ack again", lambda: consumer.ack(str(data.MessageID)))
    tell("GetStatus", empty=not consumer.timed("GetStatus"))
    if plan["statistics"]:
        tell("GetIncomingQueueStatistics", found=str(consumer.timed("GetIncomingQueueStatistics", None)))


if __name__ == "__main__":
    run(json.loads(Path(sys.argv[1]).read_text("utf-8")))
