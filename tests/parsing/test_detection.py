"""The format is found by content, not by name; what is not read is refused rather than indexed as bytes."""

import base64
import bz2
import gzip
import io
import lzma
import zipfile

import pytest

from pipeline.parsing import detection
from tests.parsing.readers.test_cms import enveloped, signed
from tests.parsing.support import what
from tests.parsing.test_tarballs import tar
from tests.pdf_writer import PdfPage, pdf

PDF = pdf(PdfPage(("text",)))
HTML = b"<!DOCTYPE html>\n<html><head><title>t</title></head><body><p>text</p></body></html>"
MAIL = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: lease\r\n\r\nDear tenant,\r\n"
MARKDOWN = b"# Notes\n\nUse `<table>` or <div> tags, and <p>paragraphs</p>.\n"


def archive(method: int = zipfile.ZIP_DEFLATED, name: str = "word/document.xml", content: bytes = b"<w/>") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as file:
        file.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize("suffix", [".pdf", ".txt", ".html", ".docx", ""])
@pytest.mark.parametrize(
    ("data", "found"),
    [
        (PDF, "pdf"),
        (b"\r\njunk\n" + PDF, "pdf"),
        (HTML, "html"),
        (b"\xef\xbb\xbf  " + HTML.lower(), "html"),
        (b"<!-- saved from a page -->\n<html><body>text", "html"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>text</body></html>', "html"),
        (archive(), "zip"),
        (gzip.compress(b"text", mtime=0), "compressed"),
        (bz2.compress(b"text"), "compressed"),
        (lzma.compress(b"text"), "compressed"),
        (tar(), "tar"),
        (gzip.compress(tar(), mtime=0), "tar"),
        (MAIL, "eml"),
        (b"\xef\xbb\xbf\r\n" + MAIL, "eml"),
        (b"From sender Mon Jan  1 00:00:00 2024\n" + MAIL, "mbox"),
        (signed(b"text"), "p7m"),
        (enveloped(), "encryption_unknown"),
        (archive(zipfile.ZIP_STORED, "letter.pdf", PDF), "zip"),
        (b"{\\rtf1\\ansi text}", "rtf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500, "structure_damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "structure_damaged"),
    ],
)
def test_content_decides_whatever_the_name_says(data: bytes, found: str, suffix: str) -> None:
    assert what(data, suffix) == found


@pytest.mark.parametrize(
    "signature",
    [
        b"%!PS-Adobe-3.0",
        b"Rar!\x1a\x07\x01", b"7z\xbc\xaf\x27\x1c", b"\x1f\x9d", b"\x28\xb5\x2f\xfd", b"MSCF\x00\x00\x00\x00",
        b"!<arch>\n", b"\x78\x9f\x3e\x22",
        b"\x7fELF", b"SQLite format 3\x00",
    ],
)  # fmt: skip
def test_formats_that_are_not_read_are_known_by_their_first_bytes(signature: bytes) -> None:
    assert what(signature + b" and then words that could be taken for text", ".txt") == "format_not_read"


@pytest.mark.parametrize(
    "signature", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*", b"MM\x00+"]
)
def test_a_picture_that_is_none_is_not_taken_for_text(signature: bytes) -> None:
    assert what(signature + b" and then words that could be taken for text", ".txt") == "structure_damaged"


@pytest.mark.parametrize(
    ("data", "suffix", "found"),
    [
        (b"just words", ".pdf", "text"),
        (b"just words", ".html", "html"),
        (b"just words", ".md", "markdown"),
        (b"just words", "", "text"),
        (MARKDOWN, ".md", "markdown"),
        (MARKDOWN, ".txt", "text"),
        (b"a < b and b > c\n<p> marks a paragraph", ".txt", "text"),
        (b"Subject: three words only\n\nNo mail.", ".txt", "text"),
        (b"text", ".eml", "eml"),
        (b"text", ".mbox", "mbox"),
        (b"MZ program\x00" + archive(zipfile.ZIP_STORED, "letter.pdf", PDF), ".zip", "zip"),
        (b"just words", ".zip", "text"),
        (b"BZh, a word", ".bz2", "text"),
        (base64.encodebytes(signed(b"text")), ".p7m", "p7m"),
        (b"<?xml version='1.0'?><invoice/>", ".xml", "xml"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "", "xml"),
        (b"x" * 257 + b"ustar\x0000" + b"x" * 200, ".txt", "structure_damaged"),
        (b"PK\x03\x04 and no more", ".txt", "structure_damaged"),
        (b"trailer\n<< /Size 3 >>\nstartxref\n9\n%%EOF", ".pdf", "structure_damaged"),
        (b"trailer\n<< /Size 3 >>\nstartxref\n9\n%%EOF", ".txt", "text"),
    ],
)
def test_where_the_content_does_not_tell_the_name_does(data: bytes, suffix: str, found: str) -> None:
    assert what(data, suffix) == found


@pytest.mark.parametrize(
    ("data", "suffix", "found"),
    [
        (b"# Formats\n\nA PDF begins with %PDF-1.7, a GIF with GIF89a.\n", ".md", "markdown"),
        (archive(zipfile.ZIP_STORED, "letter.pdf", PDF), ".zip", "zip"),
        (MAIL + b"%PDF-1.4 attached", ".eml", "eml"),
    ],
)
def test_a_file_that_mentions_or_holds_a_pdf_is_none(data: bytes, suffix: str, found: str) -> None:
    assert what(data, suffix) == found


@pytest.mark.parametrize(
    "data", [b"\xef\xbb\xbf<?xml version='1.0'?><invoice/>", b"<svg width='9'><title>t</title></svg>"]
)
def test_xml_is_known_behind_a_byte_order_mark_and_with_a_title(data: bytes) -> None:
    assert what(data, ".xml") == "xml"


def test_the_file_is_left_at_its_start() -> None:
    file = io.BytesIO(PDF)
    detection.reader_for(file, ".pdf")
    assert file.tell() == 0
