"""The shapes of paragraphs as Typst source: indents, alignment, borders and ground, each a function of its own."""

from __future__ import annotations

from dataclasses import replace

from toolkit.forms.blocks import Block, Paragraph
from toolkit.forms.looks import Align, Edge, Edges, Shape
from toolkit.forms.typst_text import LineBox, Script, colour, length, second_stroke, stroke

ALIGNMENTS = {
    Align.START: "start",
    Align.CENTER: "center",
    Align.END: "end",
    Align.JUSTIFY: "start",
    Align.DISTRIBUTE: "start",
    Align.DECIMAL: '"point"',
}


def shape_source(shape: Shape, box: LineBox, borders: Edges) -> str:
    """Return a function ``(above, body)`` that sets a paragraph of that shape."""
    hanging = max(-shape.first_line, 0.0)
    spaces = {side: 0.0 if edge is None else edge.space for side, edge in _sides(borders)}
    arguments = [
        "above:above,below:0pt,width:100%",
        f"inset:(left:{length(shape.left - hanging)},right:{length(shape.right)},"
        f"top:{length(spaces['top'])},bottom:{length(spaces['bottom'])})",
    ]
    if shape.keep_next:
        arguments.append("sticky:true")
    if shape.keep_lines:
        arguments.append("breakable:false")
    strokes = ",".join(f"{side}:{stroke(edge)}" for side, edge in _sides(borders) if edge is not None)
    above, below = box.edges(10.0, Script.EAST_ASIAN)
    text = [f"top-edge:{length(above)}", f"bottom-edge:{length(-below)}"]
    if not shape.widow_control:
        text.append("costs:(widow:0%,orphan:0%)")
    if shape.right_to_left:
        text.append('dir:rtl,lang:"ug"')
    if not shape.western_spacing:
        text.append("cjk-latin-spacing:none")
    par = [
        f"justify:{'true' if shape.align in {Align.JUSTIFY, Align.DISTRIBUTE} else 'false'}",
        f"first-line-indent:(amount:{length(max(shape.first_line, 0.0))},all:true)",
        f"hanging-indent:{length(hanging)}",
    ]
    body = f"{{beside;set align({ALIGNMENTS[shape.align]});set text({','.join(text)});par({','.join(par)},body)}}"
    if strokes or shape.background:
        # Borders and ground stand off the text, and reach from indent to indent.
        fill = f",fill:{colour(shape.background)}" if shape.background else ""
        outer = [item for item in arguments if not item.startswith("inset")]
        sides = f"left:{length(shape.left - hanging - spaces['left'])},right:{length(shape.right - spaces['right'])}"
        inset = ",".join(f"{side}:{length(space)}" for side, space in spaces.items())
        drawn = f"block(width:100%,inset:({inset}),stroke:({strokes or 'rest:none'}){fill},{body})"
        doubles = [(side, edge) for side, edge in _sides(borders) if edge is not None and edge.outer]
        if doubles:  # the second line stands outside the first
            second = ",".join(f"{side}:{second_stroke(edge)}" for side, edge in doubles)
            apart = ",".join(f"{side}:{length(edge.apart)}" for side, edge in doubles)
            drawn = f"block(width:100%,inset:({apart}),stroke:({second}),{drawn})"
        return f"(above,body,beside:none) => block({','.join(outer)},inset:({sides}),{drawn})"
    return f"(above,body,beside:none) => block({','.join(arguments)},{body})"


def _sides(borders: Edges) -> tuple[tuple[str, Edge | None], ...]:
    return (("left", borders.left), ("top", borders.top), ("right", borders.right), ("bottom", borders.bottom))


def joined_borders(shape: Shape, before: Block | None, after: Block | None) -> Edges:
    """Leave out the lines between paragraphs of the same borders and indents: Word draws one frame (17.3.1.24)."""

    def alike(other: Block | None) -> bool:
        return (
            isinstance(other, Paragraph)
            and other.shape.borders == shape.borders
            and (other.shape.left, other.shape.right) == (shape.left, shape.right)
        )

    borders = shape.borders
    return replace(
        borders,
        top=None if alike(before) else borders.top,
        bottom=None if alike(after) else borders.bottom,
    )
