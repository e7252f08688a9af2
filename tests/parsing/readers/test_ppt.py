"""PowerPoint 97-2003 presentations: a page for each slide, in order, with what is said and shown on it."""

import struct
import sys
import tracemalloc
import zlib
from typing import ClassVar

import msgspec
import pytest

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Member, Opened, Page, Piece, Task
from pipeline.parsing.readers import ppt
from tests.ole_writer import Folder, compound_file
from tests.parsing import clock
from tests.parsing.contract import ParserContract
from tests.parsing.readers.slides_writer import (
    Slide,
    Slides,
    comment,
    container,
    headers_footers,
    outline,
    record,
    shape,
    table,
    text,
    variable,
)
from tests.parsing.readers.word_writer import Word
from tests.parsing.support import REQUEST, end, frames, pages, texts, what


def read(*slides: Slide) -> list[str]:
    answer = frames(Slides(slides).file(), ".ppt")
    assert answer[-1] == Finished()
    return texts(answer)


class TestPpt(ParserContract):
    format = "ppt"
    suffix = ".ppt"
    golden: ClassVar[tuple[str, ...]] = ("Lease\nof rooms\n12 €", "Second slide\n\nWhat to say")
    sample = Slides(
        [
            Slide([shape(text("Lease\rof rooms")), shape(text("12 €"))]),
            Slide([shape(outline(0))], outline=["Second slide"], notes=[shape(text("What to say"))]),
        ]
    ).file()


def test_texts_of_the_list_stand_where_a_shape_refers_to_them_and_others_first() -> None:
    assert read(Slide([shape(text("own")), shape(outline(1))], outline=["lost", "title"])) == ["lost\nown\ntitle"]


@pytest.mark.parametrize("title", [0x0D, 0x0F, 0x11])
def test_the_title_comes_first(title: int) -> None:
    shapes = [shape(text("body"), placeholder=0x0E), shape(text("box")), shape(text("title"), placeholder=title)]
    assert read(Slide(shapes)) == ["title\nbody\nbox"]


def test_lines_within_a_text_are_kept() -> None:
    assert read(Slide([shape(text("one\x0btwo\rthree\r\r\r\rfour"))])) == ["one\ntwo\nthree\n\nfour"]


def test_every_script_comes_out() -> None:
    assert read(Slide([shape(text("契約 עברית \U0001032f naïve"))])) == ["契約 עברית \U0001032f naïve"]


def test_cells_of_a_table_are_separated_by_tabs_and_rows_by_lines() -> None:
    cells = [((50, 20), "d"), ((0, 0), "a\rb"), ((50, 0), "c"), ((0, 20), "")]
    line = shape(kind=20, at=(25, 0))
    grid = table(*(shape(text(content), at=place) for place, content in cells), line)
    assert read(Slide([shape(text("before")), grid, shape(text("after"))])) == ["before\na b\tc\n\td\nafter"]


def test_tables_one_after_the_other_do_not_mix() -> None:
    first, second = (table(shape(text(f"{name}1"), at=(0, 0)), shape(text(f"{name}2"), at=(5, 0))) for name in "ab")
    assert read(Slide([first, second])) == ["a1\ta2\nb1\tb2"]


def test_comments_and_notes_follow_the_slide() -> None:
    slide = Slide([shape(text("slide"))], notes=[shape(text("say this"))], others=[comment("A. Weber", "why?")])
    assert read(slide) == ["slide\n\nComment (A. Weber): why?\n\nsay this"]


def test_what_a_master_shows_on_all_slides_stands_on_the_first() -> None:
    master = [shape(text("Click to edit"), placeholder=1), shape(text("Confidential"))]
    slides = [Slide([shape(text(name))], master=7) for name in ("one", "two")]
    assert texts(frames(Slides(slides, masters=[(7, master)]).file(), ".ppt")) == ["one\n\nConfidential", "two"]


def test_headers_and_footers_stand_once_where_they_are_shown() -> None:
    own = headers_footers("", "own footer")
    slides = [Slide([shape(text("one"))]), Slide([shape(text("two"))], others=[own]), Slide([shape(text("three"))])]
    presentation = Slides(slides, others=[headers_footers("header", "footer")])
    assert texts(frames(presentation.file(), ".ppt")) == ["one\n\nheader\nfooter", "two\n\nown footer", "three"]
    hidden = Slides(slides[:1], others=[headers_footers("header", "footer", shown=0x20)])
    assert texts(frames(hidden.file(), ".ppt")) == ["one\n\nfooter"]


def test_characters_that_stand_for_something_become_it_and_numbers_and_dates_nothing() -> None:
    footer = shape(text("-*-"), variable(0x0FFA, 1))
    number = shape(text("*"), variable(0x0FD8, 0))
    star = shape(text("5 * 5"), variable(0x0FD8, 0))
    presentation = Slides([Slide([footer, number, star])], others=[headers_footers(footer="ACME")])
    assert texts(frames(presentation.file(), ".ppt")) == ["-ACME-\n5 * 5\n\nACME"]


def test_a_slide_that_shows_only_pictures_says_so() -> None:
    answer = frames(Slides([Slide([shape(kind=75)]), Slide([shape(text("x"), kind=75)]), Slide()]).file(), ".ppt")
    assert pages(answer) == [Page(1, "", Code.PAGES_WITHOUT_TEXT), Page(2, "x"), Page(3, "")]


def test_a_presentation_saved_several_times_is_read_as_it_was_last() -> None:
    saved = Slides([Slide([shape(text("new"))]), Slide([shape(text("also new"))])], edits=3)
    assert texts(frames(saved.file(), ".ppt")) == ["new", "also new"]


def edit_places(stream: bytes) -> list[int]:
    """Where the edits lie."""
    head = struct.pack("<HHI", 0, 0x0FF5, 28)
    return [at for at in range(len(stream)) if stream.startswith(head, at)]


def test_where_the_way_to_the_last_edit_is_lost_it_is_found() -> None:
    streams = Slides([Slide([shape(text("new"))])], edits=2).streams()
    for user in (b"", bytes(20), streams["Current User"][:16] + struct.pack("<I", 99999)):
        assert texts(frames(compound_file(streams | {"Current User": user}), ".ppt")) == ["new"]


def test_edits_that_name_each_other_as_the_one_before_end() -> None:
    streams = Slides([Slide([shape(text("new"))])], edits=2).streams()
    stream = bytearray(streams["PowerPoint Document"])
    first, last = edit_places(bytes(stream))
    struct.pack_into("<I", stream, first + 16, last)
    assert texts(frames(compound_file(streams | {"PowerPoint Document": bytes(stream)}), ".ppt")) == ["new"]


def test_a_slide_that_is_nowhere_in_the_file_is_told() -> None:
    streams = Slides([Slide([shape(text("one"))]), Slide([shape(text("two"))])]).streams()
    stream = bytearray(streams["PowerPoint Document"])
    directory = stream.index(struct.pack("<HH", 0, 0x1772))
    struct.pack_into("<I", stream, directory + 8 + 4 + 4, 0xFFFFFF)
    answer = frames(compound_file(streams | {"PowerPoint Document": bytes(stream)}), ".ppt")
    assert (texts(answer), end(answer)) == (["two"], Code.PAGES_FAILED)


def test_a_file_without_a_document_is_damaged() -> None:
    streams = Slides([Slide()]).streams()
    for stream in (b"", b"\x00" * 100, streams["PowerPoint Document"].replace(b"\xe8\x03", b"\xe9\x03")):
        assert what(compound_file(streams | {"PowerPoint Document": stream}), ".ppt") == "structure_damaged"


def test_presentations_of_powerpoint_95_are_not_read() -> None:
    file = compound_file({"PowerPoint Document": bytes(100), "Text_Content": b"x", "Header": b"x"})
    assert what(file, ".ppt") == "format_not_read"


def test_where_both_formats_lie_in_a_file_the_newer_is_read() -> None:
    inner: Folder = Slides([Slide([shape(text("of 97"))])]).streams()
    file = compound_file({"PowerPoint Document": bytes(100), "Text_Content": b"x", "PP97_DUALSTORAGE": inner})
    assert texts(frames(file, ".ppt")) == ["of 97"]


def embedded(content: bytes, *, is_compressed: bool) -> bytes:
    if not is_compressed:
        return record(0x1011, content)
    return record(0x1011, struct.pack("<I", len(content)) + zlib.compress(content), instance=1)


def test_embedded_documents_are_members() -> None:
    inner = Word("inside\r").file()
    objects = [
        (0, 2, embedded(inner, is_compressed=True)), (1, 2, embedded(inner, is_compressed=True)),  # a link
        (0, 6, embedded(inner, is_compressed=True)),  # a formula
        (0, 2, embedded(inner, is_compressed=False)), (0, 2, record(0x1011, struct.pack("<I", 1536), instance=1)),
        (0, 2, record(0x1011, struct.pack("<I", 9999) + b"no", instance=1)), (0, 2, record(0x1012, b"")),
        (0, 17, embedded(compound_file({"VisioDocument": b"x"}), is_compressed=True)),
    ]  # fmt: skip
    file = Slides([Slide([shape(text("slide"))])], objects=objects).file()
    assert frames(file, ".ppt")[0] == Opened("ppt", 1, 5)
    request = msgspec.structs.replace(REQUEST, task=Task.MEMBERS, max_members=9, max_member_bytes=1 << 20)
    answer = frames(file, ".ppt", request)
    assert [frame for frame in answer if isinstance(frame, Member)] == [
        Member(1, "embedded-1.doc"), Member(2, "embedded-2.doc"), Member(3, "embedded-3.bin", Code.STRUCTURE_DAMAGED),
        Member(4, "embedded-4.bin", Code.STRUCTURE_DAMAGED), Member(5, "embedded-5.bin", Code.FORMAT_NOT_READ),
    ]  # fmt: skip
    contents = [frame.content for frame in answer if isinstance(frame, Piece)]
    assert [texts(frames(content, ".doc")) for content in contents] == [["inside"], ["inside"]]
    resumed = frames(file, ".ppt", msgspec.structs.replace(request, first_page=5))
    assert resumed == [Member(5, "embedded-5.bin", Code.FORMAT_NOT_READ), Finished()]


def test_an_embedded_document_that_unpacks_to_more_than_allowed_is_not_taken_out() -> None:
    bomb = embedded(bytes(64 << 20), is_compressed=True)
    file = Slides([Slide()], objects=[(0, 2, bomb)]).file()
    request = msgspec.structs.replace(REQUEST, task=Task.MEMBERS, max_members=9, max_member_bytes=2 << 20)
    tracemalloc.start()
    assert frames(file, ".ppt", request) == [Member(1, "embedded-1.bin", Code.MEMBER_LIMIT), Finished()]
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()


def test_shapes_that_all_refer_to_the_same_text_do_not_multiply_it() -> None:
    slide = Slide([shape(*[outline(0)] * 1000)], outline=["text " * 1000])
    assert read(slide) == [("text " * 1000).strip()]


def test_containers_within_containers_are_followed_however_deep_they_lie() -> None:
    deep = shape(text("deep"))
    for _ in range(2000):
        deep = container(0xF003, deep)
    assert read(Slide([deep])) == ["deep"]


@pytest.mark.parametrize("length", [0xFFFFFFFF, 0x7FFFFFFF, 0, 3])
def test_records_that_lie_about_their_length_end_where_they_must(length: int) -> None:
    sample = Slides([Slide([shape(text("one"))], outline=["x"], notes=[shape(text("y"))])]).streams()
    stream = sample["PowerPoint Document"]
    for at in range(4, len(stream) - 4, 2):
        lied = stream[:at] + struct.pack("<I", length) + stream[at + 4 :]
        answer = frames(compound_file(sample | {"PowerPoint Document": lied}), ".ppt")
        assert isinstance(answer[-1], Finished)
        assert sum(len(page.text) for page in pages(answer)) <= len(stream)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such timer")
@pytest.mark.parametrize("which", ["presentation_of", "slide_of"])
def test_reading_takes_no_more_processor_time_than_it_may(which: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(ppt, which, endless)
    with clock.running():
        file = Slides([Slide([shape(text("x"))])] * 5).file()
        answer = frames(file, ".ppt", msgspec.structs.replace(REQUEST, page_cpu_s=0.2))
    assert end(answer) is Code.READER_LIMIT
    assert [page.code for page in pages(answer)] == ([] if which == "presentation_of" else [Code.READER_LIMIT] * 2)
