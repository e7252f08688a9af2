"""Encrypted and wrapped OLE files: what lies in them is read like any other file, or it is said why it is not."""

import io
import struct
import sys
import time

import msgspec
import pytest

from pipeline.outcomes import Code
from pipeline.parsing import compound, unlocking
from pipeline.parsing.decryption import ecma376
from pipeline.parsing.protocol import Finished, Member, Opened, Piece, Request, Task
from pipeline.parsing.reading import ReadingEnded
from tests.ole_writer import compound_file
from tests.parsing import clock
from tests.parsing.decryption.encrypting import RC4_128, agile, document, presentation, standard
from tests.parsing.readers.slides_writer import Slide, Slides, shape, text
from tests.parsing.readers.word_writer import Word
from tests.parsing.support import REQUEST, end, frames, texts, what

HTML = b"<html><p>inside</p></html>"
PASSWORDS = msgspec.structs.replace(REQUEST, passwords=("no", "Sesam"))


def unlocked(data: bytes, request: Request = REQUEST) -> bytes:
    return unlocking.unlocked(io.BytesIO(data), request).read()


def refusal(data: bytes, request: Request = REQUEST) -> Code:
    with pytest.raises(ReadingEnded) as caught:
        unlocked(data, request)
    return caught.value.code


@pytest.mark.parametrize("data", [b"", b"text", b"\xd0\xcf\x11\xe0", b"PK\x03\x04" + bytes(100), Word("x").file()])
def test_what_is_not_locked_is_the_file_itself_from_its_start(data: bytes) -> None:
    file = io.BytesIO(data)
    assert unlocking.unlocked(file, REQUEST) is file
    assert file.tell() == 0


@pytest.mark.parametrize("encrypted", [agile, standard])
def test_a_package_is_opened_with_the_password_and_read_by_its_content(encrypted: object) -> None:
    assert callable(encrypted)
    file = encrypted(HTML, "Sesam")
    assert frames(file, ".docx")[-1] == Finished(Code.PASSWORD_NEEDED)
    answer = frames(file, ".docx", PASSWORDS)
    assert isinstance(answer[0], Opened)
    assert (answer[0].format, texts(answer)) == ("html", ["inside"])


def test_passwords_that_do_not_fit_open_nothing() -> None:
    assert refusal(agile(HTML, "Sesam"), msgspec.structs.replace(REQUEST, passwords=("sesam", "Sesam "))) is (
        Code.PASSWORD_NEEDED
    )


@pytest.mark.parametrize("password", ["", "VelvetSweatshop", "/01Hannes Ruescher/01"])
def test_what_was_encrypted_only_to_forbid_changes_needs_no_password(password: str) -> None:
    assert unlocked(agile(HTML, password)) == HTML


def test_older_documents_are_opened_too() -> None:
    word = document(Word("inside\r").streams(), RC4_128, "Sesam")
    slides = presentation(Slides([Slide([shape(text("inside"))])]).streams(), RC4_128, "Sesam")
    for file in (word, slides):
        assert end(frames(file, ".doc")) is Code.PASSWORD_NEEDED
        assert texts(frames(file, ".doc", PASSWORDS)) == ["inside"]


def test_documents_in_an_encrypted_document_are_taken_out() -> None:
    inner = {"_1": {"Package": b"PK not really"}}
    root = compound.opened(io.BytesIO(document(Word("text\r").streams(), RC4_128, "Sesam")))
    file = compound_file({**{name: root.stream(name) for name in root.streams()}, "ObjectPool": inner})
    request = msgspec.structs.replace(PASSWORDS, task=Task.MEMBERS, max_members=9, max_member_bytes=1000)
    assert frames(file, ".doc", request) == [
        Member(1, "embedded-1.bin"),
        Piece(b"PK not really", last=True),
        Finished(),
    ]
    assert frames(file, ".doc", msgspec.structs.replace(request, passwords=())) == [Finished(Code.PASSWORD_NEEDED)]


@pytest.mark.parametrize(
    "streams",
    [
        {"EncryptedPackage": b"x" * 100},  # a server has the key
        {"EncryptedPackage": b"x" * 100, "EncryptionInfo": struct.pack("<HHI", 4, 3, 0)},
        {"WordDocument": b"This document is protected." * 100, "\tDRMContent": b"x"},
        {"Workbook": bytes(100), "\tDRMContent": b"x"},
    ],
)
def test_what_cannot_be_undone_here_is_said_to_be(streams: dict[str, bytes]) -> None:
    assert what(compound_file(streams), ".docx") == "encryption_unknown"


def native(content: bytes) -> bytes:
    """A file as it is dropped into a document."""
    named = b"\x02\x00page.html\x00C:\\page.html\x00\x00\x00\x03\x00" + struct.pack("<I", 0)
    named += struct.pack("<I", len(content)) + content
    return compound_file({"\x01Ole10Native": struct.pack("<I", len(named)) + named, "\x01CompObj": b""})


def test_a_file_in_a_wrapper_is_read_by_its_content() -> None:
    assert texts(frames(native(HTML), ".bin")) == ["inside"]
    assert unlocked(compound_file({"Package": b"PK\x03\x04"})) == b"PK\x03\x04"
    assert unlocked(compound_file({"CONTENTS": b"%PDF-1.4"})) == b"%PDF-1.4"


@pytest.mark.parametrize("stream", ["CONTENTS", "Quill", "VisioDocument", "Catalog", "   114", "MatOST"])
def test_files_of_other_programs_are_not_read(stream: str) -> None:
    assert what(compound_file({stream: b"Works, Publisher, Visio, Windows, Project"}), ".doc") == "format_not_read"


@pytest.mark.parametrize("begin", [b"\xdb\xa5\x2d\x00", b"1\xbe\x00\x00", b"\xffWPC"])
def test_documents_of_the_time_before_such_files_are_not_read(begin: bytes) -> None:
    assert what(begin + b"some text that is no text file" * 50, ".doc") == "format_not_read"


def test_wrappers_within_wrappers_are_opened_up_to_a_depth() -> None:
    assert unlocked(native(agile(native(HTML), "Sesam")), PASSWORDS) == HTML
    deep = HTML
    for _ in range(10):
        deep = native(deep)
    assert what(deep, ".bin") == "format_not_read"


def test_a_broken_file_is_damaged() -> None:
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)) is Code.STRUCTURE_DAMAGED


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such timer")
def test_a_password_that_takes_endlessly_to_try_is_given_up() -> None:
    begun = time.process_time()
    with clock.running():
        file = agile(HTML, "x", said=10_000_000)
        assert refusal(file, msgspec.structs.replace(PASSWORDS, page_cpu_s=0.3)) is Code.PASSWORD_NEEDED
    assert time.process_time() - begun < 5


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such timer")
def test_a_file_that_takes_endlessly_to_open_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(ecma376.Agile, "decrypted", endless)
    with clock.running():
        file = agile(HTML, "Sesam")
        assert refusal(file, msgspec.structs.replace(PASSWORDS, page_cpu_s=0.3)) is Code.READER_LIMIT
