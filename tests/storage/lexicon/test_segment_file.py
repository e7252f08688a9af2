"""Segments in files: as they were, for this user only, and refused when a single bit is not as it was written."""

import hashlib
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.storage.lexicon import segment_file
from tests.storage.lexicon import plainly
from tests.storage.lexicon.plainly import Passage, assert_equal, built

SMALL = built([Passage(1, 1, "The rent is due."), Passage(2, 7, "合同 ACC-2291/B")])


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@settings(deadline=None, derandomize=True, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plainly.corpora())
def test_a_segment_is_read_as_it_was_written(tmp_path: Path, passages: list[Passage]) -> None:
    segment, file = built(passages), tmp_path / "words.segment"
    sha256 = segment_file.write(segment, file)
    assert sha256 == hash_of(file.read_bytes())
    assert_equal(segment_file.read(file, sha256), segment)


def test_what_is_mapped_is_found_and_cannot_be_changed(tmp_path: Path) -> None:
    file = tmp_path / "words.segment"
    read = segment_file.read(file, segment_file.write(SMALL, file))
    place = read.find([b"acc.2291.b"]).get(b"acc.2291.b")
    assert place is not None
    assert read.postings(place)[0].tolist() == [1]
    with pytest.raises(ValueError, match="read-only"):
        read.slots[0] = 1
    file.unlink()
    assert read.find([b"rent"])  # another process may remove the file


def test_the_file_is_for_this_user_only_and_replaces_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "words.segment"
    file.write_bytes(b"old")
    file.chmod(0o644)
    before = os.umask(0)
    try:
        segment_file.write(SMALL, file)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_with_any_bit_changed_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "words.segment"
    sha256 = segment_file.write(SMALL, file)
    content = file.read_bytes()
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 1 << place % 8
        file.write_bytes(damaged)
        with pytest.raises(ValueError, match="damaged"):
            segment_file.read(file, sha256)


def test_a_file_that_ends_anywhere_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "words.segment"
    sha256 = segment_file.write(SMALL, file)
    content = file.read_bytes()
    for length in (0, 1, 8, 11, 12, 40, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:length])
        with pytest.raises(ValueError, match="damaged"):
            segment_file.read(file, sha256)
    file.write_bytes(content + b"\x00")
    with pytest.raises(ValueError, match="damaged"):
        segment_file.read(file, sha256)


@pytest.mark.parametrize("content", [b"", b"SEALED", b"SEALEDWO", b"SEALEDWO\x00\x00", b"something else entirely" * 9])
def test_another_file_is_refused_even_with_its_own_hash(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "words.segment"
    file.write_bytes(content)
    with pytest.raises(ValueError):
        segment_file.read(file, hash_of(content))


def test_a_header_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    content = b"SEALEDWO\xff\xff\xff\xff" + b" " * 10_000
    file = tmp_path / "words.segment"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="not a segment"):
        segment_file.read(file, hash_of(content))


def test_a_missing_file_is_told_as_the_system_tells_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        segment_file.read(tmp_path / "words.segment", "0" * 64)


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "words.segment"
    sha256 = segment_file.write(SMALL, file)

    def refuse(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        segment_file.write(built([Passage(1, 1, "other")]), file)
    assert list(tmp_path.iterdir()) == [file]
    assert_equal(segment_file.read(file, sha256), SMALL)


def test_arrays_lie_at_multiples_of_64_bytes(tmp_path: Path) -> None:
    """As they must for a mapped array to be read without being copied first."""
    file = tmp_path / "words.segment"
    read = segment_file.read(file, segment_file.write(SMALL, file))
    for name in ("chunks", "documents", "document_ids", "vocabulary", "bounds", "offsets", "slots", "impacts"):
        assert getattr(read, name).ctypes.data % 64 == 0  # a map begins at a page
