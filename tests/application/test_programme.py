"""Reading a programme: its facts, and every fault of the file at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.application.programme import LARGEST_TEMPLATE, Programme
from toolkit.canonical import canonical
from toolkit.errors import ProgrammeError

ROOT = Path(__file__).parents[2]
SUPPLIED = [*(ROOT / "templates").glob("*/programme.toml"), *(ROOT / "samples" / "programmes").glob("*/programme.toml")]


def faults_of(text: str) -> str:
    with pytest.raises(ProgrammeError) as refused:
        Programme.parse(text.encode())
    return str(refused.value)


@pytest.mark.parametrize("path", SUPPLIED, ids=lambda path: path.parent.name)
def test_supplied_programmes_are_whole(path: Path) -> None:
    programme = Programme.load(path.parent)
    begins = {".docx": b"PK", ".pdf": b"%PDF"}
    for document in programme.documents:
        assert programme.template(document).startswith(begins[Path(document.template).suffix])
    assert canonical(programme.facts())


def test_the_notice_of_2025() -> None:
    programme = Programme.load(ROOT / "templates" / "xinjiang-sco-2025")
    facts = programme.facts()
    assert (facts["copies"], facts["watermark"], facts["paper"], facts["duplex"]) == (2, "正式上报版", "A4", True)
    assert facts["submit_from"] == "2025-05-31T10:00:00+08:00"
    assert facts["submit_until"] == "2025-06-30T20:00:00+08:00"
    assert facts["recommend_until"] == "2025-07-03T20:00:00+08:00"
    assert [document.code for document in programme.documents] == ["P", "CU", "CL", "A"]
    assert programme.serial("XJ", 1) == "XJSCO25-00001"


def test_every_fault_is_told_at_once_with_its_key(toml_text: str) -> None:
    faulty = toml_text
    for old, new in (
        ("copies = 2", "copys = 2"),
        ('"Asia/Shanghai"', '"Asia/Urumtschi"'),
        ("{number:05d}", "{number.real}"),
        ("2025-07-03T20:00:00+08:00", "2025-06-03T20:00:00+08:00"),
        ('"leader.phone"', '"leader.fone"'),
        ('code = "P"', 'code = "proposal"'),
        ('kind = "chop"', 'kind = "stamp"'),
        ('key = "route"', 'key = "background"'),
        ("year = 2025", 'year = "MMXXV"'),
        ('clause = "一.4"\n', ""),
    ):
        assert old in faulty
        faulty = faulty.replace(old, new, 1)
    told = faults_of(faulty)
    for expected in (
        "programme.toml has 11 faults",
        "programme.year: write a whole number",
        "programme.timezone: “Asia/Urumtschi” is not a time zone",
        "print.copies: it is missing; add it",
        "print.copys: “copys” is unknown here; is “copies” meant?",
        "serial.pattern: “{prefix}TRY25-{number.real}” is not right",
        "windows: the times are not in order",
        "form.required: “leader.fone” is unknown here; is “leader.phone” meant?",
        "text: “background” comes more than once",
        "documents[1].code: “proposal” is not right; write one to four capital letters",
        'documents[1].zones[1].kind: write one of "chop", "signature", "date" or "opinion"',
        "checks.working_months.clause: it is missing; add it",
    ):
        assert expected in told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("2025-05-31T10:00:00+08:00", "2025-05-31T10:00:00", "give the time its offset"),
        ("2025-05-31T10:00:00+08:00", "2025-05-31", "give the time its offset"),
        ("copies = 2", "copies = 0", "at least 1"),
        ("copies = 2", "copies = 10", "at most 9"),
        ("duplex = true", 'duplex = "perhaps"', "write true or false"),
        ('paper = "A4"', 'paper = "A3"', 'write one of "A4"'),
        ('template = "proposal.docx"', 'template = "../proposal.docx"', "the name of a .docx or .pdf file"),
        ('office = "试用科学技术厅"', 'office = ""', "text of 1 to 200 characters"),
        ('directions = ["清洁能源", "数字经济"]', 'directions = "清洁能源"', "write a list"),
        ("[serial]", "[serials]", "is “serial” meant?"),
        ('"{prefix}TRY25', '"TRY25{prefix}', "write {prefix} first"),  # or no reader would trust the seals
        ('severity = "must"', 'severity = "hard"', 'write one of "must", "in principle" or "ask"'),
        ("{prefix}TRY25-{number:05d}", "TRY25-{number:05d}", "around {number}"),
        ("{prefix}TRY25-{number:05d}", "{prefix}TRY25-{number:0999d}", "around {number}"),
        ("{prefix}TRY25-{number:05d}", "{prefix}{{number}", "around {number}"),
        ("{prefix}TRY25-{number:05d}", "{prefix!r}{number}", "around {number}"),
        ("{prefix}TRY25-{number:05d}", "{prefix}试{number}", "around {number}"),
        ("{prefix}TRY25-{number:05d}", "{prefix}AVERYLONGPATTERN-{number:05d}", "at most 20 characters"),
        ("[print]", "[print", "not readable as TOML"),
    ],
)
def test_a_fault_says_what_is_right(toml_text: str, old: str, new: str, told: str) -> None:
    assert old in toml_text
    assert told in faults_of(toml_text.replace(old, new, 1))


@pytest.mark.parametrize("text", ["", "x = 1", "programme = 1", "text = 1", "documents = []", "checks = 3"])
def test_no_programme_at_all(text: str) -> None:
    assert "programme" in faults_of(text)


def test_files_that_are_no_programme(tmp_path: Path) -> None:
    folder = tmp_path / "try-2025"
    folder.mkdir()
    with pytest.raises(ProgrammeError, match="cannot be read"):
        Programme.load(folder)
    (folder / "programme.toml").write_bytes("title = '试用'".encode("gbk"))
    with pytest.raises(ProgrammeError, match="is not UTF-8"):
        Programme.load(folder)
    (folder / "programme.toml").write_bytes(b"#" * (1 << 19))
    with pytest.raises(ProgrammeError, match="larger than"):
        Programme.load(folder)
    (folder / "programme.toml").write_bytes(b"x = " + b"[" * 100_000)
    with pytest.raises(ProgrammeError, match="not readable as TOML"):
        Programme.load(folder)


def test_notepad_may_save_it(toml_text: str) -> None:
    data = b"\xef\xbb\xbf" + toml_text.replace("\n", "\r\n").encode()
    assert Programme.parse(data).print == Programme.parse(toml_text.encode()).print


def test_missing_templates_and_another_folder_are_told(programmes: Path) -> None:
    folder = programmes / "try-2025"
    (folder / "proposal.docx").unlink()
    with pytest.raises(ProgrammeError, match=r"documents\[1\]\.template: there is no file “proposal\.docx”"):
        Programme.load(folder)
    (folder / "proposal.docx").write_bytes(b"x")
    folder.rename(programmes / "try-2026")
    with pytest.raises(ProgrammeError, match="the folder is named “try-2026”"):
        Programme.load(programmes / "try-2026")


def test_a_template_is_bounded(programme: Programme, programmes: Path) -> None:
    document = programme.document("proposal")
    path = programmes / "try-2025" / "proposal.docx"
    assert programme.template(document) == b"template"
    path.write_bytes(b"")
    with pytest.raises(ProgrammeError, match="is empty or larger"):
        programme.template(document)
    with path.open("wb") as file:
        file.truncate(LARGEST_TEMPLATE + 1)
    with pytest.raises(ProgrammeError, match="is empty or larger"):
        programme.template(document)
    path.unlink()
    with pytest.raises(ProgrammeError, match="cannot be read"):
        programme.template(document)


def test_an_unknown_document(programme: Programme) -> None:
    with pytest.raises(ProgrammeError, match="it has: proposal"):
        programme.document("propsal")


@given(st.integers(1, 10**7), st.text(alphabet="ABCXYZ019", min_size=1, max_size=4))
def test_serials_differ_and_fit_a_seal(number: int, prefix: str) -> None:
    programme = Programme.load(ROOT / "templates" / "xinjiang-sco-2025")
    serial = programme.serial(prefix, number)
    assert len(serial) <= 20
    assert serial.endswith(str(number)) and serial.startswith(prefix)


@pytest.mark.parametrize(
    ("prefix", "number"), [("xj", 1), ("", 1), ("XJ", 0), ("ABCDEFGH", 10**8), ("疆", 1), ("X-", 1)]
)
def test_what_can_be_no_serial(programme: Programme, prefix: str, number: int) -> None:
    with pytest.raises(ProgrammeError, match="cannot be a serial"):
        programme.serial(prefix, number)
