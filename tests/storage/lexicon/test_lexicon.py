"""The word index follows the store whatever happens to either, against the store's passages read anew each time."""

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline.storage import generations
from pipeline.storage.database import Database
from pipeline.storage.lexicon import lexicon as lexicons
from pipeline.storage.lexicon import parts, segment_file, terms
from pipeline.storage.lexicon.lexicon import Lexicon
from pipeline.storage.lexicon.parts import Words
from pipeline.storage.lexicon.segment import Segment
from pipeline.storage.texts import StoredTexts
from tests.storage.lexicon.plainly import Passage, Postings, assert_same, held, postings
from tests.storage.shelf import Given, Shelf, opened

VOCABULARY = ("rent", "tenants", "Miete", "the", "合同", "ACC-2291/B", "notice", "Verträge", "किराया", "due")
LANGUAGES = ("en", "de", "zh", None)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with opened(tmp_path) as made:
        yield made


def truth(database: Database) -> list[Passage]:
    rows = database.rows(
        "SELECT chunks.id, document_id, language FROM chunks JOIN documents ON documents.id = document_id "
        "ORDER BY chunks.id"
    )
    texts = StoredTexts(database).of_chunks([row[0] for row in rows])
    return [Passage(row[0], row[1], texts[row[0]], terms.stemming(row[2])) for row in rows]


def assert_follows(words: Words, database: Database) -> None:
    passages = truth(database)
    assert_same(held(words.parts), postings(passages))
    alive = [(int(chunk), document) for chunk, document in living(words)]
    assert alive == [(one.chunk, one.document) for one in passages]


def living(words: Words) -> list[tuple[int, int]]:
    """Chunk and document of every passage, in the order of the index."""
    return [
        (int(chunk), int(part.segment.document_ids[document]))
        for part in words.parts
        for chunk, document, alive in zip(part.segment.chunks, part.segment.documents, part.alive, strict=True)
        if alive
    ]


def content(words: Words) -> Postings:
    return held(words.parts)


def files(shelf: Shelf) -> list[Path]:
    return sorted(shelf.database.folder.glob("words-*.segment"))


def test_what_is_put_replaced_and_forgotten_is_followed(shelf: Shelf) -> None:
    lexicon = Lexicon(shelf.database)
    assert lexicon.catch_up().parts == ()
    shelf.put(Given("s1", ("The rent is due.", "Termination with notice.")), "/a")
    shelf.put(Given("s2", ("Die Miete ist fällig.",), language="de"), "/b")
    assert_follows(lexicon.catch_up(), shelf.database)
    assert set(content(lexicon.catch_up())) >= {"rent", "termin", "miet", "fallig", "die"}
    shelf.put(Given("s1", ("Something else.",)), "/a")
    assert_follows(lexicon.catch_up(), shelf.database)
    assert "termin" not in content(lexicon.catch_up())
    shelf.put(Given("s2", ("Die Miete ist fällig.",), language=None), "/b")  # read anew, in another language
    assert "die" in content(lexicon.catch_up())
    with shelf.database.atomic():
        shelf.documents.detach(b"/b")
    assert_follows(lexicon.catch_up(), shelf.database)
    assert content(lexicon.catch_up()).keys() == {"someth", "els"}


def test_it_stays_as_it_is_for_whoever_asked(shelf: Shelf) -> None:
    shelf.put(Given("s1", ("The rent is due.",)), "/a")
    lexicon = Lexicon(shelf.database)
    before = lexicon.catch_up()
    shelf.put(Given("s1", ("Something else.",)), "/a")
    lexicon.catch_up()
    assert content(before).keys() == {"rent", "due"}


def test_nothing_is_read_where_nothing_changed(shelf: Shelf) -> None:
    shelf.put(Given("s1", ("The rent is due.",)), "/a")
    lexicon = Lexicon(shelf.database)
    one, other = lexicon.catch_up(), lexicon.catch_up()
    assert one.parts[0] is other.parts[0]


def test_a_crash_within_the_transaction_is_not_followed(shelf: Shelf) -> None:
    lexicon = Lexicon(shelf.database)
    with pytest.raises(KeyboardInterrupt), shelf.database.atomic():
        shelf.put(Given("s1", ("rent",)), "/a")
        raise KeyboardInterrupt
    assert lexicon.catch_up().parts == ()
    shelf.put(Given("s2", ("deposit",)), "/a")
    assert_follows(lexicon.catch_up(), shelf.database)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_comes_and_goes_it_equals_one_built_anew(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Documents of any size come, go and are read anew; two processes follow, save and start again in between."""
    chance = random.Random(seed)
    largest = chance.choice([3, 7, 100_000])
    monkeypatch.setattr(parts, "LARGEST_SEGMENT", largest)
    monkeypatch.setattr(lexicons, "LARGEST_SEGMENT", largest)
    monkeypatch.setattr(lexicons, "_READ_ROWS", chance.choice([1, 2, 1000]))
    with opened(tmp_path) as shelf:
        other = Database(shelf.database.folder)
        both = [Lexicon(shelf.database), Lexicon(other)]
        names: list[str] = []
        for step in range(60):
            what = chance.random()
            if what < 0.5 or not names:
                name = chance.choice(names) if names and chance.random() < 0.3 else f"s{step}"
                count = chance.randrange(9)
                texts = [" ".join(chance.choices(VOCABULARY, k=chance.randrange(6))) for _ in range(count)]
                shelf.put(Given(name, texts, language=chance.choice(LANGUAGES)), f"/{name}")
                names = sorted({*names, name})
            elif what < 0.7:
                name = names.pop(chance.randrange(len(names)))
                with shelf.database.atomic():
                    shelf.documents.detach(f"/{name}".encode())
            elif what < 0.8:
                place = chance.randrange(2)
                both[place] = Lexicon(other if place else shelf.database)
            elif what < 0.9:
                both[chance.randrange(2)].save()
            else:
                assert_follows(both[chance.randrange(2)].catch_up(), shelf.database)
        for lexicon in (*both, Lexicon(other)):
            assert_follows(lexicon.catch_up(), shelf.database)
            assert all(len(one.segment) <= largest or _is_one_document(one) for one in lexicon.catch_up().parts)
            lexicon.save()
        assert_follows(Lexicon(other).catch_up(), shelf.database)
        other.close()


def _is_one_document(part: parts.Part) -> bool:
    return len(part.segment.document_ids) == 1


def test_a_document_that_is_larger_than_a_segment_gets_one_of_its_own(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "LARGEST_SEGMENT", 4)
    monkeypatch.setattr(lexicons, "LARGEST_SEGMENT", 4)
    for name, count in (("a", 2), ("b", 9), ("c", 1), ("d", 3), ("e", 1)):
        shelf.put(Given(name, [f"rent {number}" for number in range(count)]), f"/{name}")
    words = Lexicon(shelf.database).catch_up()
    assert [len(one.segment) for one in words.parts] == [2, 9, 4, 1]
    assert_follows(words, shelf.database)


def test_what_was_saved_is_mapped_and_brought_up_to_date(shelf: Shelf) -> None:
    shelf.put(Given("s1", [f"rent {number}" for number in range(20)]), "/a")
    first = Lexicon(shelf.database)
    first.catch_up()
    first.save()
    shelf.put(Given("s2", ("deposit",)), "/b")
    again = Lexicon(shelf.database)
    words = again.catch_up()
    assert words.parts[0].saved == files(shelf)[0].name
    assert [len(one.segment) for one in words.parts] == [20, 1]
    assert_follows(words, shelf.database)


def test_what_was_saved_takes_the_place_of_what_was_in_memory(shelf: Shelf) -> None:
    for number in range(3):
        shelf.put(Given(f"s{number}", [f"rent {number} {place}" for place in range(3)]), f"/{number}")
    lexicon = Lexicon(shelf.database)
    lexicon.catch_up()
    with shelf.database.atomic():
        shelf.documents.detach(b"/1")
    lexicon.catch_up()
    lexicon.save()
    words = lexicon.catch_up()
    assert [one.saved for one in words.parts] == [file.name for file in files(shelf)]
    assert [len(one.segment) for one in words.parts] == [6]
    assert_follows(words, shelf.database)


def test_the_languages_of_the_texts_are_known_again_after_a_restart(shelf: Shelf) -> None:
    for name, language in (("a", "de"), ("b", "zh"), ("c", "en")):
        shelf.put(Given(name, ("text",), language=language), f"/{name}")
    first = Lexicon(shelf.database)
    assert first.catch_up().languages == first.languages == {"de", "", "en"}
    first.save()
    again = Lexicon(shelf.database)
    assert again.catch_up().languages == {"de", "", "en"}
    shelf.put(Given("d", ("texte",), language="fr"), "/d")
    assert again.catch_up().languages == {"de", "", "en", "fr"}


@pytest.mark.parametrize("harm", ["no list", "no segment", "cut", "flipped", "foreign", "list of before", "old list"])
def test_files_that_cannot_be_trusted_are_built_anew(shelf: Shelf, harm: str) -> None:
    shelf.put(Given("s1", [f"rent {number}" for number in range(20)]), "/a")
    lexicon = Lexicon(shelf.database)
    lexicon.catch_up()
    lexicon.save()
    listed, (file,) = shelf.database.folder / "words.list", files(shelf)
    before, old = file.read_bytes(), listed.read_bytes()
    if harm == "no list":
        listed.unlink()
    elif harm == "no segment":
        file.unlink()
    elif harm == "cut":
        file.write_bytes(before[:-9])
    elif harm == "flipped":
        file.write_bytes(before[:-9] + bytes([before[-9] ^ 4]) + before[-8:])
    elif harm == "foreign":
        file.write_bytes(b"something else")
    else:
        shelf.put(Given("s1", ("deposit",)), "/a")
        lexicon.catch_up()
        lexicon.save()
        if harm == "list of before":
            listed.write_bytes(old)
        else:  # with its segment: a backup was restored beside a newer store
            listed.write_bytes(old)
            file.write_bytes(before)
    again = Lexicon(shelf.database)
    assert_follows(again.catch_up(), shelf.database)
    again.save()
    assert_follows(Lexicon(shelf.database).catch_up(), shelf.database)
    assert len(files(shelf)) == 1


def test_files_of_a_newer_state_than_the_store_are_built_anew(shelf: Shelf) -> None:
    """The store was replaced by an older one, whose numbers are given a second time."""
    shelf.put(Given("s1", ("rent", "deposit", "notice")), "/a")
    lexicon = Lexicon(shelf.database)
    lexicon.catch_up()
    lexicon.save()
    shelf.database.run("UPDATE settings SET value = '0' WHERE name = 'generation'")
    shelf.database.run("DELETE FROM vectors WHERE chunk_id > 1")
    shelf.database.run("DELETE FROM chunks WHERE id > 1")
    shelf.database.run("UPDATE documents SET chunks = 1")
    for one in (lexicon, Lexicon(shelf.database)):
        assert_follows(one.catch_up(), shelf.database)
        assert content(one.catch_up()).keys() == {"rent"}


def test_files_that_hold_another_number_of_passages_than_the_store_are_built_anew(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put(Given("s1", ("rent", "deposit")), "/a")
    with opened(tmp_path / "other") as elsewhere:
        elsewhere.put(Given("s2", ("zanzibar", "is", "far away"), language="de"), "/b")
        lexicon = Lexicon(elsewhere.database)
        lexicon.catch_up()
        lexicon.save()
        for file in elsewhere.database.folder.glob("words*"):
            file.rename(shelf.database.folder / file.name)
    words = Lexicon(shelf.database).catch_up()
    assert_follows(words, shelf.database)
    assert words.languages == {"en"}


def test_an_index_too_far_behind_to_follow_is_built_anew(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "MAX_REMOVED_ROWS", 1)
    shelf.put(Given("s1", ("rent", "deposit", "notice")), "/a")
    shelf.put(Given("s2", ("due",)), "/b")
    lexicon = Lexicon(shelf.database)
    lexicon.catch_up()
    with shelf.database.atomic():
        shelf.documents.detach(b"/a")
    generations.prune(shelf.database, generations.current(shelf.database))
    assert shelf.database.rows("SELECT * FROM removed_chunks") == []
    assert_follows(lexicon.catch_up(), shelf.database)


def test_two_processes_that_save_in_turn_do_not_take_the_files_from_each_other(shelf: Shelf) -> None:
    other = Database(shelf.database.folder)
    both = Lexicon(shelf.database), Lexicon(other)
    for number in range(12):
        shelf.put(Given(f"s{number}", (f"rent {number}",)), f"/{number}")
        if number > 3:
            with shelf.database.atomic():
                shelf.documents.detach(f"/{number - 3}".encode())
        for one in both[:: 1 if number % 2 else -1]:
            assert_follows(one.catch_up(), shelf.database)
            one.save()
            assert_follows(Lexicon(other).catch_up(), shelf.database)
            assert Lexicon(other).catch_up().parts[0].saved is not None
    other.close()


def test_saving_twice_writes_once_and_before_anything_is_known_nothing(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    lexicon = Lexicon(shelf.database)
    lexicon.save()
    assert not (shelf.database.folder / "words.list").exists()
    shelf.put(Given("s1", ("rent",)), "/a")
    lexicon.catch_up()
    lexicon.save()

    def refuse(*_arguments: object) -> str:
        raise AssertionError("written again")

    monkeypatch.setattr(segment_file, "write", refuse)
    lexicon.save()
    Lexicon(shelf.database).save()


def test_a_disk_that_is_full_does_no_harm_and_is_tried_again(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.put(Given("s1", ("rent",)), "/a")
    lexicon = Lexicon(shelf.database)
    lexicon.catch_up()

    def refuse(*_arguments: object) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(segment_file, "write", refuse)
        lexicon.save()
        assert files(shelf) == []
    assert_follows(lexicon.catch_up(), shelf.database)
    lexicon.save()
    assert len(files(shelf)) == 1


def test_nothing_of_a_text_that_was_forgotten_is_left_in_any_file(shelf: Shelf) -> None:
    shelf.put(Given("s1", ("an unmistakable zanzibarian sentence", "桑给巴尔的句子", "ZB-4711/X")), "/a")
    shelf.put(Given("s2", [f"rent {number}" for number in range(50)]), "/b")
    lexicon = Lexicon(shelf.database)
    lexicon.catch_up()
    lexicon.save()
    traces = [trace.encode() for trace in ("zanzibarian", "unmistak", "桑给", "zb.4711", "4711")]
    assert all(any(trace in file.read_bytes() for file in files(shelf)) for trace in traces)
    with shelf.database.atomic():
        shelf.documents.detach(b"/a")
    lexicon.catch_up()
    lexicon.save()
    assert not any(trace in file.read_bytes() for file in shelf.database.folder.glob("words*") for trace in traces)
    assert any(b"rent" in file.read_bytes() for file in files(shelf))


def test_an_index_from_which_all_left_is_kept_as_empty(shelf: Shelf) -> None:
    shelf.put(Given("s1", ("rent",)), "/a")
    lexicon = Lexicon(shelf.database)
    lexicon.catch_up()
    lexicon.save()
    with shelf.database.atomic():
        shelf.documents.detach(b"/a")
    lexicon.catch_up()
    lexicon.save()
    assert files(shelf) == []
    assert Lexicon(shelf.database).catch_up().parts == ()
    shelf.put(Given("s2", ("deposit",)), "/a")
    assert_follows(lexicon.catch_up(), shelf.database)


def test_saving_does_not_lose_what_comes_meanwhile(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the files are written, another thread follows the store: what it added and erased stays so."""
    shelf.put(Given("s1", ("rent", "deposit")), "/a")
    shelf.put(Given("s2", ("notice",)), "/b")
    lexicon = Lexicon(shelf.database)
    lexicon.catch_up()
    write = segment_file.write

    def meanwhile(segment: Segment, file: Path) -> str:
        shelf.put(Given("s3", ("arrived meanwhile",)), "/c")
        with shelf.database.atomic():
            shelf.documents.detach(b"/a")
        lexicon.catch_up()
        return write(segment, file)

    with monkeypatch.context() as patched:
        patched.setattr(segment_file, "write", meanwhile)
        lexicon.save()
    assert_follows(lexicon.catch_up(), shelf.database)
    lexicon.save()
    assert_follows(Lexicon(shelf.database).catch_up(), shelf.database)
    assert not any(b"deposit" in file.read_bytes() for file in files(shelf))


def test_threads_follow_save_and_ask_at_the_same_time(shelf: Shelf) -> None:
    """Whoever asks holds the store already, as a search does; whoever saves does not: neither waits for the other."""
    lexicon = Lexicon(shelf.database)
    over = threading.Event()
    faults: list[BaseException] = []

    def work(step: str) -> None:
        try:
            while not over.is_set():
                if step == "ask":
                    with shelf.database.snapshot():
                        count = shelf.database.rows("SELECT count(*) FROM chunks")[0][0]
                        alive = sum(int(one.alive.sum()) for one in lexicon.catch_up().parts)
                        assert alive == count
                elif step == "follow":
                    lexicon.catch_up()
                else:
                    lexicon.save()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(step,), daemon=True) for step in ("ask", "ask", "follow", "save")]
    for thread in threads:
        thread.start()
    done = threading.Event()

    def write() -> None:
        for number in range(30):
            shelf.put(Given(f"s{number}", (f"rent {number}", "deposit")), f"/{number % 7}")
        done.set()

    threading.Thread(target=write, daemon=True).start()
    assert done.wait(60), "the threads wait for each other"
    over.set()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "the threads wait for each other"
    assert faults == []
    assert_follows(lexicon.catch_up(), shelf.database)


def test_ids_of_any_size_are_kept(shelf: Shelf) -> None:
    shelf.put(Given("s0", ("first",)), "/first")
    shelf.database.run("UPDATE sqlite_sequence SET seq = ? WHERE name = 'chunks'", (1 << 40,))
    shelf.put(Given("s1", ("rent", "deposit")), "/a")
    words = Lexicon(shelf.database).catch_up()
    assert_follows(words, shelf.database)
    assert np.concatenate([one.segment.chunks for one in words.parts]).tolist() == [1, (1 << 40) + 1, (1 << 40) + 2]
