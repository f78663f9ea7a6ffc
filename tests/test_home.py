"""The home: made whole or not at all, opened with clear errors, and light until its store is touched."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from toolkit import home as home_module
from toolkit.errors import HomeError, KeyUnusable, StoreError, UsageError
from toolkit.home import Home, Settings, open_home
from toolkit.resources import home_folder
from toolkit.seal.certificates import Use
from toolkit.seal.payload import Seal, decode, encode
from toolkit.seal.trust import judge

NOW = datetime.datetime(2025, 7, 1, 8, 30, 15, 999, tzinfo=datetime.UTC)
OFFICE = '新疆维吾尔自治区"科学技术厅"\\'


def make(path: Path, *, passphrase: str | None = None, demo: bool = False) -> Home:
    return Home.create(path, office=OFFICE, prefix="XJ", passphrase=passphrase, demo=demo, now=NOW)


def test_a_new_home_seals_what_it_then_trusts(tmp_path: Path) -> None:
    with make(tmp_path / "数据 home") as home:
        assert home.settings == Settings(OFFICE, "XJ", None)
        signer = home.keys.signer(NOW)
        assert (signer.certificate.office, signer.certificate.demo) == (OFFICE, False)
        heads = home.keys.head_signer(NOW)
        assert heads and heads.certificate.use is Use.HEADS and heads.key.public_key() != signer.key.public_key()
        seal = Seal("XJSCO25-00001", 1, "P", 1, 2, 1, 2, bytes(32), bytes(32), NOW)
        assert judge(decode(encode(seal, signer)), home.trust, NOW) == ()
        assert home.has_store and home.store.submission("XJSCO25-00001") is None
        assert home.programmes
    with open_home(tmp_path / "数据 home") as again:
        assert again.settings == home.settings and again.trust == home.trust


def test_a_demonstration_says_so_in_its_certificates(tmp_path: Path) -> None:
    home = make(tmp_path / "home", demo=True)
    assert home.keys.current(NOW).demo
    assert "demo" in home.trust.roots[0].certificate.subject.rfc4514_string()


def test_all_keys_are_encrypted_by_the_passphrase(tmp_path: Path) -> None:
    home = make(tmp_path / "home", passphrase="口令")
    assert home.keys.needs_passphrase(NOW)
    with pytest.raises(KeyUnusable, match="is encrypted"):
        home.keys.signer(NOW)
    assert home.keys.signer(NOW, "口令").certificate == home.keys.current(NOW)
    assert all(b"ENCRYPTED" in path.read_bytes() for path in (home.folder / "keys").iterdir())


@pytest.mark.skipif(os.name != "posix", reason="file modes mean nothing on Windows")
def test_a_home_is_closed_to_others(tmp_path: Path) -> None:
    folder = make(tmp_path / "home").folder
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (folder / "keys").iterdir()} == {0o600}


def test_an_empty_folder_is_taken_and_a_full_one_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    make(folder)
    before = sorted(folder.rglob("*"))
    with pytest.raises(HomeError, match="is not empty"):
        make(folder)
    assert sorted(folder.rglob("*")) == before
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize(
    ("office", "prefix", "fault"),
    [
        ("", "XJ", "office's name"),
        ("厅" * 65, "XJ", "office's name"),
        ("a\nb", "XJ", "control"),
        ("厅", "xj", "prefix"),
    ],
)
def test_what_cannot_be_certified_leaves_nothing(tmp_path: Path, office: str, prefix: str, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        Home.create(tmp_path / "home", office=office, prefix=prefix, passphrase=None, now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_breaks_off_in_the_making_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*ignored: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(home_module, "save_trust", full)
    with pytest.raises(HomeError, match="No space left on device"):
        make(tmp_path / "home")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(HomeError, match="cannot be made"):
        make(tmp_path / "file" / "home")


def test_the_folder_is_named_by_argument_environment_or_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRUECOPY_HOME", str(tmp_path / "named"))
    assert home_folder() == tmp_path / "named"
    assert home_folder("other") == Path.cwd() / "other"
    monkeypatch.delenv("TRUECOPY_HOME")
    assert home_folder().name == "truecopy"


def test_what_is_no_home_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="truecopy keys init"):
        Home.open(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "text",
    ['office = "a"', 'office = 1\nprefix = "XJ"', 'office = "a"\nprefix = "XJ"\nfont_dir = "x"', "office", "\0", ""]
    + ['office = "a"\nprefix = "XJ"\nfonts_dir = 3', 'office = "a"\nprefix = "XJ"\nstore = 3'],
)
def test_wrong_settings_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(HomeError, match=r"settings\.toml"):
        Home.open(tmp_path)


def test_settings_of_a_windows_editor_are_read(tmp_path: Path) -> None:
    said = '\ufeffoffice = "科技厅"\r\nprefix = "XJ"\r\nfonts_dir = "fonts"\r\n'
    (tmp_path / "settings.toml").write_bytes(said.encode())
    assert Home.open(tmp_path).settings == Settings("科技厅", "XJ", tmp_path / "fonts")
    (tmp_path / "settings.toml").write_bytes(said.encode("gbk", "ignore"))
    with pytest.raises(HomeError, match="UTF-8"):
        Home.open(tmp_path)


def test_settings_say_where_store_and_files_are(tmp_path: Path) -> None:
    files = (tmp_path / "files").as_uri()
    home = Home.create(tmp_path / "home", office=OFFICE, prefix="XJ", passphrase=None, files=files, now=NOW)
    assert home.settings == Settings(OFFICE, "XJ", files=files) and home.has_store
    with (home.folder / "settings.toml").open("a") as settings:
        settings.write('store = "postgresql+psycopg://clerk@/nothing?host=/nowhere"\n')
    with Home.open(home.folder) as elsewhere:
        assert elsewhere.has_store
        with pytest.raises(StoreError, match="the server of the store postgresql://clerk@/nowhere/nothing is away"):
            _ = elsewhere.store


@pytest.mark.parametrize("store", ["postgresql://me:geheim@server/store", "postgresql:///store?password=geheim"])
def test_a_password_in_the_settings_is_refused_and_not_shown(tmp_path: Path, store: str) -> None:
    with pytest.raises(HomeError, match="has a password in it: leave it out, and set PGPASSWORD") as told:
        Home.create(tmp_path / "home", office=OFFICE, prefix="XJ", passphrase=None, store=store, now=NOW)
    assert "geheim" not in str(told.value) and not (tmp_path / "home").exists()
    (tmp_path / "settings.toml").write_text(f'office = "a"\nprefix = "XJ"\nstore = "{store}"\n')
    with pytest.raises(HomeError, match="has a password in it") as told:
        Home.open(tmp_path)
    assert "geheim" not in str(told.value)


def test_a_clerk_has_neither_key_nor_store(tmp_path: Path) -> None:
    folder = make(tmp_path / "home").folder
    for path in (*(folder / "keys").iterdir(), folder / "store.sqlite3"):
        path.unlink()
    clerk = Home.open(folder)
    with pytest.raises(KeyUnusable, match="there is no signing key"):
        clerk.keys.signer(NOW)
    assert clerk.keys.head_signer(NOW) is None
    assert not clerk.has_store
    with pytest.raises(StoreError, match="there is no store"):
        clerk.store.submission("XJ-1")


def test_a_key_outside_its_validity_is_not_used(tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    for time in (NOW - datetime.timedelta(days=1), NOW + datetime.timedelta(days=4 * 365)):
        for signer in (home.keys.signer, home.keys.head_signer):
            with pytest.raises(KeyUnusable, match="valid now"):
                signer(time)


def test_a_home_of_before_there_were_heads_goes_on_sealing(tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    head = home.keys.current(NOW, Use.HEADS)
    home.keys.path(head).unlink()
    trust = home.folder / "trust"
    (trust / "bundle.pem").unlink()
    for name, certificate in (
        ("roots/a.pem", home.trust.roots[0].certificate),
        ("certificates/b.pem", home.keys.current(NOW).certificate),
    ):
        (trust / name).parent.mkdir()
        (trust / name).write_bytes(certificate.public_bytes(Encoding.PEM))
    older = Home.open(home.folder)
    assert older.keys.signer(NOW).certificate.use is Use.SEALS
    assert older.keys.head_signer(NOW) is None
    with pytest.raises(KeyUnusable, match="no key for heads"):
        older.keys.needs_passphrase(NOW, Use.HEADS)


def reads_and_is_refused(folder: Path) -> bool:
    """Return whether a home that may only be read is read, and refuses to be written."""
    with open_home(folder) as home:
        found = home.store.submission("XJSCO25-00001")
        with pytest.raises(StoreError, match="read-only for this user"):
            home.store.reserve("series", str, request=bytes(32), now=NOW)
        return found is None and len(home.trust.roots) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs users")
def test_a_read_only_home_is_read_and_not_written() -> None:
    with tempfile.TemporaryDirectory() as parent:  # pytest's own folders are closed to other users
        Path(parent).chmod(0o755)
        home = make(Path(parent) / "home")
        home.store.close()  # everything that is loaded late is loaded now: the other user may not read our Python
        for path in (home.folder, *home.folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        child = os.fork()
        if child == 0:
            try:
                if os.getuid() == 0:  # root may write anything
                    os.setuid(65534)
                os._exit(0 if reads_and_is_refused(home.folder) else 1)
            except BaseException as error:
                os.write(2, repr(error).encode())
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        for path in (home.folder, *home.folder.rglob("*")):
            path.chmod(0o700 if path.is_dir() else 0o600)


def test_a_home_is_opened_without_the_database_library() -> None:
    code = "import sys, toolkit.home; print([n for n in ('sqlalchemy', 'alembic', 'cv2', 'typst') if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
