"""Compound files: every stream comes out as it was put in, and no lie of a table costs time or memory."""

import io
import struct
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.outcomes import Code
from pipeline.parsing import compound, compound_writer
from pipeline.parsing.compound import Storage, opened
from pipeline.parsing.compound_writer import Folder, copied, written
from pipeline.parsing.reading import ReadingEnded
from tests import ole_writer
from tests.ole_writer import SECTOR, compound_file
from tests.parsing.support import CAREFUL

SMALL, LARGE = b"small" * 20, bytes(range(256)) * 40
FILE = compound_file({"One": SMALL, "two": LARGE, "Inner": {"three": b"3", "Deeper": {"four": LARGE}}, "none": b""})
DIRECTORY, TABLE_LIST_START = 48, 68  # places in the header


def storage(data: bytes) -> Storage:
    return opened(io.BytesIO(data))


def refusal(data: bytes) -> Code:
    with pytest.raises(ReadingEnded) as caught:
        storage(data)
    return caught.value.code


def changed(data: bytes, at: int, number: int) -> bytes:
    return data[:at] + struct.pack("<I", number) + data[at + 4 :]


def everything(root: Storage) -> dict[str, bytes]:
    """All streams by their paths."""
    found = {name: root.stream(name) for name in root.streams()}
    for inner in root.storages():
        found |= {f"{inner.name}/{name}": content for name, content in everything(inner).items()}
    return found


def test_every_stream_comes_out_as_it_was_put_in() -> None:
    assert everything(storage(FILE)) == {
        "One": SMALL, "two": LARGE, "none": b"", "Inner/three": b"3", "Inner/Deeper/four": LARGE,
    }  # fmt: skip


def test_names_are_found_whatever_their_case() -> None:
    root = storage(FILE)
    inner = root.storage("INNER")
    assert inner is not None
    assert (inner.has("THREE"), inner.stream("Three"), inner.size("tHREE")) == (True, b"3", 1)


def test_what_is_not_there_has_no_bytes() -> None:
    root = storage(FILE)
    assert (root.has("Inner"), root.has("no"), root.stream("no"), root.size("no"), root.storage("One")) == (
        False, False, b"", 0, None,
    )  # fmt: skip


def test_the_class_of_a_storage_is_kept() -> None:
    assert storage(compound_file({}, clsid=b"0123456789abcdef")).clsid == b"0123456789abcdef"


def test_a_table_that_the_header_cannot_list_is_followed_through_its_own_sectors() -> None:
    large = b"\x01\x02\x03\x04" * (2 << 20)
    file = compound_file({"before": b"x", "large": large})
    assert struct.unpack_from("<I", file, TABLE_LIST_START)[0] != ole_writer.END
    assert storage(file).stream("large") == large


@CAREFUL
@given(st.dictionaries(st.text(st.characters(codec="ascii", exclude_characters="/"), min_size=1, max_size=20),
                       st.binary(max_size=9000), max_size=12))  # fmt: skip
def test_what_is_written_is_read_again(streams: dict[str, bytes]) -> None:
    streams = {name.lower(): content for name, content in streams.items()}
    both = Folder(streams=dict(streams), storages={"Inner": Folder(streams=dict(streams), clsid=b"c" * 16)})
    root = storage(written(both))
    inner = root.storage("inner")
    assert inner is not None
    assert inner.clsid == b"c" * 16
    assert {name: root.stream(name) for name in root.streams()} == streams
    assert {name: inner.stream(name) for name in inner.streams()} == streams


def test_a_copy_of_a_storage_is_a_file_of_its_own() -> None:
    inner = storage(FILE).storage("Inner")
    assert inner is not None
    assert everything(storage(written(copied(inner)))) == {"three": b"3", "Deeper/four": LARGE}


def test_streams_that_claim_the_same_bytes_are_not_copied_each() -> None:
    data = compound_file({f"s{number}": bytes(5000) for number in range(50)})
    entries = (struct.unpack_from("<I", data, DIRECTORY)[0] + 1) * SECTOR
    first = struct.unpack_from("<I", data, entries + 128 + 116)[0]
    for number in range(1, 51):
        data = changed(changed(data, entries + 128 * number + 116, first), entries + 128 * number + 120, 200_000)
    with pytest.raises(ReadingEnded) as caught:
        copied(storage(data))
    assert caught.value.code is Code.READER_LIMIT


def test_a_file_that_the_header_of_a_copy_cannot_describe_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compound_writer, "_TABLES_IN_HEADER", 1)  # which is enough for 4 MB
    assert written(Folder(streams={"x": bytes(3 << 20)}))
    with pytest.raises(ReadingEnded) as caught:
        written(Folder(streams={"x": bytes(5 << 20)}))
    assert caught.value.code is Code.READER_LIMIT


@pytest.mark.parametrize("data", [b"", FILE[:8], FILE[:511], b"no" + FILE[2:], FILE[:512]])
def test_what_has_no_directory_is_damaged(data: bytes) -> None:
    assert refusal(data) is Code.STRUCTURE_DAMAGED


@pytest.mark.parametrize(("at", "number"), [(30, 0x0006001F), (30, 0x00090009), (DIRECTORY, 0), (DIRECTORY, 999999)])
def test_a_header_that_makes_no_sense_is_damaged(at: int, number: int) -> None:
    assert refusal(changed(FILE, at, number)) is Code.STRUCTURE_DAMAGED


@pytest.mark.parametrize("following", [ole_writer.END, ole_writer.FREE, 0xFFFFFF])
def test_a_chain_that_ends_early_gives_what_is_there_and_that_is_told(following: int) -> None:
    data = compound_file({"a": b"A" * 5000, "b": b"B" * 5000})
    table_at = (struct.unpack_from("<I", data, 76)[0] + 1) * SECTOR
    root = storage(changed(data, table_at + 4 * 4, following))
    assert (root.stream("b"), root.is_whole) == (b"B" * 5000, True)
    assert (root.stream("a"), root.is_whole) == (b"A" * 5 * SECTOR, False)


def test_a_small_stream_that_is_shorter_than_it_is_said_to_be_is_told() -> None:
    at = (struct.unpack_from("<I", FILE, DIRECTORY)[0] + 1) * SECTOR
    root = storage(changed(FILE, at + 128 + 120, 4000))  # the first stream
    assert (root.stream("one")[:100], root.is_whole) == (SMALL, False)


def test_a_table_that_was_cut_off_leads_nowhere() -> None:
    data = compound_file({"a": b"A" * 5000})
    table_at = (struct.unpack_from("<I", data, 76)[0] + 1) * SECTOR
    root = storage(data[: table_at + 4 * 20])
    assert (root.stream("a"), root.is_whole) == (b"A" * 5000, True)
    root = storage(data[: table_at + 4 * 4])
    assert (root.stream("a"), root.is_whole) == (b"A" * 5 * SECTOR, False)


def test_a_chain_that_runs_in_a_circle_ends() -> None:
    table_at = (struct.unpack_from("<I", FILE, 76)[0] + 1) * SECTOR
    for sector in range(len(FILE) // SECTOR - 1):
        circle = changed(FILE, table_at + 4 * sector, sector)
        assert all(len(content) <= len(FILE) for content in everything(storage(circle)).values())


def test_a_list_of_tables_that_runs_in_a_circle_ends() -> None:
    sector = struct.pack("<128I", *range(127), 0)  # which names itself as the next
    assert refusal(changed(FILE[:SECTOR], TABLE_LIST_START, 0) + sector * 8) is Code.STRUCTURE_DAMAGED


def test_an_entry_lies_in_one_storage_only() -> None:
    """Of a directory whose tree bites its tail, each entry is taken once."""
    at = (struct.unpack_from("<I", FILE, DIRECTORY)[0] + 1) * SECTOR
    for entry in range(8):
        for link in (68, 72, 76):  # left, right, child
            for target in range(8):
                found = everything(storage(changed(FILE, at + 128 * entry + link, target)))
                assert len(found) <= 5


def test_a_directory_in_which_each_entry_hangs_below_the_one_before_is_read() -> None:
    """As broken programs write it: a reader that follows the tree by calling itself fails at a thousand."""
    root = storage(compound_file({f"stream {number}": b"x" for number in range(3000)}))
    assert sum(1 for _ in root.streams()) == 3000


def test_storages_within_storages_are_followed_however_deep_they_lie() -> None:
    folder: ole_writer.Folder = {"end": b"found"}
    for _ in range(400):
        folder = {"x": folder}
    here: Storage | None = storage(compound_file(folder))
    for _ in range(400):
        here = here.storage("x") if here else None
    assert here is not None
    assert here.stream("end") == b"found"
    assert len(written(copied(storage(compound_file(folder))))) > 400 * 128


def test_more_entries_than_any_document_has_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compound, "_MAX_ENTRIES", 7)
    assert refusal(FILE) is Code.READER_LIMIT
    monkeypatch.setattr(compound, "_MAX_ENTRIES", 8)
    assert len(everything(storage(FILE))) == 5


def test_a_stream_that_claims_to_be_enormous_takes_no_more_than_the_file_has() -> None:
    at = (struct.unpack_from("<I", FILE, DIRECTORY)[0] + 1) * SECTOR
    entries = [at + 128 * number for number in range(8)]
    tracemalloc.start()
    begun = time.monotonic()
    for entry in entries:
        root = storage(changed(changed(FILE, entry + 120, 0xFFFFFFFF), entry + 124, 0xFFFFFFFF))
        assert all(root.size(name) <= len(FILE) for name in root.streams())
        assert all(len(content) <= len(FILE) for content in everything(root).values())
    assert time.monotonic() - begun < 5
    assert tracemalloc.get_traced_memory()[1] < 20 * len(FILE)
    tracemalloc.stop()


@CAREFUL
@given(st.data())
def test_a_file_with_changed_bytes_gives_something_or_says_that_it_is_damaged(draw: st.DataObject) -> None:
    damaged = bytearray(FILE)
    for place in draw.draw(st.lists(st.integers(0, len(FILE) - 1), max_size=20)):
        damaged[place] = draw.draw(st.integers(0, 255))
    try:
        found = everything(storage(bytes(damaged)))
    except ReadingEnded as end:
        assert end.code is Code.STRUCTURE_DAMAGED
    else:
        assert all(len(content) <= len(FILE) for content in found.values())
