"""Which reader a file's content asks for. The name's suffix is only a hint where the content does not tell."""

import contextlib
import importlib
import io
import re
from types import ModuleType
from typing import BinaryIO

from pipeline.outcomes import Code
from pipeline.parsing import packages
from pipeline.parsing.formats import FORMATS
from pipeline.parsing.mail_signs import begins_mail, begins_mailbox
from pipeline.parsing.protocol import Request
from pipeline.parsing.readers import cms
from pipeline.parsing.reading import ReadingEnded
from pipeline.parsing.tarballs import BLOCK_BYTES, compressed_format, is_tar_header
from pipeline.parsing.unpacking import compression_of

HEAD_BYTES = 4096
_PDF_HEADER_BYTES = 1024  # ISO 32000-1 Annex H: readers accept the header within the first 1024 bytes

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK00PK\x03\x04", b"PK\x07\x08PK\x03\x04")  # the last ones: to be split
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Formats known by their first bytes.
_SIGNATURES = (
    (b"{\\rtf", "rtf"),
    (b"\x89PNG\r\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),  # with addresses of 64 bits
    (b"MM\x00+", "tiff"),
    (b"\x09\x00\x04\x00", "xls"),  # before they lay in OLE packages: BIFF 2, 3, 4, 5 and 8
    (b"\x09\x02\x06\x00", "xls"),
    (b"\x09\x04\x06\x00", "xls"),
    (b"\x09\x08\x08\x00", "xls"),
    (b"\x09\x08\x10\x00", "xls"),
)
_BMP_HEADERS = frozenset(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))  # of all versions
# Known, and not read: saying so is better than indexing their bytes as text.
_NOT_READ = (
    b"%!PS", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x7fELF", b"SQLite format 3\x00", b"\x1f\x9d",
    b"\x28\xb5\x2f\xfd", b"MSCF\x00\x00\x00\x00", b"!<arch>\n", b"\x78\x9f\x3e\x22",
    b"\xdb\xa5\x2d\x00", b"\x31\xbe\x00\x00", b"\xffWPC",  # Word 2, Word for DOS and Write, WordPerfect
)  # fmt: skip
# At the start of a line or behind bytes that are no text: prose that mentions the header is no PDF.
_PDF_HEADER = re.compile(rb"(?:^|[\r\n\x00-\x08\x80-\xff])\s*%PDF-")
_HTML = re.compile(rb"<(!doctype\s+html|html|head|body|title|meta|table|div|p|h1)[\s>]", re.IGNORECASE)
_XHTML = re.compile(rb"<html[\s>]", re.IGNORECASE)
_PDF_PARTS = re.compile(rb"\d+ \d+ obj|startxref|trailer\s*<<")
_ONE_PAGE = b"""%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >> endobj
4 0 obj << /Length 27 >> stream
BT /F 9 Tf (a b) Tj T* ET
endstream endobj
5 0 obj << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> endobj
"""
_XML = re.compile(rb"\s*<\?xml|\s*<!(DOCTYPE|ENTITY)|\s*<svg[\s>]", re.IGNORECASE)
_HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
_XML_SUFFIXES = frozenset(FORMATS["xml"].suffixes) - {".txt"}
_TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".xls", ".xlsx", ".xlsb", ".ods")  # text under the last ones: an export
_BY_SUFFIX = {
    **dict.fromkeys(_HTML_SUFFIXES, "html"),
    **dict.fromkeys((".md", ".markdown"), "markdown"),
    **dict.fromkeys(_TABLE_SUFFIXES, "csv"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson", ".geojson", ".ipynb"), "json"),
    **dict.fromkeys((".eml", ".emlx"), "eml"),
    ".mbox": "mbox",
    ".p7m": "p7m",
}


def reader_for(file: BinaryIO, suffix: str) -> ModuleType:
    """The module of readers/ for an open file, which is left at its start.

    Raises ReadingEnded when the file is empty or of a format that is not read.
    """
    return _module(_format_of(file, suffix))


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(f"pipeline.parsing.readers.{FORMATS[name].reader}")
    except ModuleNotFoundError:
        raise ReadingEnded(Code.FORMAT_NOT_READ) from None


def warm_up() -> None:
    """Import every reader and read one page with the slowest to start, so that forked children find all in memory."""
    for name in FORMATS:
        with contextlib.suppress(ReadingEnded):
            _module(name)

    request = Request(
        suffix="", first_page=1, max_pages=1, max_text_bytes=1, address_space_bytes=0, cpu_s=0, page_cpu_s=60
    )
    with contextlib.suppress(ReadingEnded):  # it says that the page's structure is not complete, which is so
        list(_module("pdf").read(io.BytesIO(_ONE_PAGE), request))


def _format_of(file: BinaryIO, suffix: str) -> str:
    head = file.read(HEAD_BYTES)
    file.seek(0)
    if not head:
        raise ReadingEnded(Code.EMPTY_FILE)
    if head.startswith(_ZIP):
        return packages.zip_format(file)
    if head.startswith(_OLE):
        return packages.ole_format(file)
    signed = next((name for signature, name in _SIGNATURES if head.startswith(signature)), None) or _picture(head)
    compression = compression_of(head)
    if signed is None and compression is not None:
        return compressed_format(file, compression)
    return signed or _format_of_text(head, suffix)


def _picture(head: bytes) -> str | None:
    """The format of a picture whose first bytes are not enough to know it by."""
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    is_bitmap = head.startswith(b"BM") and head[6:10] == bytes(4) and head[14:18] in _BMP_HEADERS
    return "bmp" if is_bitmap else None


def _format_of_text(head: bytes, suffix: str) -> str:
    """The format of what has no signature that stands first."""
    if head.startswith(_NOT_READ):
        raise ReadingEnded(Code.FORMAT_NOT_READ)
    if (holder := _holder(head)) is not None:
        return holder
    if _PDF_HEADER.search(head[:_PDF_HEADER_BYTES]):
        return "pdf"
    is_binary = b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if (suffix in (".pdf", ".zip") and is_binary) or (suffix == ".pdf" and _PDF_PARTS.search(head)):
        return suffix.removeprefix(".")  # its beginning is lost or is something else: the reader may find its end
    start = _one_byte_each(head).lstrip()
    if _is_html(start, suffix):
        return "html"
    if _XML.match(start) or (suffix in _XML_SUFFIXES and start.startswith(b"<")):
        return "xml"
    return _BY_SUFFIX.get(suffix, "text")


def _holder(head: bytes) -> str | None:
    """The format of what holds other documents, where no first bytes say it: an archive, a mail, a signed file."""
    if cms.kind_of(head[:100]) is not None:
        return "p7m"
    if head[257:262] == b"ustar" or is_tar_header(head[:BLOCK_BYTES]):
        return "tar"
    if begins_mailbox(head):
        return "mbox"
    return "eml" if begins_mail(head) else None


def _one_byte_each(head: bytes) -> bytes:
    """The beginning without its byte order mark; of UTF-16 only what is ASCII, which is enough to know marks by."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        start = "<".encode(encoding)
        if head.startswith((mark, start)):
            return head.removeprefix(mark).decode(encoding, "ignore").encode("ascii", "ignore")
    return head.removeprefix(b"\xef\xbb\xbf")


def _is_html(start: bytes, suffix: str) -> bool:
    """A page of HTML begins with a tag; Markdown and text may mention tags; XML is HTML only with that root."""
    if start.startswith((b"<?xml", b"<svg")) or suffix in _XML_SUFFIXES:
        return _XHTML.search(start) is not None
    return _HTML.search(start) is not None and (suffix in _HTML_SUFFIXES or start.startswith(b"<"))
