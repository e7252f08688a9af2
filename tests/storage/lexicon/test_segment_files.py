"""The files of a store's word index: a list that is replaced as one, and nothing beside what it names."""

import hashlib
import json
import stat
from pathlib import Path

import numpy as np
import pytest

from pipeline.storage.lexicon import segment_files
from pipeline.storage.lexicon.parts import Part
from pipeline.storage.lexicon.segment_files import SegmentFiles
from tests.storage.lexicon.plainly import Passage, held, part

ONE, OTHER = part([Passage(1, 1, "rent")]), part([Passage(2, 2, "deposit")])
LANGUAGES = frozenset(("en", "de", ""))


def saved(folder: Path, *parts: Part) -> list[Part]:
    kept = SegmentFiles(folder).save(parts, LANGUAGES, 7, 2)
    assert kept is not None
    return kept


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_what_is_saved_is_loaded_by_others(tmp_path: Path) -> None:
    kept = saved(tmp_path, ONE, OTHER)
    loaded = SegmentFiles(tmp_path).load()
    assert loaded is not None
    parts, languages, generation, max_id = loaded
    assert (languages, generation, max_id) == (LANGUAGES, 7, 2)
    assert [one.saved for one in parts] == [one.saved for one in kept]
    assert all(one.whole for one in parts)
    assert held(parts) == held([ONE, OTHER])
    assert files(tmp_path) == {"words.list", *(one.saved for one in kept)}
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_nothing_is_loaded_where_nothing_was_saved(tmp_path: Path) -> None:
    assert SegmentFiles(tmp_path).load() is None


def test_an_index_without_passages_is_kept_too(tmp_path: Path) -> None:
    saved(tmp_path)
    loaded = SegmentFiles(tmp_path).load()
    assert loaded is not None
    assert loaded[0] == ()


def test_a_segment_that_has_its_file_is_not_written_again_and_what_is_not_listed_leaves(tmp_path: Path) -> None:
    mine = SegmentFiles(tmp_path)
    kept = mine.save([ONE, OTHER], LANGUAGES, 1, 2)
    assert kept is not None
    (tmp_path / "words-left-by-a-crash.segment.99.tmp").write_bytes(b"rent")
    (tmp_path / "words-left-by-a-crash.segment").write_bytes(b"rent")
    (tmp_path / "vectors-1.faiss").write_bytes(b"not mine")
    name = kept[0].saved or ""
    before = (tmp_path / name).stat().st_ino
    again = mine.save(kept[:1], LANGUAGES, 2, 2)
    assert again is not None
    assert (again[0].saved, (tmp_path / name).stat().st_ino) == (name, before)
    assert files(tmp_path) == {"words.list", name, "vectors-1.faiss"}


def test_a_file_that_another_process_removed_is_written_again(tmp_path: Path) -> None:
    mine = SegmentFiles(tmp_path)
    kept = mine.save([ONE], LANGUAGES, 1, 1)
    assert kept is not None
    saved(tmp_path, OTHER)
    assert mine.save([*kept, OTHER], LANGUAGES, 2, 2) is not None
    loaded = SegmentFiles(tmp_path).load()
    assert loaded is not None
    assert held(loaded[0]) == held([ONE, OTHER])
    assert len(files(tmp_path)) == 3


@pytest.mark.parametrize("harm", ["lost", "emptied", "cut", "flipped", "swapped"])
def test_a_segment_that_cannot_be_trusted_makes_all_of_it_untrusted(tmp_path: Path, harm: str) -> None:
    first, second = (tmp_path / (one.saved or "") for one in saved(tmp_path, ONE, OTHER))
    content = bytearray(second.read_bytes())
    if harm == "lost":
        second.unlink()
    elif harm == "emptied":
        second.write_bytes(b"")
    elif harm == "cut":
        second.write_bytes(content[:-1])
    elif harm == "flipped":
        content[-1] ^= 1
        second.write_bytes(content)
    else:
        second.write_bytes(first.read_bytes())
    assert SegmentFiles(tmp_path).load() is None


def test_a_list_with_any_bit_changed_or_cut_anywhere_is_refused(tmp_path: Path) -> None:
    saved(tmp_path, ONE)
    file = tmp_path / "words.list"
    content = file.read_bytes()
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 1 << place % 8
        file.write_bytes(damaged)
        assert SegmentFiles(tmp_path).load() is None, place
        file.write_bytes(content[:place])
        assert SegmentFiles(tmp_path).load() is None, place
    file.write_bytes(content)
    assert SegmentFiles(tmp_path).load() is not None


@pytest.mark.parametrize(
    "listed", [[], None, {}, {"form": 1}, {"form": 1, "segments": [["a"]]}, {"form": 1, "segments": 5}]
)
def test_a_list_that_says_something_else_is_refused(tmp_path: Path, listed: object) -> None:
    content = json.dumps(listed).encode()
    (tmp_path / "words.list").write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    assert SegmentFiles(tmp_path).load() is None


def test_a_list_of_another_form_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path, ONE)
    monkeypatch.setattr(segment_files, "_FORM", segment_files._FORM + 1)
    assert SegmentFiles(tmp_path).load() is None


def test_a_list_names_files_of_its_own_folder_only(tmp_path: Path) -> None:
    elsewhere, here = tmp_path / "elsewhere", tmp_path / "here"
    elsewhere.mkdir()
    here.mkdir()
    name = saved(elsewhere, ONE)[0].saved or ""
    _, content = (elsewhere / "words.list").read_bytes().split(b"\n", 1)
    content = content.replace(name.encode(), f"../elsewhere/{name}".encode())
    (here / "words.list").write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    assert SegmentFiles(here).load() is None


@pytest.mark.parametrize("written", ["segment_file.write", "write_whole"])
def test_a_full_disk_leaves_what_was_saved_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    mine = SegmentFiles(tmp_path)
    kept = mine.save([ONE], LANGUAGES, 1, 1)
    assert kept is not None

    def refuse(*_arguments: object) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(f"pipeline.storage.lexicon.segment_files.{written}", refuse)
        assert mine.save([*kept, OTHER], LANGUAGES, 2, 2) is None
    loaded = SegmentFiles(tmp_path).load()
    assert loaded is not None
    assert (held(loaded[0]), loaded[2]) == (held([ONE]), 1)
    assert mine.save([*kept, OTHER], LANGUAGES, 2, 2) is not None
    assert len(files(tmp_path)) == 3


def test_a_store_that_is_gone_cannot_be_saved_to_and_does_no_harm(tmp_path: Path) -> None:
    assert SegmentFiles(tmp_path / "gone").save([ONE], LANGUAGES, 1, 1) is None
    assert SegmentFiles(tmp_path / "gone").load() is None


def test_nothing_erased_is_in_any_file_that_is_left(tmp_path: Path) -> None:
    mine = SegmentFiles(tmp_path)
    kept = mine.save([part([Passage(1, 1, "zanzibarian"), Passage(2, 2, "rent")])], LANGUAGES, 1, 2)
    assert kept is not None
    from pipeline.storage.lexicon import parts

    mine.save(parts.tidied([parts.without(kept[0], np.array([1]))]), LANGUAGES, 2, 2)
    assert not any(b"zanzibarian" in file.read_bytes() for file in tmp_path.iterdir())
    assert any(b"rent" in file.read_bytes() for file in tmp_path.iterdir())
