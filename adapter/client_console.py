"""What `mezhved send`, `poll`, `ack` and `demo` share: a client made from settings, and responses shown to people."""

import json
import mimetypes
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lxml import etree
from rich.console import Console

from ..signing.errors import SigningError
from ..signing.keys import SigningKey
from .client.answers import ReceivedFile, Request, Response
from .client.building import OutgoingFile
from .client.errors import ClientFailure
from .client.smev import Pace, SmevClient
from .client.storing import FileStoreClient, SentFile, WaitingFile
from .console import EXIT_FAILED, fail, plain, reporting
from .exchange.faults import ExchangeFault, Fault, InvalidContent
from .materials import MissingKey, load_certificates, load_signing_key, load_token, load_trust
from .settings import Settings


def connect(settings: Settings) -> SmevClient:
    """The client that the settings describe. Raises SigningError, MissingKey, ClientFailure or OSError."""
    client = settings.client
    return SmevClient.connect(
        client.url,
        key=load_signing_key(client),
        trust=load_trust(settings.trust),
        node_certificates=load_certificates(client.node_certificates),
        contract=client.contract,
        timeout=client.timeout_seconds,
        pace=Pace(attempts=client.attempts),
    )


@contextmanager
def connected(settings: Settings, *, json: bool = False) -> Iterator[SmevClient]:
    """A client for one command, which ends with a line for a person whatever goes wrong on the way.

    `json`: a fault of the node is also told on standard output, as `{"fault": …}`.
    """
    if not settings.client.has_key:
        fail(
            "client.key: no key is set; name client.key and client.certificate, or client.pkcs12, in the settings file "
            "that --config names"
        )
    if not settings.client.node_certificates:
        fail("client.node_certificates: not set; without them the node's signature cannot be told from anybody else's")
    if not settings.trust.anchors:
        fail("trust.anchors: not set; name the authority that issued the node's certificate")
    with reporting(SigningError, MissingKey, ClientFailure):
        try:
            with connect(settings) as client:
                yield client
        except Fault as fault:
            if json:
                sys.stdout.write(json_line({"fault": fault_as_json(fault)}) + "\n")
            fail(fault_text(fault), EXIT_FAILED)


def official_key(settings: Settings) -> SigningKey:
    """The key of the participant's official, for one command."""
    if not settings.official.has_key:
        fail("official.key: no key is set; name official.key and official.certificate, or official.pkcs12")
    with reporting(SigningError, MissingKey):
        return load_signing_key(settings.official)


def files_to_send(paths: Sequence[Path]) -> list[OutgoingFile]:
    """Files as attachments, their media types by their names. Raises OSError."""
    return [
        OutgoingFile(path.read_bytes(), mimetypes.guess_type(path.name)[0] or "application/octet-stream")
        for path in paths
    ]


def upload(settings: Settings, client: SmevClient, paths: Sequence[Path], key: SigningKey) -> list[SentFile]:
    """Puts files into the node's store, each in a directory of its own. Raises ClientFailure, OSError."""
    if not paths:
        return []
    who = settings.client
    if who.files_user is None or who.files_password_file is None:
        fail(
            "client.files_user, client.files_password_file: not set; the node's operator gives one for its store: "
            "mezhved files password"
        )
    password = load_token(who.files_password_file) or ""
    store = _store(settings)
    return [
        store.upload(
            path,
            client.message_ids(),
            key,
            login=(who.files_user, password),
            at=client.clock(),
            mime_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        )
        for path in paths
    ]


def save_files(settings: Settings, folder: Path, message: Request | Response) -> list[Path]:
    """Writes the attachments of a message into a folder, and fetches the files beside it.

    They are numbered: what a sender calls them is no file name. Raises ClientFailure, OSError.
    """
    if message.attachments or message.files:
        folder.mkdir(parents=True, exist_ok=True)
    saved = []
    found: list[ReceivedFile | WaitingFile] = [*message.attachments, *message.files]
    for number, one in enumerate(found, 1):
        path = folder / f"{message.message_id}-{number}{mimetypes.guess_extension(one.mime_type) or ''}"
        if isinstance(one, WaitingFile):
            _store(settings).download(one, path)
        else:
            path.write_bytes(one.octets)
        saved.append(path)
    return saved


def _store(settings: Settings) -> FileStoreClient:
    return FileStoreClient(settings.client.files_url or settings.client.url)


def _show_files(console: Console, message: Request | Response) -> None:
    for one in message.attachments:
        console.print(
            f"  [green]✓[/] attachment {plain(one.content_id)}: {plain(one.mime_type)}, {len(one.octets)} bytes, "
            f"signed by {plain(one.signer.subject)}"
        )
    for waiting in message.files:
        console.print(
            f"  [green]✓[/] file {waiting.file_id} in the store: {plain(waiting.name)}, {plain(waiting.mime_type)}, "
            f"signed by {plain(waiting.signer.subject)}"
        )


def _files_as_json(message: Request | Response) -> list[dict[str, Any]]:
    return [
        {"id": one.content_id, "type": one.mime_type, "bytes": len(one.octets), "signed_by": one.signer.subject}
        for one in message.attachments
    ] + [
        {"id": one.file_id, "type": one.mime_type, "name": one.name, "signed_by": one.signer.subject}
        for one in message.files
    ]


def fault_text(fault: Fault) -> str:
    """A fault of the node in lines for a person: its name and code, what it says, and what to do."""
    name = f"{fault.name()} {fault.code}" if isinstance(fault, ExchangeFault) else type(fault).__name__
    lines = [f"{name}: {fault.description}"]
    errors = getattr(fault, "errors", ()) if isinstance(fault, InvalidContent) else ()
    if len(errors) > 1 or not all(error.text in fault.description for error in errors):
        lines += [f"  line {error.line}: {error.path}: {error.text}" for error in errors]
    return "\n".join([*lines, f"What to do: {fault.advice.words}."])


def fault_as_json(fault: Fault) -> dict[str, Any]:
    """A fault of the node as values of JSON; `action` is retry, correct or stop."""
    errors = fault.errors if isinstance(fault, InvalidContent) else ()
    return {
        "name": fault.name() if isinstance(fault, ExchangeFault) else type(fault).__name__,
        "code": fault.code if isinstance(fault, ExchangeFault) else None,
        "text": fault.description,
        "action": fault.advice.value,
        "errors": [{"line": error.line, "path": error.path, "text": error.text} for error in errors],
    }


def show(console: Console, response: Response) -> None:
    """A response in lines for a person."""
    console.print(f"[bold]Response[/] {plain(response.message_id)} to {plain(response.original_message_id)}")
    console.print(
        f"  from {plain(response.metadata.sender)}, accepted {response.metadata.sent_at:%d.%m.%Y %H:%M:%S} UTC"
    )
    console.print(f"  [green]✓[/] signature of the node: {plain(response.node.subject)}")
    if response.sender is not None:
        console.print(f"  [green]✓[/] signature of the sender: {plain(response.sender.subject)}")
    elif response.notice is None:
        console.print("  the sender speaks another version of the contract: the node alone vouches for it")
    for rejected in response.rejections:
        where = f" ({rejected.path})" if rejected.path else ""
        console.print(f"  [red]✗[/] {plain(rejected.reason)} {plain(rejected.code)}: {plain(rejected.text + where)}")
    if response.status is not None:
        console.print(f"  interim status {plain(response.status.code)}: {plain(response.status.description)}")
    if response.notice is not None:
        said = response.notice.description or response.notice.details or ""
        console.print(f"  [red]✗[/] {plain(response.notice.status)}: {plain(said)}")
        for named, code in response.notice.routing:
            console.print(f"    {plain(named)}: {plain(code)}")
    _show_files(console, response)
    if response.content is not None:
        console.print(plain(pretty(response.content)))


def show_request(console: Console, request: Request) -> None:
    """A request in lines for a person, with what is needed to answer it."""
    console.print(f"[bold]{'Broadcast' if request.reply_to is None else 'Request'}[/] {plain(request.message_id)}")
    console.print(
        f"  from {plain(request.metadata.sender)}, accepted {request.metadata.sent_at:%d.%m.%Y %H:%M:%S} UTC"
        + (", a test: no data may change" if request.test else "")
    )
    console.print(f"  [green]✓[/] signature of the node: {plain(request.node.subject)}")
    if request.sender is not None:
        console.print(f"  [green]✓[/] signature of the sender: {plain(request.sender.subject)}")
    else:
        console.print("  the sender speaks another version of the contract: the node alone vouches for it")
    if request.end_of_life is not None:
        console.print(f"  good until {request.end_of_life:%d.%m.%Y %H:%M:%S}")
    if request.reply_to is not None:
        console.print(f"  to be answered to {plain(request.reply_to)}")
    _show_files(console, request)
    console.print(plain(pretty(request.content)))


def request_as_json(request: Request) -> dict[str, Any]:
    """A request as values of JSON."""
    return {
        "message_id": request.message_id,
        "reply_to": request.reply_to,
        "sender": request.metadata.sender,
        "accepted_at": request.metadata.sent_at.isoformat(),
        "signed_by": None if request.sender is None else request.sender.subject,
        "reference": request.reference,
        "transaction_code": request.transaction_code,
        "end_of_life": None if request.end_of_life is None else request.end_of_life.isoformat(),
        "test": request.test,
        "content": etree.tostring(request.content, encoding="unicode", with_tail=False),
        "attachments": _files_as_json(request),
    }


def pretty(content: etree._Element) -> str:
    """Business content indented for reading. Never for sending: indentation is not what was signed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
    copy = etree.fromstring(etree.tostring(content, with_tail=False), parser)
    return etree.tostring(copy, pretty_print=True, encoding="unicode").rstrip()


def as_json(response: Response) -> dict[str, Any]:
    """A response as values of JSON."""
    return {
        "message_id": response.message_id,
        "original_message_id": response.original_message_id,
        "sender": response.metadata.sender,
        "accepted_at": response.metadata.sent_at.isoformat(),
        "signed_by": None if response.sender is None else response.sender.subject,
        "content": None
        if response.content is None
        else etree.tostring(response.content, encoding="unicode", with_tail=False),
        "attachments": _files_as_json(response),
        "rejections": [
            {"reason": one.reason, "code": one.code, "path": one.path, "text": one.text} for one in response.rejections
        ],
        "status": None
        if response.status is None
        else {"code": response.status.code, "text": response.status.description},
        "notice": None
        if response.notice is None
        else {
            "status": response.notice.status,
            "code": response.notice.code,
            "text": response.notice.description,
            "routing": dict(response.notice.routing),
        },
    }


def json_line(value: dict[str, Any]) -> str:
    """One JSON object on one line."""
    return json.dumps(value, ensure_ascii=False)


def refused(response: Response) -> bool:
    """Whether the response says no."""
    return bool(response.rejections) or response.notice is not None
