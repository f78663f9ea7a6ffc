"""The translations: in step with the code, whole, and with the gaps of the sentences that they translate."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message as Entry

from toolkit.locale.catalogue import MO, PO, fresh, load, mo_bytes, po_bytes, sentences, untranslated
from toolkit.messages import Message
from toolkit.resources import translation

Gap = tuple[str, str | None, str | None]


def test_every_message_of_the_code_is_translated() -> None:
    assert untranslated(fresh(load())) == [], "translate these in truecopy.po, then run: make locale"


def test_the_committed_catalogue_is_what_the_code_says() -> None:
    assert po_bytes(fresh(load())) == PO.read_bytes(), "run: make locale"


def test_the_compiled_catalogue_is_that_of_the_text() -> None:
    assert mo_bytes(load()) == MO.read_bytes(), "run: make locale"


def test_every_translation_has_the_gaps_of_its_message() -> None:
    wrong = {entry.id: entry.string for entry in _entries() if gaps(str(entry.id)) != gaps(str(entry.string))}
    assert wrong == {}


def test_every_message_renders_in_chinese() -> None:
    chinese = translation("zh")
    for entry in _entries():
        values = {name: 7 for name, _, _ in gaps(str(entry.id))}
        rendered = Message(str(entry.id), **values).render(chinese)
        assert rendered == str(entry.string).format(**values)


def test_chinese_is_written_with_full_width_punctuation() -> None:
    narrow = re.compile(r"[\u4e00-\u9fff][,;:?!()]")
    assert [entry.string for entry in _entries() if narrow.search(str(entry.string))] == []


def test_quotation_marks_come_in_pairs() -> None:
    odd = [entry.string for entry in _entries() if str(entry.string).count("“") != str(entry.string).count("”")]
    assert odd == []


def test_sentences_are_found_wherever_the_code_says_them() -> None:
    source = '''
import click

WORDS = {"a": Message("in a table")}

@click.group()
def keys():
    """Help of a group."""

@keys.command("list")
@click.option("--all", help="Help of an "
              "option.")
def list_(console):
    """Help of a command.

    Its second paragraph.
    """
    console.say("said, {count}", count=1)
    console.tell("told" if console else "told otherwise")
    raise ValueError("not for a person")

def helper():
    """Not a command."""
    return text.replace("a", "b"), Message(text)
'''
    assert set(sentences(source)) == {
        "in a table",
        "Help of a group.",
        "Help of an option.",
        "Help of a command.\n\nIts second paragraph.",
        "said, {count}",
        "told",
        "told otherwise",
    }


def test_an_f_string_cannot_be_translated() -> None:
    with pytest.raises(ValueError, match="line 2"):
        list(sentences('\nMessage(f"{count} pages")'))


def gaps(text: str) -> list[Gap]:
    """Return the gaps of a sentence, with format and conversion, as often as each comes."""
    return sorted(
        (name, spec, conversion) for _, name, spec, conversion in string.Formatter().parse(text) if name is not None
    )


def _entries() -> Iterator[Entry]:
    """Give what is translated; that nothing is left out is the first test's."""
    return (entry for entry in load() if entry.id and entry.string)
