"""Word templates filled with what an application says: template + context -> .docx, the same bytes every time.

docxtpl does the filling. Its defaults lose data in silence (``R&D <x>`` became ``R ``, a misspelt variable nothing), so
it runs here with escaping, in a bounded sandbox (``sandbox``), strict about names, and every error says where.
"""

from __future__ import annotations

import datetime
import decimal
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from io import BytesIO
from types import CodeType, TracebackType
from typing import Any

from docxtpl import DocxTemplate, InlineImage
from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import TemplateError as JinjaError
from lxml import etree
from PIL import Image, UnidentifiedImageError

from toolkit.errors import TemplateError, TypesettingError
from toolkit.forms.package import parse_xml, read_package, write_package
from toolkit.forms.sandbox import TemplateSandbox
from toolkit.messages import Message

FEN_PER_WAN = 10**6
"""Fen in 万元: 10,000 yuan of 100 fen."""
MAX_PICTURE_PIXELS = 50_000_000
"""Pixels of one picture; A4 at 600 dpi has 35 million."""
MAX_TAGS = 100_000
"""Tags of one part of a template; the proposal has 6,200. Filling 50,000 takes 0.5 s, a million more than 20."""
PICTURE_FORMATS = ("PNG", "JPEG")
_EMU_PER_MM = 36_000  # ECMA-376 part 1, 20.1.2.1


def fill(template: bytes, context: Mapping[str, object], *, name: str) -> bytes:
    """Return the template with the context's values in it, as a .docx.

    Templates have, beside Jinja's own, the filters ``wan``, ``cn_date``, ``cn_month``, ``yes_no`` and ``blank`` and the
    function ``picture(bytes, width_mm=...)``, with ``height_mm=`` as large as fits both. What is empty prints as 无
    unless ``blank`` says otherwise.

    Args:
        template: the .docx with docxtpl's tags.
        context: the values by the names that the template uses; read, never changed.
        name: what messages call the template.

    Raises:
        TemplateError: when the template cannot be read, is refused (macros, outside links, too large), or has a broken
            tag or a variable that the context lacks; the message says which, and the text beside it.
        TypesettingError: when a picture of the context cannot be used.
    """
    _judge(template, name)
    document = _Template(BytesIO(template), name)
    sandbox = TemplateSandbox(FILTERS)

    def picture(data: bytes, width_mm: float, height_mm: float | None = None) -> InlineImage:
        across, down = _judge_picture(data)
        if height_mm is not None:
            width_mm = min(width_mm, height_mm * across / down)
        return InlineImage(document, BytesIO(data), width=round(width_mm * _EMU_PER_MM))

    document.render({**context, "picture": picture}, jinja_env=sandbox, autoescape=True)
    filled = BytesIO()
    document.save(filled)
    return write_package(read_package(filled.getvalue(), name))


@lru_cache(maxsize=16)
def _judge(template: bytes, name: str) -> None:
    """Refuse what docxtpl would open without a question; templates are filled many times, and judged once.

    Raises:
        TemplateError: as ``fill`` says.
    """
    for part, content in read_package(template, name).items():
        if part.endswith((".xml", ".rels")):
            if content.count(b"<") > MAX_TAGS:
                raise TemplateError(Message("“{name}” is too large when it is unpacked", name=name))
            parse_xml(content, name)


class _Template(DocxTemplate):  # type: ignore[misc]  # docxtpl has no types
    """A docxtpl template that says where it fails, and fails where docxtpl would repair in silence."""

    def __init__(self, template: BytesIO, name: str) -> None:
        super().__init__(template)
        self._name = name

    def render_xml_part(self, src_xml: str, part: object, context: dict[str, Any], jinja_env: TemplateSandbox) -> str:
        """Fill one part; the same as docxtpl's, but errors carry the paragraph and values stay as they are.

        Raises:
            TemplateError: as ``fill`` says.
        """
        self.current_rendering_part = part
        # One line a paragraph, so that Jinja's line numbers say which paragraph fails.
        lines = re.sub(r"<w:p([ >])", r"\n<w:p\1", src_xml.replace("\n", " "))
        try:
            code = _compiled(lines)
            filled: str = jinja_env.template_class.from_code(jinja_env, code, jinja_env.make_globals(None)).render(
                context
            )
        except (JinjaError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise _explained(error, lines, self._name) from error
        filled = re.sub(r"\n<w:p([ >])", r"<w:p\1", filled)
        # Line ends and tabs come from values only; finding their runs takes longer than all the rest.
        return str(self.resolve_listing(filled)) if "\n" in filled or "\t" in filled else filled

    def patch_xml(self, src_xml: str) -> str:
        """Join what Word tore apart in tags, as docxtpl does; remembered, since templates are filled many times."""
        return _patched(src_xml)

    def fix_tables(self, xml: str) -> object:
        """Correct column counts as docxtpl does, after making sure that its recovering parser has nothing to recover.

        Raises:
            TemplateError: when a tag stands where its value breaks the document's structure.
        """
        try:
            etree.fromstring(xml)
        except etree.XMLSyntaxError as error:
            raise TemplateError(
                Message(
                    "the template “{name}” gives a broken document: a block tag begins and ends in different places "
                    "(use {tags} for whole paragraphs, rows and cells): {detail}",
                    name=self._name,
                    tags="{%p %}, {%tr %}, {%tc %}",
                    detail=str(error),
                )
            ) from error
        return super().fix_tables(xml)

    def render_properties(self, context: dict[str, Any], jinja_env: TemplateSandbox | None = None) -> None:
        """Leave the document's properties (title, author) as the template has them."""


@lru_cache(maxsize=64)
def _patched(src_xml: str) -> str:
    return str(DocxTemplate(None).patch_xml(src_xml))


@lru_cache(maxsize=64)
def _compiled(lines: str) -> CodeType:
    """Return the code of a template's part: it depends on the text only, since every sandbox has the same filters."""
    return TemplateSandbox(FILTERS).compile(lines)


def _explained(error: Exception, lines: str, name: str) -> TemplateError:
    """Return the error as a sentence with the text of the paragraph in which it happened."""
    line = error.lineno if isinstance(error, TemplateSyntaxError) else _failing_line(error.__traceback__)
    text = _nearby(lines.splitlines(), line)
    detail = str(error.message if isinstance(error, JinjaError) and error.message else error)
    if isinstance(error, UndefinedError):
        message = Message(
            "the template “{name}” uses a variable that there is none of: {detail}; near “{text}”",
            name=name,
            detail=detail,
            text=text,
        )
    elif isinstance(error, SecurityError):
        message = Message(
            "the template “{name}” does what templates may not: {detail}; near “{text}”",
            name=name,
            detail=detail,
            text=text,
        )
    else:
        message = Message(
            "the template “{name}” has a tag that cannot be filled: {detail}; near “{text}”",
            name=name,
            detail=detail,
            text=text,
        )
    return TemplateError(message)


def _failing_line(trace: TracebackType | None) -> int:
    """Return the template's line of the innermost frame that is one; Jinja rewrites tracebacks to say it."""
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _nearby(lines: list[str], line: int) -> str:
    """Return the text of that line, counted from 1, or of the nearest one before it that has any."""
    for candidate in reversed(lines[:line]):
        text = re.sub(r"<[^>]*>", "", candidate).strip()
        if text:
            return text if len(text) <= 80 else text[:80] + "…"
    return ""


def _judge_picture(data: object) -> tuple[int, int]:
    """Return how many pixels a picture has across and down.

    Raises:
        TypesettingError: when it is none, or too large.
    """
    if not isinstance(data, bytes):
        raise TypesettingError(Message("a template asks for a picture where the application has none"))
    try:
        with Image.open(BytesIO(data), formats=PICTURE_FORMATS) as image:
            across, down = image.size
            image.verify()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise TypesettingError(Message("a picture cannot be used: it must be a sound PNG or JPEG file")) from error
    if across * down > MAX_PICTURE_PIXELS:
        limit = MAX_PICTURE_PIXELS // 10**6
        raise TypesettingError(Message("a picture has more than {limit} million pixels; make it smaller", limit=limit))
    return across, down


def _given(conversion: Callable[[Any], str]) -> Callable[[Any], str | None]:
    """Let what is not given pass a filter, so that it prints as 无."""

    def convert(value: Any) -> str | None:
        return None if value is None or value == "" else conversion(value)

    return convert


@_given
def _wan(fen: int) -> str:
    """``500000000`` -> ``500.00``: fen as 万元, two decimals or as many more as the amount needs (fen has six)."""
    amount = decimal.Decimal(fen) / FEN_PER_WAN
    return f"{amount:.2f}" if amount == round(amount, 2) else f"{amount.normalize():f}"


@_given
def _cn_date(day: datetime.date) -> str:
    """``2025年7月1日``, without zeros in front (GB/T 9704-2012, 7.3.5)."""
    return f"{day.year}年{day.month}月{day.day}日"


@_given
def _cn_month(day: datetime.date) -> str:
    return f"{day.year}年{day.month}月"


@_given
def _yes_no(value: bool) -> str:
    return "是" if value else "否"


FILTERS: dict[str, Callable[..., object]] = {
    "wan": _wan,
    "cn_date": _cn_date,
    "cn_month": _cn_month,
    "yes_no": _yes_no,
}
