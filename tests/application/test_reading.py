"""Reading an application: every fault at once, in the order of the form, with its line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml

from toolkit.application.reading import Application, load_application
from toolkit.canonical import canonical
from toolkit.errors import InputUnreadable, ProgrammeError
from toolkit.verdict import Reason

SAMPLES = Path(__file__).parents[2] / "samples"
Load = Callable[..., Application]


def told(application: Application) -> list[tuple[str, str | None, int | None]]:
    return [(fault.reason.name, fault.field, fault.line) for fault in application.faults]


def test_a_whole_application_is_typed(load: Load) -> None:
    application = load()
    form = application.complete()
    assert application.faults == ()
    assert form.end_date == date(2027, 6, 30)
    assert form.funds.self_raised == 500_000
    assert form.budget[0].special == {2025: 10_000_000, 2026: 20_000_000}
    assert form.text["background"].text == "第一段。\n\n第二段。"
    assert form.schedule[0].begins == date(2025, 7, 1)
    assert application.files == {"proof.pdf": b"%PDF-1.7"}


TEN_FAULTS = """\
programme: try-2025
secrecy: 公开
direktion: 清洁能源
title: 光伏滴灌
start_date: 2025/7/1
end_date: 2027-06-31
applicant_unit:
  name: 新疆示例有限公司
  credit_code: "911100006000373419"
leader:
  name: 李堃
  birth_date: [1975, 3, 8]
members:
  - name: 王喆
  - name: 周赟
    gender: 女性
    age: 27
text:
  background:
funds:
  requested: 1,000.00
  requested: 30
budget:
  - {category: 设备费, special: {2025: 十万}}
"""


def test_ten_faults_are_ten_findings_in_the_order_of_the_form(tmp_path: Path, programmes: Path) -> None:
    path = tmp_path / "faulty.yaml"
    path.write_text(TEN_FAULTS, encoding="utf-8")
    application = load_application(path, home=programmes.parent)
    assert told(application) == [
        ("FIELD_UNKNOWN", "direktion", 3),
        ("FIELD_INVALID", "start_date", 5),
        ("FIELD_INVALID", "end_date", 6),
        ("FIELD_INVALID", "applicant_unit.credit_code", 9),
        ("FIELD_INVALID", "leader.birth_date", 12),
        ("FIELD_MISSING", "leader.phone", 10),
        ("FIELD_INVALID", "members[2].gender", 16),
        ("FIELD_UNKNOWN", "members[2].age", 17),
        ("FIELD_MISSING", "text.background", 19),
        ("FIELD_INVALID", "funds.requested", 22),
        ("FIELD_INVALID", "funds.requested", 21),
        ("FIELD_INVALID", "budget[1].special.2025", 24),
    ]
    assert application.form is None
    assert all(fault.source == str(path) for fault in application.faults)
    sentences = [str(fault.message) for fault in application.faults]
    assert sentences[0] == "direktion: the form has no field of that name; is “direction” meant?"
    assert sentences[6].startswith("项目组成员[2] / 性别: “女性” is not among: 男, 女")
    assert "write 1000.00" in sentences[10]


def test_what_can_be_read_of_a_faulty_application_is_kept(load: Load) -> None:
    application = load(("requested: 30.00", "requested: 三十"), ("gender: 男", "gender: 女性"))
    assert application.form is None
    assert application.readable.members[0].name == "王喆"
    assert application.readable.members[0].gender == ""
    assert application.readable.funds.self_raised == 500_000


def test_a_chinese_label_for_a_key_is_understood_as_a_slip(load: Load) -> None:
    (fault,) = load(("title: 光伏滴灌", "项目名称: 光伏滴灌")).faults
    assert (fault.reason, fault.line) == (Reason.FIELD_UNKNOWN, 4)
    assert "is “title” meant?" in str(fault.message)


def test_a_strange_field_stands_where_it_was_written(load: Load) -> None:
    application = load(("leader:\n", "leader:\n  fax: 1\n"), ("title: 光伏滴灌", "title: 光伏滴灌\ncolour: red"))
    assert told(application) == [("FIELD_UNKNOWN", "colour", 5), ("FIELD_UNKNOWN", "leader.fax", 12)]


@pytest.mark.parametrize(
    ("old", "new", "field", "told_of"),
    [
        ("title: 光伏滴灌", "title: [光伏, 滴灌]", "title", "one value belongs here"),
        ("members:\n  - name", "members:\n    name", "members", "a list belongs here"),
        ("leader:\n  name: 李堃\n  phone: 0991-0000001", "leader: 李堃", "leader", "fields belong here"),
        ("special: {2025: 10.00, 2026: 20}", "special: 30", "budget[1].special", "years and amounts belong here"),
        ("2026: 20", "2026: {a: 1}", "budget[1].special.2026", "one amount belongs here"),
        ("2026: 20", "2026：20", "budget[1].special.2026：20", "full-width colon"),
        ("2026: 20", "2026:20", "budget[1].special.2026:20", "a space is missing"),
        ("2026: 20", "2025: 20", "budget[1].special.2025", "twice"),
        ("{name: 示例大学, share: 10.00, no_misconduct: 是}", "示例大学", "partner_units[1]", "fields belong here"),
        ("title: 光伏滴灌", "title: 光\u202e伏", "title", "U+202E"),
        ("file: proof.pdf", "file: ../proof.pdf", "attachments[1].file", "within the application's folder"),
        ("try-2025", "try-2024", "programme", "is not among"),
    ],
)
def test_a_slip_is_one_finding_that_says_what_is_right(
    load: Load, old: str, new: str, field: str, told_of: str
) -> None:
    (fault,) = [fault for fault in load((old, new)).faults if fault.reason is Reason.FIELD_INVALID]
    assert fault.field == field
    assert told_of in str(fault.message)


def test_identity_and_telephone_numbers_are_in_no_message(load: Load) -> None:
    application = load(("phone: 0991-0000001", 'phone: 0991/5551234\n  identity_number: "110101199003074999"'))
    assert len(application.faults) == 2
    everything = " ".join(str(fault.to_dict()) for fault in application.faults)
    assert "5551234" not in everything and "110101199003074999" not in everything


@pytest.mark.parametrize("colon", ["：", ":"])
def test_a_wrong_colon_within_braces_is_named_and_its_value_is_not(load: Load, colon: str) -> None:
    application = load(
        ("leader:\n  name: 李堃\n  phone: 0991-0000001", f"leader: {{name: 李堃, phone{colon}0991-5551234}}")
    )
    (fault,) = application.faults
    assert (fault.reason, fault.field, fault.line) == (Reason.FIELD_UNKNOWN, "leader.phone", 10)
    assert "write “phone: ” and the value" in str(fault.message)
    assert "5551234" not in str(fault.to_dict())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_what_notepad_saves_is_read(
    tmp_path: Path, programmes: Path, load: Load, yaml_text: str, encoding: str, line_end: str
) -> None:
    right = load()
    path = tmp_path / "other.yaml"
    path.write_bytes(yaml_text.replace("\n", line_end).encode(encoding))
    application = load_application(path, home=programmes.parent)
    assert application.form == right.form
    assert application.places == right.places


def test_json_says_the_same(load: Load, tmp_path: Path, programmes: Path, yaml_text: str) -> None:
    plain = yaml.load(yaml_text, Loader=yaml.BaseLoader)
    plain["funds"] = {"requested": 30, "self_raised": 0.5}
    path = tmp_path / "application.json"
    path.write_text(json.dumps(plain, indent=1), encoding="utf-8")
    application = load_application(path, home=programmes.parent)
    assert application.form == load().form
    assert application.places["funds"].at == path.read_text().splitlines().index(' "funds": {') + 1


def test_bytes_have_no_files_beside_them(yaml_text: str, programmes: Path) -> None:
    (fault,) = load_application(yaml_text.encode(), home=programmes.parent).faults
    assert (fault.field, fault.source) == ("attachments[1].file", "-")


def test_the_record_of_an_application_is_canonical(load: Load) -> None:
    plain = load().plain()
    assert canonical(plain)
    assert plain["end_date"] == "2027-06-30"
    assert plain["budget"] == [
        {"category": "设备费", "special": {"2025": 10_000_000, "2026": 20_000_000}, "self_raised": {"2027": 500_000}}
    ]
    assert "title_english" not in plain
    (file,) = plain["files"]  # type: ignore[misc]
    assert file == {"name": "proof.pdf", "bytes": 8, "sha256": hashlib.sha256(b"%PDF-1.7").hexdigest()}


def test_a_faulty_application_has_no_record(load: Load) -> None:
    with pytest.raises(ValueError, match="faults"):
        load(("title: 光伏滴灌", "title:")).plain()


@pytest.mark.parametrize(
    ("content", "told_of"),
    [
        (b"", "is empty"),
        (b"# nothing\n", "is empty"),
        (b"programme\xef\xbc\x9atry\ntitle\xef\xbc\x9ax\n", "full-width colon “：” follows the key on line 1, 2"),
        (b"title: a\nsecrecy\xef\xbc\x9a\xe5\x85\xac\xe5\xbc\x80\nleader: b\n", "on line 2"),
        (b"leader:\n\tname: x\n", "line 2 is indented with a tab"),
        (b"programme: x\ntitle:x\nleader:\n  name: y\n", "a space is missing behind the colon on line 2"),
        (b"a: &x 1\nb: *x\n", "“&” and “*” have a meaning"),
        (b"a: !!python/object:os.system x\n", "“!” has a meaning"),
        (b"a: 1\n---\nb: 2\n", "a second document"),
        (b"? [a]\n: b\n", "where a key belongs"),
        (b"- a\n- b\n", "has no fields"),
        (b"hello", "has no fields"),
        (b"a: [1, 2\n", "line 2"),
        (b"a: \x07\n", "control character (U+0007)"),
        (b"\x00\x01\x02", "is not a text file"),
        (b"\xff\xd8\xff\xe0", "is a JPEG file"),
        (b"PK\x03\x04....", "is a Word, Excel, ZIP file"),
        (b"\x81\x20\xfe\xff", "is not a text file"),
        (b"[" * 100_000, "more than 12 levels"),
        (b"- " * 100_000, "more than 12 levels"),
        (b"x: " + b"{a: " * 100_000, "more than 12 levels"),
        (b'{"a":' * 100_000, "more than 12 levels"),
        (b"- a\n" * 60_000, "more than 50000 values"),
        (b"a: " + b"x" * (1 << 20), "larger than 1024 KiB"),
        (b'{"a": "b', "a string does not end"),
        (b'{"a": 1,}', "a key in quotation marks is missing"),
        (b'{"a": [1 2]}', "a “,” or “]” is missing"),
        (b'{"a": nul}', "a value is missing"),
        (b'{"a": 1} x', "something follows"),
        (b'{"a" 1}', "a “:” is missing"),
        (b'{"a": "\\x"}', "wrong “\\”"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(content: bytes, told_of: str) -> None:
    with pytest.raises(InputUnreadable) as refused:
        load_application(content)
    assert told_of in str(refused.value)


@pytest.mark.parametrize("name", ["missing.yaml", ".", "\0.yaml"])
def test_a_file_that_is_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputUnreadable):
        load_application(tmp_path / name)


def test_many_strange_fields_take_no_time_and_all_are_told(programmes: Path) -> None:
    content = "programme: try-2025\n" + "".join(f"titlf{n}: x\n" for n in range(5000))
    application = load_application(content.encode(), home=programmes.parent)
    assert sum(fault.reason is Reason.FIELD_UNKNOWN for fault in application.faults) == 5000


def test_a_list_too_long_for_any_form(load: Load) -> None:
    many = "members:\n" + "  - name: 张三\n" * 201
    (fault,) = load(("members:\n", many)).faults
    assert (fault.field, str(fault.message)) == ("members", "项目组成员: it has 202 items; at most 200 fit")


def test_a_broken_programme_is_an_error_and_no_finding(load: Load, programmes: Path) -> None:
    (programmes / "try-2025" / "programme.toml").write_text("[programme]", encoding="utf-8")
    with pytest.raises(ProgrammeError):
        load()


@pytest.mark.parametrize("name", ["application", "short", "small-application"])
def test_the_samples_are_whole(name: str) -> None:
    application = load_application(SAMPLES / f"{name}.yaml", home=SAMPLES)
    assert [str(fault.message) for fault in application.faults] == []
    assert canonical(application.plain())
