"""Questions asked of real documents by the real model, end to end: what is found, in which order, and why."""

import shutil
import threading
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from pipeline import Pipeline
from pipeline.datatypes import SearchHit
from pipeline.errors import UsageError
from pipeline.search import searcher
from pipeline.search.query import query_of
from pipeline.search.weights import LEARNED
from pipeline.storage.texts import StoredTexts
from tests.conftest import write

NOTICE = "Either party may terminate this lease by giving three months' notice in writing to the other party."


def lease(name: str, town: str, more: str = "") -> str:
    return (
        f"Lease of {name}\n\nThis lease is made between {name} in {town} as landlord and the tenant named below. "
        f"The tenant shall pay the monthly rent in advance. {NOTICE} The deposit is three monthly rents. {more}"
    )


MEETING = "The allotment committee met in the barn. Rainwater barrels will be bought for every plot before the summer."
TEXTS = {
    "gilded-sun.txt": lease("the Gilded Sun inn", "Marwick", "Dogs are welcome in the yard."),
    "silver-moon.txt": lease("the Silver Moon mill", "Oakham"),
    "iron-gate.txt": lease("the Iron Gate forge", "Thornby"),
    "invoice.txt": "Invoice ACC-2291/B of 3 May for O'Connell & Sons: 14 oak shelves, 1,240.00 EUR, within 30 days.",
    "invoice-other.txt": "Invoice ACC-2292/C of 5 May for Harper: B boards, 2291 ACC nails, 90.00 EUR, within 30 days.",
    "minutes.txt": MEETING,
    "minutes-copy.txt": MEETING.replace(". ", ".\n") + "\n\n",
    "zanzibar-journey.txt": "We left on a Monday by train and came back with many spices and a carpet.",
    "monday-journey.txt": "We left on a Monday by bus and came back with many apples and a basket.",
    "de.txt": "Der Mieter zahlt die Miete im Voraus. Die Kündigungsfrist beträgt drei Monate zum Monatsende.",
    "fr.txt": "La nationalité française est exigée des locataires. Le loyer est payé d'avance chaque mois.",
    "zh.txt": "承租人应当在每月三日支付房租。如果暖气出现故障，请立即给管理员打电话。",
    "long.txt": " ".join(
        f"In paragraph {number} the glacier of valley number {number} was measured by geographers with chains and rods."
        for number in range(1, 60)
    ),
}
NONSENSE = ("How do volcanoes form?", "zxqv blorf gnarp", "Which team won the cup final in 1974?")
MODES = ("hybrid", "semantic", "keyword")


def configured(folder: Path, candidates: int = 100) -> Path:
    """A configuration in which so many passages are weighed, as if there were many more in the store."""
    file = folder / f"config-{candidates}.yaml"
    file.write_text(
        f"inbox: {{path: inbox, settle_s: 0.0}}\nstore: {{path: store}}\nsearch: {{candidates: {candidates}}}\n",
        encoding="utf-8",
    )
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("searcher")
    for name, text in TEXTS.items():
        write(made / "inbox", name, text)
    with Pipeline.open(configured(made)) as pipeline:
        pipeline.drain()
    return made


@pytest.fixture(scope="module")
def pipeline(folder: Path) -> Iterator[Pipeline]:
    with Pipeline.open(configured(folder)) as opened:
        yield opened


def names(hits: Sequence[SearchHit]) -> list[str]:
    return [hit.path.name for hit in hits]


def top(pipeline: Pipeline, question: str, mode: str = "hybrid") -> str:
    return names(pipeline.search(question, mode=mode))[0]


def cosines(pipeline: Pipeline, question: str) -> dict[int, float]:
    """Of each passage, computed from what is stored."""
    vector = pipeline.embedder.encode([question], as_query=True)[0].astype(np.float64)
    found = {}
    for chunk_id, codes in pipeline.database.rows("SELECT chunk_id, codes FROM vectors"):
        row = np.frombuffer(codes, np.int8).astype(np.float64)
        found[int(chunk_id)] = float(vector @ row / np.linalg.norm(row))
    return found


@pytest.mark.parametrize("question", ["how long before I can end the lease", "spices", "rent of a flat"])
def test_by_meaning_passages_come_in_the_order_of_their_cosines(pipeline: Pipeline, question: str) -> None:
    exact = cosines(pipeline, question)
    shown = pipeline.search(question, mode="semantic", limit=100, by_document=True)
    assert [hit.score for hit in shown] == sorted((hit.score for hit in shown), reverse=True)
    assert len(shown) == len(TEXTS)
    ranks = sorted(exact.values(), reverse=True)
    for hit in shown:
        assert hit.score == hit.cosine
        assert hit.semantic_rank is not None
        assert hit.cosine == pytest.approx(ranks[hit.semantic_rank - 1], abs=1e-5)
    assert (shown[0].matched, shown[0].highlights, shown[0].keyword_rank, shown[0].words) == ((), (), None, None)


def test_by_word_only_passages_with_a_word_are_found(pipeline: Pipeline) -> None:
    hits = pipeline.search("deposit of the tenant", mode="keyword")
    assert set(names(hits)) == {"gilded-sun.txt", "silver-moon.txt", "iron-gate.txt"}
    assert all((hit.cosine, hit.semantic_rank) == (None, None) for hit in hits)
    assert [hit.keyword_rank for hit in hits] == [1, 2, 3]
    assert all(hit.words is not None and 0 <= hit.score - hit.words <= LEARNED.sentence for hit in hits)
    assert names(pipeline.search("zxqv blorf", mode="keyword")) == []


def test_words_and_meaning_add_up(pipeline: Pipeline) -> None:
    question = "Which deposit does the tenant pay?"
    by_word = {hit.path.name: hit for hit in pipeline.search(question, mode="keyword")}
    hits = pipeline.search(question, limit=3)
    exact = cosines(pipeline, question)
    assert set(names(hits)) == set(by_word)
    for hit in hits:
        assert hit.cosine is not None
        assert min(abs(hit.cosine - one) for one in exact.values()) < 1e-5
        assert hit.score == pytest.approx(by_word[hit.path.name].score + LEARNED.meaning * hit.cosine, abs=1e-4)


def test_what_was_found_by_word_alone_has_its_cosine_too(folder: Path) -> None:
    with Pipeline.open(configured(folder, candidates=1)) as narrow:
        (hit,) = narrow.search("dog", limit=1)
        exact = cosines(narrow, "dog")
        assert (hit.path.name, hit.keyword_rank, hit.semantic_rank) == ("gilded-sun.txt", 1, None)
        assert hit.cosine is not None
        assert hit.cosine < max(exact.values()) - 0.01
        assert min(abs(hit.cosine - one) for one in exact.values()) < 1e-5


@pytest.mark.parametrize("mode", MODES)
def test_words_in_quotes_stand_in_every_hit_as_they_are(pipeline: Pipeline, mode: str) -> None:
    def found(question: str) -> list[str]:
        return sorted(names(pipeline.search(question, mode=mode)))

    leases = ["gilded-sun.txt", "iron-gate.txt", "silver-moon.txt"]
    assert found('"notice in writing to the other party"') == leases
    assert found('"NOTICE, in writing" rent') == leases
    assert found('"writing in notice"') == []
    assert found('"three months" "Gilded Sun"') == ["gilded-sun.txt"]
    assert found('"the gilded sun inn" deposit') == ["gilded-sun.txt"]
    assert found("„drei Monate“ Miete") == ["de.txt"]
    assert found("«nationalité française»") == ["fr.txt"]
    assert found('"支付房租"') == ["zh.txt"]
    assert found('"ACC-2291/B"') == ["invoice.txt"]
    assert found('"zanzibar"') == []  # is in the name alone


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ('rent "spices and a carpet"', "zanzibar-journey.txt"),
        ('rent "la nationalité française est"', "fr.txt"),
        ('rent "每月三日支付房租"', "zh.txt"),
        ('rent "der mieter zahlt die"', "de.txt"),
        ('rent "2291 acc"', "invoice-other.txt"),
    ],
)
def test_a_phrase_is_found_where_nothing_else_would_lead_to_it(
    folder: Path, mode: str, question: str, expected: str
) -> None:
    """As in a store of many passages: the candidates are all about something else."""
    with Pipeline.open(configured(folder, candidates=1)) as narrow:
        assert names(narrow.search(question, mode=mode, limit=1)) == [expected]


def test_the_beginning_of_a_word_finds_its_forms(pipeline: Pipeline) -> None:
    hits = pipeline.search("terminat*", mode="keyword")
    assert set(names(hits)) == {"gilded-sun.txt", "silver-moon.txt", "iron-gate.txt"}
    assert {hit.matched for hit in hits} == {("terminate",)}
    assert names(pipeline.search("geogr*", mode="keyword", limit=1)) == ["long.txt"]
    assert names(pipeline.search("kündig*", mode="keyword")) == names(pipeline.search("kundig*", mode="keyword"))
    assert names(pipeline.search("kündig*", mode="keyword")) == ["de.txt"]
    assert names(pipeline.search("房*", mode="keyword")) == names(pipeline.search("房", mode="keyword")) == ["zh.txt"]


@pytest.mark.parametrize(
    "question", ["ACC-2291/B", "acc-2291-b", "invoice ACC-2291/B please", "O'Connell", "o’connell"]
)
def test_a_code_is_found_as_a_whole(pipeline: Pipeline, question: str) -> None:
    for mode in ("hybrid", "keyword"):
        assert top(pipeline, question, mode) == "invoice.txt"
    hit = pipeline.search("ACC-2291/B", mode="keyword", limit=1)[0]
    assert hit.matched[0] == "acc-2291/b"


def test_the_name_of_a_file_counts(pipeline: Pipeline) -> None:
    for question in ("zanzibar Monday", "journey Zanzibar: Monday"):
        assert top(pipeline, question, "keyword") == "zanzibar-journey.txt"
    first, second = pipeline.search("monday zanzibar", mode="keyword")
    assert first.words is not None
    assert second.words is not None
    assert first.words > second.words


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["Gilded Sun", "Silver Moon", "Iron Gate"])
def test_a_document_named_before_a_colon_is_preferred(pipeline: Pipeline, mode: str, name: str) -> None:
    expected = f"{name.lower().replace(' ', '-')}.txt"
    assert top(pipeline, f"{name}: who may give notice?", mode) == expected
    assert top(pipeline, f"the {name} lease：notice in writing", mode) == expected
    assert len(pipeline.search(f"{name}: who may give notice?", mode=mode)) >= 3  # others are found too


def test_passages_of_one_page_that_overlap_are_shown_once(pipeline: Pipeline) -> None:
    hits = [hit for hit in pipeline.search("glacier measured by geographers", limit=50) if hit.path.name == "long.txt"]
    assert len(hits) > 1
    places = sorted((hit.start, hit.end) for hit in hits)
    assert all(one[1] <= other[0] for one, other in pairwise(places))
    ids = [row[0] for row in pipeline.database.rows("SELECT id FROM chunks")]
    passages = StoredTexts(pipeline.database).of_chunks(ids).values()
    assert len(hits) < sum("glacier" in text for text in passages)  # passages of a page overlap


def test_what_leaves_while_a_question_is_answered_is_left_out(tmp_path: Path) -> None:
    for name in ("invoice.txt", "invoice-other.txt"):
        write(tmp_path / "inbox", name, TEXTS[name])
    with Pipeline.open(configured(tmp_path)) as pipeline:
        pipeline.drain()
        searcher, query = pipeline._searcher, query_of(pipeline.config, "invoice within 30 days")
        gathered = searcher._gathered(query, searcher._active())
        (tmp_path / "inbox" / "invoice.txt").unlink()
        pipeline.drain()
        ranked = searcher._ranked(query, gathered, searcher._candidates(gathered))
        assert len(ranked) == 2
        assert names(searcher._explained(query, gathered, ranked)) == ["invoice-other.txt"]


@pytest.mark.parametrize("mode", ["hybrid", "keyword"])
def test_a_document_is_found_by_its_name_alone(pipeline: Pipeline, mode: str) -> None:
    (first, *_) = pipeline.search("zanzibar journey", mode=mode)
    assert (first.path.name, first.named, first.relevant, first.matched) == ("zanzibar-journey.txt", True, True, ())
    assert first.keyword_rank == 1
    assert names(pipeline.search("silver moon", mode=mode))[0] == "silver-moon.txt"
    assert names(pipeline.search("invoice other", mode=mode))[0] == "invoice-other.txt"
    assert names(pipeline.search("long", mode=mode))[0] == "long.txt"
    assert [hit.path.name for hit in pipeline.search("zanzibar", mode=mode) if hit.named] == ["zanzibar-journey.txt"]
    narrowed = pipeline.search("zanzibar journey", mode=mode, path="*.pdf")
    assert narrowed == ()
    others = pipeline.search("zanzibar rent in advance monthly deposit", mode=mode)
    assert others[0].path.name != "zanzibar-journey.txt"
    assert not any(hit.named for hit in others)


@pytest.mark.parametrize("mode", MODES)
def test_the_same_text_in_two_documents_is_shown_once(pipeline: Pipeline, mode: str) -> None:
    hits = pipeline.search("committee rainwater barrels", mode=mode)
    assert {hits[0].path.name, *(path.name for path in hits[0].also)} == {"minutes.txt", "minutes-copy.txt"}
    assert sum(name.startswith("minutes") for name in names(hits)) == 1
    both = pipeline.search("committee rainwater barrels", mode=mode, by_document=True)
    assert {name for name in names(both) if name.startswith("minutes")} == {"minutes.txt", "minutes-copy.txt"}
    assert all(hit.also == () for hit in both)


def test_each_document_once_with_the_number_of_its_hits(pipeline: Pipeline) -> None:
    question = "glacier of the valley"
    plain = names(pipeline.search(question, limit=100))
    once = pipeline.search(question, limit=100, by_document=True)
    assert len(names(once)) == len(set(names(once))) == len(TEXTS)
    (long,) = (hit for hit in once if hit.path.name == "long.txt")
    assert long.passages == plain.count("long.txt") > 1
    assert pipeline.search(question, limit=1, by_document=True)[0].passages == long.passages


def test_a_hit_is_told_with_the_text_around_it(pipeline: Pipeline) -> None:
    text = TEXTS["long.txt"]
    hit = pipeline.search("valley number 30", mode="keyword", limit=1, context=1)[0]
    assert hit.before
    assert hit.after
    assert text[: hit.start].rstrip().endswith(hit.before)
    assert text[hit.end :].lstrip().startswith(hit.after)
    wider = pipeline.search("valley number 30", mode="keyword", limit=1, context=20)[0]
    assert f"{wider.before} {text[hit.start : hit.end].strip()} {wider.after}".split() == text.split()
    without = pipeline.search("valley number 30", mode="keyword", limit=1)[0]
    assert (without.before, without.after) == ("", "")


def test_highlights_are_the_words_that_matched(pipeline: Pipeline) -> None:
    hit = pipeline.search("Terminating the LEASE, notices", limit=1)[0]
    marked = [hit.snippet[start:end].casefold() for start, end in hit.highlights]
    assert set(marked) <= set(hit.matched)
    assert {"terminate", "notice", "lease"} <= set(hit.matched)
    assert {"terminate", "notice"} <= set(marked)
    chinese = pipeline.search("支付房租", mode="keyword", limit=1)[0]
    assert [chinese.snippet[start:end] for start, end in chinese.highlights] == ["支付房租"]


def test_what_answers_is_relevant_and_what_does_not_is_not(pipeline: Pipeline) -> None:
    for question, expected in (
        ("How long before I can end the lease?", "gilded-sun.txt"),
        ("rainwater barrels for the allotments", "minutes"),
        ("Kündigungsfrist des Mieters", "de.txt"),
        ("ACC-2291/B", "invoice.txt"),
        ("dog", "gilded-sun.txt"),
    ):
        first = pipeline.search(question, limit=1)[0]
        assert first.path.name.startswith(expected)
        assert first.relevant, question
    for question in NONSENSE:
        for mode in MODES:
            assert not any(hit.relevant for hit in pipeline.search(question, mode=mode)), (question, mode)


@pytest.mark.parametrize("mode", MODES)
def test_a_search_gives_the_same_after_a_restart_and_from_an_index_made_anew(
    pipeline: Pipeline, folder: Path, tmp_path: Path, mode: str
) -> None:
    questions = ("who may give notice?", 'rent "three months"', "terminat*", "Gilded Sun: notice", "房租 Miete rent")
    first = [pipeline.search(question, mode=mode) for question in questions]
    assert [pipeline.search(question, mode=mode) for question in questions] == first
    shutil.copytree(folder / "store", tmp_path / "store")
    (tmp_path / "inbox").mkdir()
    with Pipeline.open(configured(tmp_path)) as again:
        assert [again.search(question, mode=mode) for question in questions] == first
    for file in (tmp_path / "store").glob("words*"):
        file.unlink()
    with Pipeline.open(configured(tmp_path)) as anew:
        assert [anew.search(question, mode=mode) for question in questions] == first


def test_many_threads_get_the_same_while_another_brings_the_indexes_up_to_date(pipeline: Pipeline) -> None:
    questions = ["notice", "房租 rent", '"three months"', "Gilded Sun: deposit", "glacier* 30"]
    expected = {question: pipeline.search(question) for question in questions}
    faults: list[str] = []
    over = threading.Event()

    def ask(shift: int) -> None:
        for place in range(12):
            question = questions[(place + shift) % len(questions)]
            if pipeline.search(question) != expected[question]:
                faults.append(question)

    def index() -> None:
        while not over.is_set():
            pipeline.vector_ids()
            pipeline._words.catch_up()
            pipeline._words.save()

    indexing = threading.Thread(target=index, daemon=True)
    asking = [threading.Thread(target=ask, args=(shift,), daemon=True) for shift in range(4)]
    for thread in (indexing, *asking):
        thread.start()
    for thread in asking:
        thread.join(60)
        assert not thread.is_alive(), "the threads wait for each other"
    over.set()
    indexing.join(60)
    assert not indexing.is_alive(), "the threads wait for each other"
    assert faults == []


@pytest.mark.parametrize("mode", ["hybrid", "semantic"])
@pytest.mark.parametrize("name", TEXTS)
def test_a_filter_comes_before_the_ranking(folder: Path, mode: str, name: str) -> None:
    """Whatever is asked: the one document that takes part is found, and no other."""
    with Pipeline.open(configured(folder, candidates=1)) as narrow:
        for question in ("notice of the tenant", "Gilded Sun: rent", NONSENSE[0], "terminat* 房租"):
            hits = narrow.search(question, mode=mode, limit=1, path=name)
            assert names(hits) == [name], question


def test_a_filter_narrows_what_is_found_by_word_and_by_phrase(folder: Path) -> None:
    with Pipeline.open(configured(folder, candidates=1)) as narrow:
        for name in ("gilded-sun.txt", "silver-moon.txt", "iron-gate.txt"):
            assert names(narrow.search("notice", mode="keyword", path=name)) == [name]
            assert names(narrow.search('"three months"', path=name)) == [name]
            assert names(narrow.search("Gilded Sun: notice", path=name)) == [name]
        assert names(narrow.search("notice", mode="keyword", path="zh.txt")) == []
        assert names(narrow.search('"three months"', path="zh.txt")) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "text",
    [
        *(
            '"',
            '""',
            "*",
            "“",
            ":",
            ": a",
            "a: ",
            "?!",
            "💥",
            "。",
            "\x00",
            "\ud800",
            "\ud800*",
            "\u202eשלום\u202c",
            "\ufe0f",
        ),
        *(
            "NEAR(rent notice)",
            "rent AND NOT notice",
            "name:rent",
            "^rent",
            "'; DROP TABLE chunks; --",
            "rent\x00notice",
        ),
        *("https://example.org/a?b=1&c=2", '"rent', 'rent"', "the of and", "合" * 3000, "a" * 20_000, "rent " * 3000),
    ],
    ids=lambda text: ascii(text)[:30],
)
def test_no_text_is_an_error(pipeline: Pipeline, mode: str, text: str) -> None:
    for hit in pipeline.search(text, mode=mode):
        assert hit.path.name in TEXTS
    assert pipeline.database.rows("SELECT count(*) FROM chunks")[0][0] > len(TEXTS)


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("", {}, "query_empty"),
        (" \n\t", {}, "query_empty"),
        ("rent", {"limit": 0}, "limit_bound"),
        ("rent", {"limit": 1001}, "limit_bound"),
        ("rent", {"context": -1}, "context_bound"),
        ("rent", {"context": 21}, "context_bound"),
        ("rent", {"mode": "magic"}, "mode_unknown"),
    ],
)
def test_wrong_use_is_refused_with_a_code(pipeline: Pipeline, text: str, options: dict[str, int], code: str) -> None:
    with pytest.raises(UsageError) as refused:
        pipeline.search(text, **options)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_what_lies_below_the_depth_that_is_looked_into_is_ranked_without(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the best are read for their sentences; what is shown is explained in any case."""
    monkeypatch.setattr(searcher, "_LOOKED_INTO", 1)
    hits = pipeline.search("deposit rent notice", limit=3)
    assert all(hit.matched and hit.highlights for hit in hits)


def test_an_empty_store_finds_nothing(tmp_path: Path) -> None:
    with Pipeline.open(configured(tmp_path)) as empty:
        for mode in MODES:
            assert empty.search("rent: notice", mode=mode) == ()
            assert empty.search('"rent"', mode=mode, language="en") == ()


def test_what_comes_and_goes_is_found_and_no_more(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    file = write(inbox, "a.txt", TEXTS["gilded-sun.txt"])
    with Pipeline.open(configured(tmp_path)) as pipeline:
        pipeline.drain()
        for question in ("Gilded Sun: notice", '"three months"', "terminat*"):
            assert names(pipeline.search(question)) == ["a.txt"]
        file.write_text(TEXTS["zh.txt"], encoding="utf-8")
        pipeline.drain()
        for mode in MODES:
            assert names(pipeline.search('"three months"', mode=mode)) == []
        assert names(pipeline.search("房租", mode="keyword")) == ["a.txt"]
        file.unlink()
        pipeline.drain()
        assert all(pipeline.search("房租 notice", mode=mode) == () for mode in MODES)
        assert not any(b"gild" in one.read_bytes() for one in (tmp_path / "store").glob("words*"))


def test_a_search_beside_a_run_sees_what_is_committed(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "store", tmp_path / "store")
    shutil.copytree(folder / "inbox", tmp_path / "inbox")
    with Pipeline.open(configured(tmp_path)) as pipeline, pipeline.beside() as second:
        before = names(second.search("notice", mode="keyword"))
        write(tmp_path / "inbox", "new.txt", "Notice, notice, notice: the bridge is closed.")
        pipeline.drain()
        assert sorted(names(second.search("notice", mode="keyword"))) == sorted([*before, "new.txt"])
        assert names(second.search("bridge", limit=1)) == ["new.txt"]
