"""Numbers of identity cards and telephones are in the record and on the formal copy, by design, and nowhere else."""

from __future__ import annotations

import io
import logging
import re
import shutil
import traceback
import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pypdfium2
import pytest
from command_line import Ran, validate
from PIL import ImageDraw

from toolkit import issuing, verifying
from toolkit.application.reading import load_application
from toolkit.application.values import Unfit, parse_identity_number
from toolkit.cli import main
from toolkit.docket import enter
from toolkit.errors import TruecopyError
from toolkit.home import Home
from toolkit.messages import masked
from toolkit.simulate import as_pdf, scan

SERIAL = "XJSCO25-00001"
BORN = "19861003"
IDENTITY_WITHOUT_CHECK = f"654002{BORN}394"
PHONE, CONTACT_PHONE = "0991-7315924", "13579246801"
WINDOW = 7
"""Characters in a row of a marked number that count as the number: an amount has fewer, a random digest never these."""


def fits(number: str) -> bool:
    try:
        parse_identity_number(number)
    except Unfit:
        return False
    return True


IDENTITY, WRONG_IDENTITY = sorted(
    (IDENTITY_WITHOUT_CHECK + last for last in "0123456789X"), key=lambda number: not fits(number)
)[:2]
FIELDS = {"contact_phone": CONTACT_PHONE, "identity_number": IDENTITY, "phone": PHONE}


def leaked(text: str) -> str | None:
    """Return what of a marked number is in a text, however its digits are grouped; the day of birth is no secret."""
    bare = re.sub(r"[\s()（）+-]", "", unicodedata.normalize("NFKC", text)).upper()
    for number in FIELDS.values():
        digits = number.replace("-", "")
        for at in range(len(digits) - WINDOW + 1):
            if digits[at : at + WINDOW] in bare and digits[at : at + WINDOW] not in BORN:
                found = bare.index(digits[at : at + WINDOW])
                return bare[max(found - 60, 0) : found + 40]
    return None


@pytest.fixture
def discreet_run(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Callable[..., Ran]:
    """Return what runs a command and holds all that it and its workers say and log against the marked numbers."""
    caplog.set_level(logging.DEBUG)

    def run(*arguments: str | Path, may_tell: bool = False) -> Ran:
        capfd.readouterr()
        caplog.clear()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        assert "Traceback" not in err
        if not may_tell:
            assert leaked(out) is None, arguments
        assert leaked(err) is None, arguments
        assert leaked(caplog.text) is None, arguments
        return Ran(ended.value.code, out, err)

    return run


@pytest.fixture
def write(samples: Path, tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Return what writes the short sample with other lines for some of its fields."""
    shutil.copytree(samples / "attachments", tmp_path / "attachments")
    text = (samples / "short.yaml").read_text("utf-8")

    def written(lines: dict[str, str]) -> Path:
        changed = text
        for field, line in lines.items():
            changed, count = re.subn(rf"(?m)^(\s*){field}:.*$", lambda match, new=line: match[1] + new, changed)
            assert count == 1, field
        path = tmp_path / "application.yaml"
        path.write_text(changed, "utf-8")
        return path

    return written


def wide(number: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) if character.isdigit() else character for character in number)


def mistakes() -> Iterator[dict[str, str]]:
    """Yield lines for the fields of persons, each time with another mistake that people make."""
    for value in (
        "{}7",
        "{0}{0}",
        "本人 {}（请先打电话）",
        "[{}]",
        "{{{}: 是}}",
        "{{号码: {}}}",
        '"{}',
        "*{}",
        "&{}",
        "!{} 号",
        "{}\n  {}",
        "|\n    {}\n    {}",
        "{}\u200b",
        "{}\x07",
        "@{}",
    ):
        yield {field: f"{field}: " + value.format(*[number] * 2) for field, number in FIELDS.items()}
    for key in ("{}：", "{}:", "{}", "{}s: ", "- {}: "):
        yield {field: key.format(field) + number for field, number in FIELDS.items()}
    yield {field: f"{number}: {field}" for field, number in FIELDS.items()}
    yield {field: f"{field}: {number}\n  {field}: {number}" for field, number in FIELDS.items()}
    yield {field: f"{field}: {wide(number)}" for field, number in FIELDS.items()}
    yield {"identity_number": f"identity_number: {WRONG_IDENTITY}"}
    yield {"identity_number": f"identity_number: {IDENTITY[:-1]}"}
    yield {"identity_number": f"identity_number: {IDENTITY[:6]} {IDENTITY[6:14]} {IDENTITY[14:]}"}
    # In the field above or below, or one of another kind: such a field is no place for it, and its message is.
    for field in ("birth_date", "gender", "email", "months_per_year", "academician", "credit_code", "filled_on"):
        for number in (IDENTITY, f"电话 {wide(PHONE)}"):
            yield {field: f"{field}: {number}"}


def test_mistakes_are_told_without_the_number(
    discreet_run: Callable[..., Ran], write: Callable[[dict[str, str]], Path], new_home: Path, moment: datetime
) -> None:
    assert fits(IDENTITY) and not fits(WRONG_IDENTITY)
    as_of = ("--as-of", moment.isoformat(timespec="seconds"))
    report = write({}).with_name("list.html")
    for lines in mistakes():
        application = write(lines)
        report.unlink(missing_ok=True)
        people = discreet_run("--home", new_home, "check", application, *as_of, "--report", report)
        assert people.code == 3 or (people.code == 1 and people.sentence), lines
        program = discreet_run("--home", new_home, "--lang", "zh", "check", application, *as_of, "--json")
        assert program.code == people.code
        if report.exists():
            assert leaked(report.read_text("utf-8")) is None, lines
        with Home.open(new_home) as home, pytest.raises(TruecopyError) as refused:
            issuing.issue(load_application(application, home=new_home), home=home, now=moment)
        assert leaked("".join(traceback.format_exception(refused.value)) + repr(refused.value)) is None, lines


def test_what_is_issued_tells_the_numbers_on_paper_alone(
    discreet_run: Callable[..., Ran],
    write: Callable[[dict[str, str]], Path],
    new_home: Path,
    moment: datetime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(issuing, "issue", partial(issuing.issue, now=moment))
    monkeypatch.setattr(verifying, "verify", partial(verifying.verify, now=moment))
    folder = shutil.copytree(new_home, tmp_path / "office")
    run = partial(discreet_run, "--home", folder)

    refused = run("issue", write({"identity_number": f"identity_number: {WRONG_IDENTITY}"}), "-o", tmp_path, "--json")
    assert refused.code == 3
    application = write({field: f"{field}: {number}" for field, number in FIELDS.items()})
    assert run("issue", application, "-o", tmp_path / "out").code == 0
    assert run("export", SERIAL, "-o", tmp_path / "again", "--json").code == 0
    assert run("export", SERIAL, "--bundle", tmp_path / "bundle", "--json").code == 0
    assert run("show", SERIAL).code == run("show", SERIAL, "--json").code == 0
    for how in ((), ("--json",), ("--summary", tmp_path / "list.xlsx")):
        assert run("due", "--all", *how).code == 0

    # The record and the formal copy hold them: without that, nothing above would have been asked.
    record = (tmp_path / "out" / f"{SERIAL}-r1-record.json").read_text("utf-8")
    assert all(number in record for number in FIELDS.values())
    with Home.open(folder) as home:
        stored = home.store.submission(SERIAL, None)
        assert stored is not None
        seals = [home.store.file(file.digest) for file in stored.files if file.kind == "seals"]
    assert seals and all(leaked(content.decode("utf-8")) is None for content in seals)
    assert leaked("\n".join(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))) is None

    paper = tmp_path / "paper.jpg"
    paper.write_bytes(altered((tmp_path / "out" / f"{SERIAL}-r1-proposal.pdf").read_bytes()))
    report = tmp_path / "report.html"
    verdict = run("verify", paper, "--json", "--report", report)
    validate(verdict.json, "verify")
    altered_places = [
        finding["recorded"]
        for finding in verdict.json["pages"][0]["findings"]
        if finding["reason"] in ("CONTENT_ALTERED", "CONTENT_ILLEGIBLE")
    ]
    assert sum("＊" * 7 in (recorded or "") for recorded in altered_places) >= 2  # both numbers, masked
    assert leaked(report.read_text("utf-8")) is None
    assert run("verify", paper).code == 3
    assert run("inspect", paper, "--json").code == 0


def altered(print_set: bytes) -> bytes:
    """Return the scan of the page with the leader's numbers, the last digits of both painted over."""
    document = pypdfium2.PdfDocument(print_set)
    try:
        for page in document:
            places = [page.get_textpage().search(number).get_next() for number in (IDENTITY, PHONE)]
            if None not in places:
                break
        scale = 300 / 72
        image = page.render(scale=scale).to_pil()
        draw = ImageDraw.Draw(image)
        text = page.get_textpage()
        for first, count in places:
            for position in range(first + count - 4, first + count):
                left, bottom, right, top = text.get_charbox(position)
                height = page.get_height()
                draw.rectangle(
                    [left * scale, (height - top) * scale, right * scale, (height - bottom) * scale], fill="white"
                )
                draw.text((left * scale, (height - top) * scale), "8", fill="black", font_size=int(9 * scale))
    finally:
        document.close()
    picture = io.BytesIO()
    image.convert("RGB").save(picture, "JPEG", quality=95)
    (scanned,) = scan(as_pdf([picture.getvalue()], dpi=300), seed=5)
    return scanned


def test_what_was_typed_about_a_submission_is_shown_masked(
    discreet_run: Callable[..., Ran], issued_home: Path, small_print: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(issued_home, tmp_path / "office")
    run = partial(discreet_run, "--home", folder)
    serial = "XJKP26-0001"
    with Home.open(folder) as home:
        enter(home, serial, "withdrawn", who=f"张三 {CONTACT_PHONE}")
    assert run("revoke", serial, "--reason", f"身份证{IDENTITY}有误，见 {serial}", "--by", f"李四（{PHONE}）").code == 0
    shown = run("show", serial, "--json").json
    validate(shown, "show")
    assert shown["revoked"]["reason"] == f"身份证{'＊' * 18}有误，见 {serial}"
    assert shown["revoked"]["by"] == f"李四（{'＊' * 12}）"
    assert f"张三 {'＊' * 11}" in [event["who"] for event in shown["events"]]
    assert "李四（＊" in run("show", serial).out
    told = run("verify", small_print, "--json").json["pages"][0]["findings"]
    assert any("＊" * 18 in finding["message"] for finding in told if finding["reason"] == "RECORD_REVOKED")

    told = run("show", serial, "--json", "--unmasked", may_tell=True).json
    assert told["revoked"]["by"] == f"李四（{PHONE}）" and IDENTITY in told["revoked"]["reason"]
    assert PHONE in run("show", serial, "--unmasked", may_tell=True).out


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话0991-7315924。", "电话＊＊＊＊＊＊＊＊＊＊＊＊。"),
        ("135 7924 6801", "＊" * 13),
        ("7315924", "＊" * 7),
        ("１３５７９２４６８０１", "＊" * 11),
        ("65400219861003394x", "＊" * 18),
        ("E12345678", "E＊＊＊＊＊＊＊＊"),
        ("2025-06-30 19:50", "2025-06-30 19:50"),
        ("20250630", "20250630"),
        ("XJSCO25-00001-r1", "XJSCO25-00001-r1"),
        ("500000.123456", "500000.123456"),
    ],
)
def test_only_numbers_of_persons_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown
