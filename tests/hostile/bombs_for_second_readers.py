"""PDF bombs that the first reader does not open, or passes by, so that they go off in what is done next."""

from tests.hostile.bombs import DAMAGED, INDEXED, PARTIAL, TOO_LARGE, Bomb, bomb
from tests.hostile.compressed import flate_zeros
from tests.hostile.pdf_parts import (
    CATALOG,
    FLATE,
    HELLO,
    PAGE,
    document,
    flate,
    form,
    stream,
    with_entry,
    with_resource,
)

# pypdf refuses a page tree that holds itself; pdfium reads what it reaches.
LOOPED = b"<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 1 >>"


def swelling_page() -> bytes:
    """pdfium gives up when it gets no more memory, and its process with it."""
    return document(stream(flate_zeros(1024), FLATE), pages=LOOPED)


def many_words() -> bytes:
    return document(flate(b"BT /F1 9 Tf " + b"(a)Tj " * 10_000_000 + b"ET"), pages=LOOPED)


def fan_of_forms() -> bytes:
    forms = [form(b"/X Do " * 10 + HELLO, b"/XObject << /X %d 0 R >>" % (7 + level)) for level in range(8)]
    page = with_resource(b"/XObject << /X 6 0 R >>")
    return document(stream(HELLO + b"/X Do " * 10), [*forms, form(HELLO, b"")], page=page, pages=LOOPED)


def million_pages() -> bytes:
    return document(pages=b"<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 1000000 >>")


def named(tree: bytes, more: list[bytes]) -> bytes:
    return document(more=more, catalog=with_entry(CATALOG, b"/Names << /EmbeddedFiles %b >>" % tree))


def swelling_font() -> bytes:
    """Its words look glued, so that pdfium is asked, and dies of the font; what pypdf read is kept."""
    descriptor = b"/FontDescriptor << /Type /FontDescriptor /FontName /X /Flags 32 /FontFile2 6 0 R >>"
    widths = b"/FirstChar 32 /LastChar 122 /Widths [1000 %b]" % (b"500 " * 90)
    font = b"<< /Type /Font /Subtype /TrueType /BaseFont /X %b %b >>" % (widths, descriptor)
    shown = stream(b"BT /F1 9 Tf 72 700 Td (thenoticetakeseffectattheendofthemonthinwhichitisreceived) Tj ET")
    return document(shown, [stream(flate_zeros(1024), FLATE)], font=font)


def attachments_without_end() -> bytes:
    kids = b"<< /Kids [%b] >>" % (b"6 0 R 7 0 R 8 0 R " * 30_000)
    return named(b"6 0 R", [kids] * 3)


def same_attachment() -> bytes:
    specification = b"<< /Type /Filespec /F (a.txt) /EF << /F 7 0 R >> >>"
    return named(b"<< /Names [%b] >>" % (b"(a) 6 0 R " * 40_000), [specification, stream(b"x", b"/Type /EmbeddedFile")])


def pins() -> bytes:
    pin = b"<< /Subtype /FileAttachment /FS << /F (a.txt) /EF << /F 7 0 R >> >> >>"
    annotations = b"/Annots [%b]" % (b"6 0 R " * 90_000)
    return document(more=[pin, stream(b"x", b"/Type /EmbeddedFile")], page=with_entry(PAGE, annotations))


SECONDS: tuple[Bomb, ...] = (
    bomb("a page that swells, in a broken tree", swelling_page, DAMAGED, TOO_LARGE),
    bomb("ten million words, in a broken tree", many_words, DAMAGED, PARTIAL),
    bomb("a fan of forms, in a broken tree", fan_of_forms, DAMAGED),
    bomb("a million pages, in a broken tree", million_pages, PARTIAL),
    bomb("a font that swells, for words that look glued", swelling_font, INDEXED),
    bomb("names of attachments without end", attachments_without_end, PARTIAL),
    bomb("one attachment 40,000 times", same_attachment, INDEXED),
    bomb("90,000 pins with one attachment", pins, PARTIAL),
)
