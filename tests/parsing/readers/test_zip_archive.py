"""ZIP: the names are a page, the files come out whole, and nothing is believed that an archive says of itself."""

import io
import random
import struct
import zipfile
import zlib
from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing import unpacking
from pipeline.parsing.protocol import Finished, Member, Opened, Page
from pipeline.parsing.readers import zip_archive, zip_directory
from pipeline.parsing.unpacking import Blocks
from tests.parsing.contract import ParserContract
from tests.parsing.support import CAREFUL, MEMBERS, frames, members, members_and_end, texts
from tests.zip_writer import UTF_8, ZipFile, archive, deflated, local

LETTER = b"Dear Ada,\n\nthe keys lie at 14 Linden Lane.\n"
RANDOM = random.Random(5).randbytes(300 << 10)


def written(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as target:
        for name, content in files:
            target.writestr(zipfile.ZipInfo(name), content, method)
    return made.getvalue()


def codes(data: bytes, **request: object) -> list[tuple[str, Code | None]]:
    asked = msgspec.structs.replace(MEMBERS, **request)
    return [(member.name, member.code) for member, _ in members(data, ".zip", asked)]


class TestZip(ParserContract):
    format = "zip"
    suffix = ".zip"
    member_count = 2
    golden: ClassVar[tuple[str, ...]] = ("letters/ada.txt\nkeys.csv",)
    sample = archive(
        ZipFile(b"letters/"), ZipFile(b"letters/ada.txt", LETTER), ZipFile(b"keys.csv", b"key,place\n", method=0)
    )

    def test_its_files_are_members_in_the_order_of_the_directory(self) -> None:
        assert frames(self.sample, ".zip")[0] == Opened("zip", 1, 2)
        assert members_and_end(self.sample, ".zip") == (
            [(Member(1, "letters/ada.txt"), LETTER), (Member(2, "keys.csv"), b"key,place\n")],
            None,
        )

    def test_taking_out_resumes_at_any_member(self) -> None:
        from_second = msgspec.structs.replace(MEMBERS, first_page=2)
        assert members(self.sample, ".zip", from_second) == [(Member(2, "keys.csv"), b"key,place\n")]
        from_third = msgspec.structs.replace(MEMBERS, first_page=3)
        assert members_and_end(self.sample, ".zip", from_third) == ([], None)

    @CAREFUL
    @given(st.data())
    def test_a_damaged_archive_still_comes_to_an_end(self, draw: st.DataObject) -> None:
        damaged = bytearray(self.sample)
        for place in draw.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=8)):
            damaged[place] = draw.draw(st.integers(0, 255))
        answer = frames(bytes(damaged), ".zip")
        taken, end = members_and_end(bytes(damaged), ".zip")
        if isinstance(answer[0], Opened):
            assert end is not None or len(taken) == answer[0].member_count


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=str
)
def test_all_methods_that_archivers_use_are_unpacked(method: int) -> None:
    data = written(("a.txt", LETTER), ("b.bin", RANDOM), ("empty.txt", b""), method=method)
    assert members(data, ".zip") == [
        (Member(1, "a.txt"), LETTER),
        (Member(2, "b.bin"), RANDOM),
        (Member(3, "empty.txt"), b""),
    ]


def test_lzma_that_marks_its_own_end_is_unpacked() -> None:
    import lzma

    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16}]
    alone = lzma.compress(LETTER, lzma.FORMAT_ALONE, filters=filters)  # 13 bytes of header, then the stream
    packed = b"\x09\x04\x05\x00" + alone[:5] + alone[13:]
    data = archive(ZipFile(b"a.txt", LETTER, method=14, flags=2, packed=packed))
    assert members(data, ".zip") == [(Member(1, "a.txt"), LETTER)]


@pytest.mark.parametrize(("method", "code"), [(9, Code.FORMAT_NOT_READ), (98, Code.FORMAT_NOT_READ)])
def test_other_methods_are_named_and_the_other_files_read(method: int, code: Code) -> None:
    data = archive(ZipFile(b"a.txt", LETTER, method=method), ZipFile(b"b.txt", LETTER))
    assert codes(data) == [("a.txt", code), ("b.txt", None)]


@pytest.mark.parametrize(
    ("raw", "flags", "shown"),
    [
        ("Übergabe/Schlüssel.txt".encode(), UTF_8, "Übergabe/Schlüssel.txt"),
        ("Übergabe/Schlüssel.txt".encode(), 0, "Übergabe/Schlüssel.txt"),
        ("Schlüssel.txt".encode("cp437"), 0, "Schlüssel.txt"),
        ("契約書_最終版.txt".encode("cp932"), 0, "契約書_最終版.txt"),
        ("かぎ.txt".encode("cp932"), 0, "かぎ.txt"),
        ("合同文件.txt".encode("gbk"), 0, "合同文件.txt"),
        (b"..\\..\\windows\\keys.txt", 0, "windows/keys.txt"),
        (b"C:\\Users\\Ada\\keys.txt", 0, "Users/Ada/keys.txt"),
        (b"/etc/../../keys.txt", 0, "etc/keys.txt"),
        (b"a//b/./keys.txt", 0, "a/b/keys.txt"),
        (b"keys\x00.exe.txt", 0, "keys.exe.txt"),
        ("keys\u202etxt.exe".encode(), UTF_8, "keystxt.exe"),
        (b"bad\xff\xfe.txt", UTF_8, "bad\ufffd\ufffd.txt"),
        (b"\xed\xa0\x80.txt", UTF_8, "\ufffd\ufffd\ufffd.txt"),
        (b"..", 0, "unnamed"),
        (b"", 0, "unnamed"),
        (b"two\nlines\t.txt", 0, "two lines .txt"),
    ],
)
def test_names_are_for_people(raw: bytes, flags: int, shown: str) -> None:
    assert codes(archive(ZipFile(raw, LETTER, flags=flags))) == [(shown, None)]


def test_a_name_of_unicode_stands_beside_an_older_one() -> None:
    raw = b"Schl_ssel.txt"
    field = b"\x01" + struct.pack("<L", zlib.crc32(raw)) + "Schlüssel.txt".encode()
    for extra, shown in (
        (struct.pack("<2H", 0x7075, len(field)) + field, "Schlüssel.txt"),
        (struct.pack("<2H", 0x7075, 9) + b"\x01\0\0\0\0text", "Schl_ssel.txt"),  # it belonged to another name
        (struct.pack("<2H", 0x7075, 900) + field, "Schlüssel.txt"),
    ):
        assert codes(archive(ZipFile(raw, LETTER, extra=extra))) == [(shown, None)]


def test_two_files_of_one_name_are_two_members() -> None:
    data = archive(ZipFile(b"a.txt", b"first"), ZipFile(b"a.txt", b"second"))
    assert members(data, ".zip") == [(Member(1, "a.txt"), b"first"), (Member(2, "a.txt"), b"second")]


def test_what_only_finder_reads_is_left_out_by_its_content() -> None:
    data = archive(
        ZipFile(b"__MACOSX/._a.txt", b"\x00\x05\x16\x07\x00\x02\x00\x00attributes"),
        ZipFile(b".DS_Store", b"\x00\x00\x00\x01Bud1\x00\x00"),
        ZipFile(b"._letter.txt", LETTER),
    )
    assert texts(frames(data, ".zip")) == ["._letter.txt"]
    assert members(data, ".zip") == [(Member(1, "._letter.txt"), LETTER)]


def test_a_link_is_named_and_not_followed() -> None:
    data = archive(ZipFile(b"a", b"/etc/passwd", method=0, attributes=0o120777 << 16), ZipFile(b"b.txt", LETTER))
    assert codes(data) == [("a", Code.SYMBOLIC_LINK), ("b.txt", None)]


def test_an_archive_in_an_archive_is_a_member() -> None:
    inner = archive(ZipFile(b"a.txt", LETTER))
    assert members(archive(ZipFile(b"inner.zip", inner)), ".zip") == [(Member(1, "inner.zip"), inner)]


class TestBombs:
    def test_what_unpacks_to_much_more_than_a_document_is_not_unpacked(self) -> None:
        data = archive(ZipFile(b"zeros.txt", bytes(4 << 20)), ZipFile(b"b.txt", LETTER))
        assert codes(data) == [("zeros.txt", Code.READER_LIMIT), ("b.txt", None)]

    @pytest.mark.parametrize(
        ("declared", "code", "unpacked"),
        [(None, Code.READER_LIMIT, []), (100, Code.STRUCTURE_DAMAGED, [1 << 20])],
    )
    def test_a_bomb_is_unpacked_no_further_than_to_what_it_declares(
        self, declared: int | None, code: Code, unpacked: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given: list[int] = []
        real = unpacking.unpacked

        def counted(packed: Blocks, decompressor: unpacking.Decompressor) -> Blocks:
            for block in real(packed, decompressor):
                given.append(len(block))
                yield block

        monkeypatch.setattr(zip_archive, "unpacked", counted)
        data = archive(ZipFile(b"zeros.txt", bytes(16 << 20), size=declared), ZipFile(b"b.txt", LETTER))
        assert codes(data) == [("zeros.txt", code), ("b.txt", None)]
        assert given == [*unpacked, len(LETTER)]

    def test_much_out_of_little_is_read_where_it_is_a_mebibyte(self) -> None:
        assert codes(archive(ZipFile(b"zeros.txt", bytes(1 << 20)))) == [("zeros.txt", None)]

    def test_files_that_share_bytes_are_not_read(self) -> None:
        kernel = ZipFile(b"a.txt", LETTER)
        whole = archive(kernel, *(ZipFile(b"%d.txt" % number, LETTER, at=0) for number in range(50)))
        assert set(codes(whole)) == {(name, Code.READER_LIMIT) for name, _ in codes(whole)}
        assert frames(whole, ".zip")[1:] == [
            Page(1, "\n".join(name for name, _ in codes(whole)), Code.READER_LIMIT),
            Finished(),
        ]

    def test_local_headers_quoted_within_others_are_not_read_twice(self) -> None:
        """As David Fifield's bombs have it: each file holds the local headers of those behind it."""
        last = ZipFile(b"c.txt", LETTER)
        behind = local(last)
        quoting = ZipFile(
            b"b.txt", behind + LETTER, packed=struct.pack("<BHH", 0, len(behind), 0xFFFF - len(behind)) + behind
        )
        start = 30 + len(quoting.name) + 5
        data = archive(quoting, ZipFile(b"c.txt", LETTER, at=start), ZipFile(b"d.txt", LETTER))
        assert codes(data) == [("b.txt", Code.READER_LIMIT), ("c.txt", Code.READER_LIMIT), ("d.txt", None)]

    def test_more_files_than_are_looked_at_are_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(zip_directory, "MAX_ENTRIES", 3)
        data = archive(*(ZipFile(b"%d.txt" % number, LETTER) for number in range(9)))
        assert frames(data, ".zip") == [
            Opened("zip", 1, 3),
            Page(1, "0.txt\n1.txt\n2.txt", Code.READER_LIMIT),
            Finished(),
        ]
        assert [name for name, _ in codes(data)] == ["0.txt", "1.txt", "2.txt"]

    def test_a_file_that_is_larger_than_what_is_left_is_named_and_the_others_read(self) -> None:
        data = archive(ZipFile(b"a.txt", b"x" * 60), ZipFile(b"b.txt", b"y" * 50), ZipFile(b"c.txt", b"z" * 40))
        assert codes(data, max_member_bytes=100) == [("a.txt", None), ("b.txt", Code.MEMBER_LIMIT), ("c.txt", None)]

    def test_a_large_file_that_does_not_fit_is_not_begun(self) -> None:
        data = archive(ZipFile(b"a.bin", bytes(9 << 20), method=0), ZipFile(b"b.txt", LETTER))
        assert codes(data, max_member_bytes=17 << 19) == [("a.bin", Code.MEMBER_LIMIT), ("b.txt", None)]

    def test_a_large_file_of_which_the_end_is_broken_ends_the_answer(self) -> None:
        content = random.Random(1).randbytes(10 << 20)
        data = archive(ZipFile(b"a.bin", content, method=0, crc=1), ZipFile(b"b.txt", LETTER))
        assert members_and_end(data, ".zip") == ([], Code.STRUCTURE_DAMAGED)
        assert codes(data, first_page=2) == [("b.txt", None)]


class TestLies:
    @pytest.mark.parametrize(
        "liar",
        [
            ZipFile(b"a.txt", LETTER, size=5), ZipFile(b"a.txt", LETTER, size=5000), ZipFile(b"a.txt", LETTER, crc=7),
            ZipFile(b"a.txt", LETTER, packed_size=10), ZipFile(b"a.txt", LETTER, packed=b"no deflate"),
            ZipFile(b"a.txt", LETTER, packed=deflated(LETTER)[:-3]), ZipFile(b"a.txt", LETTER, at=0xFFFFFFF0),
            ZipFile(b"a.txt", LETTER, disk=3),
        ],
    )  # fmt: skip
    def test_a_file_that_is_not_what_it_is_said_to_be_is_damaged_and_the_others_read(self, liar: ZipFile) -> None:
        data = archive(ZipFile(b"b.txt", LETTER), liar, ZipFile(b"c.txt", LETTER))
        assert codes(data) == [("b.txt", None), ("a.txt", Code.STRUCTURE_DAMAGED), ("c.txt", None)]

    def test_a_file_that_reaches_beyond_the_archive_is_damaged(self) -> None:
        data = archive(ZipFile(b"b.txt", LETTER), ZipFile(b"a.txt", LETTER, packed_size=1 << 30))
        assert codes(data) == [("b.txt", None), ("a.txt", Code.STRUCTURE_DAMAGED)]

    def test_an_archive_behind_a_program_is_read(self) -> None:
        assert members(archive(ZipFile(b"a.txt", LETTER), before=b"MZ program\x00" * 50), ".zip") == [
            (Member(1, "a.txt"), LETTER)
        ]

    def test_bytes_behind_the_archive_do_no_harm(self) -> None:
        assert codes(archive(ZipFile(b"a.txt", LETTER), behind=b"\x00" * 500)) == [("a.txt", None)]

    @pytest.mark.parametrize("marker", [b"PK00", b"PK\x07\x08"])
    def test_an_archive_that_could_have_been_split_is_read(self, marker: bytes) -> None:
        assert members(archive(ZipFile(b"a.txt", LETTER), before=marker), "") == [(Member(1, "a.txt"), LETTER)]

    def test_an_archive_without_files_is_read(self) -> None:
        assert frames(archive(), ".zip") == [Opened("zip", 1, 0), Page(1, ""), Finished()]

    def test_a_directory_that_names_fewer_files_than_it_says_is_told(self) -> None:
        data = archive(ZipFile(b"a.txt", LETTER), count=3)
        assert frames(data, ".zip")[-1] == Finished(Code.STRUCTURE_REPAIRED)

    def test_zip64_is_read(self) -> None:
        made = io.BytesIO()
        with (
            zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
            target.open("a.txt", "w", force_zip64=True) as a,
        ):
            a.write(LETTER)
        plain = archive(ZipFile(b"b.txt", LETTER, size=0xFFFFFFFF, packed_size=0xFFFFFFFF, extra=_zip64(LETTER)))
        start = plain.rfind(b"PK\x05\x06")
        central = plain.find(b"PK\x01\x02")
        end_64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, start - central, central)
        locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start, 1)
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
        for data, name in ((made.getvalue(), "a.txt"), (plain[:start] + end_64 + locator + end, "b.txt")):
            assert members(data, ".zip") == [(Member(1, name), LETTER)]
            assert frames(data, ".zip")[-1] == Finished()

    def test_files_in_other_parts_of_a_split_archive_share_no_bytes_with_those_in_this(self) -> None:
        data = archive(ZipFile(b"a.txt", LETTER), ZipFile(b"b.txt", LETTER, disk=3, at=0))
        assert codes(data) == [("a.txt", None), ("b.txt", Code.STRUCTURE_DAMAGED)]


def _zip64(content: bytes) -> bytes:
    return struct.pack("<2H2Q", 1, 16, len(content), len(deflated(content)))


class TestRecovery:
    """An archive whose directory is lost is gone through from file to file."""

    def test_what_is_there_of_a_truncated_archive_is_read(self) -> None:
        data = archive(ZipFile(b"f/", method=0), *(ZipFile(b"f/%d.txt" % number, LETTER) for number in range(3)))
        cut = data[: data.find(b"PK\x01\x02") - 5]
        assert frames(cut, ".zip") == [
            Opened("zip", 1, 3),
            Page(1, "f/0.txt\nf/1.txt\nf/2.txt"),
            Finished(Code.STRUCTURE_REPAIRED),
        ]
        assert members(cut, ".zip") == [
            (Member(1, "f/0.txt"), LETTER),
            (Member(2, "f/1.txt"), LETTER),
            (Member(3, "f/2.txt", Code.STRUCTURE_DAMAGED), b""),
        ]

    @pytest.mark.parametrize("is_described", [True, False])
    def test_a_size_that_stands_behind_the_file_is_found(self, is_described: bool) -> None:
        described = ZipFile(b"a.txt", LETTER, flags=8)
        descriptor = struct.pack("<4s3L", b"PK\x07\x08", zlib.crc32(LETTER), len(described.bytes_inside), len(LETTER))
        headless = ZipFile(b"a.txt", LETTER, flags=8, size=0, packed_size=0, crc=0)
        data = local(headless) + (descriptor if is_described else b"") + local(ZipFile(b"b.txt", LETTER))
        assert members(data, ".zip") == [(Member(1, "a.txt"), LETTER), (Member(2, "b.txt"), LETTER)]

    def test_a_check_sum_that_stands_behind_the_file_counts(self) -> None:
        headless = ZipFile(b"a.txt", LETTER, flags=8, size=0, packed_size=0, crc=0)
        descriptor = struct.pack("<4s3L", b"PK\x07\x08", 1, len(headless.bytes_inside), len(LETTER))
        assert codes(local(headless) + descriptor) == [("a.txt", Code.STRUCTURE_DAMAGED)]

    def test_a_directory_with_wrong_places_is_not_believed(self) -> None:
        data = archive(ZipFile(b"a.txt", LETTER), ZipFile(b"b.txt", LETTER))
        shifted = data[:-6] + struct.pack("<L", struct.unpack("<L", data[-6:-2])[0] - 9) + data[-2:]
        assert members(shifted, ".zip") == [(Member(1, "a.txt"), LETTER), (Member(2, "b.txt"), LETTER)]
        assert frames(shifted, ".zip")[-1] == Finished(Code.STRUCTURE_REPAIRED)

    def test_nothing_to_be_found_is_damage(self) -> None:
        assert frames(b"PK\x03\x04 and no more", ".zip") == [Finished(Code.STRUCTURE_DAMAGED)]
        assert members_and_end(b"PK\x03\x04 and no more", ".zip") == ([], Code.STRUCTURE_DAMAGED)

    def test_a_file_full_of_beginnings_is_gone_through_in_time(self) -> None:
        answer = frames(b"PK\x03\x04" * 50_000, ".zip")
        assert isinstance(answer[0], Opened)
        assert answer[-1] in (Finished(), Finished(Code.STRUCTURE_REPAIRED))
