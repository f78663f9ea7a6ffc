"""The full sample, issued once for all tests of the whole way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from toolkit.issued import Issued


@dataclass(frozen=True)
class FormalCopy:
    """The full sample, issued once: the data folder with its record, and the answer."""

    home: Path
    issued: Issued

    def pdf(self, document: str) -> bytes:
        """Return the print set of a document."""
        return self.file(f"XJSCO25-00001-r1-{document}.pdf")

    def file(self, name: str) -> bytes:
        """Return the bytes of a file of the answer."""
        (content,) = (file.content for file in self.issued.files if file.name == name)
        return content
