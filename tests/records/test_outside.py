"""Files kept outside the database: written before they are named, once, whole, and never read without their digest."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import pytest
from an_issue import NOW, SERIES, issue, keep, request, serial_of
from sqlalchemy import select

from toolkit import on_disk
from toolkit.errors import StoreError
from toolkit.records.outside import OutsideFiles, name_of
from toolkit.records.store import Store
from toolkit.records.tables import files

FONT = hashlib.sha256(b"font").digest()
KEYS = {"AWS_ACCESS_KEY_ID": "me", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Give the address of a server of S3's protocol that was written apart from s3fs (moto)."""
    code = (
        "from moto.moto_server.threaded_moto_server import ThreadedMotoServer as Server; import sys\n"
        "server = Server(port=0, verbose=False); server.start()\n"
        "print(*server.get_host_and_port(), flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None and server.stdin is not None
        _, port = server.stdout.readline().split()
        yield f"http://127.0.0.1:{port}"
        server.stdin.close()


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return (tmp_path / "存档 files").absolute().as_uri()


@pytest.fixture
def bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of a folder in a bucket of this test."""
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": s3_server}.items():
        monkeypatch.setenv(name, value)
    name = f"bucket-{time.time_ns()}"
    fsspec.filesystem("s3").mkdir(name)
    return f"s3://{name}/offices/xj"


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(request.param)
    return url


def test_what_is_kept_outside_comes_back_and_is_not_in_the_database(url: str, place: str) -> None:
    with Store.open(url, files=place) as store:
        reservation = issue(store)
        issue(store)
        kept = store.submission(reservation.serial)
        assert kept is not None
        assert [(file.size, store.file(file.digest)) for file in kept.files] == [
            (16, b"XJSCO25-00001-r1"),
            (4, b"font"),
        ]
        with store._database.reading() as connection:
            assert set(connection.execute(select(files.c.content, files.c.outside))) == {(b"", True)}
        assert list(store.orphans()) == []
    assert len(list(OutsideFiles(place).names())) == 3  # the font once


def test_files_that_are_in_the_database_are_read_from_there_afterwards(sqlite_url: str, folder: str) -> None:
    with Store.open(sqlite_url) as store:
        issue(store)
    with Store.open(sqlite_url, files=folder) as store:
        assert issue(store).serial == "XJSCO25-00002"
        for serial in ("XJSCO25-00001", "XJSCO25-00002"):
            kept = store.submission(serial)
            assert kept is not None and [len(store.file(file.digest)) for file in kept.files] == [16, 4]
        assert len(list(OutsideFiles(folder).names())) == 1
    with Store.open(sqlite_url) as store:
        assert store.file(FONT) == b"font"
        own = hashlib.sha256(b"XJSCO25-00002-r1").digest()
        with pytest.raises(StoreError, match=r"lies outside the database: say where by files = in settings\.toml"):
            store.file(own)


def test_what_was_changed_or_lost_is_not_read(sqlite_url: str, place: str) -> None:
    with Store.open(sqlite_url, files=place) as store:
        issue(store)
        system, root = OutsideFiles(place)._place
        system.pipe_file(f"{root}/{name_of(FONT)}", b"Font")
        with pytest.raises(StoreError, match="does not fit its digest"):
            store.file(FONT)
        system.rm(f"{root}/{name_of(FONT)}")
        with pytest.raises(StoreError, match=f"{FONT.hex()} is not under"):
            store.file(FONT)


def test_a_broken_off_issue_leaves_files_that_are_told_and_taken_up_again(
    url: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(url, files=place) as store:
        reservation = store.reserve(SERIES, serial_of, request=request("a"), key="k", now=NOW)
        with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
            broken.setattr(store._files, "keep", interrupt)
            keep(store, reservation)
        own = hashlib.sha256(b"XJSCO25-00001-r1").digest()
        assert set(store.orphans()) == {name_of(FONT), name_of(own)}
        system, root = OutsideFiles(place)._place
        system.pipe_file(f"{root}/{name_of(own)}", b"damaged meanwhile")
        issue(store, key="k")
        assert (list(store.orphans()), store.file(own)) == ([], b"XJSCO25-00001-r1")


def interrupt(*ignored: object) -> None:
    raise KeyboardInterrupt


def test_a_file_of_a_folder_is_closed_to_others_and_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(on_disk.os, "fsync", noting(synced))
    OutsideFiles((tmp_path / "a" / "b").as_uri()).put(FONT, b"font")
    path = tmp_path / "a" / "b" / name_of(FONT)
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    (part, *folders) = synced  # the file before it has its name, then every folder in which something new stands
    assert part.endswith(".part") and {str(path.parent), str(path.parents[1]), str(path.parents[2])} <= set(folders)


def noting(synced: list[str]) -> Callable[[int], None]:
    return lambda opened: synced.append(str(Path(f"/proc/self/fd/{opened}").readlink()))


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path, sqlite_url: str) -> None:
    (tmp_path / "files").write_text("a file in the place of the folder")
    with Store.open(sqlite_url, files=(tmp_path / "files").as_uri()) as store:
        reservation = store.reserve(SERIES, serial_of, request=request("a"), now=NOW)
        with pytest.raises(StoreError, match="the files of the store under file:///.* cannot be used: "):
            keep(store, reservation)
        assert store.submission(reservation.serial) is None


@pytest.mark.slow
def test_a_bucket_that_is_away_or_missing_is_told(s3_server: str, bucket: str, sqlite_url: str) -> None:
    with Store.open(sqlite_url, files="s3://nobody/here") as store:
        reservation = store.reserve(SERIES, serial_of, request=request("a"), now=NOW)
        with pytest.raises(StoreError, match="under s3://nobody/here cannot be used: "):
            keep(store, reservation)


@pytest.mark.parametrize(
    "url", ["", "folder", "file://folder/below", "s3://me:geheim@bucket/folder", "s3:///x", "http://[", "gopher://a/b"]
)
def test_an_address_of_nothing_is_refused_without_what_is_in_it(url: str) -> None:
    with pytest.raises(StoreError, match="the address of the files is none|gopher") as told:
        OutsideFiles(url).put(FONT, b"font")
    assert "geheim" not in str(told.value)
