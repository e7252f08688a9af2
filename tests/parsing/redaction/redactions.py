"""Redacting real PDFs with real children, and all that can be read of the copy, by other programs' ways too."""

import io
import re
import threading
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pypdf
import pypdfium2
from PIL import Image

from pipeline.config import ParsingConfig
from pipeline.isolation.scratch import scratch_file
from pipeline.parsing.redaction.locating import Target
from pipeline.parsing.redaction.redactor import RedactionOutcome, Redactor
from pipeline.parsing.redaction.scans import Scans
from pipeline.parsing.redaction.squeezing import squeeze
from pipeline.parsing.zygote import Launcher
from tests.pdf_writer import assemble

IBAN = "DE89 3704 0044 0532 0130 00"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
_DPI = 144


@dataclass(frozen=True, slots=True)
class Redacted:
    """What became of a document, and the copy, which is empty where none was written."""

    outcome: RedactionOutcome
    copy: bytes

    @property
    def texts(self) -> list[str]:
        """The text of each page as pypdf reads it."""
        return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(self.copy)).pages]

    def holds(self, value: str) -> bool:
        """Whether a value can be had from the copy in any way that is known here."""
        squeezed = squeeze(value)
        texts = [*self.texts, *pdfium_texts(self.copy)]
        forms = [
            value.encode(),
            value.encode("utf-16-be"),
            value.encode("utf-16-le"),
            value.encode("utf-16-be").hex().encode(),
        ]
        parts = [self.copy, *streams(self.copy)]
        return any(squeezed in squeeze(text) for text in texts) or any(
            form.lower() in part.lower() for form in forms for part in parts
        )


def redact(
    launcher: Launcher,
    content: bytes,
    targets: Mapping[int, Sequence[Target]] | Sequence[str],
    *,
    scans: Scans | None = None,
    passwords: Sequence[str] = (),
    limits: ParsingConfig | None = None,
) -> Redacted:
    """Redact values, on page 1 where no pages are named."""
    named = targets if isinstance(targets, Mapping) else {1: [Target(value, "[gone]") for value in targets]}
    redactor = Redactor(launcher, limits or ParsingConfig(), threading.Event(), passwords, scans)
    copy = io.BytesIO()
    with scratch_file() as document:
        with open(document, "wb", closefd=False) as file:
            file.write(content)
        outcome = redactor.redact(document, ".pdf", named, copy)
    return Redacted(outcome, copy.getvalue())


def pdfium_texts(content: bytes) -> list[str]:
    """The text of each page as pdfium reads it."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [document[index].get_textpage().get_text_range() for index in range(len(document))]
    finally:
        document.close()


def streams(content: bytes) -> list[bytes]:
    """The content of each stream, unpacked where it is packed."""
    found = [match.end() for match in re.finditer(rb"stream\r?\n", content)]
    unpacked: list[bytes] = []
    for start in found:
        unpacker = zlib.decompressobj()
        try:
            unpacked.append(unpacker.decompress(content[start:]))
        except zlib.error:
            continue
    return unpacked


def drawn(content: bytes, page: int = 0, mode: str = "L") -> Image.Image:
    """A page, in grey or in another mode."""
    document = pypdfium2.PdfDocument(content)
    document.init_forms()
    try:
        picture: Image.Image = (
            document[page].render(scale=_DPI / 72, grayscale=mode == "L").to_pil().convert(mode).copy()
        )
        return picture
    finally:
        document.close()


def seen_of(with_value: bytes, without: bytes, copy: bytes, page: int = 0) -> tuple[int, int]:
    """How many pixels show a value, by a document that differs in it alone; and how many of them are not black."""
    first, second, third = drawn(with_value, page), drawn(without, page), drawn(copy, page)
    assert first.size == second.size == third.size
    changed = [
        after
        for before, bare, after in zip(first.tobytes(), second.tobytes(), third.tobytes(), strict=True)
        if abs(before - bare) > 40
    ]
    return len(changed), sum(value > 60 for value in changed)


def page(content: bytes, entries: bytes = b"", objects: Sequence[bytes] = (), font: bytes = FONT) -> bytes:
    """A document of one page with this content; more objects are numbered from 6, the catalog has `catalog`."""
    return assemble(
        [
            b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [] >> >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> /XObject << /Im1 6 0 R >> >> %b >>" % entries,
            b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
            font,
            *objects,
        ]
    )


def lines(*texts: str, top: int = 720, size: int = 12) -> bytes:
    """Content that shows these lines one below the other."""
    shown = b"".join(b"(%b) Tj 0 -%d Td\n" % (text.encode("cp1252"), 2 * size) for text in texts)
    return b"\nBT /F1 %d Tf 72 %d Td\n%bET\n" % (size, top, shown)
