"""Bad input and bad surroundings: one clear sentence, the exit code of the contract, nothing half-written.

Surroundings are real ones: files without permission (for root, with the capability taken away that overrides it),
limits of the kernel on file size and memory, locks held by another connection.
"""

from __future__ import annotations

import ctypes
import io
import json
import os
import shutil
import sqlite3
import struct
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import docx
import pikepdf
import pytest
from command_line import Ran, Run, run_apart, tree

from toolkit.records import sqlite

posix = pytest.mark.skipif(os.name != "posix", reason="permissions and limits of POSIX")
PR_CAPBSET_DROP = 24  # linux/prctl.h
CAP_DAC_OVERRIDE = 1  # linux/capability.h: what lets root write where nobody may


def as_a_plain_user() -> None:
    """Take from the process that is to come what lets root write to read-only folders."""
    if sys.platform == "linux" and os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0):
            os._exit(77)


def bounded(kind: str, limit: int) -> Callable[[], None]:
    """Return what sets a limit of the kernel on the process that is to come."""

    def set_limit() -> None:
        import resource

        resource.setrlimit(getattr(resource, kind), (limit, limit))

    return set_limit


def apart(*arguments: str | Path, **how: Any) -> Ran:
    """Run a command in a process of its own, in English."""
    language = {"LC_ALL": "C.UTF-8", "TRUECOPY_HOME": None}
    done = run_apart("--lang", "en", *arguments, environment=language, **how)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def application(samples: Path, tmp_path: Path) -> Path:
    """Return a small application in a folder of its own."""
    (tmp_path / "input").mkdir()
    return shutil.copy(samples / "small-application.yaml", tmp_path / "input" / "a.yaml")


def changed(application: Path, old: str, new: str) -> Path:
    text = application.read_text("utf-8")
    assert old in text
    application.write_text(text.replace(old, new, 1), "utf-8")
    return application


# Applications


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("filled_on: 2026-03-16\n", "", "filled_on"),
        ("filled_on:", "filed_on:", "filed_on"),
        ("requested: 2.00", "requested: zwei", "funds.requested"),
        ("requested: 2.00", "requested: [2.00]", "funds.requested"),
        ("end_date: 2026-10-31", "end_date: 2026-31-10", "end_date"),
        ("title: 坎", "title: " + "坎" * 1000, "title"),
        ("开放日展示。", "开放日展示。" + "活" * 2000, "text.activity"),
        ("programme: popular-science-2026", "programme: popular-sciense-2026", "programme"),
    ],
)
def test_a_faulty_field_is_named_and_nothing_is_issued(
    run: Run, application: Path, office: Path, tmp_path: Path, old: str, new: str, field: str
) -> None:
    changed(
        application, *((old, new) if old in application.read_text("utf-8") else ("开放日展示。", "开放日展示。" + new))
    )
    before = tree(tmp_path)
    checked = run("--home", office, "check", application, "--json")
    assert checked.code == 3
    assert field in {finding.get("field") for finding in checked.json["findings"]}
    issued = run("--home", office, "issue", application, "-o", tmp_path / "out", "--json")
    assert (issued.code, issued.json["findings"]) == (3, checked.json["findings"])
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 1000, b"PK\x03\x04" + bytes(100), b"\xff\xfe\xff", b"a: [", b"&a [*a, *a]", b"- x", b"{" * 100_000],
    ids=["empty", "zeros", "zip", "half UTF-16", "open list", "alias", "list", "nested"],
)
def test_what_is_no_application(run: Run, office: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    for words in (["check"], ["draft", "-o", tmp_path / "out"], ["issue", "-o", tmp_path / "out"]):
        told = run("--home", office, words[0], tmp_path / "a.yaml", *words[1:])
        assert told.code == 1 and "a.yaml" in told.sentence
    assert not (tmp_path / "out").exists()


def test_an_application_that_is_not_there_or_a_folder(run: Run, office: Path, tmp_path: Path) -> None:
    for words in (["check"], ["draft"], ["issue"]):
        for path in (tmp_path / "none.yaml", tmp_path, "a\udcff.yaml"):
            told = run("--home", office, *words, path)
            assert told.code == 1 and told.sentence


@pytest.mark.parametrize("marking", ["秘密", "机密★10年", "绝密", "内部", "secret"])
@pytest.mark.parametrize("command", ["check", "draft", "issue"])
def test_what_is_not_public_is_refused_before_anything_is_written(
    run: Run,
    application: Path,
    office: Path,
    tmp_path: Path,
    command: str,
    marking: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changed(application, "secrecy: 公开", f"secrecy: {marking}")
    monkeypatch.chdir(tmp_path)
    before = tree(tmp_path)
    told = run("--home", office, command, application, *(["-o", "out"] if command != "check" else []))
    assert told.code == 1 and "公开" in told.sentence
    assert marking not in told.err and "坎儿井" not in told.err
    told = run("--home", office, command, application, "--json")
    assert (told.code, told.json["error"]["code"]) == (1, "CLASSIFIED")
    assert tree(tmp_path) == before


# Texts and templates that cannot be set


def faulty_template(office: Path, change: Callable[[Any], None]) -> Path:
    template = office / "programmes" / "popular-science-2026" / "form.docx"
    form = docx.Document(str(template))
    change(form)
    form.save(str(template))
    return template


def test_a_character_that_no_font_has(run: Run, application: Path, office: Path, tmp_path: Path) -> None:
    changed(application, "title: 坎儿井", "title: 坎\U00013000井")
    told = run("--home", office, "issue", application, "-o", tmp_path / "out", "--json")
    assert (told.code, told.json["error"]["code"]) == (1, "TYPESETTING")
    assert "U+13000" in told.json["error"]["message"]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("variable", "named"),
    [("{{ seriel }}", "seriel"), ("{{ leader.nmae }}", "nmae"), ("{% for x in %}", "form.docx")],
)
def test_a_template_with_an_unknown_variable(
    run: Run, application: Path, office: Path, tmp_path: Path, variable: str, named: str
) -> None:
    faulty_template(office, lambda form: setattr(form.paragraphs[1], "text", variable))
    for words in (["draft"], ["issue"]):
        told = run("--home", office, *words, application, "-o", tmp_path / "out", "--json")
        assert (told.code, told.json["error"]["code"]) == (1, "TEMPLATE")
        assert named in told.json["error"]["message"] and "form.docx" in told.json["error"]["message"]
    assert not (tmp_path / "out").exists()


def test_a_template_or_programme_that_cannot_be_read(run: Run, application: Path, office: Path, tmp_path: Path) -> None:
    folder = office / "programmes" / "popular-science-2026"
    (folder / "form.docx").write_bytes((folder / "form.docx").read_bytes()[:5000])
    told = run("--home", office, "issue", application, "-o", tmp_path / "out", "--json")
    assert (told.code, told.json["error"]["code"]) == (1, "TEMPLATE")
    (folder / "form.docx").unlink()
    told = run("--home", office, "issue", application, "-o", tmp_path / "out", "--json")
    assert (told.code, told.json["error"]["code"]) == (1, "PROGRAMME") and "form.docx" in told.json["error"]["message"]
    (folder / "programme.toml").write_text("[programme", "utf-8")
    told = run("--home", office, "check", application, "--json")
    assert (told.code, told.json["error"]["code"]) == (1, "PROGRAMME")
    assert not (tmp_path / "out").exists()


# Data folders


def test_a_store_that_another_program_has_locked(
    run: Run, application: Path, office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sqlite.PATIENCE_SECONDS <= 30  # what a person waits for at most
    monkeypatch.setattr(sqlite, "PATIENCE_SECONDS", 0.5)
    with closing(sqlite3.connect(office / "store.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        told = run("--home", office, "issue", application, "-o", tmp_path / "out")
        assert time.monotonic() - started < 10
        assert told.code == 1 and "locked" in told.sentence and "store.sqlite3" in told.sentence
    assert not (tmp_path / "out").exists()
    assert run("--home", office, "issue", application, "-o", tmp_path / "out", "--json").json["serial"] == "XJKP26-0001"


@posix
def test_a_read_only_home_can_be_read_but_not_issued_from(
    issued_home: Path, application: Path, small_print: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(issued_home, tmp_path / "read-only")
    for path in [*home.rglob("*"), home]:
        path.chmod(0o500 if path.is_dir() else 0o400)
    before = tree(home)
    try:
        told = apart("--home", home, "issue", application, "-o", tmp_path / "out", preexec_fn=as_a_plain_user)
        assert told.code == 1 and "read-only" in told.sentence
        assert not (tmp_path / "out").exists()
        told = apart("--home", home, "verify", small_print, "--json", preexec_fn=as_a_plain_user)
        assert (told.code, told.json["submissions"][0]["serial"]) == (3, "XJKP26-0001")
        told = apart("--home", home / "inner", *KEYS_INIT, preexec_fn=as_a_plain_user)
        assert told.code == 1 and "inner" in told.sentence
        assert tree(home) == before
    finally:
        for path in [home, *home.rglob("*")]:
            path.chmod(0o700 if path.is_dir() else 0o600)


KEYS_INIT = ["keys", "init", "--office", "x", "--prefix", "XJ", "--no-passphrase"]


@posix
def test_a_full_disk_under_the_home(office: Path, application: Path, tmp_path: Path) -> None:
    """No file may grow beyond 1 MB, as on a disk that is full: a first issue also stores the fonts."""
    limit = bounded("RLIMIT_FSIZE", 1_000_000)
    told = apart("--home", office, "issue", application, "-o", tmp_path / "out", "--key", "k", preexec_fn=limit)
    assert told.code == 1 and "store.sqlite3" in told.sentence
    assert not (tmp_path / "out").exists()
    told = apart("--home", office, "issue", application, "-o", tmp_path / "out", "--key", "k", "--json")
    assert (told.code, told.json["serial"], told.json["again"]) == (0, "XJKP26-0001", False)


@posix
def test_a_full_disk_for_the_files(run: Run, issued_home: Path, tmp_path: Path) -> None:
    limit = bounded("RLIMIT_FSIZE", 40_000)  # SQLite maps 32 KiB beside the store
    told = apart("--home", issued_home, "export", "XJKP26-0001", "-o", tmp_path / "out", preexec_fn=limit)
    assert told.code == 1 and "XJKP26-0001-r1-proposal.pdf" in told.sentence
    assert all(
        len(content or b"") <= 20_000 and not path.endswith(".part") for path, content in tree(tmp_path / "out").items()
    )
    assert not (tmp_path / "out" / "XJKP26-0001-r1-proposal.pdf").exists()
    told = apart("--home", tmp_path / "new", *KEYS_INIT, preexec_fn=limit)
    assert told.code == 1 and told.sentence
    assert not (tmp_path / "new").exists() and not list(tmp_path.glob(".new*"))


def break_settings(home: Path) -> None:
    (home / "settings.toml").write_text("office = ", "utf-8")


def lose_the_store(home: Path) -> None:
    (home / "store.sqlite3").unlink()


def damage_the_store(home: Path) -> None:
    (home / "store.sqlite3").write_bytes(b"x" * 10_000)


def lose_the_key(home: Path) -> None:
    for path in (home / "keys").glob("*.pem"):
        path.unlink()


def damage_the_key(home: Path) -> None:
    for path in (home / "keys").glob("*.pem"):
        path.write_text("-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n", "utf-8")


def open_the_key(home: Path) -> None:
    for path in (home / "keys").glob("*.pem"):
        path.chmod(0o644)


def damage_a_certificate(home: Path) -> None:
    (home / "trust" / "bundle.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")


@posix
@pytest.mark.parametrize(
    ("damage", "code", "named"),
    [
        (break_settings, "HOME", "settings.toml"),
        (lose_the_store, "STORE", "store.sqlite3"),
        (damage_the_store, "STORE", "store.sqlite3"),
        (lose_the_key, "KEY", ""),
        (damage_the_key, "KEY", ".pem"),
        (open_the_key, "KEY", ".pem"),
        (damage_a_certificate, "HOME", ".pem"),
    ],
)
def test_a_damaged_home(
    run: Run, application: Path, office: Path, tmp_path: Path, damage: Callable[[Path], None], code: str, named: str
) -> None:
    damage(office)
    told = run("--home", office, "issue", application, "-o", tmp_path / "out", "--json")
    assert (told.code, told.json["error"]["code"]) == (1, code)
    assert named in told.json["error"]["message"]
    assert not (tmp_path / "out").exists()


def test_a_home_that_is_a_file(run: Run, application: Path, tmp_path: Path) -> None:
    for words in (["issue", application], ["show", "X"], ["keys", "list"], ["verify", application], KEYS_INIT):
        told = run("--home", application, *words)
        assert told.code == 1 and "a.yaml" in told.sentence
    assert run("--home", application, "inspect", application).code == 1  # needs no home, and that is no scan


def test_a_home_of_nobody(run: Run, samples: Path) -> None:
    for words in (["show", "X"], ["check", samples / "short.yaml"], KEYS_INIT):
        told = run("--home", "~nobody-of-that-name/office", *words)
        assert told.code == 1 and "nobody-of-that-name" in told.sentence


# Output


@posix
def test_an_output_folder_that_is_not_writable(
    office: Path, issued_home: Path, application: Path, small_print: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir(mode=0o500)
    told = apart("--home", office, "issue", application, "-o", tmp_path / "out", preexec_fn=as_a_plain_user)
    assert told.code == 1 and str(tmp_path / "out") in told.sentence
    # It was issued before it could not be written: the clerk must hear of it and get at the files.
    assert "truecopy export XJKP26-0001" in told.sentence
    told = apart("--home", office, "export", "XJKP26-0001", "-o", tmp_path / "elsewhere", "--json")
    assert told.code == 0 and len(told.json["files"]) == 3
    for words in (["draft", application, "-o", tmp_path / "out" / "below"], ["new", "-o", tmp_path / "out" / "a.yaml"]):
        told = apart("--home", office, *words, preexec_fn=as_a_plain_user)
        assert told.code == 1 and str(tmp_path / "out") in told.sentence
    report = ["--report", tmp_path / "out" / "r.html"]
    told = apart("--home", issued_home, "verify", small_print, *report, preexec_fn=as_a_plain_user)
    assert told.code == 1 and "r.html" in told.sentence
    assert tree(tmp_path / "out") == {}


def test_an_output_that_is_something_else(run: Run, issued_home: Path, small_print: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept", "utf-8")
    told = run("--home", issued_home, "export", "XJKP26-0001", "-o", tmp_path / "file")
    assert told.code == 2 and "file" in told.sentence
    told = run("--home", issued_home, "export", "XJKP26-0001", "-o", tmp_path / "file" / "below")
    assert told.code == 1 and "below" in told.sentence
    assert (tmp_path / "file").read_text("utf-8") == "kept"
    (tmp_path / "out" / "XJKP26-0001-r1-proposal.pdf").mkdir(parents=True)
    told = run("--home", issued_home, "export", "XJKP26-0001", "-o", tmp_path / "out")
    assert told.code == 1 and "XJKP26-0001-r1-proposal.pdf" in told.sentence
    assert not [path for path in tree(tmp_path / "out") if path.endswith(".part")]
    told = run("--home", issued_home, "verify", small_print, "--report", tmp_path / "out")
    assert told.code == 2 and told.sentence
    told = run("--home", issued_home, "new", "-o", tmp_path / "out")
    assert told.code == 2 and told.sentence


def test_an_output_file_that_word_has_open(
    run: Run, issued_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to replace a file that is open elsewhere; nothing but its answer can be had here."""
    (tmp_path / "XJKP26-0001-r1-proposal.docx").write_text("open in Word", "utf-8")
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target.suffix == ".docx":
            raise PermissionError(13, "The process cannot access the file because it is being used by another process")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    told = run("--home", issued_home, "export", "XJKP26-0001", "-o", tmp_path)
    assert told.code == 1 and "used by another process" in told.sentence and "proposal.docx" in told.sentence
    assert (tmp_path / "XJKP26-0001-r1-proposal.docx").read_text("utf-8") == "open in Word"
    assert not [path for path in tree(tmp_path) if path.endswith(".part")]


# Scans


def png(width: int, height: int, data: bytes = b"") -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def many_pages() -> bytes:
    """Return a PDF of 100 000 pages in one megabyte: one page object, listed so often."""
    kids = b"3 0 R " * 100_000
    parts = [
        b"1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n",
        b"2 0 obj <</Type/Pages/Count 100000/Kids[" + kids + b"]>> endobj\n",
        b"3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 20 20]>> endobj\n",
    ]
    return b"%PDF-1.7\n" + b"".join(parts) + b"trailer <</Root 1 0 R/Size 4>>\n%%EOF\n"


def encrypted(pdf: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


def bomb_in_pdf() -> bytes:
    """Return a PDF whose page content unpacks to half a gigabyte of drawing nothing."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(595, 842))
        packer = zlib.compressobj(9)
        packed = b"".join(packer.compress(b" " * 2**20) for _ in range(512)) + packer.flush()
        stream = document.make_stream(b"")
        stream.write(packed, filter=pikepdf.Name.FlateDecode)
        document.pages[0].obj.Contents = stream
        document.save(out)
    return out.getvalue()


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "empty.pdf": lambda pdf: b"",
    "truncated.pdf": lambda pdf: pdf[:1500],
    "encrypted.pdf": encrypted,
    "text.pdf": lambda pdf: "这不是扫描件\n".encode() * 100,
    "page.txt": lambda pdf: b"hello",
    "enormous.png": lambda pdf: png(100_000, 100_000),
    "bomb.png": lambda pdf: png(50_000, 50_000, zlib.compress(bytes(50_000_000), 9)),
    "truncated.png": lambda pdf: png(2480, 3508, zlib.compress(bytes(1000))),
    "zeros.tif": lambda pdf: b"II*\0" + bytes(1000),
    "loop.tif": lambda pdf: b"II*\0\x08\0\0\0\0\0\x08\0\0\0",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_is_no_scan(run: Run, issued_home: Path, small_print: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(HOSTILE[name](small_print.read_bytes()))
    started = time.monotonic()
    told = run("--home", issued_home, "verify", tmp_path / name)
    assert told.code == 1 and name in told.sentence
    told = run("inspect", tmp_path / name, "--json")
    assert (told.code, told.json["error"]["code"]) == (1, "INPUT_UNREADABLE")
    assert name in told.json["error"]["message"]
    assert time.monotonic() - started < 20


@posix
def test_hostile_files_lose_neither_the_good_ones_nor_memory_nor_time(
    issued_home: Path, small_print: Path, tmp_path: Path
) -> None:
    good = small_print.read_bytes()
    for name, content in HOSTILE.items():
        (tmp_path / name).write_bytes(content(good))
    (tmp_path / "bomb.pdf").write_bytes(bomb_in_pdf())
    (tmp_path / "zz.pdf").write_bytes(good)
    limit = bounded("RLIMIT_AS", 3 * 2**30)  # address space, of which libraries and threads take half a gigabyte
    started = time.monotonic()
    told = apart("--home", issued_home, "verify", tmp_path, "--json", preexec_fn=limit, timeout=120)
    assert time.monotonic() - started < 60
    assert told.code == 3  # the one form that is whole was signed by nobody
    looked_at = {Path(page["source"]).name for page in told.json["pages"]}
    assert looked_at == {*HOSTILE, "bomb.pdf", "zz.pdf"} - {"page.txt"}  # which is no scan by name or content
    good_ones = [page for page in told.json["pages"] if page["source"].endswith("zz.pdf")]
    assert [page["reference"][:13] for page in good_ones] == ["XJKP26-0001-r"] * 6


@posix
@pytest.mark.slow
def test_a_pdf_of_a_hundred_thousand_pages(issued_home: Path, tmp_path: Path) -> None:
    (tmp_path / "many.pdf").write_bytes(many_pages())
    limit = bounded("RLIMIT_AS", 3 * 2**30)
    started = time.monotonic()
    told = apart("inspect", tmp_path / "many.pdf", "--json", preexec_fn=limit, timeout=120)
    assert time.monotonic() - started < 60
    assert told.code == 0
    assert "split the file" in told.json["pages"][-1]["problem"] and len(told.json["pages"]) < 10_000


@pytest.mark.parametrize("digits", ["", "12345", "0" * 500, "9" * 5000, "１２３４５", "hello", "-1", "12 34"])
def test_digits_that_are_no_seal(issued_home: Path, digits: str) -> None:
    told = apart("--home", issued_home, "verify", "--text", "-", "--json", input=f"{digits}\n".encode())
    if digits:
        assert told.code == 4
        assert [finding["reason"] for finding in told.json["pages"][0]["findings"]] == ["SEAL_UNREADABLE"]
    else:
        assert (told.code, told.json["error"]["code"]) == (1, "INPUT_UNREADABLE")


def test_typed_lines_that_are_no_text(issued_home: Path) -> None:
    told = apart("--home", issued_home, "verify", "--text", "-", "--json", input=bytes(range(256)) * 10)
    assert told.code in (1, 4)
    json.loads(told.out)
