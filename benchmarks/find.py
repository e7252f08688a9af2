"""Finding: is a sentence of a contract's reference text found in its PDF, on the right page, first or second?

Only the PDFs are indexed. The sentences are drawn from the reference texts that come with them, which other programs
made: at random with a seed, never one that stands in another contract too, nor one that stands on no page of the PDF
as the product read it, or on several, since then no page would be the right one.
"""

import random
import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import kept, measure, product
from benchmarks.measure import Conditions, tell
from pipeline import Pipeline
from pipeline.datatypes import SearchHit, SearchMode

SEEDS = (1, 2, 3, 4, 5)
PLACES = 2  # right page first or second
_CHARACTERS = (40, 250)
_LETTERS = 0.9  # of a sentence's characters, spaces included: no tables, sums or lists of numbers
_SENTENCE_END = re.compile(r"(?<=[.;:?!])\s+|\n\s*\n")


@dataclass(frozen=True, slots=True)
class Finding:
    """How many contracts were found in one mode with the sentences of one seed."""

    seed: int
    mode: str
    contracts: int
    right_page_first: int
    right_page_first_or_second: int
    right_document_first_or_second: int
    missed: list[str]


@dataclass(frozen=True, slots=True)
class Findings:
    """The result."""

    conditions: Conditions
    pages: int
    findings: list[Finding]


@dataclass(frozen=True, slots=True)
class _Question:
    contract: str  # name of the PDF
    page: int
    sentence: str


def measure_finding(folder: Path, seeds: Sequence[int]) -> Findings:
    """Index the folder's PDFs that have a reference text, and ask for a sentence of each, once per seed and mode."""
    conditions = Conditions.now()
    texts = {path.with_suffix(".pdf"): path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))}
    texts = {path: text for path, text in texts.items() if path.is_file()}
    if not texts:
        sys.exit(f"No PDF with a .txt of the same name in {folder}: name a folder with --documents.")
    tell(f"find: {len(texts)} contracts, seeds {', '.join(map(str, seeds))}")
    with product.temporary_inbox() as inbox:
        inbox.drop(list(texts))
        product.once(inbox)
        pages = _pages(inbox)
        with Pipeline.open(inbox.config) as pipeline:
            findings = [
                _ask(pipeline, questions, mode, seed, [path.name for path in texts])
                for seed in seeds
                for questions in [_questions(texts, pages, seed)]
                for mode in SearchMode
            ]
    return Findings(conditions.ended(), sum(map(len, pages.values())), findings)


def _pages(inbox: product.Inbox) -> dict[str, dict[int, str]]:
    """Squeezed text of every page by number, by name of the PDF."""
    return {
        Path(path.decode()).name: {number: _squeezed(text) for number, text in enumerate(pages, 1)}
        for path, pages in kept.pages_by_path(inbox.store).items()
    }


def _questions(texts: dict[Path, str], pages: dict[str, dict[int, str]], seed: int) -> list[_Question]:
    """One for each contract that has a sentence fit for it."""
    squeezed = {path: _squeezed(text) for path, text in texts.items()}
    questions = []
    for path, text in texts.items():
        elsewhere = [other for name, other in squeezed.items() if name != path]
        candidates = [sentence for sentence in _sentences(text) if not _stands_in(sentence, elsewhere)]
        random.Random(f"{seed} {path.name}").shuffle(candidates)
        for sentence in candidates:
            key = _squeezed(sentence)
            numbers = [number for number, page in pages.get(path.name, {}).items() if key in page]
            if len(numbers) == 1:
                questions.append(_Question(path.name, numbers[0], sentence))
                break
    return questions


def _ask(
    pipeline: Pipeline, questions: Sequence[_Question], mode: SearchMode, seed: int, contracts: Sequence[str]
) -> Finding:
    first = found = document = 0
    missed = sorted(set(contracts) - {question.contract for question in questions})
    for question in questions:
        hits = pipeline.search(question.sentence, mode=mode, limit=PLACES)
        right = [_is_right(hit, question) for hit in hits]
        first += right[:1] == [True]
        found += any(right)
        document += any(hit.path.name == question.contract for hit in hits)
        if not any(right):
            missed.append(question.contract)
    return Finding(seed, mode, len(contracts), first, found, document, sorted(missed))


def _is_right(hit: SearchHit, question: _Question) -> bool:
    return hit.path.name == question.contract and hit.page == question.page


def _sentences(text: str) -> list[str]:
    sentences = (" ".join(part.split()) for part in _SENTENCE_END.split(text))
    low, high = _CHARACTERS
    return list(dict.fromkeys(one for one in sentences if low <= len(one) <= high and _letters(one) >= _LETTERS))


def _letters(text: str) -> float:
    return sum(character.isalpha() or character == " " for character in text) / len(text)


def _stands_in(sentence: str, squeezed: Sequence[str]) -> bool:
    key = _squeezed(sentence)
    return any(key in other for other in squeezed)


def _squeezed(text: str) -> str:
    """Letters and digits alone: two programs never agree on the spaces, hyphens and quotes of a PDF."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def main() -> None:
    options = measure.parser(__doc__)
    options.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    chosen = options.parse_args()
    folder = chosen.documents[0] if chosen.documents else measure.CONTRACTS
    measure.write(measure_finding(folder, chosen.seeds), chosen.json)


if __name__ == "__main__":
    main()
