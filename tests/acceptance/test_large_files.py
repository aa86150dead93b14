"""Large files through real processes: a gigabyte for little memory, and processes killed in the middle of it."""

import ftplib
import io
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from mezhved.adapter.client.answers import Request
from mezhved.adapter.client.building import read_content
from mezhved.adapter.client.smev import SmevClient
from mezhved.adapter.client.storing import FileStoreClient, SentFile
from mezhved.adapter.client_console import connect
from mezhved.adapter.files.local import LocalStorage
from mezhved.adapter.files.storage import Area
from mezhved.adapter.settings_sources import load
from mezhved.adapter.stand.configuring import write_client_settings
from mezhved.adapter.stand.layout import AGENCY, LICENCES, Layout
from mezhved.adapter.stand.making import Plan, make
from mezhved.adapter.stand.processes import Service
from mezhved.adapter.store.engine import create_engine, write
from mezhved.adapter.store.files import set_password
from support.memory import PeakMemory

GIGABYTE = 1024**3
LITTLE = 64 * 1024**2
PASSWORD = "password of the test"
OWN = Area.of_participant(AGENCY.mnemonic)


class Store:
    """A stand with a file store: node, worker and FTP server, each of which may be killed and started again."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.storage = LocalStorage(layout.folder / "files")
        options = ("--config", str(layout.config), "--set", f"files.folder={layout.folder / 'files'}")
        options += ("--set", "files.check_seconds=3", "--set", "files.ftp_port=0", "--set", "files.poll_seconds=0.1")
        self.node = Service(("serve", *options), layout.log("node"))
        self.worker = Service(("worker", *options), layout.log("worker"))
        self.ftp = Service(("files", "ftp", *options), layout.log("ftp"))
        self.url = ""

    def start_node(self) -> None:
        self.url = self.node.start()
        for system in (AGENCY, LICENCES):
            write_client_settings(self.layout, system, self.url)

    def client(self, system: object) -> SmevClient:
        return connect(load(self.layout.client(system), {}))  # type: ignore[arg-type]

    def upload(self, client: SmevClient, path: Path, file_id: str | None = None) -> SentFile:
        login = (AGENCY.mnemonic, PASSWORD)
        return FileStoreClient(self.url).upload(
            path, file_id or str(uuid.uuid1()), client.key, login=login, at=client.clock(), mime_type="application/pdf"
        )

    def send(self, client: SmevClient, file: SentFile) -> str:
        content = read_content((self.layout.requests / "licence_card.xml").read_bytes())
        return client.send(client.prepare(content, files=[file])).message_id

    def fetch(self, client: SmevClient) -> Request:
        request = client.wait_for_request(timedelta(seconds=60))
        assert request is not None
        return request

    def seen(self) -> list[str]:
        """Owners of everything that can be seen in the store."""
        return [
            area.owner
            for kind in ("uploads", "messages")
            for area in self.storage.areas(kind)
            for _ in self.storage.files(area)
        ]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    layout = make(Plan(tmp_path / "stand", workers=20, ecdsa=True), now=datetime.now(UTC), random_bits=secrets.randbits)
    engine = create_engine(f"sqlite:///{layout.store}")
    with write(engine) as conn:
        set_password(conn, AGENCY.mnemonic, PASSWORD, b"salt")
    engine.dispose()
    made = Store(layout)
    with ExitStack() as running:
        for service in (made.node, made.worker, made.ftp):
            running.callback(service.kill)
        yield made


def file_of(folder: Path, size: int) -> Path:
    path = folder / "large.pdf"
    with path.open("wb") as file:
        file.write(secrets.token_bytes(1024))
        file.truncate(size)
    return path


def test_a_gigabyte_goes_through_for_little_memory(store: Store, tmp_path: Path) -> None:
    store.start_node()
    store.worker.start()
    path = file_of(tmp_path, GIGABYTE)
    with store.client(AGENCY) as sender, store.client(LICENCES) as provider:
        assert store.node.pid is not None
        assert store.worker.pid is not None
        node, worker = PeakMemory(store.node.pid), PeakMemory(store.worker.pid)
        message_id = store.send(sender, store.upload(sender, path))
        request = store.fetch(provider)
        (waiting,) = request.files
        target = tmp_path / "fetched.pdf"
        FileStoreClient(store.url).download(waiting, target)
        assert node.rise() < LITTLE
        assert worker.rise() < LITTLE
        assert target.stat().st_size == GIGABYTE
        assert store.seen() == [message_id]
        provider.ack(message_id)
        assert store.seen() == []


def slowly(size: int, started: threading.Event, go_on: threading.Event) -> Iterator[bytes]:
    """So many octets, of which the second half waits."""
    yield bytes(size // 2)
    started.set()
    go_on.wait(60)
    yield bytes(size // 2)


def by_http(store: Store, file_id: str, started: threading.Event, go_on: threading.Event) -> None:
    with suppress(requests.RequestException):
        requests.put(
            f"{store.url}/files/{file_id}/f",
            data=slowly(8 * 1024**2, started, go_on),
            auth=(AGENCY.mnemonic, PASSWORD),
            timeout=60,
        )


def by_ftp(store: Store, url: str, file_id: str, started: threading.Event, go_on: threading.Event) -> None:
    class Slow(io.RawIOBase):
        def __init__(self) -> None:
            self.pieces = slowly(8 * 1024**2, started, go_on)

        def read(self, _: int = -1) -> bytes:
            return next(self.pieces, b"")

    parts = urlsplit(url)
    with suppress(ftplib.Error, OSError, EOFError), ftplib.FTP() as session:
        session.connect(parts.hostname or "", parts.port or 0, timeout=60)
        session.login(AGENCY.mnemonic, PASSWORD)
        session.mkd(file_id)
        session.storbinary(f"STOR {file_id}/f", Slow())


@pytest.mark.parametrize("way", ["http", "ftp"])
def test_a_server_killed_in_the_middle_of_an_upload_shows_no_half_file(store: Store, way: str) -> None:
    store.start_node()
    url = store.ftp.start() if way == "ftp" else ""
    service = store.ftp if way == "ftp" else store.node
    file_id, started, go_on = str(uuid.uuid1()), threading.Event(), threading.Event()
    work: Callable[[], None]
    if way == "ftp":
        work = lambda: by_ftp(store, url, file_id, started, go_on)  # noqa: E731
    else:
        work = lambda: by_http(store, file_id, started, go_on)  # noqa: E731
    uploading = threading.Thread(target=work)
    uploading.start()
    assert started.wait(60)
    service.kill()
    go_on.set()
    uploading.join()
    assert store.seen() == []
    if way == "ftp":
        store.ftp.start()
    else:
        store.start_node()
    assert list((store.layout.folder / "files" / "partial").iterdir()) == [], "the next one has swept"
    assert store.seen() == []


def test_a_worker_killed_over_a_file_is_followed_by_another(store: Store, tmp_path: Path) -> None:
    """It is killed while it reads a file that belongs to the message already."""
    store.start_node()
    path = file_of(tmp_path, GIGABYTE // 2)
    with store.client(AGENCY) as sender, store.client(LICENCES) as provider:
        file = store.upload(sender, path)
        message_id = store.send(sender, file)
        store.worker.start()
        area = Area.of_message(message_id)
        deadline = time.monotonic() + 60
        while store.storage.find(area, file.file_id) is None:
            assert time.monotonic() < deadline
        store.worker.kill()
        assert provider.get_request() is None
        store.worker.start()
        request = store.fetch(provider)
        assert request.message_id == message_id
        provider.ack(message_id)
        assert provider.get_request() is None
        assert store.seen() == []


def test_a_node_killed_in_the_middle_of_a_fetch_gives_the_file_again(store: Store, tmp_path: Path) -> None:
    store.start_node()
    store.worker.start()
    path = file_of(tmp_path, 64 * 1024**2)
    with store.client(AGENCY) as sender:
        message_id = store.send(sender, store.upload(sender, path))
    with store.client(LICENCES) as provider:
        (waiting,) = store.fetch(provider).files
    url = f"{store.url}/files/{waiting.file_id}/{waiting.name}"
    with requests.get(url, auth=(waiting.user, waiting.password), stream=True, timeout=60) as answer:
        next(answer.iter_content(1024))
        store.node.kill()
    store.start_node()
    FileStoreClient(store.url).download(waiting, tmp_path / "fetched.pdf")
    assert store.seen() == [message_id]
    with store.client(LICENCES) as provider:
        provider.ack(message_id)
    assert store.seen() == []
