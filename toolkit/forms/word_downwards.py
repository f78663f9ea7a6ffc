"""Cells whose text runs downwards (w:textDirection tbRl): Chinese labels, one character a line."""

from __future__ import annotations

import re
from dataclasses import replace

from toolkit.forms.blocks import Block, Inline, LineBreak, Paragraph, Text, Vertical
from toolkit.forms.looks import Align
from toolkit.forms.word_xml import Unsupported
from toolkit.messages import Message

_UPRIGHT = re.compile("[\u3400-\u9fff\u3000-\u3002\u3007\uff0c0-9\uff10-\uff19 ]*")
_DOWN = {Align.CENTER: Vertical.CENTER, Align.END: Vertical.BOTTOM, Align.DISTRIBUTE: Vertical.CENTER}
_ACROSS = {Vertical.TOP: Align.END, Vertical.CENTER: Align.CENTER, Vertical.BOTTOM: Align.START}


def turned(vertical: Vertical, blocks: tuple[Block, ...]) -> tuple[Vertical, tuple[Block, ...]]:
    """Return the blocks of such a cell as lines of one character, and how they stand in it.

    Raises:
        Unsupported: when it holds more than one paragraph of text, or characters that would lie on their side.
    """
    written = [block for block in blocks if block.text]
    if not written:
        return vertical, blocks
    only = written[0]
    if len(written) > 1 or not isinstance(only, Paragraph) or not _UPRIGHT.fullmatch(only.text):
        raise Unsupported(Message("text that runs downwards, unless it is one paragraph of Chinese characters"))
    if any(not isinstance(piece, Text) for piece in only.content):
        raise Unsupported(Message("text that runs downwards, unless it is one paragraph of Chinese characters"))
    texts = [piece for piece in only.content if isinstance(piece, Text)]
    signs = [Text(sign, piece.look) for piece in texts for sign in piece.characters if sign != " "]
    pieces: list[Inline] = []
    for sign in signs:
        pieces += [LineBreak(), sign] if pieces else [sign]
    shape = replace(only.shape, align=_ACROSS[vertical], left=0.0, right=0.0, first_line=0.0)
    return _DOWN.get(only.shape.align, Vertical.TOP), (replace(only, shape=shape, content=tuple(pieces)),)
