"""One contract for every storage: a directory, and a real S3 server on loopback."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from minio import Minio
from moto.server import ThreadedMotoServer

from app.integrations.storage import BadStorageKey, Storage, StorageDown, StorageMissing, open_storage
from app.integrations.storage.s3 import S3Storage

KEY = "2026/11/5f3c0a-main.jpg"


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"{host}:{port}"
    server.stop()


@pytest.fixture
def s3_url(s3_server: str, request: pytest.FixtureRequest) -> str:
    """A bucket of its own for every test; it does not exist yet."""
    bucket = f"photos-{abs(hash(request.node.nodeid)):x}"
    return f"s3://anju:a%2Fsecret%40here@{s3_server}/{bucket}?tls=0"


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "local":
        return open_storage(f"file://{tmp_path}/media")
    return open_storage(request.getfixturevalue("s3_url"))


def test_what_was_put_comes_back(storage: Storage) -> None:
    data = os.urandom(300_000)
    storage.put(KEY, data, "image/jpeg")
    assert storage.get(KEY) == data
    assert storage.exists(KEY)


def test_an_empty_file_is_a_file(storage: Storage) -> None:
    storage.put("empty", b"", "text/plain")
    assert storage.exists("empty")
    assert storage.get("empty") == b""


def test_a_second_put_replaces_the_first(storage: Storage) -> None:
    storage.put(KEY, b"the first, longer one", "image/jpeg")
    storage.put(KEY, b"second", "image/jpeg")
    assert storage.get(KEY) == b"second"


def test_before_the_first_put_everything_is_missing(storage: Storage) -> None:
    assert not storage.exists(KEY)
    storage.delete(KEY)
    with pytest.raises(StorageMissing) as refusal:
        storage.get(KEY)
    assert refusal.value.status == 404


def test_a_neighbour_does_not_make_a_key_exist(storage: Storage) -> None:
    storage.put("2026/11/a.jpg", b"a", "image/jpeg")
    for absent in ("2026/11/b.jpg", "2026/11", "2026", "2026/11/a", "2026/11/a.jpg/b"):
        storage.delete(absent)
        assert not storage.exists(absent)
        with pytest.raises(StorageMissing):
            storage.get(absent)


def test_a_deleted_file_is_gone_and_can_be_deleted_again(storage: Storage) -> None:
    storage.put(KEY, b"x", "image/jpeg")
    storage.delete(KEY)
    assert not storage.exists(KEY)
    storage.delete(KEY)
    with pytest.raises(StorageMissing):
        storage.get(KEY)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../secret",
        "a/../../secret",
        "a/./b",
        "a//b",
        "a/",
        ".hidden",
        "a/.unfinished-1",
        "A.jpg",
        "a b",
        "a\\b",
        "a\n",
        "a\0b",
        "照片.jpg",
        "a" * 201,
    ],
)
def test_a_key_that_leads_elsewhere_is_simply_missing(storage: Storage, key: str) -> None:
    for call in (
        lambda: storage.put(key, b"x", "image/jpeg"),
        lambda: storage.get(key),
        lambda: storage.delete(key),
        lambda: storage.exists(key),
    ):
        with pytest.raises(BadStorageKey) as refusal:
            call()
        assert refusal.value.status == 404


def test_readers_see_a_whole_file_while_it_is_replaced(tmp_path: Path) -> None:
    """Of the directory, where it is our doing; an S3 server promises it itself, and the one of these tests does not."""
    storage = open_storage(f"file://{tmp_path}/media")
    versions = {bytes([n]) * 200_000 for n in range(8)}
    storage.put(KEY, min(versions), "image/jpeg")
    with ThreadPoolExecutor(4) as pool:
        writes = [pool.submit(storage.put, KEY, data, "image/jpeg") for data in versions]
        reads = [pool.submit(storage.get, KEY) for _ in range(20)]
    assert all(write.result() is None for write in writes)
    assert {read.result() for read in reads} <= versions


def test_many_first_puts_at_once_make_one_bucket(storage: Storage) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: storage.put(f"first/{n}", b"x", "image/jpeg"), range(8)))
    assert all(storage.exists(f"first/{n}") for n in range(8))


def test_the_bucket_remembers_the_content_type(s3_url: str, s3_server: str) -> None:
    open_storage(s3_url).put(KEY, b"x", "image/jpeg")
    bucket = s3_url.rpartition("/")[2].partition("?")[0]
    client = Minio(s3_server, access_key="anju", secret_key="a/secret@here", secure=False)
    assert client.stat_object(bucket, KEY).content_type == "image/jpeg"


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    storage = open_storage(f"file://{tmp_path}/media")
    storage.put(KEY, b"old", "image/jpeg")
    with pytest.raises(TypeError):
        storage.put(KEY, "text is not bytes", "image/jpeg")  # type: ignore[arg-type]
    assert storage.get(KEY) == b"old"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [Path(KEY).name]


def test_stored_files_are_private_and_not_executable(tmp_path: Path) -> None:
    open_storage(f"file://{tmp_path}/media").put(KEY, b"x", "image/jpeg")
    assert (tmp_path / "media" / KEY).stat().st_mode & 0o777 == 0o600


def test_a_directory_that_cannot_be_written_is_storage_down(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file where the directory should be")
    with pytest.raises(StorageDown) as refusal:
        open_storage(f"file://{tmp_path}/media").put(KEY, b"x", "image/jpeg")
    assert refusal.value.status == 503


@pytest.fixture
def dead_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_server_that_is_not_there_is_storage_down(dead_port: int) -> None:
    storage = open_storage(f"s3://key:secret@127.0.0.1:{dead_port}/photos?tls=0")
    for call in (
        lambda: storage.put(KEY, b"x", "image/jpeg"),
        lambda: storage.get(KEY),
        lambda: storage.delete(KEY),
        lambda: storage.exists(KEY),
    ):
        with pytest.raises(StorageDown) as refusal:
            call()
        assert refusal.value.status == 503


@pytest.fixture
def silent_server() -> Iterator[int]:
    """Accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept: list[socket.socket] = []

        def accept() -> None:
            try:
                while True:
                    kept.append(server.accept()[0])
            except OSError:
                return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for connection in kept:
            connection.close()


def test_a_silent_server_is_given_up(silent_server: int) -> None:
    storage = S3Storage(
        f"127.0.0.1:{silent_server}", key="k", secret="s", bucket="photos", tls=False, read_seconds=0.2
    )
    with pytest.raises(StorageDown):
        storage.get(KEY)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://host/dir",
        "file://",
        "file:///",
        "file://host/dir",
        "s3://host/bucket",
        "s3://key:topsecret@host",
        "s3://key:topsecret@host/a/b",
        "s3://key:topsecret@host/bucket?tls=maybe",
        "s3://key:topsecret@host/bucket?tsl=0",
    ],
)
def test_an_address_that_makes_no_sense_is_refused_without_its_secret(url: str) -> None:
    with pytest.raises(ValueError, match="STORAGE_URL") as problem:
        open_storage(url)
    assert "topsecret" not in str(problem.value)
