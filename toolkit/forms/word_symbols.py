"""Signs of Word's pictorial fonts as the Unicode characters that they show (w:sym, 17.3.3.30).

Each of these fonts has signs of its own at the places of letters; those of forms are here, all others are refused.
"""

from __future__ import annotations

from toolkit.forms.word_xml import Element, Unsupported, attribute
from toolkit.messages import Message

SIGNS = {
    "wingdings": {
        **{0x6C: "●", 0x6E: "■", 0x6F: "□", 0x75: "◆", 0x76: "❖", 0x9F: "•", 0xA7: "▪"},
        **{0xA8: "□", 0xB2: "◇", 0xE0: "→", 0xDF: "←", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑"},
        **{0xA1: "○", 0x4A: "☺", 0x28: "☎", 0xAB: "★"},
    },
    "wingdings 2": {
        **{0x50: "✓", 0x4F: "✗", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA2: "■", 0xA3: "□", 0x30: "□"},
        **{0x97: "●", 0x99: "○", 0x98: "•"},
    },
    "symbol": {
        **{0xB0: "°", 0xB1: "±", 0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xA3: "≤", 0xB3: "≥", 0xB9: "≠", 0xD6: "√"},
        **{0x61: "α", 0x62: "β", 0x67: "γ", 0x64: "δ", 0x6C: "λ", 0x6D: "μ", 0x70: "π", 0x73: "σ", 0x57: "Ω"},
        **{0x44: "Δ", 0x53: "Σ", 0xAE: "→", 0xAC: "←", 0xA5: "∞"},
    },
}


def symbol(element: Element) -> str:
    """Return the character that a ``w:sym`` shows.

    Raises:
        Unsupported: when it is not known.
    """
    font, code = attribute(element, "w:font") or "", attribute(element, "w:char") or ""
    try:
        place = int(code, 16)
    except ValueError:
        place = 0
    if font.casefold() not in SIGNS and 0x20 <= place < 0xD800:  # an ordinary font: an ordinary character
        return chr(place)
    # Pictorial fonts are addressed within Unicode's private area (17.3.3.30).
    shown = SIGNS.get(font.casefold(), {}).get(place - 0xF000 if place >= 0xF000 else place)
    if shown is None:
        raise Unsupported(Message("the sign {code} of the font “{font}”", code=code, font=font))
    return shown
