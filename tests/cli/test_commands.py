"""Every command as people and programs use it: what it says where, its exit code, its JSON by the schemas in docs/."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import click
import pytest
from command_line import SCHEMAS, Run, run_apart, tree, validate

from toolkit.application.model import schema
from toolkit.cli import COMMANDS, truecopy

ROOT = SCHEMAS.parent


def subcommands() -> list[list[str]]:
    """Return the words of every command and every command below one."""
    words: list[list[str]] = []
    with click.Context(truecopy) as context:
        for name in truecopy.list_commands(context):
            command = truecopy.get_command(context, name)
            words.append([name])
            if isinstance(command, click.Group):
                words += [[name, below] for below in command.list_commands(context)]
    return words


# Help


@pytest.mark.parametrize("words", subcommands(), ids=" ".join)
def test_every_command_says_what_it_does_in_both_languages(run: Run, words: list[str]) -> None:
    english, chinese = (run("--lang", language, *words, "--help") for language in ("en", "zh"))
    assert english.code == chinese.code == 0
    assert english.err == chinese.err == ""
    lines = english.out.splitlines()
    assert lines[0].startswith(f"Usage: truecopy {' '.join(words)}") or "truecopy" in lines[0]
    assert len(lines[2].strip()) > 15
    assert lines[2] not in chinese.out
    for option in ("--home", "--lang"):
        assert (option in english.out) is (words != ["keys"])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"truecopy {name}" in (text := (ROOT / "README.md").read_text("utf-8")) or f" {name} " in text


def test_help_of_the_whole_lists_every_command(run: Run) -> None:
    told = run("--help")
    assert told.code == 0
    assert [line.split()[0] for line in told.out.split("Commands:")[1].splitlines() if line.strip()] == list(COMMANDS)
    assert run("--version").out.startswith("truecopy, version ")


def test_without_a_command_the_help_is_shown_as_a_usage_error(run: Run) -> None:
    told = run()
    assert (told.code, told.out) == (2, "")
    assert "Commands:" in told.err


# new, check, draft


def test_new_writes_a_form_that_check_then_judges(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    told = run("new", "xinjiang-sco-2025", "-o", path)
    assert (told.code, told.err) == (0, "")
    assert str(path) in told.out and "truecopy check" in told.out
    checked = run("check", path, "--json")
    assert (checked.code, checked.json["outcome"]) == (3, "failed")
    assert {finding["reason"] for finding in checked.json["findings"]} >= {"FIELD_MISSING"}
    kept = path.read_bytes()
    again = run("new", "-o", path)
    assert again.code == 1 and str(path) in again.sentence
    assert path.read_bytes() == kept


def test_new_writes_a_workbook_with_what_the_unit_repeats(run: Run, samples: Path, tmp_path: Path) -> None:
    path = tmp_path / "my.xlsx"
    told = run("new", "-o", path, "--profile", samples / "application.yaml")
    assert (told.code, told.err) == (0, "") and path.read_bytes().startswith(b"PK")
    checked = run("check", path, "--json")
    validate(checked.json, "check")
    cells = {finding["field"]: finding["cell"] for finding in checked.json["findings"]}
    assert cells["title"] == "项目信息!B7" and "applicant_unit.name" not in cells
    wrong = run("new", "-o", tmp_path / "b.xlsx", "--profile", samples / "route.png")
    assert wrong.code == 1 and not (tmp_path / "b.xlsx").exists()


def test_check_writes_a_checklist(run: Run, samples: Path, tmp_path: Path) -> None:
    told = run("--lang", "zh", "check", samples / "short.yaml", "--report", tmp_path / "list.html")
    assert told.code == 0 and "申报形式审查表" in (tmp_path / "list.html").read_text("utf-8")


def test_new_knows_programmes_of_the_data_folder(run: Run, tmp_path: Path, working_home: Path) -> None:
    told = run("--home", working_home, "new", "popular-science-2026", "-o", tmp_path / "a.yaml")
    assert told.code == 0
    unknown = run("new", "popular-science-2099", "-o", tmp_path / "b.yaml")
    assert unknown.code == 1 and "popular-science-2099" in unknown.sentence and "xinjiang-sco-2025" in unknown.sentence
    assert not (tmp_path / "b.yaml").exists()


def test_check_of_a_good_application(run: Run, samples: Path) -> None:
    path = samples / "application.yaml"
    assert run("check", path).code == 0
    told = run("check", path, "--json")
    assert (told.code, told.err) == (0, "")
    assert told.json == {"format": 1, "outcome": "passed", "findings": []}
    validate(told.json, "check")


def enclose(samples: Path, folder: Path) -> None:
    """Put the files that the full sample names beside an application."""
    shutil.copy(samples / "route.png", folder)
    shutil.copytree(samples / "attachments", folder / "attachments")


@pytest.fixture
def faulty(samples: Path, tmp_path: Path) -> Path:
    text = (samples / "application.yaml").read_text("utf-8")
    for old, new in (
        ("title: 面", "titel: 面"),  # told once: not as missing, too
        ("gender: 女", "gender: 妇"),
        ("months_per_year: 8 ", "months_per_year: 5 "),
        ("end_date: 2027-12-31", "end_date: 2027-12-32"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "faulty.yaml"
    path.write_text(text, "utf-8")
    enclose(samples, tmp_path)
    return path


def test_check_tells_every_fault_with_its_line_and_what_would_be_right(run: Run, faulty: Path) -> None:
    told = run("check", faulty, "--json")
    assert (told.code, told.err) == (3, "")
    validate(told.json, "check")
    found = {(finding["reason"], finding.get("field")) for finding in told.json["findings"]}
    assert {
        ("FIELD_UNKNOWN", "titel"),
        ("FIELD_INVALID", "leader.gender"),
        ("FIELD_INVALID", "end_date"),
        ("RULE_IN_PRINCIPLE", "leader.months_per_year"),
    } <= found
    lines = faulty.read_text("utf-8").splitlines()
    for finding in told.json["findings"]:
        assert finding["source"] == str(faulty)
        if finding["reason"] == "FIELD_INVALID":
            assert finding["field"].rpartition(".")[2] in lines[finding["line"] - 1]
    for_people = run("check", faulty)
    assert (for_people.code, for_people.err) == (3, "")
    assert "titel" in for_people.out and "一.4" in for_people.out


def test_a_rule_in_principle_is_indeterminate(run: Run, samples: Path, tmp_path: Path, office: Path) -> None:
    enclose(samples, tmp_path)
    text = (samples / "application.yaml").read_text("utf-8").replace("months_per_year: 8 ", "months_per_year: 5 ")
    path = tmp_path / "a.yaml"
    path.write_text(text, "utf-8")
    assert run("check", path, "--json").code == 4
    before = tree(office)
    refused = run("--home", office, "issue", path, "-o", tmp_path / "out", "--json")
    assert (refused.code, refused.json["outcome"]) == (4, "indeterminate")
    validate(refused.json, "check")
    assert not (tmp_path / "out").exists()
    assert {name: content for name, content in tree(office).items() if "store" not in name} == {
        name: content for name, content in before.items() if "store" not in name
    }
    other = ("--accept", "五.3", "--reason", "专家意见")
    assert run("--home", office, "issue", path, "-o", tmp_path / "out", *other, "--json").code == 4
    assert run("--home", office, "issue", path, "-o", tmp_path / "out", "--accept", "一.4").code == 2
    needed = ("--accept", "一.4", "--reason", "负责人同时承担援疆任务")
    assert run("--home", office, "issue", path, "-o", tmp_path / "out", *needed, *other, "--json").code == 0
    shown = run("--home", office, "show", "XJSCO25-00001", "--json").json
    validate(shown, "show")
    assert shown["accepted"] == [{"clause": "一.4", "reason": "负责人同时承担援疆任务"}]
    assert "负责人同时承担援疆任务" in run("--home", office, "show", "XJSCO25-00001").out


def test_check_as_of_a_time(run: Run, samples: Path) -> None:
    path = samples / "application.yaml"
    early = run("check", path, "--as-of", "2025-06-17", "--json")
    assert (early.code, [finding["reason"] for finding in early.json["findings"]]) == (0, ["QUESTION"])
    validate(early.json, "check")
    assert run("check", path, "--as-of", "2025-06-18T00:00+08:00", "--json").json["findings"] == []
    assert run("check", path, "--as-of", "2025-06-30 20:00", "--json").json["findings"] == []
    for late in ("2025-06-30T20:00:01", "2025-06-30 20:01", "2025-06-30T12:00:01+00:00"):
        (closed,) = run("check", path, "--as-of", late, "--json").json["findings"]
        assert (closed["clause"], closed["field"]) == ("三", "programme")
    wrong = run("check", path, "--as-of", "tomorrow", "--json")
    assert (wrong.code, wrong.json["error"]["code"]) == (2, "USAGE")
    assert "2025-06-30 19:50" in wrong.json["error"]["message"] and "%" not in wrong.json["error"]["message"]
    validate(wrong.json, "error")


def test_draft_writes_word_and_pdf(run: Run, samples: Path, working_home: Path, tmp_path: Path) -> None:
    told = run("draft", samples / "small-application.yaml", "--home", working_home, "-o", tmp_path / "out", "--json")
    assert (told.code, told.err) == (0, "")
    validate(told.json, "draft")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["proposal-draft.docx", "proposal-draft.pdf"]
    assert [Path(file["path"]).name for file in told.json["files"]] == ["proposal-draft.docx", "proposal-draft.pdf"]


def test_draft_of_a_faulty_application_tells_the_faults(run: Run, faulty: Path, tmp_path: Path) -> None:
    told = run("draft", faulty, "-o", tmp_path / "out", "--json")
    assert told.code == 3
    validate(told.json, "check")
    for_people = run("draft", faulty, "-o", tmp_path / "out")
    assert for_people.code == 3 and "titel" in for_people.out and for_people.err.startswith("truecopy: ")
    assert not (tmp_path / "out").exists()


# keys, issue, export, show


def test_keys_init_and_list(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "office"
    made = run("--home", folder, "keys", "init", "--office", "自治区科技厅", "--prefix", "XJ", "--no-passphrase")
    assert (made.code, made.err) == (0, "")
    assert str(folder) in made.out and "root.pem" in made.out
    listed = run("--home", folder, "keys", "list", "--json")
    assert (listed.code, listed.err) == (0, "")
    validate(listed.json, "keys")
    (root,), listing = listed.json["roots"], listed.json["certificates"]
    assert sorted(one["use"] for one in listing) == ["heads", "seals"]
    certificate = next(one for one in listing if one["use"] == "seals")
    assert root["fingerprint"] in made.out
    assert (certificate["office"], certificate["prefix"]) == ("自治区科技厅", "XJ")
    assert (certificate["demo"], certificate["can_sign_here"]) == (False, True)
    assert certificate["kid"] in run("--home", folder, "keys", "list").out
    before = tree(folder)
    again = run("--home", folder, "keys", "init", "--office", "x", "--prefix", "XJ", "--no-passphrase")
    assert again.code == 1 and "not empty" in again.sentence
    assert tree(folder) == before


@pytest.mark.parametrize("prefix", ["", "xj", "新疆", "ABCDEFGHI", "X-J"])
def test_a_prefix_that_no_serial_can_have(run: Run, tmp_path: Path, prefix: str) -> None:
    told = run("--home", tmp_path / "h", "keys", "init", "--office", "x", "--prefix", prefix, "--no-passphrase")
    assert told.code == 2 and told.sentence
    assert list(tmp_path.iterdir()) == []


def test_issue_export_show(run: Run, office: Path, samples: Path, tmp_path: Path) -> None:
    path = samples / "small-application.yaml"
    issued = run("--home", office, "issue", path, "-o", tmp_path / "out", "--key", "k 1", "--json")
    assert (issued.code, issued.err) == (0, "")
    validate(issued.json, "issue")
    assert (issued.json["serial"], issued.json["revision"], issued.json["again"]) == ("XJKP26-0001", 1, False)
    for file in issued.json["files"]:
        content = Path(file["path"]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file["sha256"], file["size"])
    again = run("--home", office, "issue", path, "-o", tmp_path / "again", "--key", "k 1", "--json")
    assert again.json["again"] is True
    assert tree(tmp_path / "again") == tree(tmp_path / "out")
    exported = run("--home", office, "export", "XJKP26-0001", "-o", tmp_path / "export", "--json")
    assert exported.code == 0
    validate(exported.json, "issue")
    assert tree(tmp_path / "export") == tree(tmp_path / "out")
    shown = run("--home", office, "show", "XJKP26-0001", "--json")
    validate(shown.json, "show")
    assert (shown.json["record"], shown.json["latest_revision"]) == (issued.json["record"], 1)
    assert shown.json["documents"] == [{"id": "proposal", "code": "P", "copies": 3, "pages": 2}]
    for_people = run("--home", office, "show", "XJKP26-0001")
    assert for_people.code == 0 and "XJKP26-0001-r1-proposal.pdf" in for_people.out
    revised = run("--home", office, "issue", path, "-o", tmp_path / "r2", "--revises", "XJKP26-0001")
    assert revised.code == 0 and revised.err == ""
    assert "XJKP26-0001 revision 2 is issued" in revised.out
    other = run(
        "--home", office, "issue", path, "-o", tmp_path / "x", "--key", "k 1", "--revises", "XJKP26-0001", "--json"
    )
    assert (other.code, other.json["error"]["code"]) == (1, "STORE")


def test_event_and_due(run: Run, issued_home: Path, tmp_path: Path) -> None:
    home = shutil.copytree(issued_home, tmp_path / "home")
    for time, wanting in (("2099-01-01", "incomplete"), ("2026-01-01 00:00", None)):
        (one,) = run("--home", home, "due", "--all", "--json", "--as-of", time).json["submissions"]
        assert one["wanting"] == wanting
    early = run("--home", home, "event", "XJKP26-0001", "accepted", "--by", "主管处室")
    assert early.code == 1 and "possible: submitted" in early.sentence
    assert run("--home", home, "event", "XJKP26-0001", "withdrawn", "--by", "主管处室", "--note", "重报").code == 0
    listed = run("--home", home, "due", "--all", "--json", "--summary", tmp_path / "s.xlsx")
    validate(listed.json, "due")
    assert [one["stage"] for one in listed.json["submissions"]] == ["withdrawn"]
    assert run("--home", home, "due").out.startswith("Nothing is due")
    assert "withdrawn" in run("--home", home, "show", "XJKP26-0001").out
    validate(run("--home", home, "show", "XJKP26-0001", "--json").json, "show")


def test_an_issued_application_is_not_held_against_itself(run: Run, issued_home: Path, samples: Path) -> None:
    told = run("--home", issued_home, "check", samples / "small-application.yaml", "--similar", "--json")
    assert (told.code, told.json["findings"]) == (0, [])
    assert "check with --revises XJKP26-0001" in told.err


def test_a_revision_is_checked_as_one_before_it_is_issued(
    run: Run, issued_home: Path, samples: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(issued_home, tmp_path / "home")
    facts = home / "programmes" / "popular-science-2026" / "programme.toml"
    asks = '\n[checks.unchanged_once_accepted]\nclause = "5"\nseverity = "must"\n'
    facts.write_text(facts.read_text("utf-8") + asks, "utf-8")
    same = samples / "small-application.yaml"
    text = same.read_text("utf-8")
    (other := tmp_path / "other.yaml").write_text(text.replace("热娜古丽", "帕提古丽"), "utf-8")
    assert text != other.read_text("utf-8")
    revised = ("--revises", "XJKP26-0001")
    assert run("--home", home, "check", other, *revised).code == 0
    for kind in ("submitted", "recommended", "accepted"):
        assert run("--home", home, "event", "XJKP26-0001", kind, "--by", "处室", "--at", "2026-03-10 12:00").code == 0
    assert run("--home", home, "check", other).code == 0
    told = run("--home", home, "check", other, *revised, "--json")
    assert (told.code, [one["field"] for one in told.json["findings"]]) == (3, ["leader.name"])
    assert told.json["findings"][0]["clause"] == "5"
    told = run("--home", home, "check", same, *revised)
    assert (told.code, told.err) == (0, "")
    told = run("--home", home, "check", same, "--revises", "XJKP26-0009", "--json")
    assert (told.code, told.json["error"]["code"]) == (1, "SUBMISSION_UNKNOWN")


def test_a_serial_that_the_store_does_not_have(run: Run, issued_home: Path, tmp_path: Path) -> None:
    for words in (
        ["show", "XJKP26-0009"],
        ["show", "XJKP26-0001", "--revision", "2"],
        ["show", "XJKP26-0001", "--revision", "9" * 30],
        ["export", "XJKP26-0009", "-o", tmp_path],
        ["show", "✗\udcff"],
        ["show", ""],
    ):
        told = run("--home", issued_home, *words, "--json")
        assert (told.code, told.json["error"]["code"]) == (1, "SUBMISSION_UNKNOWN")
        validate(told.json, "error")
    assert list(tmp_path.iterdir()) == []
    assert "XJKP26-0009" in run("--home", issued_home, "show", "XJKP26-0009").sentence


@pytest.mark.parametrize("key", ["", "k" * 201, "a\nb", "a\udcff"])
def test_a_key_that_a_script_got_wrong(run: Run, office: Path, samples: Path, tmp_path: Path, key: str) -> None:
    """``--key "$ID"`` with ID unset would else be the same key for every application."""
    call = ["--home", office, "issue", samples / "small-application.yaml", "-o", tmp_path / "out"]
    told = run(*call, "--key", key, "--json")
    assert (told.code, told.json["error"]["code"]) == (2, "USAGE")
    told = run(*call, "--revises", key, "--json")
    assert (told.code, told.json["error"]["code"]) == (1, "SUBMISSION_UNKNOWN")
    assert not (tmp_path / "out").exists()


# verify, inspect


def test_verify_of_a_whole_submission(run: Run, issued_home: Path, small_print: Path, tmp_path: Path) -> None:
    told = run("--home", issued_home, "verify", small_print, "--json", "--report", tmp_path / "r.html")
    assert (told.code, told.err) == (3, "")  # nobody has signed it
    validate(told.json, "verify")
    assert [page["findings"] for page in told.json["pages"]] == [[]] * 6
    (submission,) = told.json["submissions"]
    assert submission["outcome"] == "failed"
    assert "SIGNATURE_MISSING" in {finding["reason"] for finding in submission["findings"]}
    assert (tmp_path / "r.html").read_text("utf-8").startswith("<!")
    for_people = run("--home", issued_home, "verify", small_print)
    assert (for_people.code, for_people.err) == (3, "")
    assert "XJKP26-0001" in for_people.out


# receive, receipt


def test_receive_show_due_and_receipt(run: Run, issued_home: Path, small_print: Path, tmp_path: Path) -> None:
    home = shutil.copytree(issued_home, tmp_path / "home")
    call = ["--home", home, "receive", small_print, "--by", "张三", "--json", "-o"]
    told = run(*call, tmp_path / "first", "--report", tmp_path / "r.html")
    assert (told.code, told.err) == (3, "")  # nobody has signed it
    validate(told.json, "receive")
    (one,) = told.json["submissions"]
    assert (one["entered"], one["complete"], one["receipt"]["name"]) == (6, False, "XJKP26-0001-r1-receipt-1.pdf")
    assert {tuple(page["reasons"]) for page in one["to_rescan"]} == {("SIGNATURE_MISSING", "CHOP_UNCLEAR")}
    assert (tmp_path / "r.html").read_text("utf-8").startswith("<!")
    again = run(*call, tmp_path / "second").json["submissions"][0]
    assert (again["entered"], again["known"]) == (0, 6)
    assert tree(tmp_path / "first") == tree(tmp_path / "second")
    written = run("--home", home, "receipt", "XJKP26-0001", "--json", "-o", tmp_path / "third")
    validate(written.json, "receipt")
    assert tree(tmp_path / "third") == tree(tmp_path / "first")

    slipped = run(*call, tmp_path, "--accept", f"{one['to_rescan'][0]['reference']}:SIGNATURE_MISSING", "--reason", "a")
    assert slipped.code == 2 and slipped.json["error"]["code"] == "USAGE"
    accepted = f"{one['to_rescan'][0]['reference']}:CHOP_UNCLEAR"
    for_people = run(
        "--home", home, "receive", "--accept", accepted, "--reason", "公章完整", "--by", "李四", "-o", tmp_path
    )
    assert for_people.code == 3 and "CHOP_UNCLEAR accepted by 李四: 公章完整" in for_people.out

    shown = run("--home", home, "show", "XJKP26-0001", "--json").json
    validate(shown, "show")
    assert shown["received"]["accepted_by_clerk"][0]["why"] == "公章完整"
    assert [receipt["number"] for receipt in shown["received"]["receipts"]] == [1, 2]
    assert "公章完整" in run("--home", home, "show", "XJKP26-0001").out
    listed = run("--home", home, "due", "--all", "--json").json
    validate(listed, "due")
    assert listed["submissions"][0]["pages"] == {"in_order": 3, "of": 6}
    receipt = tmp_path / "first" / "XJKP26-0001-r1-receipt-1.pdf"
    told = run("--home", home, "verify", receipt, "--json")
    assert (told.code, [page["findings"] for page in told.json["pages"]], told.json["submissions"]) == (0, [[]], [])
    assert told.json["pages"][0]["seal"]["document"] == "receipt-1"
    assert "receipt 1, page 1 of 1" in run("inspect", receipt).out
    assert (
        run("--home", issued_home, "verify", receipt, "--json").json["pages"][0]["outcome"] == "failed"
    )  # not made there


def test_receive_without_a_key_says_how_the_receipt_is_made(
    run: Run, issued_home: Path, small_print: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(issued_home, tmp_path / "home")
    shutil.rmtree(home / "keys")
    told = run("--home", home, "receive", small_print, "-o", tmp_path / "out")
    assert told.code == 3 and "truecopy receipt XJKP26-0001 -o FOLDER" in told.err
    assert not (tmp_path / "out").exists()
    assert run("--home", home, "show", "XJKP26-0001", "--json").json["received"]["came"] is not None
    nothing = run("--home", home, "receipt", "XJKP26-0002")
    assert nothing.code == 1 and "XJKP26-0002" in nothing.sentence


# export --bundle, import


def test_a_bundle_goes_to_an_intake_point(run: Run, issued_home: Path, small_print: Path, tmp_path: Path) -> None:
    path, clerk = tmp_path / "records.bundle", tmp_path / "clerk"
    made = run("--home", issued_home, "export", "--programme", "popular-science-2026", "--bundle", path, "--json")
    assert (made.code, made.err) == (0, "")
    validate(made.json, "bundle")
    assert made.json["submissions"] == [{"serial": "XJKP26-0001", "revision": 1}]
    shutil.copytree(issued_home, clerk, ignore=shutil.ignore_patterns("keys", "store*"))
    taken = run("--home", clerk, "import", path, "--json")
    validate(taken.json, "import")
    assert "is here already" in run("--home", clerk, "import", path).out
    judged = run("--home", clerk, "verify", small_print, "--json").json
    validate(judged, "verify")
    assert [[f["reason"] for f in page["findings"]] for page in judged["pages"]] == [["STORE_NOT_ASKED"]] * 6
    assert "SIGNATURE_MISSING" in {finding["reason"] for finding in judged["submissions"][0]["findings"]}
    path.write_bytes(path.read_bytes()[:-9])
    refused = run("--home", clerk, "import", path, "--json")
    assert (refused.code, refused.json["bundles"][0]["again"]) == (
        0,
        True,
    )  # what is here is whole, whatever is left of it
    shutil.rmtree(clerk / "records")
    refused = run("--home", clerk, "import", path, "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "BUNDLE")
    for wrong in (
        [],
        ["A", "B"],
        ["A", "--programme", "x"],
        ["A", "--bundle", path, "--pages", "P/1/1"],
        ["--bundle", path],
    ):
        assert run("--home", issued_home, "export", *wrong).code == 2
    assert not list(tmp_path.glob(".*.part"))


def test_inspect_judges_nothing(run: Run, small_print: Path, tmp_path: Path) -> None:
    told = run("--home", tmp_path / "none", "inspect", small_print, "--json")
    assert (told.code, told.err) == (0, "")
    validate(told.json, "inspect")
    assert {page["seal"]["signer"] for page in told.json["pages"]} == {None}
    assert "XJKP26-0001-r1/P/3/2" in run("inspect", small_print).out


def test_handheld_scanner(issued_home: Path, small_print: Path) -> None:
    """Lines come from a scanner through stdin; the tally goes to stderr, the verdict to stdout."""
    import pypdfium2
    import zxingcpp

    document = pypdfium2.PdfDocument(small_print)
    pages = [document[index].render(scale=200 / 72).to_pil() for index in range(6)]
    document.close()
    lines = [zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)[0].text for page in pages]
    typed = "\r\n".join([*lines, "12345", "hello"]).encode()
    for words, code in ((["verify"], 4), (["inspect"], 0)):
        done = run_apart("--home", issued_home, *words, "--text", "-", "--json", input=typed)
        assert done.returncode == code
        answer = json.loads(done.stdout)
        validate(answer, words[0])
        assert len(answer["pages"]) == 8
    told = run_apart("--home", issued_home, "verify", "--text", "-", input=typed)
    assert b"XJKP26-0001" in told.stdout and b"6: XJKP26-0001-r1/P/3/2" in told.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["verify"],
        ["verify", "a.pdf", "--text", "-"],
        ["inspect"],
        ["check"],
        ["issue", "a.yaml", "--engine", "word"],
        ["show"],
        ["keys", "list", "more"],
        ["nonsense"],
        ["check", "a.yaml", "--lang", "de"],
    ],
    ids=" ".join,
)
def test_wrong_calls(run: Run, working_home: Path, words: list[str]) -> None:
    told = run("--home", working_home, *words)
    assert told.code == 2 and told.sentence
    told = run("--home", working_home, *words, "--json")
    assert (told.code, told.json["error"]["code"]) == (2, "USAGE") and told.err == ""
    validate(told.json, "error")


# The data folder and the language


def test_the_data_folder_is_named_by_option_or_environment(
    run: Run, issued_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert run("--home", issued_home, "show", "XJKP26-0001").code == 0
    assert run("show", "XJKP26-0001", "--home", issued_home).code == 0
    monkeypatch.setenv("TRUECOPY_HOME", str(issued_home))
    assert run("show", "XJKP26-0001").code == 0
    named = run("show", "XJKP26-0001", "--home", tmp_path / "other", "--json")  # what is named wins
    assert (named.code, named.json["error"]["code"]) == (1, "HOME")
    assert str(tmp_path / "other") in named.json["error"]["message"] and "keys init" in named.json["error"]["message"]
    monkeypatch.setenv("TRUECOPY_HOME", str(tmp_path / "nothing"))
    assert run("show", "XJKP26-0001").code == 1
    assert run("show", "XJKP26-0001", "--home", issued_home).code == 0


def test_the_language_is_asked_for_before_or_behind_or_by_the_locale(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "none.yaml"
    english = run("check", path).sentence
    chinese = run("--lang", "zh", "check", path).sentence
    assert english != chinese and any("一" <= character <= "鿿" for character in chinese)
    assert run("check", path, "--lang", "zh").sentence == chinese
    assert run("check", path, "--lang=zh", "--json").json["error"]["message"] == chinese
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert run("check", path).sentence == chinese
    assert run("check", path, "--lang", "en").sentence == english


# Schemas


def test_the_schema_of_applications_is_that_of_the_model() -> None:
    kept = (SCHEMAS / "application.schema.json").read_text("utf-8")
    # To write it again: json.dumps(toolkit.application.model.schema(), ensure_ascii=False, indent=2) and a line end.
    assert kept == json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def test_errors_of_every_class_are_in_the_schema() -> None:
    from toolkit import errors

    classes = [
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.TruecopyError)
    ]
    codes = {each.code for each in classes} - {errors.CheckFailed.code} | {"SYSTEM"}
    told = json.loads((SCHEMAS / "error.schema.json").read_text("utf-8"))
    assert set(told["properties"]["error"]["properties"]["code"]["enum"]) == codes
