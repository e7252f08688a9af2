"""Word 97-2003 documents: what people read in them comes out, where they read it; what they do not see stays out."""

import struct
import sys
from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Member, Opened, Page, Piece, Task
from pipeline.parsing.readers import doc, doc_structure, word_pages
from tests.ole_writer import compound_file
from tests.parsing import clock
from tests.parsing.contract import ParserContract
from tests.parsing.readers.word_writer import (
    DELETED,
    INNER_CELL_END,
    INNER_ROW_END,
    ROW_END,
    TEXT_AT,
    Word,
    in_font,
    old_word,
    symbol,
)
from tests.parsing.support import CAREFUL, REQUEST, assert_well_formed, end, frames, pages, texts, what


def read(document: Word) -> list[str]:
    answer = frames(document.file(), ".doc")
    assert answer[-1] == Finished()
    return texts(answer)


class TestDoc(ParserContract):
    format = "doc"
    suffix = ".doc"
    golden: ClassVar[tuple[str, ...]] = ("Lease of rooms\nThe tenant pays 12 € rent.", "Second page\n\nA footnote")
    sample = Word(
        "Lease of rooms\rThe tenant pays 12 € rent.\r\x0cSecond page\x02\r", footnotes=[(56, "\x02 A footnote")]
    ).file()


OLD = old_word("Договор аренды\rкомнаты\r\x0cВторая страница\r".encode("cp1251"), language=0x0419)


def test_documents_of_word_6_are_read() -> None:
    answer = frames(OLD, ".doc")
    assert answer[0] == Opened("doc", 2)
    assert texts(answer) == ["Договор аренды\nкомнаты", "Вторая страница"]


@CAREFUL
@given(st.data())
def test_a_damaged_document_of_word_6_ends_in_one_last_frame(draw: st.DataObject) -> None:
    damaged = bytearray(OLD)
    for place in draw.draw(st.lists(st.integers(0, 1300), max_size=8)):
        damaged[place] = draw.draw(st.integers(0, 255))
    assert_well_formed(frames(bytes(damaged), ".doc"))


@pytest.mark.parametrize("widths", [(1,), (2,), (1, 2, 1, 2), (2,) * 7])
def test_text_is_put_together_from_pieces_of_one_and_two_bytes(widths: tuple[int, ...]) -> None:
    assert read(Word("Über € und “Zeichen” der Mieter\r", widths=widths)) == ["Über € und “Zeichen” der Mieter"]


def test_every_script_comes_out() -> None:
    text = "契約書 עברית Ελλάδα \U0001032f \r"
    assert read(Word(text, widths=(2,))) == [text.strip()]


@pytest.mark.parametrize(
    ("characters", "seen"),
    [
        ("one\x0btwo\x0ethree\rfour", "one\ntwo\nthree\nfour"),
        ("non\x1ebreaking op\x1ftional", "non-breaking optional"),
        ("picture\x01 drawing\x08 end", "picture drawing end"),
        ('see \x13HYPERLINK "http://x"\x14the site\x15 for more', "see the site for more"),
        ("page \x13PAGE\x15 of \x13NUMPAGES\x147\x15", "page  of 7"),
        ("\x13IF \x13PAGE\x141\x15 = 1\x14first\x15 end", "first end"),
        ("\x13TOC\x14Chapter \x13PAGEREF x\x145\x15\x15", "Chapter 5"),
        ("never \x13ended", "never ended"),
        ("never\x14 begun\x15", "never begun"),
        ("\x13EQ \\* jc2 \\* hps11 \\o\\ad(\\s\\up 10(reading),characters)\x15", "characters(reading)"),
        ("\x13EQ \\f(1,2)\x15half", "half"),
        ("a\r\r\r\rb  \r", "a\n\nb"),
    ],
)
def test_marks_within_the_text(characters: str, seen: str) -> None:
    assert read(Word(characters + "\r")) == [seen]


def table(drawn: str) -> tuple[str, list[tuple[int, int, bytes]]]:
    """Text with the marks of tables, and their properties: `|` ends a cell, `;` a row; within cells `!` and `/` do."""
    marks = {"|": ("\x07", b""), ";": ("\x07", ROW_END), "!": ("\r", INNER_CELL_END), "/": ("\r", INNER_ROW_END)}
    text = "".join(marks.get(character, (character, b""))[0] for character in drawn)
    runs = [(at, at + 1, marks[character][1]) for at, character in enumerate(drawn) if character in ";!/"]
    return text, runs


@pytest.mark.parametrize(
    ("drawn", "seen"),
    [
        ("before\ra||c|;d|e|;after\r", "before\na\t\tc\nd\te\nafter"),
        ("|b|;|;c||;end\r", "b\n\nc\nend"),
        ("a\rsecond line|b|;", "a\nsecond line\tb"),
        ("a\r1!2!/3!4!/|b|;end\r", "a\n1\t2\n3\t4\n\tb\nend"),
    ],
)
def test_cells_are_separated_by_tabs_and_rows_by_lines(drawn: str, seen: str) -> None:
    text, runs = table(drawn)
    for widths in ((1,), (2,), (1, 2, 1)):
        assert read(Word(text, paragraphs=runs, widths=widths)) == [seen]


def test_without_formatting_a_row_ends_where_a_cell_ends_behind_another() -> None:
    assert read(Word("a\x07b\x07\x07c\x07d\x07\x07end\r")) == ["a\tb\nc\td\nend"]


def test_properties_of_wide_tables_are_found_where_they_lie() -> None:
    text, _ = table("a|b|;c|d|;end\r")
    elsewhere = b"xx" + struct.pack("<H", 3) + ROW_END
    huge = struct.pack("<HI", 0x6646, 2)
    runs = [(4, 5, huge), (9, 10, huge)]
    assert read(Word(text, paragraphs=runs, elsewhere=elsewhere)) == ["a\tb\nc\td\nend"]


def test_a_long_property_before_the_one_that_matters_is_passed_over() -> None:
    text, _ = table("a||b|;end\r")
    definition = struct.pack("<HH", 0xD608, 6) + b"12345"
    tabs = struct.pack("<HB", 0xC615, 2) + b"\x00\x00"
    assert read(Word(text, paragraphs=[(5, 6, definition + tabs + ROW_END)])) == ["a\t\tb\nend"]


def test_notes_stand_at_the_foot_of_the_page_that_refers_to_them() -> None:
    document = Word(
        "First\x02 page\x05\x0cSecond\x02 page\x02\r",
        footnotes=[(5, "\x02 One"), (19, "\x02 Two\rin two lines")],
        comments=[(11, 1, "\x05Really?"), (12, 7, "\x05Who?")],
        endnotes=[(25, "\x02 The end")],
        authors=["A. Weber", "B. Klein"],
    )
    assert read(document) == [
        "First page\n\nOne\nComment (B. Klein): Really?\nComment: Who?",
        "Second page\n\nTwo\nin two lines\nThe end",
    ]


def test_headers_stand_above_the_first_page_and_footers_and_boxes_behind_the_last_each_once() -> None:
    six = ("even header", "odd header", "even footer", "odd footer", "", "first footer")
    document = Word("First\x0cSecond\r", headers=[*six, *six], boxes="in a box\r")
    assert read(document) == [
        "even header\n\nodd header\n\nFirst",
        "Second\n\nin a box\n\neven footer\n\nodd footer\n\nfirst footer",
    ]


def test_notes_whose_places_are_lost_stand_at_the_end() -> None:
    streams = Word("First\x0cSecond\r", footnotes=[(2, "\x02 A note")], headers=["", "a header"]).streams()
    header = bytearray(streams["WordDocument"])
    for table_number in (2, 11):
        struct.pack_into("<I", header, 154 + 8 * table_number + 4, 0)
    answer = frames(compound_file(streams | {"WordDocument": bytes(header)}), ".doc")
    assert texts(answer) == ["First", "Second\n\nA note\n\na header"]


def test_deleted_text_is_no_part_of_the_text_and_still_to_be_found() -> None:
    text = "The rent is eleven twelve thousand.\x0cEnd\r"
    runs = [(12, 15, DELETED), (15, 19, DELETED)]
    assert read(Word(text, runs=runs)) == ["The rent is twelve thousand.\n\nDeleted: eleven", "End"]
    assert read(Word(text, runs=runs, widths=(2, 1))) == ["The rent is twelve thousand.\n\nDeleted: eleven", "End"]


def test_of_a_deleted_link_what_it_showed_is_told() -> None:
    text = 'a \x13HYPERLINK "http://x"\x14site\x15 b\r'
    assert read(Word(text, runs=[(2, 28, DELETED), (28, 29, DELETED)])) == ["a  b\n\nDeleted: site"]


def test_a_deleted_row_keeps_its_cells_apart() -> None:
    text, runs = table("a|b|;c|d|;")
    assert read(Word(text, paragraphs=runs, runs=[(0, 5, DELETED)])) == ["\nc\td\n\nDeleted: a\tb".strip("\n")]


def test_signs_in_fonts_of_their_own_are_what_they_look_like() -> None:
    fonts = ("Times New Roman", "Symbol", "Wingdings")
    runs = [(3, 4, symbol(1, 0xF06D)), (6, 7, symbol(2, 0xF0FC)), (8, 9, in_font(1)), (10, 11, in_font(0))]
    assert read(Word("10 (g ( \uf062 \uf062\r", fonts=fonts, runs=runs, widths=(2,))) == ["10 μg ✓ β \uf062"]


def test_a_page_that_shows_only_pictures_says_so() -> None:
    answer = frames(Word("Text\x0c\x01\r\x0c\x08\rmore\x0c\r\x0cend\r").file(), ".doc")
    assert pages(answer) == [
        Page(1, "Text"), Page(2, "", Code.PAGES_WITHOUT_TEXT), Page(3, "more"), Page(4, ""), Page(5, "end"),
    ]  # fmt: skip


def test_the_first_table_stream_is_used_where_the_header_says_so() -> None:
    streams = Word("text\r", flags=0x0200).streams()
    moved = {"WordDocument": streams["WordDocument"], "1Table": streams["0Table"], "0Table": b"old"}
    assert texts(frames(compound_file(moved), ".doc")) == ["text"]


@pytest.mark.parametrize(
    ("language", "encoding", "text"),
    [
        (0x0409, "cp1252", "Straße für Fußgänger"), (0x0415, "cp1250", "zażółć gęślą jaźń"),
        (0x0408, "cp1253", "Ελληνικά"), (0x0411, "cp932", "契約書の表示"), (0x0804, "gbk", "合同文本"),
        (0x0409, "cp1251", "Договор аренды комнаты, заключённый между сторонами"),  # written with an English Word
    ],
)  # fmt: skip
def test_characters_of_old_documents_are_those_of_their_language(language: int, encoding: str, text: str) -> None:
    assert texts(frames(old_word(text.encode(encoding) + b"\r", language), ".doc")) == [text]


def test_old_documents_have_their_notes_at_the_end_and_rows_by_guess() -> None:
    file = old_word(b"a\x07b\x07\x07\x13PAGE\x141\x15\r", footnotes=b"\x02 A note\r\r")
    assert texts(frames(file, ".doc")) == ["a\tb\n1\n\nA note"]


@pytest.mark.parametrize("version", [33, 45, 100])
def test_documents_before_word_6_are_not_read(version: int) -> None:
    assert what(old_word(b"text", version=version), ".doc") == "format_not_read"


def test_what_only_calls_itself_a_document_is_not_read() -> None:
    assert what(compound_file({"WordDocument": b"\x99\xa6" + bytes(2000)}), ".doc") == "format_not_read"


def test_embedded_documents_are_members() -> None:
    label = b"\x02\x00letter.txt\x00C:\\letter.txt\x00\x00\x00\x03\x00" + struct.pack("<I", 3) + b"C:\x00"
    native = label + struct.pack("<I", 5) + b"Hello" + bytes(12)
    pool = {
        "_3": {"\x01Ole10Native": struct.pack("<I", len(native)) + native},
        "_1": {"Equation Native": b"x=1", "\x01CompObj": b""},
        "_2": {"\x01Ole": b"a link", "\x03ObjInfo": b""},
        "_4": {"VisioDocument": b"x"},
        "_5": Word("inside\r").streams(),
    }
    file = Word("text\r", beside={"ObjectPool": pool}).file()
    assert frames(file, ".doc")[0] == Opened("doc", 1, 3)
    request = msgspec.structs.replace(REQUEST, task=Task.MEMBERS, max_members=9, max_member_bytes=1 << 20)
    answer = frames(file, ".doc", request)
    assert answer[:3] == [
        Member(1, "letter.txt"), Piece(b"Hello", last=True), Member(2, "embedded-2.bin", Code.FORMAT_NOT_READ),
    ]  # fmt: skip
    assert answer[3] == Member(3, "embedded-3.doc")
    assert isinstance(answer[4], Piece)
    assert texts(frames(answer[4].content, ".doc")) == ["inside"]
    resumed = frames(file, ".doc", msgspec.structs.replace(request, first_page=3))
    assert resumed == answer[3:]


def with_header(at: int, number: int) -> bytes:
    """A document in whose header one number is another."""
    streams = Word("text\r" * 50, footnotes=[(2, "note")], comments=[(2, 0, "x")], widths=(1, 2)).streams()
    header = bytearray(streams["WordDocument"])
    struct.pack_into("<I", header, at, number)
    return compound_file(streams | {"WordDocument": bytes(header)})


@pytest.mark.parametrize("number", [0x7FFFFFFF, 2000, 0])
def test_lies_of_the_header_end_soon_and_do_no_harm(number: int) -> None:
    listed = (2, 3, 4, 5, 11, 12, 13, 15, 33, 36)  # the tables that are used
    for at in (*range(32, 154, 2), *(154 + 8 * table + half for table in listed for half in (0, 4))):
        answer = frames(with_header(at, number), ".doc")
        assert isinstance(answer[-1], Finished)
        assert sum(len(page.text) for page in pages(answer)) < 3000


def test_text_that_is_not_all_there_is_told() -> None:
    streams = Word("text " * 1000 + "\r").streams()
    answer = frames(compound_file(streams | {"WordDocument": streams["WordDocument"][: TEXT_AT + 2000]}), ".doc")
    assert pages(answer) == [Page(1, ("text " * 400).strip())]
    assert end(answer) is Code.PAGES_FAILED


def with_pieces(pieces: list[tuple[int, int]], place: int, count: int) -> bytes:
    """A document whose piece table says that `count` pieces of `pieces` characters all lie at one place."""
    streams = Word("text\r" * 1000).streams()
    bounds = [first for first, _ in pieces] + [pieces[-1][1]]
    listed = struct.pack(f"<{len(bounds)}I", *bounds) + struct.pack("<HIH", 0, place, 0) * count
    table = b"\x02" + struct.pack("<I", len(listed)) + listed
    header = bytearray(streams["WordDocument"])
    struct.pack_into("<II", header, 154 + 8 * 33, 0, len(table))
    return compound_file(streams | {"WordDocument": bytes(header), "0Table": table})


def test_pieces_that_all_lie_at_the_same_place_do_not_multiply_the_text() -> None:
    pieces = [(at * 4000, (at + 1) * 4000) for at in range(1000)]
    assert end(frames(with_pieces(pieces, TEXT_AT * 2 | 0x40000000, 1000), ".doc")) is Code.READER_LIMIT


def test_pieces_beyond_the_file_give_nothing() -> None:
    answer = frames(with_pieces([(0, 1000), (1000, 5000)], 0x3FFFFFFF, 2), ".doc")
    assert end(answer) is Code.PAGES_FAILED
    assert texts(answer) == [""]


def test_notes_that_all_claim_the_same_text_do_not_multiply_it() -> None:
    streams = Word("text\r", footnotes=[(0, "note " * 1000)] * 50).streams()
    table, header = streams["0Table"], streams["WordDocument"]
    start, size = struct.unpack_from("<II", header, 154 + 8 * 3)
    lied = table[:start] + struct.pack("<II", 0, 250_000) * (size // 8) + table[start + size // 8 * 8 :]
    answer = frames(compound_file(streams | {"0Table": lied}), ".doc")
    assert sum(len(page.text) for page in pages(answer)) < 2 * 250_000


def test_deletions_that_overlap_do_not_multiply_the_text() -> None:
    document = Word("text " * 1000 + "\r")
    streams = document.streams()
    runs = struct.pack("<31I", *(TEXT_AT + at % 2 * 5000 + at // 2 for at in range(30)), TEXT_AT) + bytes([240]) * 30
    page = bytearray(runs.ljust(511, b"\x00") + b"\x1e")
    page[480:484] = bytes([len(DELETED)]) + DELETED
    stream = streams["WordDocument"] + bytes(-len(streams["WordDocument"]) % 512)
    header = bytearray(stream + bytes(page))
    struct.pack_into("<II", header, 154 + 8 * 12, len(streams["0Table"]), 12)
    table = streams["0Table"] + struct.pack("<3I", 0, 0xFFFF, len(stream) // 512)
    answer = frames(compound_file({"WordDocument": bytes(header), "0Table": table}), ".doc")
    assert texts(answer) == ["Deleted: " + ("text " * 1000).strip()]


def test_more_pages_than_any_document_has_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_pages, "_MAX_PAGES", 10)
    assert end(frames(Word("\x0c" * 10).file(), ".doc")) is None
    assert end(frames(Word("\x0c" * 11).file(), ".doc")) is Code.READER_LIMIT


def test_a_file_with_more_pieces_than_any_has_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doc_structure, "_MAX_PIECES", 1)
    assert end(frames(Word("text", widths=(1, 1)).file(), ".doc")) is Code.READER_LIMIT


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such timer")
def test_reading_takes_no_more_processor_time_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(_root: object) -> None:
        while True:
            pass

    monkeypatch.setattr(doc, "structure_of", endless)
    with clock.running():
        answer = frames(Word("text").file(), ".doc", msgspec.structs.replace(REQUEST, page_cpu_s=0.2))
    assert answer == [Finished(Code.READER_LIMIT)]
