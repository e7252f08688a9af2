"""EPUB: a page a chapter, in the order in which the book is read; locked books and lost chapters say so."""

from collections.abc import Mapping
from typing import ClassVar

import pytest

from pipeline.outcomes import Code
from pipeline.parsing.effort import Exhausted
from pipeline.parsing.protocol import Finished, Page
from pipeline.parsing.readers import epub as epub_module
from tests.parsing.contract import ParserContract
from tests.parsing.readers.packages import package
from tests.parsing.support import end, frames, pages, texts

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def chapter(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>The Book</title>'
        f'<script src="x.js"/><link href="x.css"/></head><body>{body}</body></html>'
    )


def epub(chapters: Mapping[str, str | bytes], parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """A book of these chapters, by their addresses in the book, in this order."""
    items = "".join(f'<item id="c{at}" href="{name}"/>' for at, name in enumerate(sorted(chapters)))
    spine = "".join(f'<itemref idref="c{sorted(chapters).index(name)}"/>' for name in chapters)
    return package(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": CONTAINER,
            "OPS/book.opf": f'<package xmlns="http://www.idpf.org/2007/opf"><manifest>{items}</manifest>'
            f"<spine>{spine}</spine></package>",
            **{f"OPS/{name}": content for name, content in chapters.items()},
            **(parts or {}),
        }
    )


class TestEpub(ParserContract):
    format = "epub"
    suffix = ".epub"
    golden: ClassVar[tuple[str, ...]] = (
        "One\n\nIt was a bright\ncold day.",
        "Two\n\nTown\tRent\nOslo\t12 €",
        "",
    )
    sample = epub(
        {
            "text/z.xhtml": chapter("<h1>One</h1><p>It was a bright<br/>cold<a id='x'/> day.<script>no()</script></p>"),
            "text/a.xhtml": chapter(
                "<h1>Two</h1><table><tr><th>Town</th><th>Rent</th></tr><tr><td>Oslo</td><td>12 €</td></tr></table>"
            ),
            "text/m.xhtml": chapter("<p/>"),
        }
    )


def test_addresses_are_unescaped_and_what_is_listed_twice_is_read_once() -> None:
    items = '<item id="c0" href="text/a%20b.xhtml#start"/><item id="c1" href="text/c.xhtml"/>'
    spine = '<itemref idref="c0"/><itemref idref="c1" linear="no"/><itemref idref="c0"/>'
    document = f"<manifest>{items}</manifest><spine>{spine}</spine>"
    book = epub(
        {"text/a b.xhtml": chapter("<p>a</p>"), "text/c.xhtml": chapter("<p>c</p>")},
        {"OPS/book.opf": f'<package xmlns="http://www.idpf.org/2007/opf">{document}</package>'},
    )
    assert texts(frames(book, ".epub")) == ["a", "c"]


def test_a_chapter_that_is_not_there_costs_that_chapter() -> None:
    book = epub({"a.xhtml": chapter("<p>a</p>"), "b.xhtml": chapter("<p>b</p>")})
    lost = book.replace(b"OPS/a.xhtml", b"OPS/x.xhtml")
    assert pages(frames(lost, ".epub")) == [Page(1, "", Code.PAGES_FAILED), Page(2, "b")]


@pytest.mark.parametrize(
    "parts",
    [
        {"META-INF/container.xml": "<container/>"},
        {"META-INF/container.xml": CONTAINER.replace("book.opf", "lost.opf")},
        {"META-INF/container.xml": "no markup"},
        {"OPS/book.opf": "<package/>"},
    ],
)
def test_a_book_whose_directory_is_lost_is_read_all_the_same(parts: dict[str, str]) -> None:
    chapters = {f"text/{number}.xhtml": chapter(f"<p>{number}</p>") for number in (2, 9, 10)}
    assert texts(frames(epub(chapters, parts), ".epub")) == ["2", "9", "10"]


def test_a_book_without_chapters_is_damaged() -> None:
    book = package({"mimetype": "application/epub+zip", "x.txt": "x"})
    assert frames(book, ".epub") == [Finished(Code.STRUCTURE_DAMAGED)]


@pytest.mark.parametrize(
    "body", ['<img src="cover.jpg"/>', '<svg:svg xmlns:svg="x"><svg:image/></svg:svg>', "<svg><image/></svg>"]
)
def test_a_chapter_of_pictures_says_so(body: str) -> None:
    book = epub({"a.xhtml": chapter(body), "b.xhtml": chapter("<p>b</p>")})
    assert pages(frames(book, ".epub")) == [Page(1, "", Code.PAGES_WITHOUT_TEXT), Page(2, "b")]


def encryption(algorithm: str, *names: str) -> str:
    entries = "".join(
        f'<enc:EncryptedData><enc:EncryptionMethod Algorithm="{algorithm}"/><enc:CipherData>'
        f'<enc:CipherReference URI="{name}"/></enc:CipherData></enc:EncryptedData>'
        for name in names
    )
    return f'<encryption xmlns:enc="http://www.w3.org/2001/04/xmlenc#">{entries}</encryption>'


AES = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
CHAPTERS = {"a.xhtml": chapter("<p>a</p>"), "b.xhtml": chapter("<p>b</p>")}


def test_a_locked_book_is_refused() -> None:
    locked = {"META-INF/encryption.xml": encryption(AES, "OPS/a.xhtml", "OPS/b.xhtml")}
    assert frames(epub(CHAPTERS, locked), ".epub") == [Finished(Code.ENCRYPTION_UNKNOWN)]


def test_a_locked_chapter_costs_that_chapter() -> None:
    locked = {"META-INF/encryption.xml": encryption(AES, "OPS/b.xhtml")}
    assert pages(frames(epub(CHAPTERS, locked), ".epub")) == [Page(1, "a"), Page(2, "", Code.PAGES_FAILED)]


@pytest.mark.parametrize("algorithm", ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"])
def test_fonts_that_are_bound_to_their_book_lock_nothing(algorithm: str) -> None:
    fonts = {"META-INF/encryption.xml": encryption(algorithm, "OPS/font.otf", "OPS/a.xhtml")}
    assert texts(frames(epub(CHAPTERS, fonts), ".epub")) == ["a", "b"]


def test_a_chapter_in_any_encoding_is_read() -> None:
    declared = '<?xml version="1.0" encoding="windows-1251"?><html><body><p>Договор аренды</p></body></html>'
    book = epub({"a.xhtml": declared.encode("cp1251"), "b.xhtml": chapter("<p>größer</p>").encode("utf-16")})
    assert texts(frames(book, ".epub")) == ["Договор аренды", "größer"]


def test_a_chapter_that_is_damaged_gives_what_comes_before_and_says_so() -> None:
    content = chapter("<p>begin</p>" + "".join(f"<p>line {number}</p>" for number in range(5000)))
    book = bytearray(epub({"a.xhtml": content, "b.xhtml": chapter("<p>b</p>")}))
    place = book.index(b"OPS/a.xhtml") + 8000
    book[place : place + 40] = bytes(40)
    first, second = pages(frames(bytes(book), ".epub"))
    assert first.text.startswith("begin\n\nline 0\n\nline 1\n\n")
    assert first.code is Code.PAGES_FAILED
    assert second == Page(2, "b")


def test_a_chapter_that_is_no_text_has_failed() -> None:
    assert pages(frames(epub({"a.xhtml": bytes(range(256)) * 20}), ".epub")) == [Page(1, "", Code.PAGES_FAILED)]


def test_a_chapter_that_inflates_without_end_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epub_module, "MAX_BYTES", 1000)
    monkeypatch.setattr("pipeline.parsing.readers.inner_html.MAX_BYTES", 1000)
    (page,) = pages(frames(epub({"a.xhtml": chapter("<p>begin</p>" + "<p>more</p>" * 10_000)}), ".epub"))
    assert page.text.startswith("begin\n\nmore")
    assert len(page.text) < 1000
    assert page.code is Code.READER_LIMIT


def test_two_chapters_that_take_too_long_end_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(content: bytes, _request: object) -> tuple[str, Code | None]:
        if b"never" in content:
            raise Exhausted
        return "read", None

    monkeypatch.setattr(epub_module, "page_text", read)
    said = (("a", "never"), ("b", "b"), ("c", "never"), ("d", ""))
    answer = frames(epub({name: chapter(f"<p>{text}</p>") for name, text in said}), ".epub")
    assert pages(answer) == [Page(1, "", Code.READER_LIMIT), Page(2, "read"), Page(3, "", Code.READER_LIMIT)]
    assert end(answer) is Code.READER_LIMIT
