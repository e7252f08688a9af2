"""Parts of packages: found whatever their name looks like, read as far as they are sound, never beyond limits."""

import io
import zipfile

import pytest

from pipeline.outcomes import Code
from pipeline.parsing import parts
from pipeline.parsing.parts import Package, natural, resolved
from pipeline.parsing.reading import ReadingEnded
from tests.parsing.readers.packages import package

TEXT = b"The tenant pays the rent on the first day of the month. " * 4000


def opened(content: bytes) -> Package:
    return Package(io.BytesIO(content))


def whole(source: Package, name: str) -> tuple[bytes, Code | None]:
    part = source.open(name)
    assert part is not None
    pieces = []
    while piece := part.read(1000):
        assert len(piece) <= 1000
        pieces.append(piece)
    return b"".join(pieces), part.code


def test_parts_come_out_as_they_went_in() -> None:
    source = opened(package({"a.xml": TEXT, "b/c.xml": b"", "folder/": b""}))
    assert source.names == ["a.xml", "b/c.xml"]
    assert whole(source, "a.xml") == (TEXT, None)
    assert whole(source, "b/c.xml") == (b"", None)
    assert source.read("a.xml") == TEXT
    assert source.read("a.xml", 10) == TEXT[:10]
    assert source.read("no.xml") == b""
    assert source.open("no.xml") is None
    assert source.code is None


@pytest.mark.parametrize(
    "name",
    [
        "word/Größe 1.xml", "/word/größe 1.xml", "word\\Größe 1.xml", "WORD/gr%C3%B6%c3%9fe%201.xml",
        "./word//Größe 1.xml",
    ],
)  # fmt: skip
def test_a_part_is_found_however_its_name_is_written(name: str) -> None:
    assert opened(package({"word/Größe 1.xml": b"x"})).find(name) == "word/Größe 1.xml"


@pytest.mark.parametrize(
    ("folder", "target", "name"),
    [
        ("word", "media/a.png", "word/media/a.png"),
        ("word", "/ppt/a.xml", "ppt/a.xml"),
        ("ppt/slides", "../media/a.png", "ppt/media/a.png"),
        ("ppt", "..\\media\\a.png", "media/a.png"),
        ("a", "../../../../etc/passwd", "etc/passwd"),
        ("", "a.xml", "a.xml"),
    ],
)
def test_targets_are_seen_from_the_folder_of_the_part_that_names_them(folder: str, target: str, name: str) -> None:
    assert resolved(folder, target) == name


def test_names_are_ordered_by_their_numbers() -> None:
    names = ["s10.xml", "s9.xml", "s.xml", "s²", "s1a2", "s1a10"]
    assert sorted(names, key=natural) == ["s1a2", "s1a10", "s9.xml", "s10.xml", "s.xml", "s²"]


def test_what_lies_before_the_damage_is_read() -> None:
    content = bytearray(package({"a.xml": TEXT, "b.xml": b"sound"}))
    content[content.index(b"a.xml") + 300] ^= 0xFF
    source = opened(bytes(content))
    found, code = whole(source, "a.xml")
    assert TEXT.startswith(found[:100])
    assert code is Code.STRUCTURE_REPAIRED
    assert whole(source, "b.xml") == (b"sound", None)


def test_a_part_that_is_not_what_was_put_in_says_so() -> None:
    """A stored part has no compression that could break: its check sum tells."""
    content = package({"a.xml": TEXT}, stored=True).replace(b"tenant", b"tyrant", 1)
    assert whole(opened(content), "a.xml") == (TEXT.replace(b"tenant", b"tyrant", 1), Code.STRUCTURE_REPAIRED)


def test_parts_are_found_where_the_directory_is_lost() -> None:
    content = package({"a.xml": TEXT, "b.xml": TEXT})
    cut = content[: content.index(b"PK\x01\x02") - 100]
    source = opened(cut)
    assert source.names == ["a.xml", "b.xml"]
    assert source.code is Code.STRUCTURE_REPAIRED
    assert whole(source, "a.xml") == (TEXT, None)
    found, code = whole(source, "b.xml")
    assert TEXT.startswith(found)
    assert code is Code.STRUCTURE_REPAIRED


def test_what_is_no_package_is_refused() -> None:
    with pytest.raises(ReadingEnded) as end:
        opened(b"PK\x03\x04 and nothing else")
    assert end.value.code is Code.STRUCTURE_DAMAGED


def test_a_bomb_is_cut_off_and_what_came_before_is_kept() -> None:
    found, code = whole(opened(package({"a.xml": b"begin" + bytes(50_000_000)})), "a.xml")
    assert found.startswith(b"begin")
    assert len(found) < 30_000_000
    assert code is Code.READER_LIMIT


def test_a_part_and_all_parts_together_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    source = opened(package({"a.xml": TEXT, "b.xml": TEXT}, stored=True))
    monkeypatch.setattr(parts, "MAX_PART_BYTES", 100_000)
    found, code = whole(source, "a.xml")
    assert len(found) <= 100_000
    assert code is Code.READER_LIMIT
    monkeypatch.undo()
    monkeypatch.setattr(parts, "MAX_PACKAGE_BYTES", 300_000)
    source = opened(package({"a.xml": TEXT, "b.xml": TEXT}, stored=True))
    assert whole(source, "a.xml") == (TEXT, None)
    assert whole(source, "b.xml")[1] is Code.READER_LIMIT


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_that_no_office_program_uses_is_not_undone(method: int) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as target:
        target.writestr("a.xml", TEXT)
    assert whole(opened(file.getvalue()), "a.xml") == (b"", Code.STRUCTURE_REPAIRED)


def test_a_part_that_is_encrypted_as_in_archives_is_known() -> None:
    content = bytearray(package({"a.xml": b"x"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    source = opened(bytes(content))
    assert source.is_encrypted("a.xml")
    assert not source.is_encrypted("no.xml")
    assert whole(source, "a.xml") == (b"", Code.STRUCTURE_REPAIRED)
    assert not opened(package({"a.xml": b"x"})).is_encrypted("a.xml")


def test_of_two_parts_with_one_name_the_first_is_read() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target, pytest.warns(UserWarning, match="Duplicate"):
        target.writestr("a.xml", b"first")
        target.writestr("a.xml", b"second")
    assert whole(opened(file.getvalue()), "a.xml") == (b"first", None)
