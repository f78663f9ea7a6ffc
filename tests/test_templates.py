"""The supplied Word templates: what the scripts make, with the zones that programmes name, filled by the samples."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from lxml import etree

from toolkit.application.checks import check
from toolkit.application.context import template_context
from toolkit.application.programme import Document, Programme
from toolkit.application.reading import load_application
from toolkit.formal.description import describe
from toolkit.formal.keep_out import intrusions
from toolkit.forms.filling import fill
from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.typesetting import TypesetForm, typeset
from toolkit.verdict import Outcome

ROOT = Path(__file__).parents[1]
PROGRAMMES = (ROOT / "templates/xinjiang-sco-2025", ROOT / "samples/programmes/popular-science-2026")
SAMPLES = {
    "application.yaml": datetime(2025, 6, 20, 4, tzinfo=UTC),
    "short.yaml": datetime(2025, 6, 20, 4, tzinfo=UTC),
    "small-application.yaml": datetime(2026, 3, 20, 4, tzinfo=UTC),
}
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def _documents() -> Iterator[tuple[Programme, Document]]:
    for folder in PROGRAMMES:
        programme = Programme.load(folder)
        for document in programme.documents:
            yield programme, document


DOCUMENTS = list(_documents())
each_document = pytest.mark.parametrize(("programme", "document"), DOCUMENTS, ids=[d.template for _, d in DOCUMENTS])


def _part(docx: bytes, name: str) -> etree._Element:
    with zipfile.ZipFile(BytesIO(docx)) as package:
        return etree.fromstring(package.read(name))


def _zones(docx: bytes) -> list[str]:
    return [
        mark.get(W + "name", "")
        for mark in _part(docx, "word/document.xml").iter(W + "bookmarkStart")
        if any(ancestor.tag == W + "tc" for ancestor in mark.iterancestors())
    ]


def test_the_committed_templates_are_what_the_scripts_make(tmp_path, monkeypatch):
    """Part by part: the compressed bytes are zlib's own affair and differ between its builds."""
    monkeypatch.syspath_prepend(str(ROOT))
    try:
        from templates.authoring.__main__ import TEMPLATES, main

        main(tmp_path)
    finally:  # the package's modules are the checkout's, not to be met by another test
        for name in [name for name in sys.modules if name.split(".")[0] == "templates"]:
            del sys.modules[name]
    assert TEMPLATES
    for name in TEMPLATES:
        with zipfile.ZipFile(tmp_path / name) as made, zipfile.ZipFile(ROOT / name) as committed:
            assert made.namelist() == committed.namelist(), name
            for part in made.namelist():
                assert made.read(part) == committed.read(part), f"{name}: {part}; run make templates"


@each_document
def test_every_zone_is_a_bookmark_in_a_table_cell(programme, document):
    assert sorted(_zones(programme.template(document))) == sorted(zone.name for zone in document.zones)


@each_document
def test_text_stays_below_the_symbol(programme, document):
    """Symbol and reference end 42 mm below the paper's edge; the sides are as GB/T 9704 has them."""
    margins = list(_part(programme.template(document), "word/document.xml").iter(W + "pgMar"))
    assert margins
    for margin in margins:
        millimetres = {side: int(margin.get(W + side, "0")) / 1440 * 25.4 for side in ("top", "left", "right")}
        assert millimetres["top"] >= 44
        assert (round(millimetres["left"]), round(millimetres["right"])) == (28, 26)


@pytest.mark.parametrize("template", ["commitment-unit.docx", "commitment-leader.docx"])
def test_the_letters_tell_the_office_to_put_its_own_text_in(template):
    docx = (PROGRAMMES[0] / template).read_bytes()
    comment = "".join(_part(docx, "word/comments.xml").itertext())
    assert "附件2" in comment and "尚未取得" in comment
    assert list(_part(docx, "word/document.xml").iter(W + "commentReference"))


@pytest.mark.parametrize(("sample", "now"), SAMPLES.items())
def test_samples_pass_and_fill_their_templates(sample, now):
    application = load_application(ROOT / "samples" / sample, home=ROOT / "samples")
    verdict = check(application, now=now)
    assert verdict.outcome is Outcome.PASSED, [str(finding.message) for finding in verdict.findings]
    programme = application.programme
    assert programme is not None
    for serial, revision in ((None, None), (programme.serial("XJ", 1), 2)):
        context = template_context(application, programme, serial=serial, revision=revision)
        for document in programme.documents:
            filled = fill(programme.template(document), context, name=document.template)
            text = "".join(_part(filled, "word/document.xml").itertext())
            assert context["title"] in text
            assert "{" not in text and "}" not in text
            assert sorted(_zones(filled)) == sorted(zone.name for zone in document.zones)


def test_the_proposal_prints_everything_that_the_application_says():
    """Whatever was entered and is not printed could not be checked on paper."""
    application = load_application(ROOT / "samples/application.yaml")
    programme = application.programme
    assert programme is not None
    context = template_context(application, programme, serial="XJSCO25-00001", revision=1)
    proposal = programme.document("proposal")
    printed = "".join(_part(fill(programme.template(proposal), context, name="p"), "word/document.xml").itertext())

    def texts(value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for key, item in value.items():
                if key not in {"picture", "file", "programme"}:
                    yield from texts(item)
        elif isinstance(value, list | tuple):
            for item in value:
                yield from texts(item)

    missing = [text for text in texts(context) if text not in printed]
    assert missing == []


def test_the_full_sample_is_as_varied_as_the_real_thing():
    application = load_application(ROOT / "samples/application.yaml").complete()
    names = "".join(member.name for member in application.members) + application.leader.name
    assert len(application.members) == 12
    assert [unit.country for unit in application.partner_units].count("哈萨克斯坦") == 1
    assert len(application.partner_units) == 3
    assert len(application.budget) == 9
    assert {year for line in application.budget for year in line.special} == {2025, 2026, 2027}
    assert set("喆堃𬭎ұئ") <= set(names)  # rare hanzi, Kazakh and Uyghur letters
    assert "Светлана" in names
    official = {"肖毅", "陈龙忠", "常皓然", "宋生建"}  # contacts in the notice
    assert not any(name in names for name in official)


def _set(sample: str, document: str, **changes: str) -> TypesetForm:
    application = load_application(ROOT / "samples" / sample, home=ROOT / "samples")
    programme = application.programme
    assert programme is not None
    context = template_context(application, programme, serial=programme.serial("XJ", 1), revision=1) | changes
    template = programme.template(programme.document(document))
    filled = fill(template, context, name=document)
    created = datetime(2025, 7, 1, tzinfo=UTC)
    return typeset(filled, name=document, fonts=FontCatalogue.load(ROOT / "fonts"), created=created)


@pytest.mark.parametrize(
    ("sample", "document", "pages"),
    [
        ("application.yaml", "proposal", 14),
        ("application.yaml", "commitment-unit", 1),
        ("application.yaml", "commitment-leader", 1),
        ("short.yaml", "proposal", 7),
        ("small-application.yaml", "proposal", 1),
    ],
)
def test_pages_come_out_as_meant_and_leave_the_symbol_its_corner(sample, document, pages):
    form = _set(sample, document)
    assert form.pages == pages
    described = describe(form.pdf, zones=[()] * form.pages, watermark="")
    for number, page in enumerate(described, start=1):
        # 16-M, 81 modules, on the proposal's first page; 10-M, 57 modules, on all others (contract: Symbol).
        assert intrusions(page, number, 81 if number == 1 else 57) == []


def test_chops_and_signatures_have_room_and_stay_together():
    anchors = {anchor.name: anchor for anchor in _set("application.yaml", "proposal").anchors}
    millimetre = 7200 / 25.4
    for name, anchor in anchors.items():
        left, top, right, bottom = anchor.box
        width, height = (right - left) / millimetre, (bottom - top) / millimetre
        if name.endswith("_chop"):  # units' chops are 38 to 42 mm wide
            assert width >= 42 and height >= 41, name
        if name.endswith("_signature"):
            assert width >= 40 and height >= 15, name
    for party in ("unit", "recommender"):
        assert len({anchors[f"{party}_{part}"].page for part in ("opinion", "chop", "signature", "date")}) == 1


def test_long_names_still_leave_the_cover_one_page():
    title = "面向中亚干旱区的绿洲棉田咸淡水轮灌与光伏智能滴灌关键技术合作研究与示范" * 2
    form = _set("application.yaml", "proposal", title=title, direction="中亚干旱区绿洲农业与节水灌溉" * 2)
    notes = describe(form.pdf, zones=[()] * form.pages, watermark="")[1]
    assert "填报说明" in notes.text
