"""Rich Text Format: the text comes out in its encoding and its order; what is no text of the document stays out."""

import struct
import sys
import time
from collections.abc import Iterator
from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Member, Opened, Page, Piece, Task
from pipeline.parsing.readers import rtf, rtf_text
from pipeline.parsing.readers.rtf_tokens import Token, tokens
from tests.parsing import clock
from tests.parsing.contract import ParserContract
from tests.parsing.readers.word_writer import Word
from tests.parsing.support import CAREFUL, REQUEST, end, frames, pages, texts

FONTS = (
    rb"{\fonttbl{\f0\froman\fcharset0\fprq2{\*\panose 02020603050405020304}Times New Roman;}{\f1\fcharset204 Arial;}"
    rb"{\f2\fmodern\fcharset128{\*\falt Mincho}\'82\'6c\'82\'72;}{\f3\ftech\fcharset2 Symbol;}{\f4\fcharset177 David;}"
    rb"{\f5\cpg1253 Old;}{\f6 Plain;}{\f7\fcharset134 SimSun;}{\f8\fcharset2 Wingdings;}}"
)


def document(body: bytes, head: bytes = rb"\ansi\ansicpg1252\deff0") -> bytes:
    return rb"{\rtf1" + head + FONTS + b"\r\n" + body + b"}"


def read(body: bytes, head: bytes = rb"\ansi\ansicpg1252\deff0") -> str:
    answer = frames(document(body, head), ".rtf")
    assert answer[-1] == Finished()
    return "\f".join(texts(answer))


class TestRtf(ParserContract):
    format = "rtf"
    suffix = ".rtf"
    golden: ClassVar[tuple[str, ...]] = (
        "Lease of rooms\n\nThe tenant pays 12 € rent for the Büro.\nItem\tPrice\nShelf\t5",
        "Second page\n\nA footnote",
    )
    sample = document(
        rb"\pard Lease of {\b rooms}\par\par The tenant pays 12 \'80 rent f\'6fr the B\u252\'fcro.\par"
        rb"\trowd Item\cell Price\cell\row Shelf\cell 5\cell\row\pard\page Second page{\super\chftn}"
        rb"{\footnote\pard{\super\chftn} A footnote}\par"
    )


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (rb"gr\'fc\'dfe \'80", "grüße €"),
        (rb"\f1 \'c4\'ee\'e3\'ee\'e2\'ee\'f0", "Договор"),
        (rb"\f2 \'8c\'5f\'96\'f1\'8f\'91 \'95\\ \'83A", "契約書 表 ア"),  # the second byte as it is, and escaped
        (rb"\f4 \'f9\'ec\'e5\'ed", "שלום"),
        (rb"\f5 \'c5\'eb\'eb\'dc\'e4\'e1", "Ελλάδα"),
        (rb"\f6 \'fc", "ü"),
        (rb"\f7 \'ba\'cf\'cd\'ac", "合同"),
        (rb"10 {\f3 m}g \f3\'b3 5", "10 μg ≥ 5"),
        (rb"{\f8\'fc} done", "✓ done"),
        (rb"\u1044?\u1086?\u1075?", "Дог"),
        (rb"\u-4051?{\f3\u-4051?}", "\uf02d−"),
        (rb"\uc2\u24180\'94\'4e!", "年!"),
        (rb"\uc0\u233t\u233", "été"),
        (rb"{\uc3\u8364 EUR}x", "€x"),
        (rb"\u8364{}?", "€?"),
        (rb"\u8364\'80\'80", "€€"),
        (rb"\u55356?\u57103?", "\U0001f30f"),
        (rb"{\f1 {\b\f0\'e4}\'e4}", "äд"),
        (rb"\f1\'e4\plain\'e4", "дä"),
        (rb"\f2\'96 \f0 x", "– x"),
    ],
)
def test_characters_are_those_of_their_font(body: bytes, seen: str) -> None:
    assert read(body) == seen


@pytest.mark.parametrize(
    ("head", "body", "seen"),
    [
        (rb"\ansi\ansicpg1251", rb"\f6 \'e4", "д"),
        (rb"\mac", rb"\f6 \'8a", "ä"),
        (rb"\pc", rb"\f6 \'84", "ä"),
        (rb"\pca", rb"\f6 \'84", "ä"),
        (rb"\ansi\ansicpg65001", rb"\f6 \'c3\'a4", "ä"),
        (rb"\ansi\ansicpg99999", rb"\f6 \'e4", "ä"),
        (rb"\ansi\ansicpg1250\deff1", rb"\plain\'e4", "д"),
        (rb"", rb"\f99 \'e4", "ä"),
    ],
)
def test_the_document_declares_an_encoding(head: bytes, body: bytes, seen: str) -> None:
    assert read(body, head) == seen


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (rb"a\par b\line c\tab d\column e", "a\nb\nc\td\ne"),
        (b"a\\\nb\\\r\nc", "a\nb\nc"),
        (rb"\lquote a\rquote\ldblquote b\rdblquote\emdash\endash\bullet", "‘a’“b”—–•"),
        (rb"non\_breaking\~space op\-tional", "non-breaking space optional"),
        (rb"\{\\\}", "{\\}"),
        (b"one\r\nword", "oneword"),
        (rb"\b0bold \i\ulnone not", "bold not"),
        (rb"{a}{ b}", "a b"),
        (rb"see {\field{\*\fldinst HYPERLINK " rb'"http://x"}{\fldrslt the site}} there', "see the site there"),
        (rb"{\pntext\f3\'b7\tab}{\*\pn\pnlvlblt{\pntxtb\'b7}}item", "•\titem"),
        (rb"{\listtext 1.\tab}item", "1.\titem"),
        (rb"{\*\bkmkstart here}text{\*\bkmkend here}", "text"),
        (rb"{\*\unknown hidden {\b deep}}text", "text"),
        (rb"{\info{\title T}{\author A}}{\stylesheet{\s1 heading 1;}}{\colortbl;\red0;}{\*\generator G;}text", "text"),
        (rb"{\upr{plain \'3f}{\*\ud{\uc0 unic\u246 de}}}", "unicöde"),
        (rb"{\info{\upr{\author x}{\*\ud{\author y}}}}text", "text"),
        (rb"{\loch\*\cs7 marked in the middle}", "marked in the middle"),
        (rb"\trowd a\cell\cell b\cell\row c\cell\row", "a\t\tb\nc"),
        (rb"{a\nestcell b\nestcell{\*\nesttableprops\nestrow}{\nonesttables\par}}c\cell\row", "a\tb\nc"),
        (rb"\bin4 }}abtext", "text"),
        (rb"{\*\themedata 504b{\x}}text", "text"),
        (rb"{\xe{\v index entry}}text", "text"),
        (rb"text{\*\moMath{\*\mr x}{\mr y}}", "textxy"),
        (b"null\x00byte", "nullbyte"),
        (rb"\par\par\par\par a\par\par\par b", "a\n\nb"),
        (rb"{\object\objemb{\*\objclass Excel}{\*\objdata 0105}{\result shown}}", "shown"),
    ],
)
def test_words_and_groups(body: bytes, seen: str) -> None:
    assert read(body) == seen


def test_notes_comments_headers_and_boxes_stand_where_people_look() -> None:
    body = (
        rb"{\header head\par}{\footer foot\par}{\footerr foot\par}{\*\ftnsep\chftnsep}"
        rb"First{\footnote One\par two}{\*\atnid AW}{\*\atnauthor A. Weber}\chatn{\*\annotation{\*\atndate 1}Why?}"
        rb"{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt in a box\par}}{\shprslt{\*\do{\dptxbxtext old box}}}}"
        rb"\page Second{\*\annotation Who?}"
    )
    assert read(body) == (
        "head\n\nFirst\n\nOne\ntwo\nComment (A. Weber): Why?\fSecond\n\nComment: Who?\n\nin a box\n\nfoot"
    )


def test_deleted_text_is_no_part_of_the_text_and_still_to_be_found() -> None:
    body = rb"The rent is {\deleted elev{\b en }}{\revised twelve} thousand."
    body += rb"\page {\deleted x\plain y}\deleted z\deleted0 end"
    assert read(body) == "The rent is twelve thousand.\n\nDeleted: eleven\fyend\n\nDeleted: x\nDeleted: z"


def test_sections_begin_pages_unless_they_go_on() -> None:
    assert read(rb"one\sect\sectd\sbknone two\sect\sectd\sbkpage three\sect\sectd four\par") == "one\ntwo\fthree\ffour"


def test_a_page_that_shows_only_pictures_says_so() -> None:
    body = rb"text{\*\shppict{\pict 00}}\page{\*\shppict{\pict\pngblip 0f}}{\nonshppict{\pict 0f}}"
    body += rb"\page{\header{\pict 0f}}more"
    answer = frames(document(body), ".rtf")
    assert pages(answer) == [Page(1, "text"), Page(2, "", Code.PAGES_WITHOUT_TEXT), Page(3, "more")]


def test_html_in_a_mail_is_read_as_html() -> None:
    body = (
        rb"{\*\htmltag64 <p>}Dear \htmlrtf {\b\htmlrtf0{\*\htmltag84 <b>}M\'fcller{\*\htmltag92 </b>}"
        rb"\htmlrtf }\htmlrtf0 ,"
        rb"\htmlrtf \par\htmlrtf0{\*\htmltag0 \par }{\*\htmltag84 &amp;}{\*\mhtmltag84 <img>}\u8364?"
        rb"{\*\htmltag72 </p>}{\*\htmltag0 <p hidden>}no{\*\htmltag0 </p>}{\*\htmltag0 <p>}end"
    )
    assert read(body, rb"\ansi\ansicpg1252\fromhtml1\deff0") == "Dear Müller, &€\n\nend"


def ole1(kind: int, name: bytes, content: bytes) -> bytes:
    """An object as it lies in the file, in hexadecimal."""
    data = struct.pack("<III", 0x501, kind, len(name) + 1) + name + b"\x00" + bytes(8)
    data += struct.pack("<I", len(content)) + content
    digits = data.hex().encode()
    return b"\r\n".join(digits[at : at + 64] for at in range(0, len(digits), 64))


def objects(*contents: bytes) -> bytes:
    return document(b"text " + b"".join(rb"{\object{\*\objdata " + one + rb"}{\result x}}" for one in contents))


def test_embedded_documents_are_members() -> None:
    label = b"\x02\x00letter.txt\x00C:\\letter.txt\x00\x00\x00\x03\x00" + struct.pack("<I", 3) + b"C:\x00"
    binary = bytes.fromhex(ole1(2, b"Raw", b"as it is").replace(b"\r\n", b"").decode())
    file = objects(
        ole1(2, b"Package", label + struct.pack("<I", 5) + b"Hello"),
        ole1(1, b"Word.Document.8", b"a link"),
        ole1(2, b"Equation.3", b"a formula"),
        ole1(2, b"Word.Document.8", Word("inside\r").file()),
        rb"\bin%d " % len(binary) + binary,
        ole1(2, b"x" * 2000, b"damaged"),
    )
    assert frames(file, ".rtf")[0] == Opened("rtf", 1, 4)
    request = msgspec.structs.replace(REQUEST, task=Task.MEMBERS, max_members=9, max_member_bytes=1 << 20)
    answer = frames(file, ".rtf", request)
    assert answer[:3] == [Member(1, "letter.txt"), Piece(b"Hello", last=True), Member(2, "embedded-2.doc")]
    assert isinstance(answer[3], Piece)
    assert texts(frames(answer[3].content, ".doc")) == ["inside"]
    assert answer[4:] == [
        Member(3, "embedded-3.bin"),
        Piece(b"as it is", last=True),
        Member(4, "embedded-4.bin", Code.STRUCTURE_DAMAGED),
        Finished(),
    ]
    assert frames(file, ".rtf", msgspec.structs.replace(request, first_page=4)) == answer[6:]


@pytest.mark.parametrize(
    "body",
    [
        b"{" * 60_000 + b"deep",
        b"}" * 1000 + b"text",
        b"\\",
        b"\\'",
        b"\\'4",
        b"{\\*",
        b"\\u",
        b"\\u99999999999 x",
        b"\\uc-5 x",
        b"\\bin999999999 x",
        b"\\bin-5 x",
        b"{\\fonttbl{\\f0",
        b"{\\*\\htmltag",
        b"\\f-1 x",
        b"\\ansicpg-1 x",
        b"{\\object{\\*\\objdata",
        b"{\\*\\objdata 0105000002000000ffffffff}",
        b"\\deff99999999999 x",
        b"{\\upr",
        b"{\\*\\ud x}",
    ],
)
def test_broken_files_are_read_as_far_as_they_go(body: bytes) -> None:
    answer = frames(rb"{\rtf1 before " + body, ".rtf")
    assert texts(answer)[0].startswith("before")
    assert isinstance(answer[-1], Finished)


def test_groups_within_groups_are_read_however_deep_they_lie() -> None:
    text = rtf_text.RtfText()
    text.follow(tokens(b"{" * 60_000))
    assert len(text._groups) == rtf_text._MAX_DEPTH
    depth = rtf_text._MAX_DEPTH + 10
    answer = frames(rb"{\rtf1 " + b"{" * depth + b"deep" + b"}" * depth + b" end}", ".rtf")
    assert texts(answer) == ["deep end"]


@pytest.mark.parametrize("body", [b"0123456789abcdef" * 200_000, b"{" * 60_000, rb"\'82" * 300_000, b"\t" * 300_000])
def test_large_files_are_read_in_time(body: bytes) -> None:
    begun = time.process_time()
    frames(rb"{\rtf1{\pict " + body + b"}text}", ".rtf")
    assert time.process_time() - begun < 10


@CAREFUL
@given(
    st.lists(
        st.sampled_from(
            [b"{", b"}", rb"\par ", rb"\*", rb"\footnote ", rb"\'82", rb"\u300 ", b"a", rb"\f2 ", rb"\page "]
        )
    )
)
def test_any_words_give_something(words: list[bytes]) -> None:
    answer = frames(document(b"".join(words)), ".rtf")
    assert answer[-1] == Finished()
    assert sum(len(text) for text in texts(answer)) <= sum(len(word) for word in words)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such timer")
def test_what_was_read_when_the_time_is_over_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(data: bytes) -> Iterator[Token]:
        yield from tokens(data)
        while True:
            pass

    monkeypatch.setattr(rtf, "tokens", endless)
    with clock.running():
        answer = frames(document(b"beginning\\par "), ".rtf", msgspec.structs.replace(REQUEST, page_cpu_s=0.2))
    assert (texts(answer), end(answer)) == (["beginning"], Code.READER_LIMIT)
