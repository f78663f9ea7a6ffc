"""Tags of templates: every fault with its paragraph, and no fault where there is none."""

from __future__ import annotations

import re
from typing import Any

import pytest
from lxml import etree
from word_files import NAMESPACES

from toolkit.forms.lint_findings import TemplateFinding, paragraphs_of
from toolkit.forms.lint_tags import TagReader
from toolkit.verdict import Outcome

NAMES: dict[str, Any] = {
    "title": "title",
    "leader": {"name": "leader.name", "title": "leader.title"},
    "members": [{"name": "members.name", "unit": {"city": "members.unit.city"}}],
    "years": [None],
}


def read(*bodies: str) -> TagReader:
    """Read a part of these paragraphs (a text, or XML where it begins with ``<``)."""
    inner = "".join(body if body.startswith("<w:") else f"<w:p><w:r><w:t>{body}</w:t></w:r></w:p>" for body in bodies)
    root = etree.fromstring(f"<w:body {NAMESPACES}>{inner}</w:body>")
    reader = TagReader(NAMES)
    reader.read(paragraphs_of("word/document.xml", root))
    return reader


def row(*texts: str) -> str:
    cells = "".join(f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>" for text in texts)
    return f"<w:tr>{cells}</w:tr>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def failed(reader: TagReader) -> list[TemplateFinding]:
    return [finding for finding in reader.findings if finding.outcome is Outcome.FAILED]


def test_sound_tags_have_no_findings_and_name_what_they_use() -> None:
    reader = read(
        "《{{ title }}》：{{ leader.name|default('无') }}",
        "{%p for member in members|sort(attribute='name') %}",
        "{%p if not loop.first %}",
        "{{ loop.index }} {{ member.name }} {{ member.unit.city.strip() }}",
        "{%p endif %}",
        "{%p endfor %}",
        table(
            row("{%tr for year in years %}"),
            row("{{ year }}", "{% if year %}甲{% else %}乙{% endif %}"),
            row("{%tr endfor %}"),
        ),
        "{%p set one = members[0] %}",
        "{{ one.name }} {{ (members|first).unit.city }} {% vm %}",
        "{# ein Kommentar #}{{ “a” ~ title }}",
    )
    assert reader.findings == []
    assert reader.used == {"title", "members.name", "members.unit.city"}


@pytest.mark.parametrize(
    ("bodies", "number", "says"),
    [
        (["好", "{{ titel }}"], 2, "“titel” is unknown; is “title” meant"),
        (["{{ leader.nmae }}"], 1, "“leader.nmae” is unknown; is “name” meant"),
        (["{%p for m in members %}", "{{ m.unit.town }}", "{%p endfor %}"], 2, "“m.unit.town” is unknown"),
        (["{{ members.name }}"], 1, "“members.name” is unknown"),
        (["{{ leader }}"], 1, "whole section"),
        (["{%p for m in members %}", "{%p endfor %}", "{{ m.name }}"], 3, "“m” is unknown"),
        (["好{{ title"], 1, "“{{” belongs to no tag"),
        (["{{ title", "}}"], 1, "“{{” belongs to no tag"),
        (["｛｛ title ｝｝"], 1, "full-width"),
        (["{％ if title %}"], 1, "belongs to no tag|full-width"),
        (["{% tr for m in members %}"], 1, "without a blank before “tr”"),
        (["{%tr for m in members %}", "{%tr endfor %}"], 1, "must stand in a row"),
        (["{%p for m in members %}{{ m.name }}", "{%p endfor %}"], 1, "takes the whole paragraph away"),
        ([table(row("{%tr for m in members %}", "姓名"), row("{%tr endfor %}"))], 1, "takes the whole row away.*姓名"),
        (["{%p for m in members %}", "{{ m.name }}"], 1, "does not end: write {%p endfor %}"),
        (["{%p endif %}"], 1, "ends what did not begin"),
        (["{%p if title %}", "{%p endfor %}"], 2, "ends what did not begin"),
        (["{% else %}"], 1, "stands in no"),
        (["{% if title %}", "{% endif %}"], 1, "different places"),
        (["{%p for m in members %}", table(row("{%tr endfor %}"))], 1, "different places"),
        (["{{ title| }}"], 1, "cannot be read"),
        (["{%p for m on members %}", "{%p endfor %}"], 1, "cannot be read"),
        (["好", "{{ title|wann }}"], 2, "wann"),
        (["{% macro f() %}{% endmacro %}"], 1, "cannot be read"),
        (
            ["<w:p><w:r><w:t>{{ ti</w:t></w:r><w:bookmarkStart w:id='1'/><w:r><w:t>tle }}</w:t></w:r></w:p>"],
            1,
            "torn apart by <w:bookmarkStart>",
        ),
    ],
)
def test_every_fault_is_told_with_its_paragraph(bodies: list[str], number: int, says: str) -> None:
    findings = failed(read(*bodies))
    assert findings
    first = findings[0]
    assert first.paragraph is not None and first.paragraph.number == number
    assert re.search(says, str(first.message)), str(first.message)


def test_a_tag_that_word_parted_into_runs_is_none_of_the_faults() -> None:
    reader = read(
        "<w:p><w:r><w:t>{</w:t></w:r><w:proofErr/><w:r><w:t>{ ti</w:t></w:r><w:r><w:t>tle }}</w:t></w:r></w:p>"
    )
    assert reader.findings == [] and reader.used == {"title"}


def test_every_fault_is_told_not_only_the_first() -> None:
    assert [
        f.paragraph.number for f in failed(read("{{ titel }}", "{{ leader.nmae }}", "{{ title }}")) if f.paragraph
    ] == [1, 2]
    assert len(failed(read("{{ title| }}", "好", "{{ leader..name }}"))) == 2


def test_without_a_programme_variables_are_not_judged() -> None:
    root = etree.fromstring(f"<w:body {NAMESPACES}><w:p><w:r><w:t>{{{{ anything.at_all }}}}</w:t></w:r></w:p></w:body>")
    reader = TagReader(None)
    reader.read(paragraphs_of("word/document.xml", root))
    assert reader.findings == []
