"""Files in a PDF come out as they were put in, each once; broken ones are told, and never cost the pages."""

import os
import zlib
from collections.abc import Sequence

import msgspec
import pytest
from pypdf.generic import DictionaryObject

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Member, Opened, Piece, Task
from pipeline.parsing.readers import pdf_members
from tests.hostile.pdf_parts import CATALOG, FLATE, PAGE, document, stream, with_entry
from tests.parsing.readers.test_pdf import encrypted
from tests.parsing.support import REQUEST, end, frames, texts
from tests.pdf_writer import PdfPage, pdf

ASKED = msgspec.structs.replace(REQUEST, task=Task.MEMBERS, max_members=100, max_member_bytes=1 << 24)
LETTER = PdfPage(("see the files attached",))


def members(data: bytes, **changes: object) -> list[tuple[str, bytes | Code]]:
    """Names with contents, or with the reason why there is none; as many as were announced."""
    found: list[tuple[str, bytes | Code]] = []
    answer = frames(data, ".pdf", msgspec.structs.replace(ASKED, **changes))
    for frame in answer[:-1]:
        if isinstance(frame, Member):
            assert frame.number == len(found) + changes.get("first_page", 1)  # type: ignore[operator]
            found.append((frame.name, frame.code or b""))
        else:
            assert isinstance(frame, Piece)
            name, content = found[-1]
            assert isinstance(content, bytes)
            found[-1] = (name, content + frame.content)
    assert answer[-1] == Finished()
    return found


def count(data: bytes) -> int:
    first = frames(data, ".pdf")[0]
    assert isinstance(first, Opened)
    return first.member_count


def test_attachments_of_the_document_and_of_its_pages_come_out_in_order() -> None:
    files = {"offer (final).txt": b"40 valves", "empty.bin": b"", "größe.csv": b"a;b\n"}
    data = pdf(PdfPage(("one",), attached={"photo.jpg": b"\xff\xd8"}), PdfPage(("two",)), attached=files)
    assert members(data) == [*files.items(), ("photo.jpg", b"\xff\xd8")]
    assert members(data, first_page=3) == [("größe.csv", b"a;b\n"), ("photo.jpg", b"\xff\xd8")]
    assert count(data) == 4
    assert texts(frames(data, ".pdf")) == ["one", "two"]


def test_the_pages_of_a_document_without_files_are_not_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_for: list[str] = []
    array = pdf_members._array

    def noted(dictionary: DictionaryObject, key: str) -> list[object]:
        looked_for.append(key)
        return array(dictionary, key)

    monkeypatch.setattr(pdf_members, "_array", noted)
    assert count(pdf(LETTER, PdfPage(notes=("a note",)))) == 0
    assert "/Annots" not in looked_for
    assert count(pdf(PdfPage(("one",), attached={"a.txt": b"x"}))) == 1
    assert "/Annots" in looked_for


def specification(stream_number: int, name: bytes = b"(a.txt)", entries: bytes = b"") -> bytes:
    return b"<< /Type /Filespec /F %b %b /EF << /F %d 0 R >> >>" % (name, entries, stream_number)


def attached(tree: bytes, more: Sequence[bytes], page: bytes = PAGE) -> bytes:
    """A document whose tree of names is `tree`; `more` are numbered from 6."""
    names = b"/Names << /EmbeddedFiles %b >>" % tree
    return document(more=more, catalog=with_entry(CATALOG, names), page=page)


FILE = stream(b"the file", b"/Type /EmbeddedFile")


def test_a_tree_of_names_is_followed_to_its_leaves() -> None:
    more = [
        specification(7), FILE,
        b"<< /Kids [9 0 R] >>", b"<< /Names [(b) 10 0 R] >>", specification(11, b"(b.txt)"), stream(b"other"),
    ]  # fmt: skip
    data = attached(b"<< /Names [(a) 6 0 R] /Kids [8 0 R] >>", more)
    assert members(data) == [("a.txt", b"the file"), ("b.txt", b"other")]


def test_a_file_that_is_named_several_times_is_taken_once() -> None:
    associated = with_entry(PAGE, b"/AF [6 0 R] /Annots [<< /Subtype /FileAttachment /FS 6 0 R >>]")
    data = attached(b"<< /Names [(a) 6 0 R (again) 6 0 R] >>", [specification(7), FILE], associated)
    assert members(data) == [("a.txt", b"the file")]


def test_the_better_of_several_names_is_taken() -> None:
    name = specification(7, b"(poor)", b"/UF <FEFF0067007200F600DF0065>")
    assert members(attached(b"<< /Names [(a) 6 0 R] >>", [name, FILE])) == [("größe", b"the file")]


def test_a_file_that_lies_elsewhere_is_no_member() -> None:
    data = attached(b"<< /Names [(a) 6 0 R (b) (elsewhere.txt)] >>", [b"<< /Type /Filespec /F (c:/elsewhere.txt) >>"])
    assert (count(data), members(data)) == (0, [])


@pytest.mark.parametrize(
    "more",
    [
        [b"<< /Type /Filespec /F (a.txt) /EF << /F 99 0 R >> >>"],
        [b"<< /Type /Filespec /F (a.txt) /EF 7 >>"],
        [specification(7), b"<< /Not (a stream) >>"],
        [specification(7), stream(b"x", b"/Filter /NoSuchDecode")],
        [specification(7), stream(b"x", b"/Filter [%b]" % (b"/FlateDecode " * 40))],
    ],
    ids=["no stream", "no dictionary", "no stream there", "unknown filter", "many filters"],
)
def test_a_broken_attachment_is_told_and_costs_nothing_else(more: list[bytes]) -> None:
    good = [specification(11, b"(good.txt)"), FILE]
    padded = [*more, *[b"null"] * (4 - len(more)), *good]
    data = attached(b"<< /Names [(a) 6 0 R (b) 10 0 R] >>", padded)
    (name, code), other = members(data)
    assert name == "a.txt"
    assert code in (Code.STRUCTURE_DAMAGED, Code.READER_LIMIT)
    assert other == ("good.txt", b"the file")
    assert count(data) == 2
    assert texts(frames(data, ".pdf")) == ["hello"]


@pytest.mark.parametrize(
    "tree",
    [
        b"7",
        b"99 0 R",
        b"<< /Kids [6 0 R] >>",
        b"<< /Kids 3 /Names (x) >>",
        b"<< /Names [(a)] >>",
        b"<< /Names [1 2 3 4] >>",
    ],
    ids=["a number", "nowhere", "a circle", "wrong types", "half a pair", "numbers"],
)
def test_a_broken_tree_of_names_never_costs_the_pages(tree: bytes) -> None:
    data = attached(tree, [b"<< /Kids [6 0 R 6 0 R] >>"])
    answer = frames(data, ".pdf")
    assert texts(answer) == ["hello"]
    assert end(answer) in (None, Code.STRUCTURE_REPAIRED)
    assert all(code is Code.STRUCTURE_DAMAGED for _, code in members(data))


def test_a_tree_of_names_that_is_not_there_is_told() -> None:
    assert end(frames(attached(b"99 0 R", []), ".pdf")) is Code.STRUCTURE_REPAIRED


def test_files_beyond_the_limits_are_left_out_and_that_is_told() -> None:
    data = pdf(LETTER, attached={f"{number}.bin": os.urandom(1000) for number in range(5)})
    answer = frames(data, ".pdf", msgspec.structs.replace(ASKED, max_members=3))
    assert [frame.number for frame in answer if isinstance(frame, Member)] == [1, 2, 3]
    assert end(answer) is Code.MEMBER_LIMIT
    answer = frames(data, ".pdf", msgspec.structs.replace(ASKED, max_member_bytes=2500))
    assert sum(len(frame.content) for frame in answer if isinstance(frame, Piece)) == 2000
    assert end(answer) is Code.MEMBER_LIMIT


def test_a_file_that_swells_is_unpacked_piece_by_piece_up_to_the_limit() -> None:
    """A bomb of 4 GB: neither is it held in memory nor unpacked to its end."""
    packer = zlib.compressobj(9)
    part = packer.compress(bytes(1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
    bomb = part + again * 255
    answer = frames(attached(b"<< /Names [(a) 6 0 R] >>", [specification(7), stream(bomb, FLATE)]), ".pdf", ASKED)
    assert sum(len(frame.content) for frame in answer if isinstance(frame, Piece)) == 1 << 24
    assert end(answer) is Code.MEMBER_LIMIT


@pytest.mark.parametrize("entries", [b"", b"/Params << /Size 100000 >>", b"/Params << /Size (x) >>", b"/Params 7"])
def test_a_file_whose_compression_breaks_off_is_not_taken_for_whole(entries: bytes) -> None:
    packed = zlib.compress(os.urandom(100_000))
    for broken in (packed[:50_000] + bytes(10) + packed[50_010:], packed[:50_000]):
        more = [specification(7), stream(broken, FLATE + entries)]
        assert end(frames(attached(b"<< /Names [(a) 6 0 R] >>", more), ".pdf", ASKED)) is Code.STRUCTURE_DAMAGED


def test_a_file_that_lacks_only_its_checksum_is_whole() -> None:
    content = os.urandom(1_000_000)
    more = [specification(7), stream(zlib.compress(content)[:-4], FLATE + b"/Params << /Size 1000000 >>")]
    assert members(attached(b"<< /Names [(a) 6 0 R] >>", more)) == [("a.txt", content)]


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_files_in_an_encrypted_document_are_decrypted(algorithm: str) -> None:
    data = encrypted("secret", algorithm, pdf(LETTER, attached={"a.txt": b"the file"}))
    assert members(data, passwords=("secret",)) == [("a.txt", b"the file")]


def test_annotations_beyond_the_limit_are_not_looked_through_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_members, "_MAX_LOOKED_AT", 3)
    pages = [PdfPage(("one",), attached={f"{number}.txt": b"x"}) for number in range(5)]
    answer = frames(pdf(*pages), ".pdf")
    assert answer[0] == Opened("pdf", 5, 3)
    assert texts(answer) == ["one"] * 5
    assert end(answer) is Code.READER_LIMIT
