"""What was judged about an application, for people: findings for the terminal, a checklist for the files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.application.checks import Judged, Judgement, Result
from toolkit.messages import Message, Translate
from toolkit.verdict import Finding, Outcome, Verdict

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from toolkit.application.reading import Application

_TEMPLATE = Path(__file__).with_name("checklist.html.j2")

_OUTCOMES = {
    Outcome.PASSED: Message("passed"),
    Outcome.INDETERMINATE: Message("indeterminate"),
    Outcome.FAILED: Message("failed"),
}
_MEANINGS = {
    Outcome.PASSED: Message("it can be issued"),
    Outcome.INDETERMINATE: Message("rules in principle are not kept"),
    Outcome.FAILED: Message("it cannot be issued before this is mended"),
}
_GROUPS = {
    Outcome.FAILED: (Message("To be mended"), "bold red"),
    Outcome.INDETERMINATE: (Message("Not kept in principle: give the reason when it is issued"), "yellow"),
    Outcome.NOTE: (Message("Questions: please make sure"), "cyan"),
}
_RESULTS = {
    Result.KEPT: Message("kept"),
    Result.BROKEN: Message("not kept"),
    Result.IN_PRINCIPLE: Message("not kept in principle"),
    Result.ASKED: Message("to be confirmed"),
    Result.NOT_JUDGED: Message("not judged: fields are missing or wrong"),
    Result.NOT_ASKED: Message("not judged: not asked about here"),
}
_MARKS = {
    Result.KEPT: "✓",
    Result.BROKEN: "✗",
    Result.IN_PRINCIPLE: "△",
    Result.ASKED: "?",
    Result.NOT_JUDGED: "—",
    Result.NOT_ASKED: "—",
}
_SEVERITIES = {"must": Message("must"), "in principle": Message("in principle"), "ask": Message("to be confirmed")}
_LANGUAGE = Message("en")
_WORDS = {
    "heading": Message("Checklist of an application"),
    "title": Message("Project"),
    "unit": Message("Applicant unit"),
    "leader": Message("Leader"),
    "recommending": Message("Recommending unit"),
    "file": Message("File"),
    "judged_at": Message("Judged as of"),
    "result": Message("Result"),
    "notice_rules": Message("Rules of the notice"),
    "form_rules": Message("Rules of the form"),
    "faults": Message("Fields that are missing or wrong"),
    "number": Message("No."),
    "clause": Message("Clause"),
    "rule": Message("What is asked for"),
    "severity": Message("Weight"),
    "remark": Message("Remarks"),
    "place": Message("Place"),
    "problem": Message("What is wrong"),
    "none": Message("None."),
    "checked_by": Message("Checked by (signature)"),
    "date": Message("Date"),
    "limits": Message(
        "This list has what can be told from the application itself. Whether what it says is true, and everything that "
        "docs/notice.md names as not checkable, remains for people to judge."
    ),
}


def print_check(verdict: Verdict, *, source: str, translate: Translate = str, console: Console | None = None) -> None:
    """Write what was found in an application to a terminal by weight, what keeps it from being issued first."""
    from rich.console import Console
    from rich.table import Table

    console = console or Console()
    outcome = verdict.outcome
    banner = Message("{label}: {problem}", label=source, problem=_OUTCOMES[outcome].render(translate).upper())
    told = Message("{text} ({detail})", text=banner, detail=_MEANINGS[outcome])
    console.print(_text(told.render(translate), "green" if outcome is Outcome.PASSED else _GROUPS[outcome][1]))
    for group, (heading, style) in _GROUPS.items():
        findings = [finding for finding in verdict.findings if finding.outcome is group]
        if not findings:
            continue
        counted = Message("{text} ({detail})", text=heading, detail=len(findings))
        console.print(_text(counted.render(translate), style))
        table = Table(expand=True)
        table.add_column(_WORDS["place"].render(translate), overflow="fold", max_width=18)
        table.add_column(_WORDS["clause"].render(translate), no_wrap=True)
        table.add_column(_WORDS["problem"].render(translate), ratio=1, overflow="fold")
        for finding in findings:
            table.add_row(
                _text(_place(finding, translate)),
                _text(finding.clause or ""),
                _text(finding.message.render(translate)).append(f"\n{finding.field or ''}".rstrip(), style="dim"),
            )
        console.print(table)


def html_checklist(application: Application, judgement: Judgement, *, now: datetime, translate: Translate = str) -> str:
    """Return the checklist as one HTML file that opens offline and prints on A4.

    Args:
        application: what was judged.
        judgement: what ``judge`` returned.
        now: the time of judgement, aware.
        translate: the reader's language.
    """
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    form, programme = application.readable, application.programme
    outcome = judgement.verdict.outcome
    local = now.astimezone(programme.zone) if programme else now
    words = {name: message.render(translate) for name, message in _WORDS.items()}
    facts = [
        (words["title"], form.title),
        (words["unit"], form.applicant_unit.name),
        (words["leader"], form.leader.name),
        (words["recommending"], form.recommending_unit.name),
        (words["file"], application.source),
        (words["judged_at"], f"{local:%Y-%m-%d %H:%M:%S}"),
    ]
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        language=_LANGUAGE.render(translate),
        words=words,
        programme=programme.title if programme else "",
        notice=programme.programme.notice if programme else "",
        facts=facts,
        outcome=outcome.value,
        outcome_word=_OUTCOMES[outcome].render(translate),
        meaning=_MEANINGS[outcome].render(translate),
        notice_rules=list(_rows([one for one in judgement.judged if one.clause], translate)),
        form_rules=list(_rows([one for one in judgement.judged if not one.clause], translate)),
        faults=[
            (_place(fault, translate), fault.clause or "", fault.message.render(translate))
            for fault in application.faults
        ],
    )


def _rows(judged: list[Judged], translate: Translate) -> Iterator[dict[str, object]]:
    for one in judged:
        yield {
            "clause": one.clause or "",
            "says": one.says.render(translate),
            "severity": _SEVERITIES[one.severity].render(translate) if one.severity else "",
            "mark": _MARKS[one.result],
            "result": one.result.value.replace(" ", "-"),
            "word": _RESULTS[one.result].render(translate),
            "remarks": [(_place(finding, translate), finding.message.render(translate)) for finding in one.findings],
        }


def _place(finding: Finding, translate: Translate) -> str:
    """Return the cell or the line of a finding."""
    if finding.cell is not None:
        return finding.cell
    return "" if finding.line is None else Message("line {line}", line=finding.line).render(translate)


def _text(text: str, style: str = "") -> Text:
    """Return text that is shown as it is: names of files may look like rich's markup, or drive the terminal."""
    from rich.text import Text

    plain = "".join(one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}" for one in text)
    return Text(plain, style=style)
