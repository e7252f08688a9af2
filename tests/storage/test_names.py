"""What documents are called: by the names of their files and of what they are in others, as they come and go."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.outcomes import Code
from pipeline.storage import names
from tests.storage.shelf import Given, Shelf, opened


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with opened(tmp_path) as made:
        yield made


def put(shelf: Shelf, sha256: str, *paths: str) -> int:
    return shelf.put(Given(sha256), *paths)


def test_a_document_is_called_by_the_words_of_its_names(shelf: Shelf) -> None:
    lease = put(shelf, "s1", "/in/Lease_Agreements-2024.pdf", "/in/old/copy of lease.pdf")
    invoice = put(shelf, "s2", "/in/Rechnung Zürich.pdf")
    for word in ("lease", "agreement", "agreements", "2024", "copy"):
        assert names.called(shelf.database, word) == (lease,)
    assert names.called(shelf.database, "zurich") == names.called(shelf.database, "zu\u0308rich") == (invoice,)
    assert names.called(shelf.database, "pdf") == (lease, invoice)
    assert names.called(shelf.database, "old") == names.called(shelf.database, "in") == ()  # folders are no names
    assert names.called(shelf.database, "leas") == names.called(shelf.database, "agreem") == ()


def test_a_code_is_found_where_its_parts_stand_together(shelf: Shelf) -> None:
    one = put(shelf, "s1", "/in/ACC-2291_B.pdf")
    put(shelf, "s2", "/in/B 2291 acc.pdf")
    assert names.called(shelf.database, "acc.2291.b") == (one,)


@pytest.mark.parametrize(
    "word", ['"', "", "*", "lease*", "lease AND", "name:lease", "NEAR(lease)", "-lease", "💥", "'; DROP TABLE names"]
)
def test_what_is_asked_is_only_ever_words(shelf: Shelf, word: str) -> None:
    found = put(shelf, "s1", "/in/lease.pdf")
    assert names.called(shelf.database, word) in ((), (found,))
    assert names.called(shelf.database, "lease") == (found,)


def test_a_member_is_called_by_its_name_and_by_that_of_no_holder(shelf: Shelf) -> None:
    member = put(shelf, "s1")
    holder = shelf.put(Given("s2", members=(member,)), "/in/archive.zip")
    assert names.called(shelf.database, "archive") == (holder,)
    assert names.called(shelf.database, "1") == (member,)  # the shelf names members 1.txt, 2.txt
    with shelf.database.atomic():
        shelf.documents.put_members(holder, [(1, "Zanzibar.doc", Code.COMPLETE, member)])
    assert (names.called(shelf.database, "zanzibar"), names.called(shelf.database, "1")) == ((member,), ())
    with shelf.database.atomic():
        shelf.documents.attach(b"/in/alone.txt", member)
        shelf.documents.put_members(holder, [])
    assert (names.called(shelf.database, "zanzibar"), names.called(shelf.database, "alone")) == ((), (member,))


def test_a_renamed_file_is_called_anew_and_a_forgotten_one_no_more(shelf: Shelf) -> None:
    one = put(shelf, "s1", "/in/draft.txt")
    with shelf.database.atomic():
        shelf.documents.attach(b"/in/final.txt", one)
        shelf.documents.detach(b"/in/draft.txt")
    assert (names.called(shelf.database, "draft"), names.called(shelf.database, "final")) == ((), (one,))
    with shelf.database.atomic():
        shelf.documents.detach(b"/in/final.txt")
    assert names.called(shelf.database, "final") == ()
    assert shelf.database.rows("SELECT * FROM names") == []
    shelf.database.run("INSERT INTO names (names) VALUES ('optimize')")
    shelf.database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"final" not in shelf.database.path.read_bytes()


def test_a_word_that_nearly_all_have_says_nothing(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [put(shelf, f"s{number}", f"/in/{number}.pdf") for number in range(3)]
    monkeypatch.setattr(names, "_MOST_CALLED", 3)
    assert names.called(shelf.database, "pdf") == tuple(found)
    monkeypatch.setattr(names, "_MOST_CALLED", 2)
    assert names.called(shelf.database, "pdf") == ()
    assert names.called(shelf.database, "1") == (found[1],)


def test_names_of_any_bytes_are_kept(shelf: Shelf) -> None:
    found = put(shelf, "s1", "/in/lease \udcff\udc80.pdf", "/in/合同\U00020000.pdf", "/in/a\nb.txt")
    assert names.called(shelf.database, "lease") == names.called(shelf.database, "b") == (found,)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_comes_and_goes_each_document_has_its_own_names(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with opened(tmp_path) as shelf:
        for _ in range(80):
            name = f"s{chance.randrange(8)}"
            paths = [f"/in/{chance.choice('abcdefgh')}{chance.randrange(3)}.txt" for _ in range(chance.randrange(3))]
            known = [row[0] for row in shelf.database.rows("SELECT id FROM documents")]
            if chance.random() < 0.3:
                with shelf.database.atomic():
                    shelf.documents.detach(f"/in/{chance.choice('abcdefgh')}{chance.randrange(3)}.txt".encode())
            else:
                lying = chance.sample(known, min(len(known), chance.randrange(2)))
                held = shelf.documents.find(name)
                shelf.put(Given(name, members=[one for one in lying if held is None or one < held.id]), *paths)
            assert _names(shelf) == _expected(shelf)


def _names(shelf: Shelf) -> dict[int, str]:
    return {row[0]: row[1] for row in shelf.database.rows("SELECT rowid, name FROM names")}


def _expected(shelf: Shelf) -> dict[int, str]:
    found = {}
    for (document_id,) in shelf.database.rows("SELECT id FROM documents"):
        paths = shelf.database.rows("SELECT path FROM paths WHERE document_id = ?", (document_id,))
        inside = shelf.database.rows("SELECT name FROM members WHERE document_id = ?", (document_id,))
        text = names.searchable([row[0] for row in paths], [row[0] for row in inside])
        if text:
            found[document_id] = text
    return found
