"""The file store by FTP and HTTP over real sockets: what is seen is whole, and names lead nowhere else."""

import ftplib
import io
import os
import signal
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier, Event, Thread
from urllib.parse import urlsplit

import pytest
import requests
from mezhved.adapter.files.ftp import FtpSettings, serving
from mezhved.adapter.files.local import LocalStorage
from mezhved.adapter.files.naming import BadName, checked_file_id, checked_name, folder_name
from mezhved.adapter.files.storage import Area, DirectoryTaken, FileTooLarge, StoredFile
from mezhved.adapter.http.files import file_routes
from starlette.applications import Starlette
from support.memory import PeakMemory
from support.served import served
from support.stored import MEGABYTE, Listed

UPLOADS, MESSAGE = Area.of_participant("REGION"), Area.of_message("message")
OWNER, READER = ("REGION", "secret"), ("m-1", "token")
OCTETS = bytes(range(256)) * 5000


def new_id() -> str:
    return str(uuid.uuid1())


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "store")


@pytest.fixture
def ftp(storage: LocalStorage) -> Iterator[Callable[..., ftplib.FTP]]:
    """Opens a session."""
    sessions: list[ftplib.FTP] = []

    def session(user: str = OWNER[0], password: str = OWNER[1]) -> ftplib.FTP:
        opened = ftplib.FTP(encoding="utf-8")
        sessions.append(opened)
        opened.connect(*address, timeout=20)
        opened.login(user, password)
        return opened

    with serving(FtpSettings("127.0.0.1", 0, file_bytes=300 * MEGABYTE), storage, Listed()) as address:
        yield session
        for one in sessions:
            one.close()


@pytest.fixture
def http(storage: LocalStorage) -> Iterator[str]:
    routes = file_routes(storage, Listed(), file_bytes=300 * MEGABYTE)
    with served(Starlette(routes=routes)) as (host, port):
        yield f"http://{host}:{port}/files"


def put(storage: LocalStorage, area: Area, file_id: str, name: str = "file", octets: bytes = OCTETS) -> None:
    with storage.receive(area, file_id, name, 10**9) as upload:
        upload.write(octets)
        upload.commit()


def seen(storage: LocalStorage, area: Area = UPLOADS) -> list[tuple[str, int]]:
    return [(one.name, one.size) for one in storage.files(area)]


def await_that(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def left_over(storage: LocalStorage) -> int:
    """How many unfinished uploads lie in the store."""
    return len(list((storage.path(UPLOADS).parents[1]).glob("partial/*")))


def written(storage: LocalStorage) -> int:
    """How many octets unfinished uploads hold."""
    return sum(one.stat().st_size for one in storage.path(UPLOADS).parents[1].glob("partial/*"))


# -- the storage itself ------------------------------------------------------------------------------------------------


def test_a_file_is_seen_when_it_is_whole(storage: LocalStorage) -> None:
    file_id = new_id()
    before = datetime.now(UTC).replace(microsecond=0)
    with storage.receive(UPLOADS, file_id, "scan.pdf", 10) as upload:
        upload.write(b"12345")
        assert storage.find(UPLOADS, file_id) is None
        upload.write(b"67890")
        upload.commit()
    found = storage.find(UPLOADS, file_id)
    assert found is not None
    assert (found.name, found.size, found.stored_at >= before) == ("scan.pdf", 10, True)
    with storage.open(UPLOADS, file_id) as opened:
        assert opened.read() == b"1234567890"
    assert storage.used(UPLOADS) == 10


def test_an_upload_that_is_given_up_leaves_nothing(storage: LocalStorage) -> None:
    with pytest.raises(FileTooLarge), storage.receive(UPLOADS, new_id(), "f", 3) as upload:
        upload.write(b"1234")
    assert (seen(storage), left_over(storage), storage.sweep()) == ([], 0, 0)


def test_each_file_has_a_directory_of_its_own(storage: LocalStorage) -> None:
    file_id = new_id()
    put(storage, UPLOADS, file_id, "a", b"first")
    with pytest.raises(DirectoryTaken):
        put(storage, UPLOADS, file_id, "b")
    put(storage, UPLOADS, file_id, "a", b"second")
    assert seen(storage) == [("a", 6)]


def test_moving_may_be_repeated(storage: LocalStorage) -> None:
    file_id = new_id()
    put(storage, UPLOADS, file_id)
    first = storage.move(UPLOADS, file_id, MESSAGE)
    assert isinstance(first, StoredFile)
    assert storage.move(UPLOADS, file_id, MESSAGE) == first
    assert (seen(storage), seen(storage, MESSAGE)) == ([], [("file", len(OCTETS))])
    assert storage.move(UPLOADS, new_id(), MESSAGE) is None
    assert [area.owner for area in storage.areas("messages")] == ["message"]
    storage.clear(MESSAGE)
    storage.clear(MESSAGE)
    assert list(storage.areas("messages")) == []


def test_of_two_files_for_one_directory_one_is_taken(storage: LocalStorage) -> None:
    for _ in range(20):
        file_id, barrier, taken = new_id(), Barrier(2), []

        def upload(name: str, file_id: str = file_id, barrier: Barrier = barrier, taken: list[str] = taken) -> None:
            with storage.receive(UPLOADS, file_id, name, 10**9) as receiving:
                barrier.wait()
                try:
                    receiving.commit()
                except DirectoryTaken:
                    return
                taken.append(name)

        threads = [Thread(target=upload, args=(name,)) for name in ("a", "b")]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert len(taken) == len(list((storage.path(UPLOADS) / file_id).iterdir())) == 1


def test_uploads_at_the_same_time_share_the_room_that_there_is(storage: LocalStorage) -> None:
    with (
        storage.receive(UPLOADS, new_id(), "a", 3) as first,
        storage.receive(UPLOADS, new_id(), "b", 3) as second,
    ):
        first.write(b"12")
        second.write(b"12")
        first.commit()
        with pytest.raises(FileTooLarge):
            second.commit()
    assert storage.used(UPLOADS) == 2


def test_a_file_that_is_replaced_takes_no_room_beside_itself(storage: LocalStorage) -> None:
    file_id = new_id()
    for octets in (b"123", b"456"):
        with storage.receive(UPLOADS, file_id, "f", 3) as upload:
            upload.write(octets)
            upload.commit()
    assert seen(storage) == [("f", 3)]


def test_empty_directories_are_swept_when_they_are_old(storage: LocalStorage) -> None:
    put(storage, UPLOADS, new_id())
    (storage.path(UPLOADS) / new_id()).mkdir()
    now = datetime.now(UTC)
    assert storage.sweep_empty(now - timedelta(minutes=1)) == 0
    assert storage.sweep_empty(now + timedelta(minutes=1)) == 1
    assert seen(storage) == [("file", len(OCTETS))]


def test_areas_of_any_mnemonic_are_kept_apart(storage: LocalStorage) -> None:
    names = ["..", ".", "a/b", "a%2Fb", "РМИС", "a\\b", "A", "a", "Я" * 50]
    for name in names:
        put(storage, Area.of_participant(name), new_id())
    assert sorted(area.owner for area in storage.areas("uploads")) == sorted(names)
    assert len({folder_name(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a\\b", "a\0", "a\n", "x" * 256, "я" * 128, "\u202ename", "\ufffd"]
)
def test_names_that_could_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(BadName):
        checked_name(name)


@pytest.mark.parametrize("file_id", ["", "..", str(uuid.uuid4()), str(uuid.uuid1()).upper(), "x" * 36])
def test_a_directory_is_named_by_a_uuid_of_version_1(file_id: str) -> None:
    with pytest.raises(BadName):
        checked_file_id(file_id)


# -- FTP ---------------------------------------------------------------------------------------------------------------


def test_ftp_there_and_back(storage: LocalStorage, ftp: Callable[..., ftplib.FTP]) -> None:
    file_id, back = new_id(), bytearray()
    session = ftp()
    session.mkd(file_id)
    session.cwd(file_id)
    session.storbinary("STOR скан.pdf", io.BytesIO(OCTETS))
    assert session.nlst() == ["скан.pdf"]
    session.retrbinary(f"RETR /{file_id}/скан.pdf", back.extend)
    assert back == OCTETS
    back.clear()
    session.retrbinary("RETR скан.pdf", back.extend, rest=100)
    assert back == OCTETS[100:]
    assert seen(storage) == [("скан.pdf", len(OCTETS))]
    session.delete("скан.pdf")
    session.cwd("/")
    session.rmd(file_id)
    assert (session.nlst(), seen(storage)) == ([], [])


def test_a_recipient_reads_its_message_and_nothing_else(storage: LocalStorage, ftp: Callable[..., ftplib.FTP]) -> None:
    file_id, back = new_id(), bytearray()
    put(storage, MESSAGE, file_id)
    put(storage, UPLOADS, new_id())
    session = ftp(*READER)
    assert session.nlst() == [file_id]
    session.retrbinary(f"RETR {file_id}/file", back.extend)
    assert back == OCTETS
    for command in (
        f"DELE {file_id}/file",
        f"RMD {file_id}",
        f"MKD {new_id()}",
        "CWD ../uploads",
        f"STOR {file_id}/file",
    ):
        with pytest.raises(ftplib.error_perm):
            session.sendcmd(command)
    assert session.nlst("../../..") == [file_id]


@pytest.mark.parametrize(
    ("user", "password"), [("REGION", "wrong"), ("anonymous", ""), ("OTHER", "secret"), ("m-1", "secret")]
)
def test_nobody_else_enters(ftp: Callable[..., ftplib.FTP], user: str, password: str) -> None:
    with pytest.raises(ftplib.error_perm, match="530"):
        ftp(user, password)


@pytest.mark.parametrize(
    "command",
    [
        "MKD name",
        "MKD 00000000-0000-4000-8000-000000000000",
        "STOR file",
        "RNFR x",
        "APPE x",
        "SITE CHMOD 777 x",
        "STOU",
    ],
)
def test_ftp_refuses_what_the_store_does_not_do(
    storage: LocalStorage, ftp: Callable[..., ftplib.FTP], command: str
) -> None:
    session = ftp()
    session.mkd(new_id())
    with pytest.raises(ftplib.error_perm):
        session.sendcmd(command)
    assert seen(storage) == []


def test_a_transfer_of_too_much_is_broken_off(storage: LocalStorage, ftp: Callable[..., ftplib.FTP]) -> None:
    file_id = new_id()
    put(storage, UPLOADS, new_id(), octets=bytes(299 * MEGABYTE))
    session = ftp()
    session.mkd(file_id)
    session.voidcmd("TYPE I")
    with session.transfercmd(f"STOR {file_id}/file") as data, suppress(OSError):
        data.sendall(bytes(2 * MEGABYTE))
    with pytest.raises(ftplib.error_perm, match=r"552 .*не более"):
        session.voidresp()
    assert storage.find(UPLOADS, file_id) is None
    assert left_over(storage) == 0


def test_an_upload_that_breaks_off_is_not_seen(storage: LocalStorage, ftp: Callable[..., ftplib.FTP]) -> None:
    file_id = new_id()
    session = ftp()
    session.mkd(file_id)
    session.voidcmd("TYPE I")
    data = session.transfercmd(f"STOR {file_id}/file")
    data.sendall(OCTETS)
    await_that(lambda: written(storage) > 0)
    # A reset, as when the sender's machine goes down.
    data.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    data.close()
    with pytest.raises(ftplib.error_temp):
        session.voidresp()
    assert storage.find(UPLOADS, file_id) is None
    assert left_over(storage) == 0


@pytest.mark.parametrize("gap", [0, 0.005, 0.05])
def test_an_upload_whose_client_dies_is_not_seen(
    storage: LocalStorage, ftp: Callable[..., ftplib.FTP], gap: float
) -> None:
    """The kernel closes both connections of a program that dies, one a moment after the other."""
    for _ in range(5):
        file_id = new_id()
        session = ftp()
        session.mkd(file_id)
        session.voidcmd("TYPE I")
        data = session.transfercmd(f"STOR {file_id}/file")
        data.sendall(OCTETS)
        data.close()
        Event().wait(gap)
        session.close()
        await_that(lambda: left_over(storage) == 0)
        assert storage.find(UPLOADS, file_id) is None


def test_files_are_never_changed_on_their_way(storage: LocalStorage, ftp: Callable[..., ftplib.FTP]) -> None:
    file_id = new_id()
    session = ftp()
    session.mkd(file_id)
    for command in (f"STOR {file_id}/file", f"RETR {file_id}/file"):
        with pytest.raises(ftplib.error_perm, match="TYPE I"):
            session.sendcmd(command)
    assert seen(storage) == []


# -- HTTP --------------------------------------------------------------------------------------------------------------


def test_http_there_and_back(storage: LocalStorage, http: str) -> None:
    url = f"{http}/{new_id()}/скан.pdf"
    assert requests.put(url, data=OCTETS, auth=OWNER, timeout=20).status_code == 201
    got = requests.get(url, auth=OWNER, timeout=20)
    assert (got.status_code, got.content, got.headers["content-length"]) == (200, OCTETS, str(len(OCTETS)))
    assert seen(storage) == [("скан.pdf", len(OCTETS))]
    head = requests.head(url, auth=OWNER, timeout=20)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(OCTETS)), b"")
    assert requests.delete(url, auth=OWNER, timeout=20).status_code == 204
    assert requests.get(url, auth=OWNER, timeout=20).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "piece"),
    [
        ("bytes=0-9", 206, OCTETS[:10]),
        ("bytes=1279990-", 206, OCTETS[-10:]),
        ("bytes=-10", 206, OCTETS[-10:]),
        ("bytes=5-99999999", 206, OCTETS[5:]),
        ("bytes=0-0,5-6", 200, OCTETS),
        ("lines=1-2", 200, OCTETS),
        ("bytes=1280000-", 416, None),
        ("bytes=9-3", 416, None),
        ("bytes=-0", 416, None),
        (f"bytes={'9' * 5000}-", 200, OCTETS),
    ],
)
def test_http_gives_a_piece_of_a_file(
    storage: LocalStorage, http: str, asked: str, status: int, piece: bytes | None
) -> None:
    file_id = new_id()
    put(storage, MESSAGE, file_id)
    got = requests.get(f"{http}/{file_id}/file", auth=READER, headers={"Range": asked}, timeout=20)
    assert got.status_code == status
    assert piece is None or got.content == piece


def test_http_lets_a_recipient_read_only(storage: LocalStorage, http: str) -> None:
    file_id = new_id()
    put(storage, MESSAGE, file_id)
    url = f"{http}/{file_id}/file"
    assert requests.put(url, data=b"x", auth=READER, timeout=20).status_code == 403
    assert requests.delete(url, auth=READER, timeout=20).status_code == 403
    assert requests.head(url, auth=READER, timeout=20).status_code == 200
    assert seen(storage, MESSAGE) == [("file", len(OCTETS))]


def test_http_asks_for_name_and_password(http: str) -> None:
    url = f"{http}/{new_id()}/f"
    for auth in (None, ("REGION", "wrong"), ("", "")):
        refused = requests.get(url, auth=auth, timeout=20)
        assert refused.status_code == 401
        assert "Basic" in refused.headers["www-authenticate"]
    assert requests.get(url, headers={"Authorization": "Basic !!!"}, timeout=20).status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [("{id}/..%2F..%2Fsecret", 404), ("{id}/%5C..", 400), ("{id}/%0A", 400), ("..%2F/x", 404), ("not-a-uuid/f", 400)],
)
def test_http_names_lead_nowhere_else(http: str, path: str, status: int) -> None:
    assert requests.get(f"{http}/{path.format(id=new_id())}", auth=OWNER, timeout=20).status_code == status


def test_http_takes_one_file_a_directory_and_no_more_than_there_is_room(storage: LocalStorage, http: str) -> None:
    file_id = new_id()
    put(storage, UPLOADS, file_id, "a")
    assert requests.put(f"{http}/{file_id}/b", data=b"x", auth=OWNER, timeout=20).status_code == 409
    with closing(HTTPConnection(urlsplit(http).netloc, timeout=20)) as connection:
        connection.putrequest("PUT", f"/files/{new_id()}/f")
        connection.putheader("Content-Length", str(301 * MEGABYTE))
        connection.putheader("Authorization", "Basic UkVHSU9OOnNlY3JldA==")
        connection.endheaders()
        assert connection.getresponse().status == 413, "at once, by what it announces"
    pieces = (bytes(MEGABYTE) for _ in range(301))
    assert requests.put(f"{http}/{new_id()}/f", data=pieces, auth=OWNER, timeout=60).status_code == 413
    assert (seen(storage), left_over(storage)) == ([("a", len(OCTETS))], 0)


def test_http_waits_for_a_silent_sender_only_so_long(
    storage: LocalStorage, http: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mezhved.adapter.http.files._SILENCE", 0.2)
    with closing(HTTPConnection(urlsplit(http).netloc, timeout=20)) as connection:
        connection.putrequest("PUT", f"/files/{new_id()}/f")
        connection.putheader("Content-Length", "10")
        connection.putheader("Authorization", "Basic UkVHSU9OOnNlY3JldA==")
        connection.endheaders(b"12345")
        assert connection.getresponse().status == 408
    assert (seen(storage), left_over(storage)) == ([], 0)


def test_http_uploads_that_break_off_are_not_seen(storage: LocalStorage, http: str) -> None:
    host, port = http.split("/")[2].split(":")
    file_id = new_id()
    head = (
        f"PUT /files/{file_id}/f HTTP/1.1\r\nHost: x\r\nContent-Length: {4 * MEGABYTE}\r\n"
        "Authorization: Basic UkVHSU9OOnNlY3JldA==\r\n\r\n"
    )
    with closing(socket.create_connection((host, int(port)), timeout=20)) as connection:
        connection.sendall(head.encode() + bytes(2 * MEGABYTE))
        await_that(lambda: left_over(storage) == 1)
    await_that(lambda: left_over(storage) == 0)
    assert storage.find(UPLOADS, file_id) is None


# -- killed ------------------------------------------------------------------------------------------------------------


def _upload_and_die(folder: Path, file_id: str, stage: str) -> None:
    storage = LocalStorage(folder)
    if stage == "move":
        put(storage, UPLOADS, file_id)
        storage.path(MESSAGE).mkdir(parents=True)
        os.kill(os.getpid(), signal.SIGKILL)
    with storage.receive(UPLOADS, file_id, "file", MEGABYTE) as upload:
        upload.write(b"half")
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("stage", ["write", "move"])
def test_a_killed_process_leaves_no_half_file_and_no_orphan(storage: LocalStorage, tmp_path: Path, stage: str) -> None:
    file_id = new_id()
    process = get_context("spawn").Process(target=_upload_and_die, args=(tmp_path / "store", file_id, stage))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    if stage == "write":
        assert (seen(storage), left_over(storage)) == ([], 1)
        assert (storage.sweep(), left_over(storage)) == (1, 0)
    else:
        moved = storage.move(UPLOADS, file_id, MESSAGE)
        assert moved is not None
        assert (seen(storage), seen(storage, MESSAGE)) == ([], [("file", len(OCTETS))])


def test_sweeping_leaves_alone_what_is_being_written(storage: LocalStorage) -> None:
    file_id = new_id()
    with storage.receive(UPLOADS, file_id, "file", 10) as upload:
        assert storage.sweep() == 0
        upload.write(b"1")
        upload.commit()
    assert seen(storage) == [("file", 1)]


# -- large -------------------------------------------------------------------------------------------------------------


def test_a_large_file_costs_little_memory(storage: LocalStorage, http: str, ftp: Callable[..., ftplib.FTP]) -> None:
    """Both servers are threads of this process; what it sends is made piece by piece."""
    pieces = 250
    memory = PeakMemory(os.getpid())
    url = f"{http}/{new_id()}/f"
    assert requests.put(url, data=(bytes(MEGABYTE) for _ in range(pieces)), auth=OWNER, timeout=120).status_code == 201
    with requests.get(url, auth=OWNER, stream=True, timeout=120) as answer:
        assert sum(map(len, answer.iter_content(MEGABYTE))) == pieces * MEGABYTE
    requests.delete(url, auth=OWNER, timeout=20)
    session, file_id = ftp(), new_id()
    session.mkd(file_id)
    with (storage.path(UPLOADS).parent / "sparse").open("wb+") as sparse:
        sparse.truncate(pieces * MEGABYTE)
        session.storbinary(f"STOR {file_id}/f", sparse)
    assert seen(storage) == [("f", pieces * MEGABYTE)]
    assert memory.rise() < 64 * MEGABYTE
