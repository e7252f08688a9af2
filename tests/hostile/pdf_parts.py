"""Parts from which hostile PDF files are put together: a page of which every object can be replaced."""

import zlib
from collections.abc import Sequence

from tests.pdf_writer import assemble

CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
FONTS = b"/Font << /F1 5 0 R >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
FLATE = b"/Filter /FlateDecode"
HELLO = b"BT /F1 12 Tf 72 700 Td (hello) Tj ET\n"


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream object of these bytes, which are encoded already where `entries` name a filter."""
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries, len(data), data)


def flate(data: bytes) -> bytes:
    """A stream object that is compressed."""
    return stream(zlib.compress(data, 1), FLATE)


def document(
    content: bytes = stream(HELLO),
    more: Sequence[bytes] = (),
    *,
    page: bytes = PAGE,
    pages: bytes = PAGES,
    catalog: bytes = CATALOG,
    font: bytes = FONT,
) -> bytes:
    """Catalog 1, page tree 2, page 3, content 4, font 5, and `more` from 6 on."""
    return assemble([catalog, pages, page, content, font, *more])


def with_entry(dictionary: bytes, entry: bytes) -> bytes:
    """The dictionary with one entry more at its end."""
    return dictionary.removesuffix(b">>") + entry + b" >>"


def with_resource(resource: bytes) -> bytes:
    """The page with one resource more."""
    return PAGE.replace(FONTS, FONTS + b" " + resource)


def form(content: bytes, resources: bytes) -> bytes:
    """A form XObject."""
    entries = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /Font << /F1 5 0 R >> %b >>" % resources
    return stream(content, entries)


def with_cross_reference_stream(objects: Sequence[bytes], entries: bytes, table: bytes) -> bytes:
    """A file of objects whose only table is a stream (ISO 32000-1, 7.5.8); `entries` go into its dictionary."""
    file = bytearray(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        file += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(file)
    file += b"%d 0 obj\n%b\nendobj\n" % (len(objects) + 1, stream(table, b"/Type /XRef /Root 1 0 R " + entries))
    return bytes(file + b"startxref\n%d\n%%%%EOF\n" % start)


def offsets(objects: Sequence[bytes]) -> list[int]:
    """Where with_cross_reference_stream puts each object, and last its table."""
    places, at = [], len(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        places.append(at)
        at += len(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    return [*places, at]
