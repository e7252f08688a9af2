"""What is shown of ranked passages: each says something of its own, and tells where it stands and why it was found."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.datatypes import Chunk, Label, PageText, ParsedDocument, ProcessedDocument, Query, SearchHit, SearchMode
from pipeline.outcomes import Code, State
from pipeline.search import hits
from pipeline.search.hits import Chosen, Ranks, Scored
from pipeline.search.passages import Examined
from pipeline.storage import vector_sets
from pipeline.storage.texts import StoredTexts
from tests.storage.shelf import DIMENSION, SCALE, Given, Shelf, opened

Where = tuple[int, int, int]  # page, start, end


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with opened(tmp_path) as made:
        yield made


def put(shelf: Shelf, name: str, pages: Sequence[PageText], places: Sequence[Where]) -> list[int]:
    """A document with passages at these places; their ids."""
    texts = {page.number: page.text for page in pages}
    chunks = tuple(Chunk(page, start, end, texts[page][start:end]) for page, start, end in places)
    rows = np.eye(DIMENSION, dtype=np.float32)[: len(chunks)]
    parsed = ParsedDocument("text", len(pages), tuple(pages), Code.COMPLETE)
    document = ProcessedDocument(name, 10, parsed, chunks, rows, Label("contract", 0.5, 0.1), language="en")
    with shelf.database.atomic():
        document_id = shelf.documents.put(document, vector_sets.encode(rows, SCALE), shelf.model.id)
        shelf.documents.attach(f"/in/{name}".encode(), document_id)
    return [row[0] for row in shelf.database.rows("SELECT id FROM chunks WHERE document_id = ?", (document_id,))]


def ranked(*chunk_ids: int) -> list[tuple[float, Scored]]:
    return [(1.0 / place, Scored(chunk_id, None, 0.5)) for place, chunk_id in enumerate(chunk_ids, 1)]


def chosen(shelf: Shelf, ids: Sequence[int], limit: int = 10, *, by_document: bool = False) -> list[Chosen]:
    return hits.chosen(StoredTexts(shelf.database), ranked(*ids), Query("rent", limit=limit, by_document=by_document))


def ids(found: Sequence[Chosen]) -> list[int]:
    return [one.scored.chunk_id for one in found]


def also(one: Chosen) -> list[str]:
    return [Path(place.path.decode()).name for place in one.also.values()]


PAGE = "The tenant pays the rent. Notice is given in writing. The deposit is returned."
OVERLAPPING = [(1, 0, 40), (1, 30, 60), (1, 55, len(PAGE)), (2, 30, 60)]


def test_passages_of_a_page_that_overlap_a_better_one_are_left_out(shelf: Shelf) -> None:
    first, second, third, other_page = put(shelf, "a", [PageText(1, PAGE), PageText(2, PAGE[::-1])], OVERLAPPING)
    assert ids(chosen(shelf, [second, first, third, other_page])) == [second, other_page]
    assert ids(chosen(shelf, [first, second, third])) == [first, third]
    assert ids(chosen(shelf, [third, second, first])) == [third, first]


def test_no_more_than_asked_for_and_in_their_order(shelf: Shelf) -> None:
    every = [put(shelf, f"d{number}", [PageText(1, f"{number:02} rent")], [(1, 0, 6)])[0] for number in range(30)]
    order = every[::-1]
    for limit in (1, 2, 29, 30, 99):
        assert ids(chosen(shelf, order, limit)) == order[:limit]
    assert [one.score for one in chosen(shelf, order, 3)] == [1.0, 0.5, 1 / 3]


def test_the_same_text_in_other_documents_is_named_with_the_first(shelf: Shelf) -> None:
    spaced = PAGE.replace(" ", "\n  ")
    (a,) = put(shelf, "a", [PageText(1, PAGE)], [(1, 0, len(PAGE))])
    (b,) = put(shelf, "b", [PageText(1, spaced)], [(1, 0, len(spaced))])
    (c,) = put(shelf, "c", [PageText(1, "Something else.")], [(1, 0, 10)])
    (d,) = put(shelf, "d", [PageText(1, PAGE)], [(1, 0, len(PAGE))])
    first, second = chosen(shelf, [b, a, c, d])
    assert (ids([first, second]), also(first), also(second)) == ([b, c], ["a", "d"], [])
    assert [also(one) for one in chosen(shelf, [b, a, c, d], limit=1)] == [["a", "d"]]


def test_overlapping_passages_of_a_copy_are_not_shown_either(shelf: Shelf) -> None:
    first = put(shelf, "a", [PageText(1, PAGE)], OVERLAPPING[:2])
    copy = put(shelf, "b", [PageText(1, PAGE + " And more.")], OVERLAPPING[:2])
    (only,) = chosen(shelf, [first[0], copy[0], first[1], copy[1]])
    assert (only.scored.chunk_id, also(only)) == (first[0], ["b"])


def test_a_text_that_a_document_repeats_is_shown_once_and_names_no_document_twice(shelf: Shelf) -> None:
    header = [PageText(number, "Lease of 12 Mill Lane") for number in (1, 2, 3)]
    whole = [(number, 0, 21) for number in (1, 2, 3)]
    a, b = put(shelf, "a", header, whole), put(shelf, "b", header, whole)
    (only,) = chosen(shelf, [*a, *b])
    assert (only.scored.chunk_id, also(only)) == (a[0], ["b"])


def test_each_document_once_with_its_best_passage_and_how_many_it_has(shelf: Shelf) -> None:
    a = put(shelf, "a", [PageText(1, PAGE), PageText(2, "rent")], [*OVERLAPPING[:3], (2, 0, 4)])
    b = put(shelf, "b", [PageText(1, PAGE)], OVERLAPPING[:1])
    order = [a[2], b[0], a[0], a[1], a[3]]
    found = chosen(shelf, order, by_document=True)
    assert [(one.scored.chunk_id, one.passages) for one in found] == [(a[2], 3), (b[0], 1)]
    assert [one.passages for one in chosen(shelf, order, limit=1, by_document=True)] == [3]
    assert [also(one) for one in found] == [[], []]


def test_what_left_meanwhile_is_left_out(shelf: Shelf) -> None:
    (a,) = put(shelf, "a", [PageText(1, "rent")], [(1, 0, 4)])
    assert ids(chosen(shelf, [99, a, 77])) == [a]
    assert chosen(shelf, []) == []
    assert hits.languages(shelf.database, [a, 99]) == {a: "en"}


def test_thousands_of_passages_are_read_in_parts(shelf: Shelf) -> None:
    text = " ".join(f"{number:04}" for number in range(1200))
    places = [(1, 5 * number, 5 * number + 5) for number in range(1150)]
    every = put(shelf, "a", [PageText(1, text)], places)
    assert hits.languages(shelf.database, every) == dict.fromkeys(every, "en")
    assert ids(chosen(shelf, every[::-1], limit=1000)) == every[::-1][:1000]


def shown(shelf: Shelf, one: Chosen, context: int = 0, mode: SearchMode = SearchMode.HYBRID) -> SearchHit:
    ranks = Ranks([9, one.scored.chunk_id], [one.scored.chunk_id])
    return hits.hit(StoredTexts(shelf.database), one, ranks, Query("rent", mode, context=context), None)


def test_a_hit_tells_where_it_stands_and_why_it_was_found(shelf: Shelf) -> None:
    pages = [PageText(1, "first"), PageText(2, PAGE, reader="tesseract", confidence=79.5, dpi=300)]
    (chunk,) = put(shelf, "lease.txt", pages, [(2, 0, 25)])
    scored = Scored(chunk, 0.25, 1.5, Examined(((4, 10), (20, 24)), 2.0))
    (one,) = hits.chosen(StoredTexts(shelf.database), [(3.5, scored)], Query("rent"))
    found = shown(shelf, one)
    assert (found.document, str(found.path), found.inside) == ("lease.txt", "/in/lease.txt", ())
    assert (found.page, found.start, found.end) == (2, 0, 25)
    assert found.snippet == "The tenant pays the rent."
    assert [found.snippet[start:end] for start, end in found.highlights] == ["tenant", "rent"]
    assert found.matched == ("tenant", "rent")
    assert (found.score, found.cosine, found.words) == (3.5, 0.25, 1.5)
    assert (found.semantic_rank, found.keyword_rank) == (2, 1)
    assert (found.label, found.label_score, found.state, found.language) == ("contract", 0.5, State.INDEXED, "en")
    assert (found.reader, found.confidence, found.unsure) == ("tesseract", 79.5, True)
    assert (found.passages, found.also, found.relevant) == (1, (), False)


def test_a_search_by_meaning_marks_no_words(shelf: Shelf) -> None:
    (chunk,) = put(shelf, "a", [PageText(1, PAGE)], [(1, 0, 25)])
    (one,) = hits.chosen(
        StoredTexts(shelf.database),
        [(1.0, Scored(chunk, 0.5, 0.0, Examined(((4, 10),), 1.0)))],
        Query("rent"),
    )
    found = hits.hit(
        StoredTexts(shelf.database),
        replace(one, relevant=True),
        Ranks([chunk], []),
        Query("rent", SearchMode.SEMANTIC),
        None,
    )
    assert (found.matched, found.highlights, found.words, found.keyword_rank) == ((), (), None, None)
    assert (found.semantic_rank, found.relevant, found.reader, found.unsure) == (1, True, None, False)


@pytest.mark.parametrize(("confidence", "unsure"), [(None, False), (0.0, True), (79.9, True), (80.0, False)])
def test_a_page_that_was_recognised_with_doubt_says_so(shelf: Shelf, confidence: float | None, unsure: bool) -> None:
    (chunk,) = put(shelf, "a", [PageText(1, PAGE, confidence=confidence)], [(1, 0, 25)])
    (one,) = chosen(shelf, [chunk])
    assert (shown(shelf, one).confidence, shown(shelf, one).unsure) == (confidence, unsure)


def test_the_text_around_a_passage_is_that_of_its_page(shelf: Shelf) -> None:
    pages = [PageText(1, "Before."), PageText(2, "One. Two. Three. Four. Five."), PageText(3, "After.")]
    places = [(1, 0, 7), (2, 0, 4), (2, 5, 9), (2, 10, 16), (2, 17, 22), (2, 23, 28), (3, 0, 6)]
    every = put(shelf, "a", pages, places)
    put(shelf, "b", [PageText(2, "Another document.")], [(2, 0, 17)])

    def around(chunk: int, context: int) -> tuple[str, str]:
        (one,) = chosen(shelf, [chunk])
        found = shown(shelf, one, context)
        return found.before, found.after

    assert around(every[3], 0) == ("", "")
    assert around(every[3], 1) == ("Two.", "Four.")
    assert around(every[3], 2) == around(every[3], 20) == ("One. Two.", "Four. Five.")
    assert around(every[1], 1) == ("", "Two.")
    assert around(every[5], 2) == ("Three. Four.", "")
    assert around(every[6], 20) == ("", "")


def test_a_passage_within_an_attachment_tells_the_way_to_it(shelf: Shelf) -> None:
    inner = shelf.put(Given("inner", ("rent",)))
    middle = shelf.put(Given("middle", ("list",), members=(inner,)))
    shelf.put(Given("outer", ("list",), members=(middle,)), "/in/mail.eml")
    (chunk,) = (row[0] for row in shelf.database.rows("SELECT id FROM chunks WHERE document_id = ?", (inner,)))
    (one,) = chosen(shelf, [chunk])
    found = shown(shelf, one)
    assert (str(found.path), found.inside) == ("/in/mail.eml", ("1.txt", "1.txt"))
