"""Pages whose symbol is destroyed, judged as the page that the print beside it names."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageOps
from sealed_paper import NOW, Office, make_office, sheet, tiff

from toolkit.as_reference import verify_as
from toolkit.errors import InputUnreadable, UsageError
from toolkit.home import Home
from toolkit.seal.payload import Seal
from toolkit.seal.reference import Reference
from toolkit.verdict import Outcome


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = make_office(tmp_path_factory.mktemp("office") / "home")
    with made.home:
        yield made


@pytest.fixture(scope="module")
def seal(office: Office) -> Seal:
    return office.issue()[0]


def named(seal: Seal) -> Reference:
    return Reference(seal.serial, seal.revision, seal.document, seal.copy, seal.page)


def blotted(office: Office, seal: Seal) -> Image.Image:
    """Return the page with an ink stain where its symbol is."""
    image = sheet(office.digits(seal)).copy()
    ImageDraw.Draw(image).ellipse((500, -60, 900, 330), fill=30)
    return image


def judged(office: Office, image: Image.Image, reference: object, home: Home | None = None) -> dict[str, str]:
    verdict = verify_as(("scan.tif", tiff([image])), reference, home=home or office.home, now=NOW)  # type: ignore[arg-type]
    assert verdict.outcome is not Outcome.PASSED or verdict.pages[0].seal is not None
    assert not verdict.submissions
    return {finding.reason.name: str(finding.message) for finding in verdict.pages[0].findings}


@pytest.mark.parametrize("turned", [False, True])
def test_content_is_judged_although_the_symbol_is_blotted_out(office: Office, seal: Seal, turned: bool) -> None:
    image = blotted(office, seal)
    found = judged(office, image.rotate(180) if turned else image, str(named(seal)))
    assert set(found) & {"SEAL_ABSENT", "SEAL_UNREADABLE"}
    assert not set(found) & {"CONTENT_ILLEGIBLE", "CONTENT_ALTERED", "CONTENT_NOT_COMPARED", "PAGE_SUBSTITUTED"}


def test_another_page_is_not_taken_for_it(office: Office, seal: Seal) -> None:
    image = Image.new("L", (827, 1169), 255)
    draw = ImageDraw.Draw(image)
    for row in range(20):
        draw.rectangle((90 + 13 * row, 200 + 40 * row, 300 + 17 * row, 212 + 40 * row), fill=0)
    assert set(judged(office, image, named(seal))) & {"CONTENT_ILLEGIBLE", "PAGE_SUBSTITUTED"}


def test_blank_page_is_indeterminate(office: Office, seal: Seal) -> None:
    found = judged(office, Image.new("L", (827, 1169), 250), named(seal))
    assert {"SEAL_ABSENT", "CONTENT_ILLEGIBLE"} <= set(found)


def test_page_whose_symbol_can_be_read_is_judged_by_its_seal(office: Office, seal: Seal) -> None:
    image = sheet(office.digits(seal))
    assert judged(office, image, named(seal)) == {}
    with pytest.raises(UsageError, match="leave --as out"):
        judged(office, image, replace(named(seal), page=2))


def test_record_that_is_not_there(office: Office, seal: Seal, tmp_path: Path) -> None:
    image = blotted(office, seal)
    assert "RECORD_UNKNOWN" in judged(office, image, replace(named(seal), serial="XJTEST-99999"))
    assert "RECORD_NOT_AT_HAND" in judged(office, image, replace(named(seal), serial="GSTEST-00001"))
    clerk = tmp_path / "clerk"
    shutil.copytree(office.home.folder, clerk, ignore=shutil.ignore_patterns("keys", "store*"))
    with Home.open(clerk) as home:
        assert "RECORD_NOT_AT_HAND" in judged(office, image, named(seal), home)


@pytest.mark.parametrize("change", [{"page": 9}, {"copy": 3}, {"document": "X"}])
def test_page_that_the_record_does_not_have(office: Office, seal: Seal, change: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="has no page"):
        judged(office, blotted(office, seal), replace(named(seal), **change))  # type: ignore[arg-type]


def test_slip_in_the_reference(office: Office, seal: Seal) -> None:
    typed = str(named(seal))
    with pytest.raises(UsageError, match="slip"):
        judged(office, blotted(office, seal), typed[:-1] + ("A" if typed[-1] != "A" else "B"))


def test_one_image_and_one_that_opens(office: Office, seal: Seal) -> None:
    two = tiff([blotted(office, seal), ImageOps.flip(blotted(office, seal))])
    with pytest.raises(UsageError, match="has 2"):
        verify_as(("two.tif", two), named(seal), home=office.home, now=NOW)
    with pytest.raises(InputUnreadable):
        verify_as(("none.tif", b"II*"), named(seal), home=office.home, now=NOW)
