"""Turns the verdict on paper into what a clerk reads: text for the terminal, or one HTML file for the desk.

JSON is the verdict's own ``to_dict``. Both reports say the same in the same order: the outcome, what needs an eye, what
came of each submission, then every page.
"""

from __future__ import annotations

import base64
import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.messages import Message, Translate
from toolkit.scan.completeness import page_ranges
from toolkit.scan.paper import CopyTally, Inspection, PageVerdict, PaperVerdict, SubmissionVerdict
from toolkit.verdict import Finding, Outcome, Reason

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_TEMPLATE = Path(__file__).with_name("report.html.j2")

_OUTCOMES = {
    Outcome.PASSED: Message("passed"),
    Outcome.NOTE: Message("note"),
    Outcome.INDETERMINATE: Message("indeterminate"),
    Outcome.FAILED: Message("failed"),
}
_MEANINGS = {
    Outcome.PASSED: Message("everything that was checked is as it was issued"),
    Outcome.INDETERMINATE: Message("something could not be checked: it is neither accepted nor refused"),
    Outcome.FAILED: Message("something is not as it was issued"),
}
_STYLES = {
    Outcome.PASSED: "green",
    Outcome.NOTE: "cyan",
    Outcome.INDETERMINATE: "yellow",
    Outcome.FAILED: "bold red",
}
_ORDER = (Outcome.FAILED, Outcome.INDETERMINATE, Outcome.NOTE)

_DEMO = Message("A key made by “truecopy demo” signed some of these pages: they prove nothing to an office.")
_LIMITS = Message(
    "A seal proves what was issued, not that this is the only print of it. Chops and signatures are at most "
    "detected, never authenticated."
)

_LANGUAGE = Message("en")
"""The code by which browsers know the language that this is translated into: zh-CN in Chinese."""

_WORDS = {
    "heading": Message("Verdict on paper"),
    "made": Message("Made"),
    "images": Message("images"),
    "needs_an_eye": Message("What needs an eye"),
    "nothing": Message("Nothing needs an eye."),
    "submissions": Message("Submissions"),
    "revision": Message("revision"),
    "document": Message("Document"),
    "copy": Message("Copy"),
    "there": Message("Pages there"),
    "missing": Message("Missing"),
    "pages": Message("Pages"),
    "page": Message("Page"),
    "image": Message("Image"),
    "says": Message("Seal says"),
    "outcome": Message("Outcome"),
    "findings": Message("Findings"),
    "signer": Message("Sealed by"),
    "recorded": Message("recorded"),
    "seen": Message("seen"),
    "no_seal": Message("no seal"),
    "whole_pile": Message("Whole submission"),
    "more": Message("and {count} more"),
    "claims": Message("Claims"),
    "nobody_judged": Message("What the seals claim; nothing of it was judged."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to say, with every place it was found in; findings that read the same are one problem."""

    outcome: Outcome
    reason: Reason
    message: str
    places: tuple[str, ...]
    pages: tuple[PageVerdict, ...]


def problems(verdict: PaperVerdict, translate: Translate = str) -> tuple[Problem, ...]:
    """Return everything found, worst first; within an outcome, what concerns a submission before what is on a page."""
    gathered: dict[tuple[Outcome, Reason, str], tuple[list[str], list[PageVerdict]]] = {}
    for place, page, finding in _placed(verdict):
        key = (finding.outcome, finding.reason, _sentence(finding, translate))
        places, pages = gathered.setdefault(key, ([], []))
        places.append(place)
        if page is not None:
            pages.append(page)
    found = [Problem(*key, tuple(places), tuple(pages)) for key, (places, pages) in gathered.items()]
    return tuple(sorted(found, key=lambda problem: _ORDER.index(problem.outcome)))


def _placed(verdict: PaperVerdict) -> Iterator[tuple[str, PageVerdict | None, Finding]]:
    for submission in verdict.submissions:
        for finding in submission.findings:
            yield submission.serial, None, finding
    for page in verdict.pages:
        for finding in page.findings:
            yield f"{page.source} [{page.image}]", page, finding


def _sentence(finding: Finding, translate: Translate) -> str:
    """Return the message, with the recorded and the seen value where the finding has them."""
    sentence = finding.message.render(translate)
    for name, value in (("recorded", finding.recorded), ("seen", finding.seen)):
        if value is not None:
            sentence += f" ({_WORDS[name].render(translate)}: {value})"
    return sentence


def print_verdict(verdict: PaperVerdict, translate: Translate = str, *, console: Console | None = None) -> None:
    """Write the verdict to a terminal of any width, by default to standard output."""
    from rich.console import Console
    from rich.table import Table

    console = console or Console()

    words = {name: message.render(translate) for name, message in _WORDS.items()}
    outcome = verdict.outcome
    banner = f"{_OUTCOMES[outcome].render(translate).upper()}: {_MEANINGS[outcome].render(translate)}"
    console.print(_text(banner, _STYLES[outcome]))
    if verdict.demo:
        console.print(_text(_DEMO.render(translate), "magenta"))
    found = problems(verdict, translate)
    if found:
        table = Table(title=words["needs_an_eye"], title_justify="left", expand=True)
        table.add_column(words["outcome"], no_wrap=True)
        table.add_column(words["findings"], ratio=3, overflow="fold")
        table.add_column(words["image"], ratio=2, overflow="fold")
        for problem in found:
            table.add_row(
                _text(_OUTCOMES[problem.outcome].render(translate), _STYLES[problem.outcome]),
                _text(problem.message).append("\n").append(problem.reason.name, style="dim"),
                _text(_places(problem.places, translate)),
            )
        console.print(table)
    for submission in verdict.submissions:
        _print_submission(submission, console, words, translate)
    table = Table(title=words["pages"], title_justify="left", expand=True)
    table.add_column(words["image"], ratio=1, overflow="fold")
    table.add_column(words["says"], ratio=1, overflow="fold")
    table.add_column(words["outcome"], no_wrap=True)
    for image, claim, result in _runs(verdict.pages, words["no_seal"]):
        table.add_row(_text(image), _text(claim), _text(_OUTCOMES[result].render(translate), _STYLES[result]))
    console.print(table)
    console.print(_text(_LIMITS.render(translate), "dim"))


def _print_submission(
    submission: SubmissionVerdict, console: Console, words: dict[str, str], translate: Translate
) -> None:
    from rich.table import Table

    outcome = submission.outcome
    title = _text(f"{submission.serial}, {words['revision']} {submission.revision}: ")
    title.append(_OUTCOMES[outcome].render(translate), style=_STYLES[outcome])
    if submission.title:
        title.append(f" {_plain(submission.title)}")
    table = Table(title=title, title_justify="left", title_style="")
    table.add_column(words["document"], overflow="fold")
    table.add_column(words["copy"], justify="right")
    table.add_column(words["there"], justify="right", no_wrap=True)
    table.add_column(words["missing"], overflow="fold")
    for tally in submission.tallies:
        table.add_row(
            _text(tally.title or tally.document),
            str(tally.copy),
            _text(_there(tally), "" if not tally.missing else "bold red"),
            page_ranges(tally.missing),
        )
    console.print(table)


def print_inspection(inspection: Inspection, translate: Translate = str, *, console: Console | None = None) -> None:
    """Write to a terminal what seals claim, by default to standard output."""
    from rich.console import Console
    from rich.table import Table

    console = console or Console()

    words = {name: message.render(translate) for name, message in _WORDS.items()}
    table = Table(title=words["nobody_judged"], title_justify="left", expand=True)
    table.add_column(words["image"], ratio=1, overflow="fold")
    table.add_column(words["claims"], ratio=3, overflow="fold")
    for page in inspection.pages:
        if page.seal is not None:
            claim = "\n".join(
                [page.reference or "", *(f"{name}: {value}" for name, value in _flat(page.seal.to_dict()))]
            )
        else:
            claim = page.problem.render(translate) if page.problem else ""
        table.add_row(_text(f"{page.source} [{page.image}]"), _text(claim))
    console.print(table)


def _flat(plain: dict[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in plain.items():
        if isinstance(value, dict):
            yield from _flat(value)
        elif value is not None:
            yield name, value


def _there(tally: CopyTally) -> str:
    return f"{tally.pages - len(tally.missing)}/{tally.pages}"


def _places(places: Sequence[str], translate: Translate, most: int = 4) -> str:
    shown = [_plain(place) for place in places[:most]]
    if len(places) > most:
        shown.append(Message("and {count} more", count=len(places) - most).render(translate))
    return ", ".join(shown)


def _runs(pages: Iterable[PageVerdict], no_seal: str) -> Iterator[tuple[str, str, Outcome]]:
    """Yield neighbours that follow each other on paper and came out alike as one row: 200 pages fit a screen."""
    run: list[PageVerdict] = []
    for page in pages:
        if run and not _continues(run[-1], page):
            yield _row(run, no_seal)
            run = []
        run.append(page)
    if run:
        yield _row(run, no_seal)


def _continues(last: PageVerdict, page: PageVerdict) -> bool:
    if (page.source, page.image, page.outcome) != (last.source, last.image + 1, last.outcome):
        return False
    if page.seal is None or last.seal is None:
        return page.seal is last.seal
    before, after = last.seal, page.seal
    return (before.serial, before.revision, before.code, before.copy, before.page + 1) == (
        after.serial,
        after.revision,
        after.code,
        after.copy,
        after.page,
    )


def _row(run: Sequence[PageVerdict], no_seal: str) -> tuple[str, str, Outcome]:
    first, last = run[0], run[-1]
    image = f"{_plain(first.source)} [{page_ranges(range(first.image, last.image + 1))}]"
    if first.seal is None or last.seal is None:
        return image, no_seal, first.outcome
    if first is last:
        return image, first.reference or "", first.outcome
    seal = first.seal
    claim = f"{seal.serial}-r{seal.revision}/{seal.code}/{seal.copy}/{seal.page}-{last.seal.page}"
    return image, claim, first.outcome


def _plain(text: str) -> str:
    """Return the text without control characters, which in a file's name could drive the terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _text(text: str, style: str = "") -> Text:
    """Return text that is shown as it is: names of files may look like rich's markup."""
    from rich.text import Text

    return Text("\n".join(_plain(line) for line in text.split("\n")), style=style)


def html_report(verdict: PaperVerdict, translate: Translate = str, *, now: datetime.datetime | None = None) -> str:
    """Return the verdict as one HTML file that opens offline and prints on A4.

    Args:
        verdict: what ``verify`` returned.
        translate: the reader's language.
        now: when the report is made, aware, shown in its own time zone; the clock's when left out.
    """
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    counts = [
        (outcome.value, _OUTCOMES[outcome].render(translate), sum(page.outcome is outcome for page in verdict.pages))
        for outcome in (Outcome.FAILED, Outcome.INDETERMINATE, Outcome.PASSED)
    ]
    return template.render(
        verdict=verdict,
        problems=problems(verdict, translate),
        counts=counts,
        words={name: message.render(translate) for name, message in _WORDS.items()},
        outcomes={outcome.value: message.render(translate) for outcome, message in _OUTCOMES.items()},
        meaning=_MEANINGS[verdict.outcome].render(translate),
        demo=_DEMO.render(translate) if verdict.demo else None,
        limits=_LIMITS.render(translate),
        made=(now or datetime.datetime.now().astimezone()).strftime("%Y-%m-%d %H:%M %z"),
        language=_LANGUAGE.render(translate),
        sentence=lambda finding: _sentence(finding, translate),
        picture=lambda page: base64.b64encode(page.thumbnail).decode("ascii"),
        ranges=page_ranges,
        there=_there,
        places=lambda problem: _places(problem.places, translate, most=12),
        anchors={id(page): f"p{number}" for number, page in enumerate(verdict.pages, start=1)},
        identity=id,
    )
