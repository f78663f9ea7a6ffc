"""``python -m templates.authoring [FOLDER]``: write the supplied templates, the sample's picture and attachments.

They go beneath the checkout, or beneath FOLDER.
"""

from __future__ import annotations

import sys
from pathlib import Path

from templates.authoring.attachments import attachments
from templates.authoring.commitment_form import commitment_form
from templates.authoring.commitments import commitment_leader, commitment_unit
from templates.authoring.package import Template, docx
from templates.authoring.proposal import proposal
from templates.authoring.route_picture import route_picture
from templates.authoring.sample_attachments import ATTACHMENTS, attachment
from templates.authoring.small_programme import small_form

TEMPLATES: dict[str, Template] = {
    "templates/xinjiang-sco-2025/proposal.docx": proposal(),
    "templates/xinjiang-sco-2025/commitment-unit.docx": commitment_unit(),
    "templates/xinjiang-sco-2025/commitment-leader.docx": commitment_leader(),
    "templates/xinjiang-sco-2025/attachments.docx": attachments(),
    "samples/programmes/popular-science-2026/form.docx": small_form(),
}


def main(folder: Path) -> None:
    """Write everything beneath ``folder``."""
    for name, template in TEMPLATES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(docx(template))
    form = folder / "samples/programmes/open-cooperation-2026/commitment-unit.pdf"
    form.parent.mkdir(parents=True, exist_ok=True)
    form.write_bytes(commitment_form())
    (folder / "samples/attachments").mkdir(parents=True, exist_ok=True)
    (folder / "samples/route.png").write_bytes(route_picture())
    for name, title in ATTACHMENTS.items():
        (folder / "samples/attachments" / name).write_bytes(attachment(title))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2])
