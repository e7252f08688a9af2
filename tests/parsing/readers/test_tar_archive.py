"""Tar: the names are a page, the files come out whole; links, devices and holes are named and make nothing."""

import bz2
import gzip
import io
import lzma
import random
import tarfile
from collections.abc import Callable
from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing.protocol import Finished, Member, Opened, Page
from pipeline.parsing.readers import tar_archive, tar_headers
from tests.parsing.contract import ParserContract
from tests.parsing.support import CAREFUL, MEMBERS, frames, members, members_and_end, texts

LETTER = b"Dear Ada,\n\nthe keys lie at 14 Linden Lane.\n"
NOISE = random.Random(5).randbytes(300 << 10)
LONG = "/".join(["folder with a long name"] * 9) + "/letter.txt"


def entry(
    name: str, kind: bytes = tarfile.REGTYPE, target: str = "", pax: dict[str, str] | None = None
) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.pax_headers = kind, target, pax or {}
    return made


def tar(*entries: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form, encoding="utf-8") as target:
        for one, content in entries:
            one.size = len(content)
            target.addfile(one, io.BytesIO(content))
    return made.getvalue()


def resummed(header: bytes) -> bytes:
    """A header whose check sum fits again."""
    bare = header[:148] + b" " * 8 + header[156:]
    return bare[:148] + b"%06o\x00 " % sum(bare) + bare[156:]


class TestTar(ParserContract):
    format = "tar"
    suffix = ".tar"
    member_count = 2
    golden: ClassVar[tuple[str, ...]] = ("letters/ada.txt\nkeys.csv",)
    sample = tar(
        (entry("letters", tarfile.DIRTYPE), b""),
        (entry("letters/ada.txt"), LETTER),
        (entry("keys.csv"), b"key,place\n"),
    )

    def test_its_files_are_members_in_their_order(self) -> None:
        assert members_and_end(self.sample, ".tar") == (
            [(Member(1, "letters/ada.txt"), LETTER), (Member(2, "keys.csv"), b"key,place\n")],
            None,
        )

    def test_taking_out_resumes_at_any_member(self) -> None:
        from_second = msgspec.structs.replace(MEMBERS, first_page=2)
        assert members(self.sample, ".tar", from_second) == [(Member(2, "keys.csv"), b"key,place\n")]

    @CAREFUL
    @given(st.data())
    def test_reading_and_taking_out_agree_on_a_damaged_archive(self, draw: st.DataObject) -> None:
        damaged = bytearray(self.sample[: draw.draw(st.integers(600, 4096))])
        for place in draw.draw(st.lists(st.integers(512, len(damaged) - 1), max_size=4)):
            damaged[place] = draw.draw(st.integers(0, 255))
        answer = frames(bytes(damaged), ".tar")
        if isinstance(answer[0], Opened):
            taken, end = members_and_end(bytes(damaged), ".tar")
            assert (len(taken), end) == (answer[0].member_count, None)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gzip", "bzip2", "xz"])
def test_packed_archives_are_read_through_their_packing(pack: Callable[[bytes], bytes]) -> None:
    data = pack(tar((entry("a.txt"), LETTER), (entry("b.bin"), NOISE), (entry("c.txt"), b"")))
    assert frames(data, ".gz") == [Opened("tar", 1, 3), Page(1, "a.txt\nb.bin\nc.txt"), Finished()]
    assert members(data, ".gz") == [
        (Member(1, "a.txt"), LETTER),
        (Member(2, "b.bin"), NOISE),
        (Member(3, "c.txt"), b""),
    ]


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_long_names_and_names_beyond_ascii_are_read_in_each_kind(form: int) -> None:
    data = tar((entry(LONG), LETTER), (entry("Schlüssel.txt"), LETTER), form=form)
    assert [member.name for member, _ in members(data, ".tar")] == [LONG, "Schlüssel.txt"]


def test_names_are_for_people() -> None:
    names = ["/etc/passwd", "../../keys.txt", "a/../../b.txt", "turned\u202etxt.exe", "./c.txt", "d\\e.txt"]
    data = tar(*((entry(name), LETTER) for name in names))
    shown = ["etc/passwd", "keys.txt", "a/b.txt", "turnedtxt.exe", "c.txt", "d/e.txt"]
    assert [member.name for member, _ in members(data, ".tar")] == shown


def test_a_name_in_another_encoding_is_read() -> None:
    data = tar((entry("a.txt"), LETTER))
    header = resummed("Schlüssel.txt".encode("latin-1").ljust(100, b"\x00") + data[100:512])
    assert [member.name for member, _ in members(header + data[512:], ".tar")] == ["Schlüssel.txt"]


def test_links_and_devices_are_named_and_never_followed() -> None:
    data = tar(
        (entry("a", tarfile.SYMTYPE, "/etc/passwd"), b""),
        (entry("b", tarfile.LNKTYPE, "a"), b""),
        (entry("c", tarfile.CHRTYPE), b""),
        (entry("d", tarfile.FIFOTYPE), b""),
        (entry("e.txt"), LETTER),
    )
    assert texts(frames(data, ".tar")) == ["a -> etc/passwd\nb -> a\nc\nd\ne.txt"]
    assert members(data, ".tar") == [
        (Member(1, "a", Code.SYMBOLIC_LINK), b""),
        (Member(2, "b", Code.SYMBOLIC_LINK), b""),
        (Member(3, "c", Code.SPECIAL_FILE), b""),
        (Member(4, "d", Code.SPECIAL_FILE), b""),
        (Member(5, "e.txt"), LETTER),
    ]


def test_files_with_holes_are_named_and_not_filled() -> None:
    """In GNU's older form, whose list of holes may go on behind the header, and in that of pax."""
    older = bytearray(tar((entry("a.img"), b"x" * 700), form=tarfile.GNU_FORMAT)[: 512 * 3])
    older[156:157] = b"S"
    older[482] = 1
    goes_on = bytes(504) + b"\x01" + bytes(7)
    ends = bytes(512)
    data = (
        resummed(bytes(older[:512]))
        + goes_on
        + ends
        + bytes(older[512:])
        + tar(
            (entry("b.img", pax={"GNU.sparse.major": "1", "GNU.sparse.name": "real.img"}), b"1\n0\n5\n"),
            (entry("c.txt"), LETTER),
        )
    )
    assert members(data, ".tar") == [
        (Member(1, "a.img", Code.FORMAT_NOT_READ), b""),
        (Member(2, "real.img", Code.FORMAT_NOT_READ), b""),
        (Member(3, "c.txt"), LETTER),
    ]


def test_sizes_in_binary_are_read() -> None:
    data = tar((entry("a.txt"), LETTER))
    start = data.find(b"a.txt")
    binary = b"\x80" + len(LETTER).to_bytes(11, "big")
    header = resummed(data[start : start + 124] + binary + data[start + 136 : start + 512])
    assert members(header + data[start + 512 :], ".tar") == [(Member(1, "a.txt"), LETTER)]


class TestDamage:
    def test_a_truncated_archive_is_read_as_far_as_it_goes(self) -> None:
        data = tar((entry("a.txt"), LETTER), (entry("b.bin"), NOISE), form=tarfile.USTAR_FORMAT)[:9000]
        assert frames(data, ".tar") == [Opened("tar", 1, 2), Page(1, "a.txt\nb.bin"), Finished(Code.STRUCTURE_REPAIRED)]
        expected = [(Member(1, "a.txt"), LETTER), (Member(2, "b.bin", Code.STRUCTURE_DAMAGED), b"")]
        assert members_and_end(data, ".tar") == (expected, None)

    def test_a_truncated_packed_archive_is_read_as_far_as_it_goes(self) -> None:
        data = gzip.compress(tar((entry("a.txt"), LETTER), (entry("b.bin"), NOISE), (entry("c.txt"), LETTER)))
        assert frames(data[:200_000], ".tgz")[-1] == Finished(Code.STRUCTURE_REPAIRED)
        expected = [(Member(1, "a.txt"), LETTER), (Member(2, "b.bin", Code.STRUCTURE_DAMAGED), b"")]
        assert members_and_end(data[:200_000], ".tgz") == (expected, None)

    def test_a_header_that_is_none_ends_the_archive(self) -> None:
        data = tar((entry("a.txt"), LETTER), form=tarfile.USTAR_FORMAT)[:1024] + b"junk" * 500
        assert frames(data, ".tar")[-1] == Finished(Code.STRUCTURE_REPAIRED)
        assert members_and_end(data, ".tar") == ([(Member(1, "a.txt"), LETTER)], None)

    def test_no_entry_at_all_is_damage(self) -> None:
        data = b"x" * 257 + b"ustar\x0000" + b"x" * 700
        assert frames(data, ".tar") == [Finished(Code.STRUCTURE_DAMAGED)]
        assert members_and_end(data, ".tar") == ([], None)

    def test_the_end_may_be_missing(self) -> None:
        data = tar((entry("a.txt"), LETTER), form=tarfile.USTAR_FORMAT)[: 512 + len(LETTER)]
        assert frames(data, ".tar")[-1] == Finished()
        assert members(data, ".tar") == [(Member(1, "a.txt"), LETTER)]


class TestBombs:
    def test_a_packed_archive_that_unpacks_to_too_much_ends_where_that_is_seen(self) -> None:
        data = gzip.compress(tar((entry("a.txt"), LETTER), (entry("zeros"), bytes(8 << 20)), (entry("c.txt"), LETTER)))
        assert frames(data, ".tgz") == [Opened("tar", 1, 2), Page(1, "a.txt\nzeros", Code.READER_LIMIT), Finished()]
        expected = [(Member(1, "a.txt"), LETTER), (Member(2, "zeros", Code.READER_LIMIT), b"")]
        assert members_and_end(data, ".tgz") == (expected, None)

    def test_headers_that_only_announce_others_are_not_followed_for_ever(self) -> None:
        extended = resummed(tar((entry("x", pax={"comment": "y"}), b""))[:512])
        data = (extended + b"13 comment=y\n".ljust(512, b"\x00")) * 2000
        assert frames(data, ".tar") == [Finished(Code.READER_LIMIT)]
        behind = tar((entry("a.txt"), LETTER), form=tarfile.USTAR_FORMAT)[:1024] + data
        assert frames(behind, ".tar") == [Opened("tar", 1, 1), Page(1, "a.txt", Code.READER_LIMIT), Finished()]

    def test_a_header_that_says_it_is_longer_than_any_is_not_taken_into_memory(self) -> None:
        header = bytearray(tar((entry("x", pax={"comment": "y"}), b""))[:512])
        header[124:136] = b"%011o\x00" % (1 << 32)
        data = resummed(bytes(header)) + bytes(2 << 20)
        assert frames(data, ".tar") == [Finished(Code.READER_LIMIT)]

    @pytest.mark.parametrize(
        "records",
        [b"9999999 path=x\n", b"5 path\n", b"0 path=x\n", b"-5 path=x\n", b" path=x\n", b"\xb2 path=x\n", b"12"],
    )
    def test_records_that_lie_about_their_length_name_nothing_else(self, records: bytes) -> None:
        header = bytearray(tar((entry("x", pax={"comment": "y"}), b""))[:512])
        header[124:136] = b"%011o\x00" % len(records)
        plain = tar((entry("plain.txt"), LETTER), form=tarfile.USTAR_FORMAT)
        data = resummed(bytes(header)) + records.ljust(512, b"\x00") + plain
        assert len(members(data, ".tar")) == 1

    def test_a_file_that_is_larger_than_what_is_left_is_named_and_the_others_read(self) -> None:
        data = tar((entry("a.txt"), b"x" * 60), (entry("b.txt"), b"y" * 50), (entry("c.txt"), b"z" * 40))
        small = msgspec.structs.replace(MEMBERS, max_member_bytes=100)
        assert [(member.name, member.code) for member, _ in members(data, ".tar", small)] == [
            ("a.txt", None), ("b.txt", Code.MEMBER_LIMIT), ("c.txt", None),
        ]  # fmt: skip

    def test_more_entries_than_are_looked_at_are_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tar_headers, "MAX_ENTRIES", 3)
        data = tar(*((entry(f"{number}.txt"), LETTER) for number in range(9)))
        assert frames(data, ".tar")[:2] == [Opened("tar", 1, 3), Page(1, "0.txt\n1.txt\n2.txt", Code.READER_LIMIT)]
        assert len(members(data, ".tar")) == 3

    def test_time_used_up_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from tests.parsing.test_handover import exhausted

        monkeypatch.setattr(tar_archive, "at_most", exhausted)
        data = tar((entry("a.txt"), LETTER))
        assert frames(data, ".tar") == [Finished(Code.READER_LIMIT)]
        assert members_and_end(data, ".tar") == ([], Code.READER_LIMIT)
