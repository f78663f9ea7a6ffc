"""Whether both sides of the sheets were printed on, as far as the order of a feeder's images tells it.

Two orders tell. A feeder that scans both sides of sheets printed on one side gives an empty image behind every page: a
formal copy has no empty side, blank backs are sealed pages (此页无正文). A feeder that scans one side, fed with the
pile and then with the pile turned over, gives all fronts and then all backs, the last sheet's first. Pages one after
the other tell nothing: both kinds of sheets give that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from toolkit.messages import Message
from toolkit.scan.paper import PageVerdict, SealClaims
from toolkit.verdict import Finding, Reason

_FEWEST = 2
"""Pages with an empty image behind them: one may be a sheet of paper that was left in the pile."""


def judge_duplex(serial: str, pages: Sequence[PageVerdict]) -> Iterator[Finding]:
    """Yield what the order of images tells about the sheets of a submission; nothing when they are seen to be duplex.

    Args:
        serial: of the submission.
        pages: all images of the pile, of a source in its order.
    """
    sources = [list(images) for _, images in groupby(pages, key=lambda page: page.source)]
    own = [images for images in sources if any(_is_of(page, serial) for page in images)]
    with_empty_backs = sum(_empty_backs(serial, images) for images in own)
    if with_empty_backs >= _FEWEST:
        yield Finding(
            Reason.NOT_DUPLEX,
            Message(
                "{count} pages have an empty side behind them, so these sheets were printed on one side only: look at "
                "the paper",
                count=with_empty_backs,
            ),
        )
    elif not own or not all(_was_turned_over(serial, images) for images in own):
        yield Finding(
            Reason.DUPLEX_NOT_OBSERVED,
            Message("the order of images does not tell whether both sides were printed on: look at the paper"),
        )


def _empty_backs(serial: str, images: Sequence[PageVerdict]) -> int:
    return sum(_is_of(page, serial) and behind.is_blank for page, behind in pairwise(images))


def _was_turned_over(serial: str, images: Sequence[PageVerdict]) -> bool:
    """Tell whether these are the fronts of some sheets and then their backs, the last sheet's first."""
    seals = [page.seal for page in images if _is_of(page, serial) and page.seal]
    half = len(seals) // 2
    fronts, backs = seals[:half], seals[half:]
    if half < _FEWEST or len(backs) != half:
        return False  # one sheet's two sides come in this order either way
    return all(_is_back(front, back) for front, back in zip(fronts, reversed(backs), strict=True))


def _is_back(front: SealClaims, back: SealClaims) -> bool:
    same = (front.code, front.copy) == (back.code, back.copy)
    return same and front.page % 2 == 1 and back.page == front.page + 1


def _is_of(page: PageVerdict, serial: str) -> bool:
    return page.is_read and page.seal is not None and page.seal.serial == serial
