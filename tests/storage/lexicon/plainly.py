"""The slow and plain way to what the word index does fast: one text, one word, one formula at a time."""

import math
import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from pipeline.storage import pairs
from pipeline.storage.lexicon import segment as segments
from pipeline.storage.lexicon import terms
from pipeline.storage.lexicon.parts import Part
from pipeline.storage.lexicon.segment import STEP, Segment
from pipeline.storage.lexicon.tokens import Tokenizer

WORDS = (
    "rent", "rents", "the", "of", "tenant", "Tenants", "Miete", "Mieter", "Verträge", "Zu\u0308rich", "ACC-2291/B",
    "O’Connell", "14(2)", "well-known", "合同", "租合同终止", "終", "ค่าเช่า", "계약서를", "किराया", "مُحَمَّد",
    "ｶﾞｽ料金", "NVIDIA公司", "\U00020000合", "𐐀𐐁", "x" * 70, "💥", "\ud800", "İstanbul", "ΟΔΟΣ", "e\u0301\u0301", "½",
)  # fmt: skip
SEPARATORS = (" ", "\n", "-", "/", "'", ".", "", "_", ", ", "\x00", ". ")
LANGUAGES = ("en", "de", "fr", "hi", "")


def texts() -> st.SearchStrategy[str]:
    """Any text, and text of words of many scripts put together in many ways."""
    pieces = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SEPARATORS)), max_size=12)
    return st.text(max_size=40) | pieces.map(lambda found: "".join(word + between for word, between in found))


def tokens(text: str, language: str) -> list[tuple[int, int, str]]:
    """All that a text is found by: start, end, term; by start, a word before the code that begins with it."""
    small = terms.lowered(text)
    words = deque(re.finditer(terms.WORD, small))
    found = [
        (*one.span(), terms.term(one[0], language))
        for one in words
        if not (language == "en" and one[0] in terms._FUNCTION_WORDS)
    ]
    while words:
        joined = [words.popleft()]
        while words and words[0].start() == joined[-1].end() + 1 and small[words[0].start() - 1] in terms.JOINERS:
            joined.append(words.popleft())
        compound = terms.compound([one[0] for one in joined]) if len(joined) > 1 else None
        if compound is not None:
            found.append((joined[0].start(), joined[-1].end(), compound))
    for run in re.finditer(f"(?:{pairs.CHARACTER})+", small):
        found += [(run.start() + one.start, run.start() + one.end, one.text) for one in pairs.terms(run[0])]
    return sorted(found, key=lambda one: one[0])


def length(text: str) -> int:
    """The words of a text, pairs of characters among them."""
    small = terms.lowered(text)
    runs = re.finditer(f"(?:{pairs.CHARACTER})+", small)
    return len(re.findall(terms.WORD, small)) + sum(len(list(pairs.terms(run[0]))) for run in runs)


def impact(count: int, words: int) -> float:
    """BM25's part for one term of one passage, in steps of a byte."""
    return count * 2.2 / (count + 1.2 * (1 - 0.75 + 0.75 * words / 130)) / 2.2 * 255


@dataclass(frozen=True)
class Passage:
    """A passage as it is to be indexed."""

    chunk: int
    document: int
    text: str
    language: str = "en"


Postings = dict[str, dict[int, float]]  # by term and chunk, what it says there in steps


def postings(passages: Sequence[Passage]) -> Postings:
    """What an index of these passages is to hold."""
    found: Postings = {}
    for passage in passages:
        words = [term for _, _, term in tokens(passage.text, passage.language)]
        for term in set(words):
            found.setdefault(term, {})[passage.chunk] = impact(words.count(term), length(passage.text))
    return found


def built(passages: Sequence[Passage]) -> Segment:
    """A real segment of these passages."""
    tokenizer = Tokenizer()
    occurrences = []
    for language in dict.fromkeys(one.language for one in passages):
        places = np.array([place for place, one in enumerate(passages) if one.language == language])
        split = tokenizer.split([passages[place].text for place in places], language)
        occurrences.append(segments.occurrences(split, places))
    chunks = np.array([one.chunk for one in passages], np.int64)
    documents = np.array([one.document for one in passages], np.int64)
    return segments.build(chunks, documents, occurrences, tokenizer.strings)


def part(passages: Sequence[Passage], erased: Sequence[int] = ()) -> Part:
    """A part of an index, in which these chunks are erased."""
    segment = built(passages)
    return Part(segment, ~np.isin(segment.chunks, erased))


def held(parts: Sequence[Part]) -> Postings:
    """What real segments hold, without what is erased."""
    found: Postings = {}
    for one in parts:
        segment = one.segment
        for place in range(len(segment.bounds) - 1):
            slots, impacts = segment.postings(place)
            for slot, said in zip(slots.tolist(), impacts.tolist(), strict=True):
                if one.alive[slot]:
                    chunk = int(segment.chunks[slot])
                    assert chunk not in found.setdefault(segment.term(place).decode(), {})
                    found[segment.term(place).decode()][chunk] = said
    return found


def assert_same(one: Postings, other: Mapping[str, Mapping[int, float]]) -> None:
    """The same terms in the same passages, which say the same but for rounding."""
    assert one.keys() == other.keys()
    for term, chunks in one.items():
        assert chunks.keys() == other[term].keys()
        assert all(abs(said - max(1, other[term][chunk])) <= 0.51 for chunk, said in chunks.items())


def assert_equal(one: Segment, other: Segment) -> None:
    """The same arrays of the same kinds."""
    for name in ("chunks", "documents", "document_ids", "vocabulary", "bounds", "offsets", "slots", "impacts"):
        first, second = getattr(one, name), getattr(other, name)
        assert (name, first.dtype, first.tolist()) == (name, second.dtype, second.tolist())


def corpora(most: int = 6) -> st.SearchStrategy[list[Passage]]:
    """Passages of a few documents, ids with gaps between them."""
    document = st.tuples(st.lists(texts(), min_size=1, max_size=3), st.sampled_from(LANGUAGES), st.integers(1, 3))
    return st.lists(document, max_size=most).map(_passages)


def _passages(documents: Sequence[tuple[list[str], str, int]]) -> list[Passage]:
    made: list[Passage] = []
    for texts, language, gap in documents:
        chunk, document = (made[-1].chunk, made[-1].document) if made else (0, 0)
        made += [Passage(chunk + gap + place, document + gap, text, language) for place, text in enumerate(texts)]
    return made


@dataclass(frozen=True)
class Said:
    """What one word says: as Weight, and by chunk and document."""

    document: float
    passage: float
    chunks: dict[int, float]
    documents: set[int]


def said(passages: Sequence[Passage], wanted: set[str], beginning: str | None, names: Sequence[int]) -> Said:
    """The weight of a word that stands for these terms, by the formulas of evidence.py."""
    index = postings(passages)
    hit = wanted & index.keys() | {term for term in index if beginning and term.startswith(beginning)}
    chunks: dict[int, float] = {}
    for term in hit:
        for chunk, steps in index[term].items():
            chunks[chunk] = max(chunks.get(chunk, 0.0), max(1, round(steps)) * STEP)
    document_of = {one.chunk: one.document for one in passages}
    having = {document_of[chunk] for chunk in chunks}
    everything = set(document_of.values())
    documents = having | (set(names) & everything)
    if not chunks:
        if not documents:
            return Said(0.0, rarity(0, len(passages)), chunks, documents)
        return Said(rarity(len(documents), len(everything)), 0.0, chunks, documents)
    around = sum(1 for one in passages if one.document in having)
    document, passage = rarity(len(documents), len(everything)), rarity(len(chunks), around)
    whole = rarity(len(chunks), len(passages))
    share = whole / (document + passage)
    return Said(document * share, passage * share, chunks, documents)


def rarity(having: int, of: int) -> float:
    """BM25's weight of a word that so many have."""
    return math.log(1 + (of - having + 0.5) / (having + 0.5))


def flags(values: Sequence[bool]) -> npt.NDArray[np.bool_]:
    """An array of booleans."""
    return np.array(values, np.bool_)
