"""LibreOffice as a second engine from .docx to PDF: slower than Typst, and a view of the form from another side.

Every run has a profile of its own in a temporary folder, without macros, links and network, and is killed with all its
children when it takes too long. LibreOffice replaces a font that it does not have without a word; here it sees only the
catalogue's fonts, under the names that Word files use, and a PDF with any other font in it is refused. Where it asks
the system instead of fontconfig (Windows, macOS), the catalogue's fonts must therefore be installed.

Two things it does worse than Typst: a character that its face lacks (喆 in 仿宋) is drawn in its place, but stands
behind its run where text is extracted; and the program starts anew for every call, which is why several forms are set
by one. A listener that stays would keep what one form did to it for the next, and hang for all of them.

The options of the PDF export are JSON, which LibreOffice understands from 7.4 on.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from toolkit.errors import TypesettingError
from toolkit.forms.fonts import FontCatalogue, FontFile
from toolkit.forms.package import parse_xml, read_package
from toolkit.forms.painted_cells import CellBox, Colour, find, paint
from toolkit.messages import Message

if TYPE_CHECKING:
    import pikepdf
    from lxml import etree

PROGRAMS = ("soffice", "libreoffice")
PLACES = (
    Path("/usr/lib/libreoffice/program/soffice"),
    Path("/usr/lib64/libreoffice/program/soffice"),
    Path("/opt/libreoffice/program/soffice"),
    Path("/Applications/LibreOffice.app/Contents/MacOS/soffice"),
    Path("C:/Program Files/LibreOffice/program/soffice.com"),  # .exe does not wait until the work is done
    Path("C:/Program Files (x86)/LibreOffice/program/soffice.com"),
)
"""Where installers put LibreOffice without putting it on PATH."""

_OWN_FONT = "OpenSymbol"  # bullets; a part of LibreOffice itself
_LARGEST_PDF = 200 * 2**20  # bytes; a form of 14 pages with pictures has some 5 MB
_FORBIDDEN_FIELDS = re.compile(
    r"^\s*(INCLUDETEXT|INCLUDEPICTURE|INCLUDE|IMPORT|LINK|DDE|DDEAUTO|DATABASE|RD)\b", re.IGNORECASE | re.MULTILINE
)
"""Fields that fetch something from elsewhere (ISO/IEC 29500-1, 17.16.5); LibreOffice would follow some of them."""

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

_EXPORT = {
    "SelectPdfVersion": ("long", "2"),  # PDF/A-2b, as Typst writes it: every font is embedded
    "ReduceImageResolution": ("boolean", "false"),
    "UseLosslessCompression": ("boolean", "true"),
    "ExportFormFields": ("boolean", "false"),  # content controls are printed as text, not left to be filled in
    "ExportNotes": ("boolean", "false"),  # Word's comments are for the template's author
    "IsSkipEmptyPages": ("boolean", "false"),  # a blank back is a page too
}

_SETTINGS = (
    # No macro runs, whoever signed it; nothing is fetched from outside the document; no question is asked.
    ("/org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("/org.openoffice.Office.Common/Misc", "FirstRun", "false"),
    # All connections go to the discard port of this machine, where nobody listens.
    ("/org.openoffice.Inet/Settings", "ooInetProxyType", "2"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)


@dataclass(frozen=True, slots=True)
class Converted:
    """A form set by LibreOffice: the PDF, how many pages it has, the fonts embedded in it, its named cells."""

    pdf: bytes
    pages: int
    fonts: tuple[FontFile, ...]
    cells: tuple[CellBox, ...]


def to_pdf(docx: bytes, *, name: str, fonts: FontCatalogue, timeout_seconds: float = 60.0) -> bytes:
    """Return the PDF of a .docx; see `convert`, which tells more about it."""
    return convert(docx, name=name, fonts=fonts, timeout_seconds=timeout_seconds).pdf


def convert(docx: bytes, *, name: str, fonts: FontCatalogue, timeout_seconds: float = 60.0) -> Converted:
    """Set a .docx in the fonts of a catalogue. The same form gives the same bytes with the same LibreOffice.

    Args:
        docx: the filled form.
        name: what messages call it.
        fonts: the only fonts that it is set in.
        timeout_seconds: how long LibreOffice may take; 14 pages take about 3 s.

    Raises:
        TemplateError: when it is no .docx, or holds what a form may not hold.
        TypesettingError: when LibreOffice is not there, is not done in time or fails; when a character is in no font;
            when the PDF has other fonts in it.
    """
    (converted,) = convert_all([(name, docx)], fonts=fonts, timeout_seconds=timeout_seconds)
    return converted


def convert_all(
    forms: Sequence[tuple[str, bytes]], *, fonts: FontCatalogue, timeout_seconds: float = 60.0
) -> tuple[Converted, ...]:
    """Set several forms by one start of LibreOffice, which is most of the time that a form takes.

    Where it crashes, the forms that it had not finished are set once more, each by a process of its own: only a form
    that it crashes on again is an error.

    Args:
        forms: names for messages, and filled forms.
        fonts: the only fonts that they are set in.
        timeout_seconds: how long LibreOffice may take for each form.

    Raises:
        TemplateError, TypesettingError: as ``convert`` says.
    """
    jobs = [_Job.of(number, name, docx, fonts) for number, (name, docx) in enumerate(forms)]
    program = _find_program()
    if len(jobs) > 1:
        _set(program, jobs, fonts, timeout_seconds * len(jobs))
    for job in jobs:
        if not job.done:
            log = _set(program, [job], fonts, timeout_seconds)
            if not job.done and log is None:  # a crash, which may have been that of another document before it
                log = _set(program, [job], fonts, timeout_seconds)
            if not job.done:
                raise _nothing_made(job.name, log or "")
    converted = []
    for job in jobs:
        pdf, pages, used = _reproducible(job.results[0], job.name, fonts)
        converted.append(Converted(pdf, pages, used, find(job.results[1], job.painted) if job.painted else ()))
    return tuple(converted)


@dataclass(slots=True)
class _Job:
    """A form to be set: its copies (as it is, and with painted cells), and the PDFs that came of them."""

    name: str
    sources: dict[str, bytes]
    painted: Mapping[Colour, tuple[str, ...]]
    results: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, number: int, name: str, docx: bytes, fonts: FontCatalogue) -> _Job:
        """Look at a form before LibreOffice does.

        Raises:
            TemplateError, TypesettingError: as ``convert`` says.
        """
        parts = read_package(docx, name)
        _refuse_what_would_be_fetched(parts, name)
        _refuse_missing_characters(parts, name, fonts)
        painted_docx, painted = paint(parts, name)
        sources = {f"form{number}": docx} | ({f"painted{number}": painted_docx} if painted else {})
        return cls(name, sources, painted)

    @property
    def done(self) -> bool:
        """Whether every copy has become a PDF."""
        return len(self.results) == len(self.sources)


def _set(program: Path, jobs: Sequence[_Job], fonts: FontCatalogue, timeout_seconds: float) -> str | None:
    """Set forms in one run; return what LibreOffice said, None where it crashed."""
    with tempfile.TemporaryDirectory(prefix="truecopy-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        sources = []
        for job in jobs:
            for stem, docx in job.sources.items():
                sources.append(folder / f"{stem}.docx")
                sources[-1].write_bytes(docx)
        names = "”, “".join(job.name for job in jobs)
        status = _run(program, sources, folder, names, fonts, timeout_seconds)
        for job in jobs:
            made = [folder / "out" / f"{stem}.pdf" for stem in job.sources]
            if all(path.is_file() and 0 < path.stat().st_size <= _LARGEST_PDF for path in made):
                job.results = [path.read_bytes() for path in made]
        with (folder / "log").open("rb") as stream:
            said = stream.read(2000).decode("utf-8", "replace").strip()
        return None if status != 0 and not said else said


def fontconfig(fonts: FontCatalogue, cache: Path) -> str:
    """Return the fontconfig file that shows the catalogue's fonts only, and Word's faces as what they are set in."""
    rules = []
    for alias in fonts.aliases:
        if alias.face != alias.family or alias.bold:
            weight = '<edit name="weight" mode="assign"><const>bold</const></edit>' if alias.bold else ""
            rules.append(
                f'<match target="pattern"><test name="family"><string>{escape(alias.face)}</string></test>'
                f'<edit name="family" mode="assign" binding="strong"><string>{escape(alias.family)}</string></edit>'
                f"{weight}</match>"
            )
    # Behind every face: the default for faces that nobody named, then where missing characters are looked for.
    families = dict.fromkeys((fonts.default, *fonts.fallback))
    behind = "".join(f"<string>{escape(family)}</string>" for family in families)
    folders = "".join(f"<dir>{escape(str(folder.resolve()))}</dir>" for folder in fonts.folders)
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n'
        f"<fontconfig>{folders}<cachedir>{escape(str(cache))}</cachedir>\n"
        + "\n".join(rules)
        + f'\n<match target="pattern"><edit name="family" mode="append_last">{behind}</edit></match>\n</fontconfig>\n'
    )


def _find_program() -> Path:
    for name in PROGRAMS:
        if found := shutil.which(name):
            return Path(found)
    for place in PLACES:
        if place.is_file():
            return place
    raise TypesettingError(
        Message(
            "LibreOffice is not installed: install it (apt install libreoffice-writer, or from libreoffice.org),"
            " or set the form with Typst"
        )
    )


def _refuse_what_would_be_fetched(parts: Mapping[str, bytes], name: str) -> None:
    """Refuse fields and chunks that bring in other files; links of the package itself `read_package` refuses."""
    for part, content in parts.items():
        if part.startswith("word/") and part.endswith(".xml"):
            root = parse_xml(content, name)
            if found := _FORBIDDEN_FIELDS.search(_field_codes(root)):
                raise TypesettingError(
                    Message(
                        "“{name}” has a field {field}, which fetches another file: take it out",
                        name=name,
                        field=found[1].upper(),
                    )
                )
            if next(root.iter(_W + "altChunk"), None) is not None:
                raise TypesettingError(
                    Message("“{name}” holds another document (altChunk): open it in Word and save it again", name=name)
                )


def _field_codes(root: etree._Element) -> str:
    """Return the instructions of all fields of a part, one a line; Word may split one over several runs."""
    codes: list[str] = []
    for element in root.iter(_W + "fldChar", _W + "instrText", _W + "fldSimple"):
        if element.tag == _W + "instrText":
            codes.append(element.text or "")
        else:
            codes.append("\n" + element.get(_W + "instr", ""))
    return "".join(codes)


def _refuse_missing_characters(parts: Mapping[str, bytes], name: str, fonts: FontCatalogue) -> None:
    """Refuse a form with a character that no font has: LibreOffice would print a box and say nothing."""
    text: dict[str, None] = {}
    for part, content in parts.items():
        if part.startswith("word/") and part.endswith(".xml"):
            for element in parse_xml(content, name).iter(_W + "t"):
                text.update(dict.fromkeys(element.text or ""))
    if missing := fonts.missing("".join(text)):
        raise TypesettingError(
            Message(
                "“{name}” has characters that no font has: {characters}; write them in another way,"
                " or put a font that has them into the office's font folder",
                name=name,
                characters=" ".join(f"{character} (U+{ord(character):04X})" for character in missing[:10]),
            )
        )


def _run(
    program: Path, sources: Sequence[Path], folder: Path, name: str, fonts: FontCatalogue, timeout_seconds: float
) -> int:
    """Let LibreOffice write folder/out/NAME.pdf for every source, and what it says to folder/log; return its status."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_registry(), encoding="utf-8")
    (folder / "fonts.conf").write_text(fontconfig(fonts, folder / "cache"), encoding="utf-8")
    options = {key: {"type": kind, "value": value} for key, (kind, value) in _EXPORT.items()}
    command = [
        str(program),
        f"-env:UserInstallation={profile.as_uri()}",
        *("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck", "--convert-to"),
        "pdf:writer_pdf_Export:" + json.dumps(options, separators=(",", ":")),
        *("--outdir", str(folder / "out"), *map(str, sources)),
    ]
    environment = {
        **os.environ,
        "FONTCONFIG_FILE": str(folder / "fonts.conf"),
        "HOME": str(folder),  # nor fonts, nor settings of the user
        "SAL_USE_VCLPLUGIN": "svp",  # no display
        "LC_ALL": "C.UTF-8",  # file names, whatever the console
    }
    with (folder / "log").open("wb") as log:
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # soffice starts soffice.bin: they are killed together
            )
        except OSError as error:
            raise TypesettingError(
                Message("LibreOffice ({program}) cannot be started: {reason}", program=program, reason=error.strerror)
            ) from error
        try:
            return process.wait(timeout_seconds)
        except subprocess.TimeoutExpired as error:
            raise TypesettingError(
                Message(
                    "LibreOffice did not finish “{name}” in {seconds:g} s and was stopped: try again when the machine"
                    " is less busy, or set the form with Typst",
                    name=name,
                    seconds=timeout_seconds,
                )
            ) from error
        finally:
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and all that it started; what is gone already is no error."""
    if sys.platform == "win32":
        if process.poll() is None:
            subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.wait()


def _registry() -> str:
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry"'
        ' xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{items}</oor:items>"
    )


def _nothing_made(name: str, log: str) -> TypesettingError:
    """Return the error for a form without PDF; LibreOffice's status is 0 even when it could not read the form."""
    said = log.splitlines()
    return TypesettingError(
        Message(
            "LibreOffice made no PDF of “{name}” ({reason}): open the form in LibreOffice Writer to see why",
            name=name,
            reason=said[-1] if said else Message("it said nothing"),
        )
    )


def _reproducible(data: bytes, name: str, fonts: FontCatalogue) -> tuple[bytes, int, tuple[FontFile, ...]]:
    """Take out of a PDF what differs between two runs; return it, its number of pages and the fonts in it."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            used = _embedded_fonts(pdf, fonts)
            if "/OpenAction" in pdf.Root:
                del pdf.Root["/OpenAction"]
            for intent in pdf.Root.get("/OutputIntents", ()):
                profile = bytearray(intent.DestOutputProfile.read_bytes())
                profile[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)  # ICC.1 7.2.8: when the profile was made
                intent.DestOutputProfile.write(bytes(profile))
            for key in ("/Info", "/ID", "/DocChecksum"):
                if key in pdf.trailer:
                    del pdf.trailer[key]
            with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
                for key in ("xmp:CreateDate", "xmp:ModifyDate", "xmp:MetadataDate", "dc:date", "dc:creator"):
                    if key in metadata:
                        del metadata[key]
            out = io.BytesIO()
            # LibreOffice numbers its fonts by where they lie in memory. Without object streams qpdf numbers all objects
            # anew in the order in which it meets them.
            pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
            return out.getvalue(), len(pdf.pages), used
    except pikepdf.PdfError as error:
        raise TypesettingError(
            Message("LibreOffice made a damaged PDF of “{name}”: try again, or set the form with Typst", name=name)
        ) from error


def _embedded_fonts(pdf: pikepdf.Pdf, fonts: FontCatalogue) -> tuple[FontFile, ...]:
    """Return the catalogue's fonts that a PDF uses; refuse any other."""
    import pikepdf

    names = set()
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font" and "/BaseFont" in item:
            names.add(re.sub(r"^/?([A-Z]{6}\+)?", "", str(item.BaseFont)))
    by_name = {file.postscript_name: file for file in fonts.files}
    strange = sorted(names - by_name.keys() - {_OWN_FONT})
    if strange:
        raise TypesettingError(
            Message(
                "LibreOffice set the form in other fonts than Truecopy's ({names}): install the fonts of {folder}",
                names=", ".join(strange),
                folder=fonts.folders[-1],
            )
        )
    return tuple(by_name[found] for found in sorted(names & by_name.keys()))
