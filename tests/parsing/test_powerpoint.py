"""Records of presentations: none reaches beyond what holds it, and a directory tells where the newest objects lie."""

import struct

from pipeline.parsing.powerpoint import Record, directory, record_at, records
from tests.parsing.readers.slides_writer import Slide, Slides, container, record, shape, text


def test_a_record_ends_where_it_says_and_never_beyond_what_holds_it() -> None:
    stream = container(0x03E8, record(0x0FA8, b"text", instance=5), instance=2) + b"rest"
    assert record_at(stream, 0) == Record(0x03E8, 2, True, 8, 20)
    assert record_at(stream, 8, 20) == Record(0x0FA8, 5, False, 16, 20)
    assert record_at(struct.pack("<HHI", 0, 1, 0xFFFFFFFF) + b"abc", 0) == Record(1, 0, False, 8, 11)
    assert record_at(struct.pack("<HHI", 0, 1, 100) + bytes(50), 0, 12) == Record(1, 0, False, 8, 12)


def test_where_no_record_can_begin_is_none() -> None:
    assert [record_at(b"\x00" * 10, at) for at in (-1, 3, 99)] == [None, None, None]
    assert list(records(b"\x00" * 7, 0, 7)) == []


def test_records_side_by_side_come_in_order() -> None:
    stream = record(1, b"a") + record(2, b"") + record(3, b"bc") + b"tail"
    assert [one.kind for one in records(stream, 0, len(stream))] == [1, 2, 3]


def test_the_directory_lists_the_newest_place_of_each_object() -> None:
    streams = Slides([Slide([shape(text("x"))])], edits=2).streams()
    stream = streams["PowerPoint Document"]
    found = directory(stream, streams["Current User"])
    assert found is not None
    assert (found.document, found.session, sorted(found.offsets)) == (1, 0, [1, 2])
    document = record_at(stream, found.offsets[1])
    assert document is not None
    assert document.kind == 0x03E8
    assert found.offsets[1] > 0  # the first edit's document lies at 0


def test_a_stream_without_edits_has_no_directory() -> None:
    assert directory(b"", b"") is None
    assert directory(record(0x0FF5, b"short"), bytes(20)) is None
    assert directory(bytes(100), struct.pack("<16xI", 50)) is None


def test_a_directory_that_lists_more_than_it_holds_gives_what_it_holds() -> None:
    listed = record(0x1772, struct.pack("<III", 0xFFF << 20 | 1, 10, 20))
    edit = record(0x0FF5, struct.pack("<IIIIIII", 0, 0, 0, 0, 1, 9, 0))
    found = directory(listed + edit, struct.pack("<16xI", len(listed)))
    assert found is not None
    assert found.offsets == {1: 10, 2: 20}
