"""Documents in OLE objects: taken out of their wrappers under their names; links, formulas and buttons are none."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing import compound, compound_writer
from pipeline.parsing.compound import Storage
from pipeline.parsing.ole_objects import Embedded, is_document, native, taken_out, wrapped
from tests.ole_writer import Folder, compound_file
from tests.parsing.readers.word_writer import Word
from tests.parsing.support import CAREFUL, texts
from tests.parsing.support import frames as frames_of


def storage(folder: Folder) -> Storage:
    return compound.opened(io.BytesIO(compound_file(folder)))


def dropped(content: bytes, label: bytes = b"letter.txt", wide: str = "") -> bytes:
    """The data of a file that was dropped into a document."""
    data = (
        b"\x02\x00"
        + label
        + b"\x00C:\\old\\"
        + label
        + b"\x00\x00\x00\x03\x00"
        + struct.pack("<I", 6)
        + b"C:\\x\x00\x00"
    )
    data += struct.pack("<I", len(content)) + content
    if wide:
        for name in ("C:\\x", wide, f"C:\\{wide}"):
            data += struct.pack("<I", len(name)) + name.encode("utf-16-le")
    return data


@pytest.mark.parametrize(
    ("folder", "is_one"),
    [
        ({"\x01Ole": b"", "\x03ObjInfo": b"", "\x01CompObj": b""}, False),  # a link
        ({"\x02OlePres000": b"a picture", "\x05SummaryInformation": b""}, False),
        ({"Equation Native": b"x"}, False),
        ({"\x01Ole10Native": b"x", "\x01CompObj": b"...Microsoft Equation 3.0..."}, False),
        ({"contents": b"x", "\x03OCXNAME": b"CheckBox1"}, False),
        ({"\x01Ole10Native": b"x"}, True), ({"CONTENTS": b"x"}, True), ({"Package": b"x"}, True),
        ({"WordDocument": b"x", "\x01CompObj": b"Microsoft Word"}, True), ({"VisioDocument": b"x"}, True), ({}, False),
    ],
)  # fmt: skip
def test_what_has_content_of_its_own_is_a_document(folder: Folder, is_one: bool) -> None:
    assert is_document(storage(folder)) is is_one


@pytest.mark.parametrize(
    ("folder", "found"),
    [
        ({"\x01Ole10Native": struct.pack("<I", 99) + dropped(b"Hello")}, Embedded("letter.txt", b"Hello")),
        ({"\x01Ole10Native": struct.pack("<I", 4) + b"BM.."}, Embedded("embedded-7.bin", b"BM..")),
        ({"Package": b"PK\x03\x04"}, Embedded("embedded-7.bin", b"PK\x03\x04")),
        ({"package_stream": b"PK\x03\x04"}, Embedded("embedded-7.bin", b"PK\x03\x04")),
        ({"CONTENTS": b"%PDF-1.4"}, Embedded("embedded-7.bin", b"%PDF-1.4")),
        ({"CONTENTS": b"{\\rtf1 x}"}, Embedded("embedded-7.bin", b"{\\rtf1 x}")),
        ({"CONTENTS": b"of Works"}, Embedded("embedded-7.bin", b"", Code.FORMAT_NOT_READ)),
        ({"VisioDocument": b"x"}, Embedded("embedded-7.bin", b"", Code.FORMAT_NOT_READ)),
    ],
)
def test_a_wrapped_file_is_taken_out_as_it_is(folder: Folder, found: Embedded) -> None:
    assert taken_out(storage(folder), 7) == found


@pytest.mark.parametrize(
    ("stream", "suffix"),
    [
        ("WordDocument", ".doc"), ("Workbook", ".xls"), ("Book", ".xls"), ("PowerPoint Document", ".ppt"),
        ("__properties_version1.0", ".msg"), ("EncryptedPackage", ".bin"),
    ],
)  # fmt: skip
def test_an_object_that_is_a_document_becomes_a_file_of_its_own(stream: str, suffix: str) -> None:
    found = taken_out(storage({stream: b"content", "Inner": {"more": b"x" * 5000}}), 3)
    copy = compound.opened(io.BytesIO(found.content))
    inner = copy.storage("Inner")
    assert inner is not None
    assert (found.name, copy.stream(stream), inner.stream("more")) == (f"embedded-3{suffix}", b"content", b"x" * 5000)


def test_a_document_that_cannot_be_copied_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compound_writer, "_TABLES_IN_HEADER", 0)
    assert taken_out(storage({"Workbook": b"x"}), 1) == Embedded("embedded-1.xls", b"", Code.READER_LIMIT)


def test_a_document_taken_out_is_read() -> None:
    found = taken_out(storage(Word("inside\r").streams()), 1)
    assert texts(frames_of(found.content, ".doc")) == ["inside"]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (dropped(b"x", b"Stra\xdfe.txt"), "Straße.txt"),
        (dropped(b"x", b"???.txt", "契約.txt"), "契約.txt"),
        (dropped(b"x", b"C:\\Users\\me\\a.txt"), "Users/me/a.txt"),
        (dropped(b"x", b"../../etc/passwd"), "etc/passwd"),
    ],
)
def test_the_name_is_the_label_and_leads_nowhere(data: bytes, name: str) -> None:
    assert native(data) == Embedded(name, b"x")


def test_data_that_is_no_dropped_file_is_one_without_a_name() -> None:
    whole = dropped(b"Hello")
    assert native(whole[:-1]) == Embedded("", whole[:-1])
    assert native(b"") == Embedded("", b"")
    assert wrapped(storage({"\x01Ole10Native": b""})) == Embedded("", b"")


@CAREFUL
@given(st.binary(max_size=200))
def test_any_data_gives_something(data: bytes) -> None:
    assert len(native(b"\x02\x00" + data).content) <= len(data) + 2
