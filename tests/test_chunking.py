"""Passages are exact slices of their page that fit the model, with the real tokenizer as the judge."""

import base64
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import chunking
from pipeline.chunking import MAX_CHARACTERS, OVERLAP_TOKENS, SPECIAL_TOKENS, split
from pipeline.datatypes import Chunk, PageText
from pipeline.registry.runtime import Embedder

MODEL = Path(__file__).parents[1] / "models" / "all-minilm-l6-v2-int8"
CAREFUL = settings(deadline=None, derandomize=True, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
SENTENCE = "The tenant pays the rent on the third day of each month, and the landlord confirms it. "
LETTER = (
    "Dear Ms Rolland,\n\nThank you for your letter. We confirm:\n\n- the lease ends on 31 March;\n- the deposit of "
    "1 200 € is paid back, less repairs.\n\n(a) Keys are handed over on the last day.\n(b) Nobody smokes.\n\n" * 12
)
BASE64 = base64.b64encode(bytes(range(256)) * 40).decode()
REALISTIC = {
    "sentences": SENTENCE * 60,
    "a letter": LETTER,
    "a table": "\n".join(f"item {row}\t{row * 3}\t{row * 7},50 €" for row in range(400)),
    "Chinese": "本合同自双方签字之日起生效。甲方应在收到发票后三十日内付款！" * 60,
    "Thai without spaces": "ผู้เช่าต้องชำระค่าเช่าภายในวันที่สามของทุกเดือน" * 60,
    "base64": BASE64,
    "base64 in lines": "\n".join(BASE64[start : start + 76] for start in range(0, len(BASE64), 76)),
    "one address": "https://example.org/" + "unbelievable-embeddings/" * 300,
    "words joined by signs": "antidisestablishmentarianism," * 300,
    "joined names": "_".join(f"internationalization{number}" for number in range(600)),
    "a long word before words": "a" * (MAX_CHARACTERS + 50) + " word" * 300,
    "emoji": "👩‍👩‍👧 family, naïve café ﬁ ﬀ İ ß\u0301 " * 120,
}
PARTS = (
    SENTENCE, "word ", "Word. ", "\n\n", " ", "\t", "- item\n", "中文。", "x" * 120, "unbelievably", "embeddings",
    "internationalization", "_", ",", "7", "é", "\u0301", "\ufffd", "ﬁ",
)  # fmt: skip


def jumble(seed: int) -> str:
    """A long text of parts in any order; hypothesis alone keeps to short ones."""
    chance = random.Random(seed)
    return "".join(chance.choices(PARTS, k=chance.randint(0, 150)))


TEXTS = st.one_of(st.lists(st.text() | st.sampled_from(PARTS)).map("".join), st.integers(0, 10_000).map(jumble))
LIMITS = st.integers(8, 48)


@pytest.fixture(scope="module")
def embedder() -> Iterator[Embedder]:
    model = Embedder(MODEL, threads=1)
    yield model
    model.close()


def starts(embedder: Embedder, text: str) -> list[int]:
    return [start for start, _ in embedder.token_spans(text)]


def tokens(embedder: Embedder, text: str) -> int:
    """What the model is given for a text."""
    return len(embedder.token_spans(text)) + SPECIAL_TOKENS


@CAREFUL
@given(st.lists(TEXTS, max_size=4), LIMITS)
def test_a_passage_is_a_slice_of_its_own_page_and_follows_the_one_before(
    embedder: Embedder, texts: list[str], limit: int
) -> None:
    pages = dict(enumerate(texts, 5))
    chunks = split([PageText(number, text) for number, text in pages.items()], embedder.token_spans, limit)
    assert all(pages[chunk.page][chunk.start : chunk.end] == chunk.text for chunk in chunks)
    assert all(chunk.text == chunk.text.strip() != "" for chunk in chunks)
    for before, after in pairwise(chunks):
        assert (before.page, before.start, before.end) < (after.page, after.start, after.end)
        assert before.page < after.page or before.end < after.end


@CAREFUL
@given(TEXTS, LIMITS)
def test_every_visible_character_is_in_some_passage(embedder: Embedder, text: str, limit: int) -> None:
    chunks = split([PageText(1, text)], embedder.token_spans, limit)
    covered = {place for chunk in chunks for place in range(chunk.start, chunk.end)}
    visible = {place for place, character in enumerate(text) if not character.isspace()}
    assert visible <= covered or not starts(embedder, text)


@CAREFUL
@given(TEXTS, LIMITS)
def test_passages_overlap_by_little(embedder: Embedder, text: str, limit: int) -> None:
    begins = starts(embedder, text)
    for before, after in pairwise(split([PageText(1, text)], embedder.token_spans, limit)):
        assert sum(after.start <= begin < before.end for begin in begins) <= OVERLAP_TOKENS


@CAREFUL
@given(TEXTS, LIMITS)
def test_every_passage_fits_the_model(embedder: Embedder, text: str, limit: int) -> None:
    for chunk in split([PageText(1, text)], embedder.token_spans, limit):
        assert tokens(embedder, chunk.text) <= limit
        assert len(chunk.text) <= MAX_CHARACTERS


@pytest.mark.parametrize("kind", REALISTIC)
def test_every_passage_of_a_realistic_text_fits_the_model(embedder: Embedder, kind: str) -> None:
    text = REALISTIC[kind]
    chunks = split([PageText(1, text)], embedder.token_spans, embedder.manifest.max_tokens)
    assert [tokens(embedder, chunk.text) for chunk in chunks if tokens(embedder, chunk.text) > 256] == []
    assert max(len(chunk.text) for chunk in chunks) <= MAX_CHARACTERS
    assert all(text[chunk.start : chunk.end] == chunk.text for chunk in chunks)
    assert [place for place in range(len(text)) if text[place].strip() and not inside(chunks, place)] == []


def inside(chunks: tuple[Chunk, ...], place: int) -> bool:
    return any(chunk.start <= place < chunk.end for chunk in chunks)


def test_passages_end_with_sentences_and_fill_the_model(embedder: Embedder) -> None:
    chunks = split([PageText(1, SENTENCE * 60)], embedder.token_spans, 256)
    assert all(chunk.text.startswith("The tenant") and chunk.text.endswith("confirms it.") for chunk in chunks)
    room = 256 - tokens(embedder, SENTENCE) + SPECIAL_TOKENS
    assert all(tokens(embedder, chunk.text) > room for chunk in chunks[:-1])


def test_neighbouring_passages_share_whole_sentences(embedder: Embedder) -> None:
    text = "".join(f"Clause {number} of the lease is short. " for number in range(100))
    for before, after in pairwise(split([PageText(1, text)], embedder.token_spans, 64)):
        shared = text[after.start : before.end]
        assert shared.startswith("Clause")
        assert shared.endswith("short.")


def test_list_items_and_paragraphs_begin_passages(embedder: Embedder) -> None:
    items = "".join(f"- item {number} costs {number} euro and nothing else at all\n" for number in range(40))
    assert all(chunk.text.startswith("- item") for chunk in split([PageText(1, items)], embedder.token_spans, 40))


def test_a_sentence_too_long_for_the_model_is_cut_between_words(embedder: Embedder) -> None:
    text = "alpha beta, gamma delta " * 100
    for chunk in split([PageText(1, text)], embedder.token_spans, 32):
        assert set(chunk.text.replace(",", "").split()) <= {"alpha", "beta", "gamma", "delta"}


def test_pages_without_text_have_no_passage_and_keep_their_number(embedder: Embedder) -> None:
    pages = [PageText(1, ""), PageText(2, " \n\t"), PageText(3, "text")]
    assert split(pages, embedder.token_spans, 256) == (Chunk(3, 0, 4, "text"),)


@CAREFUL
@given(TEXTS, LIMITS, st.integers(0, 400), st.integers(0, 400))
def test_passages_of_a_body_are_those_of_its_text_at_their_place_in_the_page(
    embedder: Embedder, text: str, limit: int, first: int, second: int
) -> None:
    start, end = sorted((min(first, len(text)), min(second, len(text))))
    passages = split([PageText(1, text, body=(start, end))], embedder.token_spans, limit)
    alone = split([PageText(1, text[start:end])], embedder.token_spans, limit)
    assert passages == tuple(Chunk(1, one.start + start, one.end + start, one.text) for one in alone)
    assert all(text[one.start : one.end] == one.text and start <= one.start < one.end <= end for one in passages)


def test_a_page_with_an_empty_body_has_no_passage(embedder: Embedder) -> None:
    assert split([PageText(1, "Page 1\n", body=(7, 7))], embedder.token_spans, 256) == ()


def test_the_windows_of_a_long_body_end_where_it_ends(embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunking, "WINDOW_CHARACTERS", 500)
    text = f"Head of all\n{SENTENCE * 60}\nFoot of all"
    body = (12, len(text) - 12)
    passages = split([PageText(1, text, body=body)], embedder.token_spans, 64)
    assert (passages[0].start, passages[-1].end) == (12, 12 + len((SENTENCE * 60).rstrip()))
    assert all(text[one.start : one.end] == one.text for one in passages)
