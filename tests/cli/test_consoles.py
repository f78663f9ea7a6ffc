"""Consoles, files and passphrases as other computers have them: GBK, ASCII, no locale, CRLF, BOM, no keyboard."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from command_line import Run, run_apart, tree

BARE = {name: None for name in ("LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LANG", "LANGUAGE", "PYTHONUTF8")}
CONSOLES = ["gbk", "ascii", "cp1252"]


def on_console(encoding: str, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run a command on a console of that encoding, without a locale and without Python's own rescue (PEP 538, 540)."""
    environment = {**BARE, "PYTHONIOENCODING": encoding, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "LC_ALL": "C"}
    return run_apart(*arguments, environment=environment)


@pytest.mark.parametrize("encoding", CONSOLES)
def test_a_console_without_uyghur_letters_shows_something(
    encoding: str, samples: Path, issued_home: Path, small_print: Path
) -> None:
    checked = on_console(encoding, "--lang", "zh", "check", samples / "application.yaml")
    assert (checked.returncode, checked.stderr) == (0, b"")
    verified = on_console(encoding, "--lang", "zh", "--home", issued_home, "verify", small_print)
    assert verified.returncode == 3 and b"Traceback" not in verified.stderr and b"XJKP26-0001" in verified.stdout
    if encoding == "gbk":
        assert any("一" <= character <= "鿿" for character in verified.stdout.decode("gbk"))


@pytest.mark.parametrize("encoding", CONSOLES)
def test_json_is_utf8_whatever_the_console(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "申报 ئەنۋەر.yaml"
    path.write_text("programme: xinjiang-sco-2025\nsecrecy: 公开\ntitle: ئەنۋەر 𬭎\nleader: {gender: ئ}\n", "utf-8")
    told = on_console(encoding, "--lang", "zh", "check", path, "--json")
    assert told.returncode == 3
    answer = json.loads(told.stdout.decode("utf-8"))
    assert answer["findings"][0]["source"].endswith(".yaml")
    assert any("一" <= character <= "鿿" for character in answer["findings"][0]["message"])
    missing = on_console(encoding, "check", tmp_path / "没有.yaml", "--json")
    assert missing.returncode == 1 and json.loads(missing.stdout.decode("utf-8"))["error"]["code"] == "INPUT_UNREADABLE"


@pytest.mark.skipif(os.name != "posix", reason="names of files are bytes on POSIX only")
def test_a_file_whose_name_is_in_another_encoding(
    run: Run, issued_home: Path, small_print: Path, tmp_path: Path
) -> None:
    """As unzip leaves the Chinese names that Windows made."""
    name = os.fsdecode("扫描件".encode("gb18030"))
    (tmp_path / f"{name}.pdf").write_bytes(small_print.read_bytes())
    verify = ["--home", issued_home, "verify", tmp_path / f"{name}.pdf"]
    told = run(*verify, "--json", "--report", tmp_path / "r.html")
    assert (told.code, len(told.json["pages"])) == (3, 6)
    assert told.json["pages"][0]["source"].startswith(str(tmp_path))
    assert "XJKP26-0001" in (tmp_path / "r.html").read_text("utf-8")
    assert run(*verify).code == 3
    told = run("--home", issued_home, "verify", tmp_path / f"{name}.png", "--json")
    assert (told.code, told.json["error"]["code"]) == (1, "INPUT_UNREADABLE")
    (tmp_path / f"{name}.yaml").write_text("title: 1\n", "utf-8")
    assert run("check", tmp_path / f"{name}.yaml", "--json").code == 3
    assert run("check", tmp_path / f"{name}.yaml").code == 3


@pytest.mark.parametrize("encoding", CONSOLES)
def test_errors_and_help_reach_any_console(encoding: str, tmp_path: Path) -> None:
    told = on_console(encoding, "--lang", "zh", "check", tmp_path / "没有 ئەنۋەر.yaml")
    assert told.returncode == 1 and told.stdout == b"" and told.stderr.startswith(b"truecopy: ")
    assert b"Traceback" not in told.stderr and told.stderr.count(b"\n") == 1
    help_text = on_console(encoding, "--lang", "zh", "verify", "--help")
    assert help_text.returncode == 0 and help_text.stderr == b""


def test_without_any_locale_messages_are_english(tmp_path: Path) -> None:
    told = run_apart("check", tmp_path / "none.yaml", environment=BARE)
    assert told.returncode == 1 and told.stderr.isascii()


def test_files_are_written_in_utf8_with_plain_line_ends(tmp_path: Path) -> None:
    """Also where the system's encoding is another: the form is for editors, the answer of ``new`` for eyes."""
    done = on_console("ascii", "new", "-o", tmp_path / "a.yaml")
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "a.yaml").read_bytes()
    assert "项目" in written.decode("utf-8") and b"\r" not in written


@pytest.mark.parametrize(
    "saved",
    [
        lambda text: text.replace("\n", "\r\n").encode("utf-8"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace("\n", "\r\n").encode("utf-16"),
        lambda text: text.replace("\n", "\r\n").encode("gb18030"),
    ],
    ids=["CRLF", "BOM", "UTF-16 of Notepad", "GB 18030"],
)
def test_an_application_as_windows_saves_it(run: Run, samples: Path, tmp_path: Path, working_home: Path, saved) -> None:  # type: ignore[no-untyped-def]
    text = (samples / "small-application.yaml").read_text("utf-8")
    (tmp_path / "a.yaml").write_bytes(saved(text))
    told = run("--home", working_home, "check", tmp_path / "a.yaml", "--json")
    assert told.json == {"format": 1, "outcome": "passed", "findings": []}


def test_lines_are_counted_alike_with_any_line_end(run: Run, samples: Path, tmp_path: Path, working_home: Path) -> None:
    text = (samples / "small-application.yaml").read_text("utf-8").replace("requested: 2.00", "requested: zwei")
    lines = []
    for name, saved in (("a.yaml", text), ("b.yaml", text.replace("\n", "\r\n"))):
        (tmp_path / name).write_bytes(saved.encode("utf-8"))
        (finding,) = run("--home", working_home, "check", tmp_path / name, "--json").json["findings"]
        lines.append(finding["line"])
    assert lines[0] == lines[1] == text[: text.index("zwei")].count("\n") + 1


# Passphrases


@pytest.fixture
def locked_office(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, working_home: Path) -> Path:
    """Return a data folder whose keys are encrypted with 天山 36."""
    monkeypatch.setenv("TRUECOPY_PASSPHRASE", "天山 36")
    folder = tmp_path / "locked"
    assert run("--home", folder, "keys", "init", "--office", "厅", "--prefix", "XJ").code == 0
    monkeypatch.delenv("TRUECOPY_PASSPHRASE")
    (folder / "programmes").rmdir()
    (folder / "programmes").symlink_to(working_home / "programmes")
    return folder


def test_the_passphrase_comes_from_the_environment_or_a_file(
    run: Run, locked_office: Path, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = ["--home", locked_office, "issue", samples / "small-application.yaml", "-o", tmp_path / "out", "--json"]
    empty = tree(locked_office)
    absent = run(*call)
    assert (absent.code, absent.json["error"]["code"]) == (1, "KEY")
    assert "TRUECOPY_PASSPHRASE" in absent.json["error"]["message"]
    monkeypatch.setenv("TRUECOPY_PASSPHRASE", "天山 37")
    wrong = run(*call)
    assert (wrong.code, wrong.json["error"]["code"]) == (1, "KEY")
    assert "天山" not in wrong.out + wrong.err
    monkeypatch.delenv("TRUECOPY_PASSPHRASE")
    monkeypatch.setenv("TRUECOPY_PASSPHRASE_FILE", str(tmp_path / "none.txt"))
    unreadable = run(*call)
    assert unreadable.json["error"]["code"] == "KEY" and "none.txt" in unreadable.json["error"]["message"]
    assert tree(locked_office) == empty and not (tmp_path / "out").exists()
    (tmp_path / "passphrase.txt").write_bytes("\ufeff天山 36\r\n".encode())  # as Notepad writes it
    monkeypatch.setenv("TRUECOPY_PASSPHRASE_FILE", str(tmp_path / "passphrase.txt"))
    assert run(*call).json["serial"] == "XJKP26-0001"
    monkeypatch.delenv("TRUECOPY_PASSPHRASE_FILE")
    monkeypatch.setenv("TRUECOPY_PASSPHRASE", "天山 36")
    assert run(*call).json["serial"] == "XJKP26-0002"
    assert run("--home", locked_office, "keys", "list").code == 0


def test_keys_are_not_made_without_a_passphrase_unless_that_is_said(run: Run, tmp_path: Path) -> None:
    words = ["--home", tmp_path / "h", "keys", "init", "--office", "厅", "--prefix", "XJ"]
    told = run(*words)
    assert told.code == 1 and "--no-passphrase" in told.sentence
    assert not (tmp_path / "h").exists()


def test_a_passphrase_that_is_given_and_refused_at_once(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUECOPY_PASSPHRASE", "x")
    told = run("--home", tmp_path / "h", "keys", "init", "--office", "厅", "--prefix", "XJ", "--no-passphrase")
    assert told.code == 2 and told.sentence
    assert not (tmp_path / "h").exists()


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX")
def test_the_passphrase_is_asked_for_at_a_keyboard_and_not_shown(
    locked_office: Path, samples: Path, tmp_path: Path
) -> None:
    import pty
    import sys

    from command_line import COMMAND

    keyboard, terminal = pty.openpty()
    arguments = ["--home", locked_office, "issue", samples / "small-application.yaml", "-o", tmp_path / "out", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, *map(str, arguments)],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # no controlling terminal: click then asks on stdin
    )
    os.close(terminal)
    assert process.stderr is not None
    asked = os.read(process.stderr.fileno(), 1000)  # what is typed before it is asked for is thrown away
    assert asked.startswith(b"Passphrase")
    os.write(keyboard, "天山 36\n".encode())
    out, err = process.communicate(timeout=60)
    os.close(keyboard)
    assert process.returncode == 0, err
    assert json.loads(out)["serial"] == "XJKP26-0001"
    assert "天山".encode() not in err
