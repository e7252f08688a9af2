"""Encrypted Word, Excel and PowerPoint files of 1997 to 2003: opened, they say what they said before."""

import io
import struct
from typing import BinaryIO

import pytest

from pipeline.outcomes import Code
from pipeline.parsing import compound
from pipeline.parsing.compound import Storage
from pipeline.parsing.decryption import documents
from pipeline.parsing.decryption.documents import Opening
from pipeline.parsing.reading import ReadingEnded
from tests.ole_writer import compound_file
from tests.parsing.decryption.encrypting import RC4, RC4_40, RC4_128, XOR, document, obfuscated, presentation, workbook
from tests.parsing.readers.slides_writer import Slide, Slides, shape, text
from tests.parsing.readers.word_writer import Word, old_word
from tests.parsing.support import frames, texts

PASSWORD = "Sesam öffne"
WORD = Word("The rent is 12 € a month.\r" * 100, footnotes=[(5, "a note")], elsewhere=b"other " * 300)
SLIDES = Slides([Slide([shape(text(f"Slide {number}"))], notes=[shape(text("notes"))]) for number in range(5)])
RECORDS = [
    (0x0809, bytes(16)), (0x00E1, b"\xb0\x04"), (0x0042, b"\xb0\x04"), (0x0085, bytes([9, 3, 0, 0]) + b"\x00\x00Sheet"),
    (0x00FC, b"a shared text " * 200), (0x000A, b""), (0x0809, bytes(16)), (0x0204, b"a cell"), (0x000A, b""),
]  # fmt: skip


def root(file: bytes | BinaryIO) -> Storage:
    return compound.opened(io.BytesIO(file) if isinstance(file, bytes) else file)


def opened(opening: Opening | None, password: str = PASSWORD) -> bytes:
    assert opening is not None
    file = opening(password)
    assert file is not None
    return file.read()


def records(book: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        found.append((kind, book[at + 4 : at + 4 + length]))
        at += 4 + length
    return found


@pytest.mark.parametrize("scheme", [RC4, RC4_40, RC4_128])
def test_a_text_document_is_opened(scheme: str) -> None:
    file = document(WORD.streams(), scheme, PASSWORD)
    opening = documents.word(root(file))
    assert opening is not None
    assert opening("another") is None
    assert texts(frames(opened(opening), ".doc")) == texts(frames(WORD.file(), ".doc"))
    assert root(opened(opening)).stream("Data") == WORD.elsewhere
    assert documents.word(root(opened(opening))) is None


def test_an_obfuscated_text_document_is_opened() -> None:
    opening = documents.word(root(obfuscated(WORD.streams(), "fifteen letters")))
    assert opening is not None
    assert (opening("fifteen lettres"), opening("sixteen letters!")) == (None, None)
    assert texts(frames(opened(opening, "fifteen letters"), ".doc")) == texts(frames(WORD.file(), ".doc"))


def test_an_obfuscated_document_of_word_95_is_opened() -> None:
    streams = {"WordDocument": root(old_word(b"The rent\r")).stream("WordDocument")}
    opening = documents.word(root(obfuscated(streams, "x", clear=0x34)))
    assert texts(frames(opened(opening, "x"), ".doc")) == ["The rent"]


@pytest.mark.parametrize("scheme", [RC4, RC4_40, RC4_128, XOR])
def test_a_workbook_is_opened_and_says_no_more_that_it_is_encrypted(scheme: str) -> None:
    password = "Sesam" if scheme == XOR else PASSWORD
    opening = documents.sheets(root(workbook(RECORDS, scheme, password)))
    assert opening is not None
    assert opening("another") is None
    file = opened(opening, password)
    found = records(root(file).stream("Workbook"))
    assert [found[0], *found[2:]] == RECORDS
    assert found[1][0] == 0x00E2
    assert documents.sheets(root(file)) is None


def test_a_workbook_of_excel_95_is_opened() -> None:
    opening = documents.sheets(root(workbook(RECORDS, XOR, "Sesam", is_old=True)))
    found = records(root(opened(opening, "Sesam")).stream("Book"))
    assert [found[0], *found[2:]] == RECORDS


@pytest.mark.parametrize("scheme", [RC4_40, RC4_128])
def test_a_presentation_is_opened(scheme: str) -> None:
    opening = documents.slides(root(presentation(SLIDES.streams(), scheme, PASSWORD)))
    assert opening is not None
    assert opening("another") is None
    assert texts(frames(opened(opening), ".ppt")) == texts(frames(SLIDES.file(), ".ppt"))
    assert documents.slides(root(opened(opening))) is None


def test_other_streams_and_storages_are_kept() -> None:
    file = document(WORD.streams(), RC4, PASSWORD)
    beside = {name: root(file).stream(name) for name in root(file).streams()}
    whole = compound_file({**beside, "ObjectPool": {"_1": {"x": b"object"}}, "other": b"stream"})
    kept = root(opened(documents.word(root(whole))))
    pool = kept.storage("ObjectPool")
    assert pool is not None
    assert [inner.stream("x") for inner in pool.storages()] == [b"object"]
    assert kept.stream("other") == b"stream"


def test_what_is_not_encrypted_needs_no_opening() -> None:
    book = b"".join(struct.pack("<HH", kind, len(content)) + content for kind, content in RECORDS)
    assert documents.word(root(WORD.file())) is None
    assert documents.slides(root(SLIDES.file())) is None
    assert documents.sheets(root(compound_file({"Workbook": book}))) is None
    later = book + struct.pack("<HH", 0x2F, 6) + bytes(6)  # behind the part that could say so
    assert documents.sheets(root(compound_file({"Workbook": later}))) is None


def test_a_header_that_is_cut_off_says_nothing() -> None:
    assert documents.word(root(compound_file({"WordDocument": b"\xec\xa5\xc1\x00" + b"\xff" * 20}))) is None
    assert documents.sheets(root(compound_file({"Workbook": b"\x09\x08\x10"}))) is None
    assert documents.slides(root(compound_file({"PowerPoint Document": b"x" * 50}))) is None


def test_a_way_of_encrypting_that_nobody_knows_is_said_to_be() -> None:
    book = compound_file({"Workbook": struct.pack("<HHHHHI", 0x809, 0, 0x2F, 6, 2, 0)})
    with pytest.raises(ReadingEnded) as caught:
        documents.sheets(root(book))
    assert caught.value.code is Code.ENCRYPTION_UNKNOWN
    streams = root(presentation(SLIDES.streams(), RC4_128, PASSWORD))
    stream = streams.stream("PowerPoint Document").replace(
        struct.pack("<HH", 0xF, 0x2F14), struct.pack("<HH", 0xF, 0x2F15)
    )
    lost = compound_file({"PowerPoint Document": stream, "Current User": streams.stream("Current User")})
    with pytest.raises(ReadingEnded) as caught:
        documents.slides(root(lost))
    assert caught.value.code is Code.ENCRYPTION_UNKNOWN


def test_objects_that_claim_the_same_bytes_are_not_all_opened() -> None:
    streams = root(presentation(SLIDES.streams(), RC4_128, PASSWORD))
    stream = bytearray(streams.stream("PowerPoint Document"))
    directory = stream.index(struct.pack("<HH", 0, 0x1772))
    count = struct.unpack_from("<I", stream, directory + 8)[0] >> 20
    for number in range(count - 1):  # all but the last, which says how it is encrypted
        struct.pack_into("<I", stream, directory + 12 + 4 * number, number)
    lied = compound_file({"PowerPoint Document": bytes(stream), "Current User": streams.stream("Current User")})
    opening = documents.slides(root(lied))
    assert opening is not None
    with pytest.raises(ReadingEnded) as caught:
        opening(PASSWORD)
    assert caught.value.code is Code.READER_LIMIT
