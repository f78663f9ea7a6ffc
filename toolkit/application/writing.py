"""The form that ``truecopy new`` writes: YAML with a Chinese comment for every field, to be filled in with any editor.

Made from the model's labels and the programme's choices, so that it cannot say anything else than the reader takes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as AnyMapping

from toolkit.application.gathering import Raw
from toolkit.application.model import PUBLIC, Entry, Shape
from toolkit.application.outline import outline
from toolkit.application.programme import Programme

_HEAD = """\
# {title}
# {notice}
# 申报数据填写表：填好后运行 truecopy check 本文件名，按提示逐项修改。
#
# 填写说明
#   1. 冒号用半角“:”，后面空一格；不用全角“：”，不用制表符（Tab），不改动缩进和左边的英文名。
#   2. 带“必填”的都要填；其余没有内容的留空，打印时显示“无”。
#   3. 日期写 2025-07-01 或 2025年7月1日；是否项写 是 或 否。
#   4. 金额单位为万元，只写数字，如 80.00；不写千位分隔符，不写单位，最多六位小数。
#   5. 内容里有 # : {{ }} [ ] & * ! % @ 等符号的，整项放在英文双引号里："……"。
#   6. 大段文字写在“|2”的下一行起，每行缩进四格，一行就是一段。
#   7. 以“- ”开头的是列表，一人（一项）一组；不够时整组复制，不需要的整组留空。
#   8. 文件保存为 UTF-8 编码。涉密内容不得写入本文件（密级只能是“公开”）。
"""


_WRITTEN = {"programme": "{name}", "secrecy": PUBLIC}
"""What is filled in already."""


def new_form(programme: Programme, said: AnyMapping[str, Raw]) -> str:
    """Return the form of a programme as YAML text with Chinese comments.

    Args:
        programme: whose form it is.
        said: values of its sections to fill in, as ``load_profile`` gives them.
    """
    head = _HEAD.format(title=programme.title, notice=programme.programme.notice)
    years = budget_years(programme)
    lines = [
        line
        for part in outline(programme).parts
        for line in ("", *_written(part, "", years, programme, said.get(part.key)))
    ]
    return "\n".join([*head.splitlines(), *lines, ""])


def budget_years(programme: Programme, lines: Iterable[Raw] = ()) -> list[int]:
    """Return the years that the budget's columns have: three from the programme's, and those that its lines have."""
    years = {programme.programme.year + after for after in range(3)}
    for line in lines:
        for amounts in line.values() if isinstance(line, dict) else ():
            years.update(int(year) for year in amounts if year.isdecimal()) if isinstance(amounts, dict) else None
    return sorted(years)


def _written(
    entry: Entry, indent: str, years: list[int], programme: Programme, said: Raw | None = None
) -> Iterator[str]:
    yield f"{indent}# {_comment(entry)}"
    key = f"{indent}{entry.key}:"
    match entry.shape:
        case Shape.VALUE:
            yield from (f"{indent}#   {choice}" for choice in entry.choices if len(entry.choices) > 3)
            # A JSON string is a YAML one (YAML 1.2, 1.3): whatever stands in it means nothing else.
            filled = json.dumps(said, ensure_ascii=False) if isinstance(said, str) else ""
            yield f"{key} {filled or _WRITTEN.get(entry.path, '').format(name=programme.name)}".rstrip()
        case Shape.BY_YEAR:
            yield f"{key} {{{', '.join(f'{year}: ' for year in years)}}}"
        case Shape.TEXT:
            longest = next(text.max_characters for text in programme.texts if text.key == entry.key)
            yield f"{indent}#   不超过 {longest} 字（不计空格）"
            yield f"{key} |2"  # said outright, so that a first line set in by hand does not decide
            yield ""
        case Shape.LIST:
            yield key
            for number, part in enumerate(entry.parts):
                first, *rest = _written(part, indent + "    ", years, programme)
                yield first
                *above, last = rest
                yield from above
                yield last if number else f"{indent}  - {last.strip()}"
        case _:
            yield key
            for part in entry.parts:
                value = said.get(part.key) if isinstance(said, dict) else None
                yield from _written(part, indent + "  ", years, programme, value)


def _comment(entry: Entry) -> str:
    """Return label, whether it is required, what it takes and an example."""
    if entry.path in _WRITTEN:
        return f"{entry.label}（已填好，不要改动）"
    remarks = ["必填"] if entry.required and entry.shape not in (Shape.SECTION, Shape.TEXTS) else []
    if entry.note:
        remarks.append(entry.note)
    if 1 < len(entry.choices) <= 3:
        remarks.append("可选：" + "、".join(entry.choices))
    elif len(entry.choices) > 3:
        remarks.append("从下列各项中选一项，原样抄写")
    elif entry.example:
        remarks.append(f"例：{entry.example}")
    return f"{entry.label}（{'；'.join(remarks)}）" if remarks else entry.label
