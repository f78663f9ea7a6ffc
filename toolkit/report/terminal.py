"""The verdict on a terminal of any width and encoding: what needs an eye, then submissions, then pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING

from toolkit.messages import Message, Translate
from toolkit.records.received import RECEIPT_CODE
from toolkit.report.checklist import STATES, State, checklist
from toolkit.report.needs import Places, Problem, places, places_first, problems
from toolkit.report.words import (
    DEMO,
    MEANINGS,
    OUTCOMES,
    basis,
    labelled,
    place_words,
    plain,
    seen_words,
    sentence,
    there,
    words,
)
from toolkit.scan.completeness import page_ranges
from toolkit.scan.paper import (
    Inspection,
    PageVerdict,
    PaperVerdict,
    SealClaims,
    SubmissionVerdict,
)
from toolkit.verdict import Outcome, Reason

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_STYLES = {
    Outcome.PASSED: "green",
    Outcome.NOTE: "cyan",
    Outcome.INDETERMINATE: "yellow",
    Outcome.FAILED: "bold red",
}
_STATE_STYLES = {
    State.NOTE: "cyan",
    State.LOOK: "yellow",
    State.FAILED: "bold red",
    State.UNKNOWN: "yellow",
}

_MOST_PAGES = 20
"""Pages whose places a terminal shows: some two screens; the report has all."""

_MOST_WHERE = 120
"""Characters of a list of images; the table of pages has them all."""


def print_verdict(verdict: PaperVerdict, translate: Translate = str, *, console: Console | None = None) -> None:
    """Write the verdict to a terminal of any width, by default to standard output."""
    from rich.console import Console

    console = console or Console()
    outcome = verdict.outcome
    banner = labelled(OUTCOMES[outcome].render(translate).upper(), MEANINGS[outcome].render(translate), translate)
    console.print(_text(banner, _STYLES[outcome]))
    if verdict.demo:
        console.print(_text(DEMO.render(translate), "magenta"))
    found, pointed = problems(verdict, translate), places(verdict)
    if places_first(found, pointed):
        _print_places(pointed, console, translate)
        _print_problems(found, console, translate)
    else:
        _print_problems(found, console, translate)
        _print_places(pointed, console, translate)
    for submission in verdict.submissions:
        _print_submission(submission, verdict.pages, console, translate)
    _print_pages(verdict.pages, console, translate)
    for told in basis(verdict):
        console.print(_text(told.render(translate), "dim"))


def _print_problems(found: Sequence[Problem], console: Console, translate: Translate) -> None:
    from rich.table import Table

    if not found:
        return
    label = words(translate)
    console.print(_text(label["needs_an_eye"], "italic"))
    table = Table(expand=True)
    table.add_column(label["outcome"], no_wrap=True)
    table.add_column(label["findings"], ratio=3, overflow="fold")
    table.add_column(label["image"], ratio=2, overflow="fold")
    for problem in found:
        table.add_row(
            _text(OUTCOMES[problem.outcome].render(translate), _STYLES[problem.outcome]),
            _text(problem.message).append("\n").append(problem.reason.name, style="dim"),
            _text(_shortened(problem.where)),
        )
    console.print(table)


def _print_places(pointed: Sequence[Places], console: Console, translate: Translate) -> None:
    """Write what the record says and what the paper seems to say, place by place."""
    from rich.table import Table

    if not pointed:
        return
    label = words(translate)
    console.print(_text(label["places"], "italic"))
    table = Table(expand=True)
    table.add_column(label["image"], ratio=5, overflow="fold")
    table.add_column(label["place"], ratio=3, overflow="fold")
    table.add_column(label["record_says"], ratio=3, overflow="fold")
    table.add_column(label["paper_says"], ratio=4, overflow="fold")
    called = _short_names(group.page.source for group in pointed)
    for group in pointed[:_MOST_PAGES]:
        page = group.page
        where = _text(f"{called[page.source]} [{page.image}]")
        if page.seal:
            where.append(f"\n{page.seal.code}/{page.seal.copy}/{page.seal.page}", style="dim")
        for finding in group.findings:
            seen = _text(seen_words(finding, translate), _STYLES[finding.outcome])
            table.add_row(where, _text(place_words(finding, page, translate)), _text(finding.recorded or "-"), seen)
            where = _text("")
        if group.more:
            table.add_row("", _text(Message("and {count} more", count=group.more).render(translate)), "", "")
        table.add_section()
    console.print(table)
    if len(pointed) > _MOST_PAGES:
        more = Message("and {count} more pages: --report shows them all", count=len(pointed) - _MOST_PAGES)
        console.print(_text(more.render(translate)))


def _short_names(sources: Iterable[str]) -> dict[str, str]:
    """Return what files are called in a narrow column: by their names alone, unless two in other folders share one."""
    names = {source: PurePath(source).name or source for source in sources}
    shared = Counter(names.values())
    return {source: name if shared[name] == 1 else source for source, name in names.items()}


def _print_submission(
    submission: SubmissionVerdict, pages: Sequence[PageVerdict], console: Console, translate: Translate
) -> None:
    from rich.table import Table

    label = words(translate)
    outcome = submission.outcome
    named = Message("{serial}, revision {revision}", serial=submission.serial, revision=submission.revision)
    result = OUTCOMES[outcome].render(translate)
    title = _text(labelled(named.render(translate), result, translate))
    title.stylize(_STYLES[outcome], len(title) - len(result))
    console.print(title)
    if submission.title:
        console.print(_text(submission.title))
    if not submission.tallies:  # no page proved genuine, and nothing tells what there should be
        return
    table = Table()
    table.add_column(label["document"], overflow="fold")
    table.add_column(label["copy"], justify="right")
    table.add_column(label["there"], justify="right", no_wrap=True)
    table.add_column(label["missing"], overflow="fold")
    for tally in submission.tallies:
        table.add_row(
            _text(tally.title or tally.document),
            str(tally.copy),
            _text(there(tally), "" if not tally.missing else "bold red"),
            page_ranges(tally.missing),
        )
    console.print(table)
    for one in submission.accepted:
        console.print(_text(one.told().render(translate)))
    _print_checklist(submission, pages, console, translate)


def _print_checklist(
    submission: SubmissionVerdict, pages: Sequence[PageVerdict], console: Console, translate: Translate
) -> None:
    """Write the points by what came of them, one line for each state; what was found stands in the tables above."""
    points = checklist(submission, pages, translate)
    for state in (State.FAILED, State.LOOK, State.UNKNOWN, State.NOTE, State.IN_ORDER):
        own = [point.label for point in points if point.state is state]
        if own:
            line = labelled(STATES[state].render(translate), translate(", ").join(own), translate)
            console.print(_text(line, _STATE_STYLES.get(state, "")))


def _print_pages(pages: Sequence[PageVerdict], console: Console, translate: Translate) -> None:
    from rich.table import Table

    label = words(translate)
    console.print(_text(label["pages"], "italic"))
    table = Table(expand=True)
    table.add_column(label["image"], ratio=1, overflow="fold")
    table.add_column(label["says"], ratio=1, overflow="fold")
    table.add_column(label["outcome"], no_wrap=True)
    for image, claim, result in _runs(pages, translate):
        table.add_row(_text(image), _text(claim), _text(OUTCOMES[result].render(translate), _STYLES[result]))
    console.print(table)


def _shortened(where: str) -> str:
    return where if len(where) <= _MOST_WHERE else where[:_MOST_WHERE] + "..."


def page_line(page: PageVerdict, translate: Translate = str) -> str:
    """Return one line about one page, for a clerk who looks up once a symbol: what it is, and what is wrong with it."""
    parts = [OUTCOMES[page.outcome].render(translate)] if page.outcome is Outcome.FAILED else []
    parts += [page.reference] if page.reference else []
    parts += [
        sentence(finding, translate)
        for finding in page.findings
        if finding.outcome is not Outcome.NOTE and finding.reason is not Reason.CONTENT_NOT_COMPARED
    ]
    return plain(f"{page.image}: " + "; ".join(parts))


def print_inspection(inspection: Inspection, translate: Translate = str, *, console: Console | None = None) -> None:
    """Write to a terminal what seals claim, by default to standard output."""
    from rich.console import Console
    from rich.table import Table

    console = console or Console()
    label = words(translate)
    console.print(_text(label["nobody_judged"], "italic"))
    table = Table(expand=True)
    table.add_column(label["image"], ratio=1, overflow="fold")
    table.add_column(label["claims"], ratio=3, overflow="fold")
    for page in inspection.pages:
        if page.seal is not None:
            claim = "\n".join(line.render(translate) for line in _claim_lines(page.reference or "", page.seal))
        else:
            claim = page.problem.render(translate) if page.problem else ""
        table.add_row(_text(f"{page.source} [{page.image}]"), _text(claim))
    console.print(table)


def _claim_lines(reference: str, seal: SealClaims) -> Iterator[Message]:
    yield Message("{reference}, made at {time}", reference=reference, time=seal.issued_at.isoformat())
    if seal.code == RECEIPT_CODE:
        yield Message("receipt {number}, page {page} of {pages}", number=seal.copy, page=seal.page, pages=seal.pages)
    else:
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
    image = f"{plain(first.source)} [{page_ranges(range(first.image, last.image + 1))}]"
    if first.seal is None or last.seal is None:
        return image, words(translate)["no_seal"], first.outcome
    seal = first.seal
    copy = f"{seal.serial}-r{seal.revision}/{seal.code}/{seal.copy}"
    pages = page_ranges(range(seal.page, last.seal.page + 1))
    claim = Message("{copy}, page {pages}", copy=copy, pages=pages)
    if seal.code == RECEIPT_CODE:
        claim = Message("receipt {copy}, page {pages}", copy=copy, pages=pages)
    return image, claim.render(translate), first.outcome


def _text(text: str, style: str = "") -> Text:
    """Return text that is shown as it is: names of files may look like rich's markup."""
    from rich.text import Text

    return Text("\n".join(plain(line) for line in text.split("\n")), style=style)
