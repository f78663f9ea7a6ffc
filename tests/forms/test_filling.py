"""Filling templates: what values come to, what templates may not do, and what errors say."""

from __future__ import annotations

import datetime
import time
from io import BytesIO

import pytest
from docx import Document
from docx.oxml.ns import qn
from PIL import Image
from word_files import cell, paragraph, relation, running, table, word_file, zipped

from toolkit.errors import TemplateError, TypesettingError
from toolkit.forms.filling import fill
from toolkit.forms.package import read_package


def template(*paragraphs: str) -> bytes:
    return word_file("".join(paragraph(text) for text in paragraphs))


def text_of(docx: bytes) -> list[str]:
    return [block.text for block in Document(BytesIO(docx)).paragraphs]


def filled(*paragraphs: str, **context: object) -> list[str]:
    return text_of(fill(template(*paragraphs), context, name="form.docx"))


def png(width: int = 40, height: int = 20) -> bytes:
    written = BytesIO()
    Image.new("RGB", (width, height), "navy").save(written, "PNG")
    return written.getvalue()


@pytest.mark.parametrize(
    "value",
    [
        "R&D <x> “引号” 'a' \"b\"",
        "</w:t></w:r></w:p><w:p/>",
        "{{ title }} {% raw %}",
        "{_{ x }_} {_% %_}",
        "&lt;w:t&gt; &amp;amp;",
        "#$[\\//@`*_",
        "ئۇيغۇر Қазақ 𬭎喆堃 ⁻¹",
    ],
)
def test_every_value_comes_out_as_it_went_in(value: str) -> None:
    assert filled("名称：{{ title }}。", title=value) == [f"名称：{value}。"]


def test_line_ends_and_tabs_in_values_become_those_of_word() -> None:
    docx = fill(template("{{ text }}"), {"text": "一\r\n二\t三"}, name="form")
    body = Document(BytesIO(docx)).element.body
    assert len(list(body.iter(qn("w:br")))) == 1
    assert len(list(body.iter(qn("w:tab")))) == 1
    assert text_of(docx) == ["一\n二\t三"]


def test_what_is_empty_prints_as_none_but_zero_and_false_do_not() -> None:
    assert filled("{{ a }}|{{ b }}|{{ c }}|{{ d }}", a=None, b="", c=0, d=False) == ["无|无|0|False"]
    assert filled("{{ a|blank }}|{{ b|blank }}|{{ c|blank }}", a=None, b="", c="x & y") == ["||x & y"]
    assert filled("{{ a|wan }}{{ a|cn_date }}{{ a|cn_month }}{{ a|yes_no }}", a=None) == ["无无无无"]


@pytest.mark.parametrize(
    ("fen", "written"),
    [
        (50_000_000, "50.00"),
        (0, "0.00"),
        (1, "0.000001"),
        (123_456_700, "123.4567"),
        (10_000_000_000, "10000.00"),
        (1_230_000, "1.23"),
        (-500_000, "-0.50"),
    ],
)
def test_fen_are_written_in_wan_without_losing_any(fen: int, written: str) -> None:
    assert filled("{{ fen|wan }}", fen=fen) == [written]


def test_dates_and_answers_are_written_in_chinese() -> None:
    day = datetime.date(2025, 7, 1)
    assert filled("{{ d|cn_date }} {{ d|cn_month }} {{ y|yes_no }}{{ n|yes_no }}", d=day, y=True, n=False) == [
        "2025年7月1日 2025年7月 是否"
    ]


def test_loops_over_rows_and_paragraphs() -> None:
    rows = ["{%tr for m in members %}", "{{ loop.index }} {{ m.name }}", "{%tr endfor %}"]
    body = table([cell(paragraph(row), 4000) for row in rows], [4000])
    body += paragraph("{%p if show %}") + paragraph("看见") + paragraph("{%p endif %}")
    docx = fill(word_file(body), {"members": [{"name": "甲&乙"}, {"name": "丙"}], "show": True}, name="form")
    document = Document(BytesIO(docx))
    assert [row.cells[0].text for row in document.tables[0].rows] == ["1 甲&乙", "2 丙"]
    assert text_of(docx) == ["看见"]


def test_headers_are_filled() -> None:
    section = '<w:sectPr><w:headerReference w:type="default" r:id="rId7"/><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
    overrides = {"word/header1.xml": running("hdr", paragraph("编号 {{ serial }}"))}
    document = word_file("", section=section, parts=overrides, relations=relation("rId7", "header", "header1.xml"))
    types = b'<Override PartName="/word/header1.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    types += b'wordprocessingml.header+xml"/></Types>'
    parts = read_package(document, "form")
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", types)
    docx = fill(zipped(parts), {"serial": "XJ<1>"}, name="form")
    assert Document(BytesIO(docx)).sections[0].header.paragraphs[0].text == "编号 XJ<1>"


def test_the_same_template_and_values_give_the_same_bytes() -> None:
    source = template("{{ a }}", "{{ picture(p, width_mm=30) }}")
    context = {"a": "甲", "p": png()}
    assert fill(source, context, name="form") == fill(source, context, name="form")
    assert "picture" not in context


def test_a_picture_has_the_width_asked_for() -> None:
    docx = fill(template("{{ picture(p, width_mm=60) }}"), {"p": png(40, 20)}, name="form")
    shape = Document(BytesIO(docx)).inline_shapes[0]
    assert (shape.width, shape.height) == (60 * 36_000, 30 * 36_000)


@pytest.mark.parametrize(("pixels", "width", "height"), [((40, 20), 60, 30), ((20, 40), 20, 40), ((40, 30), 53, 40)])
def test_a_picture_fits_width_and_height(pixels: tuple[int, int], width: int, height: int) -> None:
    source = template("{{ picture(p, width_mm=60, height_mm=40) }}")
    shape = Document(BytesIO(fill(source, {"p": png(*pixels)}, name="form"))).inline_shapes[0]
    assert (round(shape.width / 36_000), round(shape.height / 36_000)) == (width, height)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + bytes(40), None, "text"])
def test_an_unusable_picture_is_an_error(data: object) -> None:
    with pytest.raises(TypesettingError, match="picture"):
        fill(template("{{ picture(p, width_mm=60) }}"), {"p": data}, name="form")


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("{{ leadr.name }}", "'leadr' is undefined"),
        ("{{ leader.nane }}", "has no attribute 'nane'"),
        ("{% if leadr %}x{% endif %}", "'leadr' is undefined"),
        ("{% for %}", "Expected an expression"),
        ("{{ leader.name", "unexpected"),
        ("{% endif %}", "Encountered unknown tag 'endif'"),
        ("{{ leader.name|wann }}", "No filter named 'wann'"),
        ("{{ leader.name|wan }}", "ConversionSyntax"),
        ("{{ leader.name + 1 }}", "can only concatenate"),
    ],
)
def test_an_error_names_the_template_what_is_wrong_and_the_text_beside_it(tag: str, said: str) -> None:
    with pytest.raises(TemplateError) as caught:
        filled("前面的段落", f"负责人姓名：{tag}", "后面的段落", leader={"name": "李"})
    message = str(caught.value)
    assert "“form.docx”" in message
    assert said in message
    assert "负责人姓名" in message
    assert "前面的段落" not in message


def test_a_block_tag_across_structures_is_an_error_and_not_a_repair() -> None:
    body = paragraph("{% if a %}甲") + table([cell(paragraph("乙{% endif %}"), 4000)], [4000])
    with pytest.raises(TemplateError, match="begins and ends in different places"):
        fill(word_file(body), {"a": False}, name="form")


@pytest.mark.parametrize(
    "tag",
    [
        "{% for i in range(10000) %}{% for j in range(10000) %}{% endfor %}{% endfor %}",
        "{% for i in range(90000) %}{% for j in range(90000) %}x{% endfor %}{% endfor %}",
        "{{ range(10 ** 9)|sum }}",
        "{{ 'x' * 100000000 }}",
        "{{ [1] * 100000000 }}",
        "{% set x = 'xxxxxxxx' %}" + "{% set x = x ~ x ~ x ~ x ~ x ~ x ~ x ~ x %}" * 12 + "{{ x }}",
        "{% set x = 'xxxxxxxx' %}" + "{% set x = x + x %}" * 40 + "{{ x }}",
        "{% set x = 'xxxxxxxx' %}" + "{% set x = [x, x, x, x, x, x, x, x]|join %}" * 12 + "{{ x }}",
        "{{ 'x'.ljust(1000000000) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ 'x'|center(1000000000) }}",
        "{{ 9 ** 9 ** 9 ** 9 }}",
        "{% set x = 9 %}" + "{% set x = x * x %}" * 40 + "{{ x }}",
        "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
        "{{ lipsum(n=1000000) }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ title.__init__.__globals__ }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{{ cycler.__init__.__globals__.os.popen('id') }}",
        "{{ self.__init__ }}",
        "{{ title|map('a')|map('b')|list|attr('__class__') }}",
    ],
)
def test_a_hostile_template_is_stopped_at_once(tag: str) -> None:
    began = time.monotonic()
    with pytest.raises(TemplateError):
        filled(tag, title="题目")
    assert time.monotonic() - began < 5


def test_a_template_that_prints_without_end_is_stopped() -> None:
    body = "{% for i in range(90000) %}" + "甲" * 1000 + "{% endfor %}"
    with pytest.raises(TemplateError, match="too long"):
        filled(body)


def test_control_characters_in_values_are_refused() -> None:
    for character in "\x00\x07\x0b\x0c\x1b\ufffe\ud800":
        with pytest.raises(TemplateError, match="control character"):
            filled("{{ a }}", a=f"甲{character}乙")
