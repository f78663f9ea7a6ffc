"""What the linter of templates says, and of which paragraph."""

from __future__ import annotations

from dataclasses import dataclass, field

from toolkit.forms.word_xml import Element, qualified, shortened
from toolkit.messages import Message, Translate
from toolkit.verdict import Outcome


@dataclass(frozen=True, slots=True)
class PartParagraph:
    """A paragraph of a part (``word/document.xml``, a header): ``number`` counts from 1, those in tables too."""

    part: str
    number: int
    element: Element = field(repr=False, compare=False)

    @property
    def text(self) -> str:
        """Its characters, tags included, without those of paragraphs inside it."""
        inner = {id(node) for below in self.element.iterdescendants(qualified("w:p")) for node in below.iter()}
        return "".join(node.text or "" for node in self.element.iter(qualified("w:t")) if id(node) not in inner)


@dataclass(frozen=True, slots=True)
class TemplateFinding:
    """One thing about a template; ``paragraph`` is None for what is about all of it."""

    outcome: Outcome
    message: Message
    paragraph: PartParagraph | None = None

    def to_dict(self, translate: Translate) -> dict[str, object]:
        """Return the finding as JSON by contract."""
        place = self.paragraph
        return {
            "outcome": str(self.outcome),
            "part": place.part if place else None,
            "paragraph": place.number if place else None,
            "text": shortened(place.text.strip()) if place else None,
            "message": self.message.render(translate),
        }


def replaced_face(face: str, family: str, place: PartParagraph | None) -> TemplateFinding:
    """Return the finding about a face that no font is named for, and that is set in the family instead."""
    message = Message(
        "the font “{face}” is not there and is set as {family}; choose another, or put it into the "
        "office's font folder (fonts_dir)",
        face=face,
        family=family,
    )
    return TemplateFinding(Outcome.INDETERMINATE, message, place)


def paragraphs_of(part: str, root: Element) -> list[PartParagraph]:
    """Return the paragraphs of a part in their order."""
    return [PartParagraph(part, number, element) for number, element in enumerate(root.iter(qualified("w:p")), 1)]
