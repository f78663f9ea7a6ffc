"""The verdict as one HTML file: opens offline, runs nothing, prints on A4 as a finding sheet for each page.

Everything that a record, a file's name or a scan says is text here and never markup (autoescape), and the page's own
policy forbids scripts and anything from elsewhere. Pictures are bounded: 200 pages open in any browser.
"""

from __future__ import annotations

import base64
import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from toolkit.messages import Message, Translate
from toolkit.report.checklist import STATES, checklist
from toolkit.report.needs import eyed_pages, ordered, places, places_first, problems
from toolkit.report.words import (
    DEMO,
    LANGUAGE,
    MEANINGS,
    OUTCOMES,
    basis,
    labelled,
    place_words,
    seen_words,
    sentence,
    straight,
    there,
    words,
)
from toolkit.scan.completeness import page_ranges
from toolkit.scan.paper import PagePictures, PageVerdict, PaperVerdict, PlacePictures
from toolkit.verdict import Box, Finding, Outcome

_TEMPLATE, _STYLE = (Path(__file__).with_name(name) for name in ("report.html.j2", "report.css"))

MOST_PICTURES = 24_000_000
"""Bytes of JPEG in one report: 32 MB of HTML, some 70 pages that need an eye. Those behind have places, then none."""

_MOST_FINDINGS = 30
"""Findings that are listed of one page; with more, the page is looked at as a whole."""

_MARGIN = 1 / 400
"""How far outside its place a mark is drawn, in parts of the page's width, so that it hides nothing: 0.5 mm."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A numbered box to draw over a picture, in the picture's own units."""

    number: int
    kind: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Shown:
    """One finding of a page as the report shows it; ``number`` is what marks it on the page."""

    number: int
    finding: Finding
    text: str
    where: str
    seen: str
    place: PlacePictures | None
    mark: _Mark | None


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One page that is shown with its findings; ``more`` findings are not listed."""

    page: PageVerdict
    document: str
    pictures: PagePictures | None
    findings: tuple[_Shown, ...]
    marks: tuple[_Mark, ...]
    more: int


def html_report(verdict: PaperVerdict, translate: Translate = str, *, now: datetime.datetime | None = None) -> str:
    """Return the verdict as one HTML file that opens offline and prints on A4.

    Args:
        verdict: what ``verify`` returned.
        translate: the reader's language.
        now: when the report is made, aware, shown in its own time zone; the clock's when left out.
    """
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["straight"] = straight
    environment.filters["base64"] = lambda data: base64.b64encode(data).decode("ascii")
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    counts = [
        (outcome.value, OUTCOMES[outcome].render(translate), sum(page.outcome is outcome for page in verdict.pages))
        for outcome in (Outcome.FAILED, Outcome.INDETERMINATE, Outcome.PASSED)
    ]
    eyed = eyed_pages(verdict)
    shown = {id(page) for page in eyed}
    noted = [page for page in verdict.pages if id(page) not in shown and page.pictures and page.pictures.places]
    shown |= {id(page) for page in noted}
    sheets = list(_sheets([*eyed, *noted], verdict, translate))
    found = problems(verdict, translate)
    pointed = places(verdict)
    return template.render(
        verdict=verdict,
        style=Markup(_STYLE.read_text(encoding="utf-8")),  # our own file
        problems=found,
        places=pointed,
        places_first=places_first(found, pointed),
        label=lambda word: labelled(word, "", translate).rstrip(),
        place_of=lambda finding, page: place_words(finding, page, translate),
        seen_of=lambda finding: seen_words(finding, translate),
        counts=counts,
        words=SimpleNamespace(**words(translate)),
        outcomes={outcome.value: message.render(translate) for outcome, message in OUTCOMES.items()},
        states={state.value: message.render(translate) for state, message in STATES.items()},
        meaning=MEANINGS[verdict.outcome].render(translate),
        demo=DEMO.render(translate) if verdict.demo else None,
        limits=[sentence.render(translate) for sentence in basis(verdict)],
        made=(now or datetime.datetime.now().astimezone()).strftime("%Y-%m-%d %H:%M %z"),
        language=LANGUAGE.render(translate),
        submissions=[(each, checklist(each, verdict.pages, translate)) for each in verdict.submissions],
        sheets=sheets[: len(eyed)],
        notes=sheets[len(eyed) :],
        told=lambda message: message.render(translate),
        more=lambda count: Message("and {count} more", count=count).render(translate),
        told_page=lambda page: _told_page(page, translate),
        others=[page for page in verdict.pages if id(page) not in shown],
        ranges=page_ranges,
        there=there,
        anchors={id(page): f"p{number}" for number, page in enumerate(verdict.pages, start=1)},
        identity=id,
    )


def _told_page(page: PageVerdict, translate: Translate) -> str:
    """Return which page of the submission this is, in words."""
    seal = page.seal
    if seal is None:
        return ""
    told = Message(
        "copy {copy} of {copies}, page {page} of {pages}",
        copy=seal.copy,
        copies=seal.copies,
        page=seal.page,
        pages=seal.pages,
    )
    return told.render(translate)


def _sheets(pages: Iterable[PageVerdict], verdict: PaperVerdict, translate: Translate) -> Iterator[_Sheet]:
    titles = {
        (submission.serial, tally.code): tally.title
        for submission in verdict.submissions
        for tally in submission.tallies
    }
    left = MOST_PICTURES
    for page in pages:
        pictures = _affordable(page.pictures, left)
        left -= pictures.size_in_bytes if pictures else 0
        own = ordered(page)
        findings = tuple(
            _shown(number, place, finding, page, pictures, translate)
            for number, (place, finding) in enumerate(own[:_MOST_FINDINGS], start=1)
        )
        seal = page.seal
        yield _Sheet(
            page=page,
            document=(titles.get((seal.serial, seal.code)) or seal.document) if seal else "",
            pictures=pictures,
            findings=findings,
            marks=tuple(shown.mark for shown in findings if shown.mark),
            more=len(own) - len(findings),
        )


def _affordable(pictures: PagePictures | None, left: int) -> PagePictures | None:
    """Return the pictures, those of places alone, or none, as there is room for."""
    if pictures is None or pictures.size_in_bytes <= left:
        return pictures
    places_alone = pictures.of_places()
    return places_alone if places_alone.places and places_alone.size_in_bytes <= left else None


def _shown(
    number: int, place: int, finding: Finding, page: PageVerdict, pictures: PagePictures | None, translate: Translate
) -> _Shown:
    own = next((each for each in pictures.places if each.finding == place), None) if pictures else None
    box = finding.box if pictures is None or pictures.is_laid else finding.image_box
    return _Shown(
        number=number,
        finding=finding,
        text=sentence(finding, translate),
        where=place_words(finding, page, translate),
        seen=seen_words(finding, translate),
        place=own,
        mark=_mark(number, finding, box, pictures) if box and pictures else None,
    )


def _mark(number: int, finding: Finding, box: Box, pictures: PagePictures) -> _Mark:
    margin = round(pictures.size[0] * _MARGIN) + 1
    return _Mark(
        number=number,
        kind=finding.outcome.value,
        x=box[0] - margin,
        y=box[1] - margin,
        width=box[2] - box[0] + 2 * margin,
        height=box[3] - box[1] + 2 * margin,
    )
