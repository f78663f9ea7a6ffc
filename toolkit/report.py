"""Turns the verdict on paper into what a clerk reads: text for the terminal, or one HTML file for the desk.

JSON is the verdict's own ``to_dict``. Both reports say the same in the same order: the outcome, what needs an eye, what
came of each submission, then every page.
"""

from __future__ import annotations

import base64
import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from toolkit.messages import Message, Translate
from toolkit.scan.completeness import page_ranges
from toolkit.scan.paper import CopyTally, Inspection, PageVerdict, PaperVerdict, SealClaims, SubmissionVerdict
from toolkit.verdict import Finding, Outcome, Reason, Verdict

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
_CHECKED = {
    Outcome.PASSED: Message("it can be issued"),
    Outcome.INDETERMINATE: Message("rules in principle are not kept"),
    Outcome.FAILED: Message("it cannot be issued before this is mended"),
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
    "pages_eyed": Message("Pages to look at"),
    "pages_other": Message("Other pages"),
    "page": Message("Page"),
    "image": Message("Image"),
    "says": Message("Seal says"),
    "outcome": Message("Outcome"),
    "findings": Message("Findings"),
    "signer": Message("Sealed by"),
    "recorded": Message("recorded"),
    "seen": Message("seen"),
    "no_seal": Message("no seal"),
    "claims": Message("Claims"),
    "nobody_judged": Message("What the seals claim; nothing of it was judged."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to say, and of which submissions or pages; findings that read the same are one problem."""

    outcome: Outcome
    reason: Reason
    message: str
    serials: tuple[str, ...]
    pages: tuple[PageVerdict, ...]

    @property
    def where(self) -> str:
        """The serials, and the images by source: ``scan.pdf [1-7, 9]``."""
        images: dict[str, list[int]] = {}
        for page in self.pages:
            images.setdefault(page.source, []).append(page.image)
        sources = [f"{_plain(source)} [{page_ranges(numbers)}]" for source, numbers in images.items()]
        return ", ".join([*self.serials, *sources])


def problems(verdict: PaperVerdict, translate: Translate = str) -> tuple[Problem, ...]:
    """Return everything found, worst first; within an outcome, what concerns a submission before what is on a page."""
    gathered: dict[tuple[Outcome, Reason, str], list[SubmissionVerdict | PageVerdict]] = {}
    for part, finding in _placed(verdict):
        key = (finding.outcome, finding.reason, _sentence(finding, translate))
        gathered.setdefault(key, []).append(part)
    found = [
        Problem(
            *key,
            serials=tuple(part.serial for part in parts if isinstance(part, SubmissionVerdict)),
            pages=tuple(part for part in parts if isinstance(part, PageVerdict)),
        )
        for key, parts in gathered.items()
    ]
    # What holds for every page comes behind what holds for some: it is not what the eye should go to first.
    return tuple(
        sorted(found, key=lambda each: (_ORDER.index(each.outcome), each.reason is Reason.CONTENT_NOT_COMPARED))
    )


def _placed(verdict: PaperVerdict) -> Iterator[tuple[SubmissionVerdict | PageVerdict, Finding]]:
    parts: tuple[SubmissionVerdict | PageVerdict, ...] = (*verdict.submissions, *verdict.pages)
    for part in parts:
        for finding in part.findings:
            yield part, finding


def _sentence(finding: Finding, translate: Translate) -> str:
    """Return the message, with the recorded and the seen value where the finding has them."""
    sentence = finding.message.render(translate)
    for name, value in (("recorded", finding.recorded), ("seen", finding.seen)):
        if value is not None:
            said = _joined(_WORDS[name].render(translate), str(value), translate)
            sentence = Message("{text} ({detail})", text=sentence, detail=said).render(translate)
    return sentence


def _joined(label: str, text: str, translate: Translate) -> str:
    """Return ``label: text`` with the colon of the reader's language."""
    return Message("{label}: {problem}", label=label, problem=text).render(translate)


def _words(translate: Translate) -> dict[str, str]:
    return {name: message.render(translate) for name, message in _WORDS.items()}


def _shortened(where: str, most: int = 120) -> str:
    """Return the start of a list of places that would fill a terminal; the table of pages has them all."""
    return where if len(where) <= most else where[:most] + "..."


def print_verdict(verdict: PaperVerdict, translate: Translate = str, *, console: Console | None = None) -> None:
    """Write the verdict to a terminal of any width, by default to standard output."""
    from rich.console import Console
    from rich.table import Table

    console = console or Console()

    words = _words(translate)
    outcome = verdict.outcome
    banner = _joined(_OUTCOMES[outcome].render(translate).upper(), _MEANINGS[outcome].render(translate), translate)
    console.print(_text(banner, _STYLES[outcome]))
    if verdict.demo:
        console.print(_text(_DEMO.render(translate), "magenta"))
    found = problems(verdict, translate)
    if found:
        console.print(_text(words["needs_an_eye"], "italic"))
        table = Table(expand=True)
        table.add_column(words["outcome"], no_wrap=True)
        table.add_column(words["findings"], ratio=3, overflow="fold")
        table.add_column(words["image"], ratio=2, overflow="fold")
        for problem in found:
            table.add_row(
                _text(_OUTCOMES[problem.outcome].render(translate), _STYLES[problem.outcome]),
                _text(problem.message).append("\n").append(problem.reason.name, style="dim"),
                _text(_shortened(problem.where)),
            )
        console.print(table)
    for submission in verdict.submissions:
        _print_submission(submission, console, words, translate)
    console.print(_text(words["pages"], "italic"))
    table = Table(expand=True)
    table.add_column(words["image"], ratio=1, overflow="fold")
    table.add_column(words["says"], ratio=1, overflow="fold")
    table.add_column(words["outcome"], no_wrap=True)
    for image, claim, result in _runs(verdict.pages, translate):
        table.add_row(_text(image), _text(claim), _text(_OUTCOMES[result].render(translate), _STYLES[result]))
    console.print(table)
    console.print(_text(_LIMITS.render(translate), "dim"))


def _print_submission(
    submission: SubmissionVerdict, console: Console, words: dict[str, str], translate: Translate
) -> None:
    from rich.table import Table

    outcome = submission.outcome
    named = Message("{serial}, revision {revision}", serial=submission.serial, revision=submission.revision)
    result = _OUTCOMES[outcome].render(translate)
    title = _text(_joined(named.render(translate), result, translate))
    title.stylize(_STYLES[outcome], len(title) - len(result))
    console.print(title)
    if submission.title:
        console.print(_text(submission.title))
    if not submission.tallies:  # no page proved genuine, and nothing tells what there should be
        return
    table = Table()
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


def print_check(verdict: Verdict, *, source: str, translate: Translate = str, console: Console | None = None) -> None:
    """Write what was found in an application to a terminal, what keeps it from being issued first."""
    from rich.console import Console
    from rich.table import Table

    console = console or Console()
    outcome = verdict.outcome
    banner = _joined(source, _OUTCOMES[outcome].render(translate).upper(), translate)
    told = Message("{text} ({detail})", text=banner, detail=_CHECKED[outcome].render(translate))
    console.print(_text(told.render(translate), _STYLES[outcome]))
    if not verdict.findings:
        return
    table = Table(expand=True)
    table.add_column(_WORDS["outcome"].render(translate), no_wrap=True)
    table.add_column(Message("Line").render(translate), no_wrap=True, justify="right")
    table.add_column(Message("Clause").render(translate), no_wrap=True)
    table.add_column(_WORDS["findings"].render(translate), ratio=1, overflow="fold")
    for finding in sorted(verdict.findings, key=lambda finding: _ORDER.index(finding.outcome)):
        table.add_row(
            _text(_OUTCOMES[finding.outcome].render(translate), _STYLES[finding.outcome]),
            _text(str(finding.line or finding.cell or "")),
            _text(finding.clause or ""),
            _text(finding.message.render(translate)).append(f"\n{finding.field or ''}".rstrip(), style="dim"),
        )
    console.print(table)


def page_line(page: PageVerdict, translate: Translate = str) -> str:
    """Return one line about one page, for a clerk who looks up once a symbol: what it is, and what is wrong with it."""
    parts = [_OUTCOMES[page.outcome].render(translate)] if page.outcome is Outcome.FAILED else []
    parts += [page.reference] if page.reference else []
    parts += [_sentence(finding, translate) for finding in page.findings if _needs_an_eye_for(finding)]
    return _plain(f"{page.image}: " + "; ".join(parts))


def print_inspection(inspection: Inspection, translate: Translate = str, *, console: Console | None = None) -> None:
    """Write to a terminal what seals claim, by default to standard output."""
    from rich.console import Console
    from rich.table import Table

    console = console or Console()

    words = _words(translate)
    console.print(_text(words["nobody_judged"], "italic"))
    table = Table(expand=True)
    table.add_column(words["image"], ratio=1, overflow="fold")
    table.add_column(words["claims"], ratio=3, overflow="fold")
    for page in inspection.pages:
        if page.seal is not None:
            claim = "\n".join(line.render(translate) for line in _claim_lines(page.reference or "", page.seal))
        else:
            claim = page.problem.render(translate) if page.problem else ""
        table.add_row(_text(f"{page.source} [{page.image}]"), _text(claim))
    console.print(table)


def _claim_lines(reference: str, seal: SealClaims) -> Iterator[Message]:
    yield Message("{reference}, made at {time}", reference=reference, time=seal.issued_at.isoformat())
    yield Message(
        "document {code}, copy {copy} of {copies}, page {page} of {pages}",
        code=seal.code,
        copy=seal.copy,
        copies=seal.copies,
        page=seal.page,
        pages=seal.pages,
    )
    yield Message(
        "record {record}, page {page}", record=seal.record_digest.hex()[:16], page=seal.page_digest.hex()[:16]
    )
    if seal.title is not None:
        yield Message("title: {title}", title=seal.title)
        yield Message("unit: {unit}; leader: {leader}", unit=seal.unit, leader=seal.leader)
        yield Message("requested: {yuan} yuan", yuan=f"{Decimal(seal.requested_fen or 0) / 100:,.2f}")


def _needs_an_eye(page: PageVerdict) -> bool:
    """Tell whether there is more to say of the page than what holds for every page."""
    return any(_needs_an_eye_for(finding) for finding in page.findings)


def _needs_an_eye_for(finding: Finding) -> bool:
    return finding.reason is not Reason.CONTENT_NOT_COMPARED and finding.outcome is not Outcome.NOTE


def _there(tally: CopyTally) -> str:
    return f"{tally.pages - len(tally.missing)}/{tally.pages}"


def _runs(pages: Iterable[PageVerdict], translate: Translate) -> Iterator[tuple[str, str, Outcome]]:
    """Yield neighbours that follow each other on paper and came out alike as one row: 200 pages fit a screen."""
    run: list[PageVerdict] = []
    for page in pages:
        if run and not _continues(run[-1], page):
            yield _row(run, translate)
            run = []
        run.append(page)
    if run:
        yield _row(run, translate)


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


def _row(run: Sequence[PageVerdict], translate: Translate) -> tuple[str, str, Outcome]:
    first, last = run[0], run[-1]
    image = f"{_plain(first.source)} [{page_ranges(range(first.image, last.image + 1))}]"
    if first.seal is None or last.seal is None:
        return image, _WORDS["no_seal"].render(translate), first.outcome
    seal = first.seal
    claim = Message(
        "{copy}, page {pages}",
        copy=f"{seal.serial}-r{seal.revision}/{seal.code}/{seal.copy}",
        pages=page_ranges(range(seal.page, last.seal.page + 1)),
    )
    return image, claim.render(translate), first.outcome


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
        words=SimpleNamespace(**_words(translate)),
        outcomes={outcome.value: message.render(translate) for outcome, message in _OUTCOMES.items()},
        meaning=_MEANINGS[verdict.outcome].render(translate),
        demo=_DEMO.render(translate) if verdict.demo else None,
        limits=_LIMITS.render(translate),
        made=(now or datetime.datetime.now().astimezone()).strftime("%Y-%m-%d %H:%M %z"),
        language=_LANGUAGE.render(translate),
        sentence=lambda finding: _sentence(finding, translate),
        picture=lambda page: base64.b64encode(page.thumbnail).decode("ascii"),
        eyed=[page for page in verdict.pages if _needs_an_eye(page)],
        others=[page for page in verdict.pages if not _needs_an_eye(page)],
        ranges=page_ranges,
        there=_there,
        anchors={id(page): f"p{number}" for number, page in enumerate(verdict.pages, start=1)},
        identity=id,
    )
