"""A marking other than 公开 refuses an application, however faulty the file is."""

from __future__ import annotations

import logging

import pytest

from toolkit.application.reading import load_application
from toolkit.errors import ClassifiedRefused, InputUnreadable, TruecopyError

REFUSED = [
    "secrecy: 秘密\n",
    "secrecy: 机密★10年\n",
    "secrecy: 绝密\n",
    "secrecy: 内部\n",
    'secrecy: "秘密"\n',
    "secrecy: 公开发表前保密\n",
    "Secrecy: 秘密\n",
    "密级: 秘密\n",
    "密 级: 机密\n",
    "secrecy: [秘密]\n",
    "secrecy: {level: 秘密}\n",
    "secrecy: 公开\nsecrecy: 秘密\n",
    "programme: nowhere\ntitle: x\nsecrecy: 秘密\n",
    "leader:\n  secrecy: 秘密\n",
    "programme: x\n  secrecy：秘密\n",
    "保密等级: 机密\n",
    "secrecy： 秘密\ntitle: x\n",
    "a: [1\nsecrecy: 秘密\n",
    "leader:\n\tname: x\nsecrecy: 秘密\n",
    "a: &x 1\nsecrecy: 秘密\n",
    "密级：秘密\n",
    "等级：机密★长期\nb",
    '{"secrecy": "秘密"}',
    '{"secrecy": "\\u79d8\\u5bc6"}',
    '{"a": , "secrecy": "秘密"}',
    '{"a": , "secrecy": "\\u79d8\\u5bc6"}',
    '{"a": {"b": [{"secrecy": "内部"}]}}',
]

ALLOWED = [
    "secrecy: 公开\n",
    "secrecy: “公开”\n",
    "secrecy:   公开   # 密级只能是公开\n",
    "secrecy:\ntitle: 秘密花园\n",
    "# secrecy: 秘密\nsecrecy: 公开\n",
    "secrecy: 公开\ntext:\n  background: |\n    密级：秘密的文件不在此列。\n    secrecy: a study\n",
    'secrecy: 公开\ntitle: "密级：公开与\n  secrecy: 内部的比较"\n',
    "secrecy: 公开\ntitle: 数据密级识别, secrecy: none\n"[:-1].replace(": none", " none") + "\n",
    '{"secrecy": "公开"}',
    '{"secrecy": "\\u516c\\u5f00"}',
    '{"a": , "secrecy": "\\u516c\\u5f00"}',
]


@pytest.mark.parametrize("text", REFUSED)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_marking_refuses(text: str, encoding: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ClassifiedRefused) as refused:
        load_application(text.encode(encoding))
    assert "秘密" not in str(refused.value) and "机密" not in str(refused.value)
    assert not caplog.records


@pytest.mark.parametrize("text", ALLOWED)
def test_what_is_public_or_only_about_secrecy_passes(text: str) -> None:
    try:
        load_application(text.encode())
    except InputUnreadable:
        pass
    except TruecopyError as error:
        pytest.fail(str(error))


def test_no_marking_is_a_missing_field() -> None:
    faults = load_application(b"title: x\nsecrecy:\n").faults
    assert ("secrecy", 2) in [(fault.field, fault.line) for fault in faults]
