"""What needs an eye, in the order in which a clerk with 200 pages goes through it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from toolkit.messages import Translate
from toolkit.report.words import plain, sentence
from toolkit.scan.completeness import page_ranges
from toolkit.scan.paper import POINTING, PageVerdict, PaperVerdict, SubmissionVerdict, urgency
from toolkit.verdict import Finding, Outcome, Reason

Urgency = tuple[int, int]
"""See ``toolkit.scan.paper.urgency``."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to say, and of which submissions or pages; findings that read the same are one problem."""

    outcome: Outcome
    reason: Reason
    message: str
    urgency: Urgency
    serials: tuple[str, ...]
    pages: tuple[PageVerdict, ...]

    @property
    def where(self) -> str:
        """The serials, and the images by source: ``scan.pdf [1-7, 9]``."""
        images: dict[str, list[int]] = {}
        for page in self.pages:
            images.setdefault(page.source, []).append(page.image)
        sources = [f"{plain(source)} [{page_ranges(numbers)}]" for source, numbers in images.items()]
        return ", ".join([*self.serials, *sources])


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one page that came out alike, the most urgent first; ``more`` are left out of a list."""

    page: PageVerdict
    outcome: Outcome
    findings: tuple[Finding, ...]
    more: int = 0

    @property
    def urgency(self) -> Urgency:
        """That of the first."""
        return urgency(self.findings[0])


MOST_LISTED = 5
"""Places of one page in a list of pages: a fax has fifty that cannot be read, and is scanned again as a whole."""


def problems(verdict: PaperVerdict, translate: Translate = str) -> tuple[Problem, ...]:
    """Return everything found but places, the most urgent first; submissions before pages where both are as urgent."""
    gathered: dict[tuple[Outcome, Reason, str], list[tuple[SubmissionVerdict | PageVerdict, Finding]]] = {}
    parts: tuple[SubmissionVerdict | PageVerdict, ...] = (*verdict.submissions, *verdict.pages)
    for part in parts:
        for finding in part.findings:
            if not _is_place(finding):
                key = (finding.outcome, finding.reason, sentence(finding, translate))
                gathered.setdefault(key, []).append((part, finding))
    found = [
        Problem(
            *key,
            urgency=urgency(own[0][1]),
            serials=tuple(part.serial for part, _ in own if isinstance(part, SubmissionVerdict)),
            pages=tuple(part for part, _ in own if isinstance(part, PageVerdict)),
        )
        for key, own in gathered.items()
    ]
    return tuple(sorted(found, key=lambda problem: problem.urgency))


def places(verdict: PaperVerdict) -> tuple[Places, ...]:
    """Return the places that findings point at, page by page, the most urgent first; notes are left out.

    Altered comes before illegible, and among each of these a page with an amount, a name or a date before others.
    """
    found = []
    for page in verdict.pages:
        for outcome in (Outcome.FAILED, Outcome.INDETERMINATE):
            own = [finding for _, finding in ordered(page) if _is_place(finding) and finding.outcome is outcome]
            if own:
                shown = tuple(own[:MOST_LISTED])
                found.append(Places(page, outcome, shown, more=len(own) - len(shown)))
    return tuple(sorted(found, key=lambda group: group.urgency))


def places_first(found: Sequence[Problem], pointed: Sequence[Places]) -> bool:
    """Tell whether places are more urgent than what else was found: an amount altered beside a page not compared."""
    return bool(pointed) and (not found or pointed[0].urgency[0] < found[0].urgency[0])


def ordered(page: PageVerdict) -> list[tuple[int, Finding]]:
    """Return the findings of a page with their place in it from 0, the most urgent first."""
    return sorted(enumerate(page.findings), key=lambda pair: urgency(pair[1]))


def eyed_pages(verdict: PaperVerdict) -> list[PageVerdict]:
    """Return the pages that need an eye, the most urgent first."""
    eyed = [page for page in verdict.pages if page.needs_an_eye]
    return sorted(eyed, key=lambda page: min(_urgencies(page)))


def _urgencies(page: PageVerdict) -> Iterator[Urgency]:
    yield from (urgency(finding) for finding in page.findings)


def _is_place(finding: Finding) -> bool:
    return finding.reason in POINTING and finding.box is not None
