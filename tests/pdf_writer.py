"""Writes small real PDF files for tests, in pure Python: text, images, notes, fields, attachments, broken pages."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

CATALOG, PAGES, FONT, IMAGE = 1, 2, 3, 4  # numbers of the objects that every file has


@dataclass(frozen=True, slots=True)
class PdfPage:
    """One page. `content` replaces the stream that shows `lines`; an unknown `filter` makes the page unreadable.

    Words of `glued` are set apart by kerning, in a font that has no space, as TeX does: pypdf runs them together.
    """

    lines: tuple[str, ...] = ()
    glued: tuple[str, ...] = ()
    image: bool = False
    image_size: tuple[int, int] = (400, 400)  # points, of a page of 595 x 842
    notes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    attached: Mapping[str, bytes] = field(default_factory=dict)
    content: bytes | None = None
    filter: str = ""

    def stream(self) -> bytes:
        """The content stream, encoded as `filter` says where that is a filter that exists."""
        content = _show(self) if self.content is None else self.content
        data = zlib.compress(content, 9) if self.filter == "FlateDecode" else content
        entry = f"/Filter /{self.filter} " if self.filter else ""
        return b"<< %b/Length %d >>\nstream\n%b\nendstream" % (entry.encode(), len(data), data)


def pdf(*pages: PdfPage, attached: Mapping[str, bytes] | None = None) -> bytes:
    """A whole file with these pages, and files attached to it."""
    objects = [b"", b"", _font(), _image()]
    kids: list[int] = []
    for page in pages:
        content = _add(objects, page.stream())
        marks = [_add(objects, _note(text)) for text in page.notes]
        marks += [_add(objects, _field(text)) for text in page.fields]
        marks += [_add(objects, _pin(embed(objects, *file))) for file in page.attached.items()]
        kids.append(_add(objects, _page(page, content, marks)))
    objects[PAGES - 1] = b"<< /Type /Pages /Kids [%b] /Count %d >>" % (_references(kids), len(kids))
    named = b" ".join(
        _string(name) + b" %d 0 R" % embed(objects, name, data) for name, data in (attached or {}).items()
    )
    names = b" /Names << /EmbeddedFiles << /Names [%b] >> >>" % named if named else b""
    objects[CATALOG - 1] = b"<< /Type /Catalog /Pages 2 0 R%b >>" % names
    return assemble(objects)


def embed(objects: list[bytes], name: str, data: bytes) -> int:
    """Add a file to the objects of another, and its specification; returns the number of that."""
    packed = zlib.compress(data)
    entries = b"/Type /EmbeddedFile /Filter /FlateDecode /Length %d" % len(packed)
    stream = _add(objects, b"<< %b >>\nstream\n%b\nendstream" % (entries, packed))
    return _add(objects, b"<< /Type /Filespec /F %b /EF << /F %d 0 R >> >>" % (_string(name), stream))


def assemble(objects: Sequence[bytes]) -> bytes:
    """A file of these objects, numbered from 1, the first of which is the catalog."""
    file = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets: list[int] = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    file += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(file)


def _add(objects: list[bytes], body: bytes) -> int:
    objects.append(body)
    return len(objects)


def _references(numbers: Sequence[int]) -> bytes:
    return b" ".join(b"%d 0 R" % number for number in numbers)


def _string(text: str) -> bytes:
    """A literal string (ISO 32000-1, 7.3.4.2) in the encoding of the font."""
    encoded = text.encode("cp1252")
    for mark in (b"\\", b"(", b")"):
        encoded = encoded.replace(mark, b"\\" + mark)
    return b"(" + encoded + b")"


def _show(page: PdfPage) -> bytes:
    lines = b"".join(b"%b Tj 0 -14 Td\n" % _string(line) for line in page.lines)
    text = b"BT /F1 12 Tf 72 720 Td\n%bET\n" % lines if page.lines else b""
    glued = b"".join(b"[%b] TJ 0 -14 Td\n" % b" -300 ".join(map(_string, line.split())) for line in page.glued)
    text += b"BT /F2 12 Tf 72 400 Td\n%bET\n" % glued if page.glued else b""
    return text + (b"q %d 0 0 %d 0 0 cm /Im1 Do Q\n" % page.image_size if page.image else b"")


def _page(page: PdfPage, content: int, marks: Sequence[int]) -> bytes:
    images = b"/XObject << /Im1 %d 0 R >>" % IMAGE if page.image else b""
    annotations = b"/Annots [%b]" % _references(marks) if marks else b""
    return (
        b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
        b"/Resources << /Font << /F1 %d 0 R /F2 %b >> %b >> %b >>"
        % (PAGES, content, FONT, _FONT_WITHOUT_SPACE, images, annotations)
    )


def _font() -> bytes:
    return b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


_FONT_WITHOUT_SPACE = (
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Some /FirstChar 32 /LastChar 122 /Widths [1000 %b] >>" % (b"500 " * 90)
)


def _image() -> bytes:
    entries = b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1"
    return b"<< %b >>\nstream\n\x80\nendstream" % entries


def _note(text: str) -> bytes:
    return b"<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents %b >>" % _string(text)


def _pin(specification: int) -> bytes:
    return b"<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS %d 0 R >>" % specification


def _field(text: str) -> bytes:
    return b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (field) /Rect [0 0 9 9] /V %b >>" % _string(text)
