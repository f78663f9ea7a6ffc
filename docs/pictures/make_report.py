"""Takes the picture of a finding sheet that the READMEs show; needs Chromium, which nothing else here does.

truecopy demo -o truecopy-demo
python docs/pictures/make_report.py truecopy-demo/altered.html docs/pictures/report.png
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

WIDTH, SHOWN = 900, 988
"""Pixels: as wide as a README is shown, and so much of the sheet that a finding is seen."""

ONLY_THE_SHEET = (
    "body > :not(.sheet) { display: none } body { padding: 0; max-width: none } .sheet { border-radius: 0 }"
)


def main(report: str, picture: str) -> None:
    """Show the first sheet of a report in Chromium, and keep the top of what is seen."""
    html = Path(report).read_text("utf-8").replace("</style>", ONLY_THE_SHEET + "</style>")
    with tempfile.TemporaryDirectory() as folder:
        page, shot = Path(folder, "sheet.html"), Path(folder, "sheet.png")
        page.write_text(html, "utf-8")
        options = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--user-data-dir={folder}/profile"]
        command = ["chromium", *options, f"--window-size={WIDTH},{SHOWN}", f"--screenshot={shot}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        with Image.open(shot) as seen:
            seen.convert("RGB").quantize(128, Image.Quantize.MAXCOVERAGE).save(picture, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
