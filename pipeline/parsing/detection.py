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
from pipeline.parsing.protocol import Request
from pipeline.parsing.reading import ReadingEnded

HEAD_BYTES = 4096
_PDF_HEADER_BYTES = 1024  # ISO 32000-1 Annex H: readers accept the header within the first 1024 bytes

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
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
)
# Known, and not read: saying so is better than indexing their bytes as text.
_NOT_READ = (
    b"%!PS", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"\xfd7zXZ\x00", b"\x7fELF", b"SQLite format 3\x00",
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
_MAIL = re.compile(
    rb"(From \S+ .*\n)?((Return-Path|Received|Message-ID|MIME-Version|Delivered-To|From|To|Subject|Date"
    rb"|X-[\w-]+|DKIM-Signature):.*\n([ \t].*\n)*){3}",
    re.IGNORECASE,
)
_HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
_BY_SUFFIX = {
    **dict.fromkeys(_HTML_SUFFIXES, "html"),
    **dict.fromkeys((".md", ".markdown"), "markdown"),
    **dict.fromkeys((".csv", ".tsv", ".tab"), "csv"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), "json"),
    ".eml": "eml",
    ".mbox": "mbox",
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
    import charset_normalizer  # noqa: F401, PLC0415 - readers import it only when an encoding must be guessed

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
    signed = next((name for signature, name in _SIGNATURES if head.startswith(signature)), None)
    if signed is None and head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        signed = "webp"
    return signed or _format_of_text(head, suffix)


def _format_of_text(head: bytes, suffix: str) -> str:
    """The format of what has no signature that stands first."""
    if head.startswith(_NOT_READ) or head[257:262] == b"ustar":
        raise ReadingEnded(Code.FORMAT_NOT_READ)
    if _is_mail(head):
        return "mbox" if head.startswith(b"From ") else "eml"
    if _PDF_HEADER.search(head[:_PDF_HEADER_BYTES]):
        return "pdf"
    if suffix == ".pdf" and (b"\x00" in head or _PDF_PARTS.search(head)):
        return "pdf"  # a PDF whose beginning is lost: the reader may still find its end
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _is_html(start, suffix):
        return "html"
    if _XML.match(start):
        return "xml"
    return _BY_SUFFIX.get(suffix, "text")


def _is_mail(head: bytes) -> bool:
    return _MAIL.match(head.replace(b"\r\n", b"\n")) is not None


def _is_html(start: bytes, suffix: str) -> bool:
    """A page of HTML begins with a tag; Markdown and text may mention tags; XML is HTML only with that root."""
    if start.startswith((b"<?xml", b"<svg")):
        return _XHTML.search(start) is not None
    return _HTML.search(start) is not None and (suffix in _HTML_SUFFIXES or start.startswith(b"<"))
