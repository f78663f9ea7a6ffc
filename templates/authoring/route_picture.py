"""Draws the sample's picture, a technical route (技术路线图), with the supplied fonts: samples/route.png."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

WIDTH, HEIGHT = 1800, 1090  # pixels: 150 mm wide in the form, 305 dpi
_FONTS = Path(__file__).parents[2] / "fonts"
_DARK, _GREY, _WHITE = "#1f3a5f", "#5b6b7d", "#ffffff"
# Stage: its name, tint, and the boxes of its row.
_STAGES: Sequence[tuple[str, str, Sequence[tuple[str, str]]]] = (
    (
        "机理研究",
        "#e3edf7",
        (
            ("定位试验与土柱试验", "南疆·北疆·伊犁河谷"),
            ("水盐运移观测", "0～120 cm分层"),
            ("轮灌情景模拟", "HYDRUS-2D＋轮灌模块"),
        ),
    ),
    (
        "技术突破",
        "#e6f2e6",
        (
            ("轮灌制度优化", "水分生产力·盐分·净收益"),
            ("水肥盐协同管理", "耐盐品种5～8个"),
            ("分区本地化参数", "中哈数据每月交换"),
        ),
    ),
    (
        "装备研制",
        "#fdf1dc",
        (
            ("光伏直驱提水机组", "15～30 kW"),
            ("变压恒流滴灌首部", "压力偏差≤±5%"),
            ("多语种决策平台", "汉·维·哈·俄"),
        ),
    ),
    (
        "示范应用",
        "#f3e8f3",
        (
            ("中哈示范区3个", "核心3000亩"),
            ("测产与效益评价", "年度联合评估"),
            ("标准与技术手册", "培训200人次"),
        ),
    ),
)


def _font(size: int, file: str = "NotoSansSC-Medium.ttf") -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONTS / file, size, layout_engine=ImageFont.Layout.BASIC)


def _arrow(draw: ImageDraw.ImageDraw, points: Sequence[tuple[int, int]]) -> None:
    """Draw a line through the points, an arrow head at its end."""
    draw.line(points, fill=_GREY, width=5)
    (x0, y0), (x, y) = points[-2:]
    if x == x0:
        way = 1 if y > y0 else -1
        head = [(x - 13, y - 22 * way), (x + 13, y - 22 * way), (x, y + 2 * way)]
    else:
        way = 1 if x > x0 else -1
        head = [(x - 22 * way, y - 13), (x - 22 * way, y + 13), (x + 2 * way, y)]
    draw.polygon(head, fill=_GREY)


def route_picture() -> bytes:
    """Return the picture as PNG."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), _WHITE)
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((330, 14, 1700, 104), 14, fill=_DARK)
    draw.text((1015, 59), "绿洲棉田“水—盐—能—粮”协同调控", font=_font(44), fill=_WHITE, anchor="mm")
    top, height, gap, left, width, space = 148, 196, 44, 330, 420, 55
    for row, (stage, tint, boxes) in enumerate(_STAGES):
        y = top + row * (height + gap)
        middle = y + height // 2
        _arrow(draw, [(1015, y - gap + 2), (1015, y)])
        draw.rounded_rectangle((290, y, 1740, y + height), 18, fill=tint, outline="#b9c4cf", width=2)
        draw.polygon([(30, y + 12), (210, y + 12), (262, middle), (210, y + height - 12), (30, y + height - 12)], _DARK)
        draw.text((126, middle), stage, font=_font(42), fill=_WHITE, anchor="mm")
        for column, (name, detail) in enumerate(boxes):
            x = left + column * (width + space)
            draw.rounded_rectangle((x, y + 32, x + width, y + height - 32), 10, fill=_WHITE, outline=_DARK, width=3)
            draw.text((x + width // 2, middle - 25), name, font=_font(38), fill="#111111", anchor="mm")
            draw.text((x + width // 2, middle + 31), detail, font=_font(31), fill=_GREY, anchor="mm")
            if column:
                _arrow(draw, [(x - space + 4, middle), (x - 2, middle)])
    # What demonstration finds goes back into mechanism and technique.
    low = top + 3 * (height + gap) + height // 2
    _arrow(draw, [(1740, low), (1774, low), (1774, top + height // 2), (1742, top + height // 2)])
    data = io.BytesIO()
    # The PNG notes 305 dpi, and is a palette picture: a drawing of a few colours needs no more.
    small = picture.quantize(64, dither=Image.Dither.NONE)
    small.save(data, "PNG", optimize=True, dpi=(305, 305), pnginfo=PngImagePlugin.PngInfo())
    return data.getvalue()
