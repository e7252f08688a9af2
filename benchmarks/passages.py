"""The texts of the embedding benchmark: passages as the product cuts them, and judged queries. Measures nothing."""

import csv
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measure
from pipeline import chunking
from pipeline.datatypes import PageText
from pipeline.registry import catalogue
from pipeline.registry.runtime import Embedder

MODELS = measure.ROOT / "models"
RETRIEVAL = measure.SHARED / "retrieval"
SETS = ("cranfield", "covidqa", "cuad_a", "xquad_en")  # the shared ones in English
SEED = 3
QUICK_DOCUMENTS, QUICK_QUERIES = 25, 10  # of each set: to see that everything works, never for a figure


@dataclass(frozen=True, slots=True)
class Judged:
    """A retrieval set. `owners` names the document of each passage, `relevant` grades documents for each query."""

    name: str
    passages: tuple[str, ...]
    owners: tuple[str, ...]
    queries: tuple[str, ...]
    relevant: tuple[Mapping[str, int], ...]


def judged(embedder: Embedder, *, quick: bool) -> list[Judged]:
    """Every shared set that is there; none outside the developers' machines."""
    return [_judged(RETRIEVAL / name, embedder, quick=quick) for name in SETS if (RETRIEVAL / name).is_dir()]


def everything(sets: Sequence[Judged]) -> list[str]:
    """The passages of all sets; those that come with the models, where no set is there. None was calibrated with."""
    if sets:
        return [passage for one in sets for passage in one.passages]
    return [passage for name in ("evaluation", "names") for passage in catalogue.texts(MODELS, name)]


def drawn(passages: Sequence[str], count: int) -> list[str]:
    """So many of them at random, always the same ones."""
    return random.Random(SEED).sample(passages, min(count, len(passages)))


def _judged(folder: Path, embedder: Embedder, *, quick: bool) -> Judged:
    documents = {str(line["_id"]): _text(line) for line in _lines(folder / "corpus.jsonl")}
    questions = {str(line["_id"]): str(line["text"]) for line in _lines(folder / "queries.jsonl")}
    if quick:
        documents = dict(list(documents.items())[:QUICK_DOCUMENTS])
    known = {
        query: {name: int(grade) for name, grade in judged.items() if name in documents}
        for query, judged in grades(folder / "qrels.tsv").items()
    }
    asked = [name for name in questions if any(grade > 0 for grade in known.get(name, {}).values())]
    cut = [(name, passage) for name, text in documents.items() for passage in _cut(text, embedder)]
    asked = asked[:QUICK_QUERIES] if quick else asked
    return Judged(
        name=folder.name,
        passages=tuple(passage for _, passage in cut),
        owners=tuple(name for name, _ in cut),
        queries=tuple(questions[name] for name in asked),
        relevant=tuple(known[name] for name in asked),
    )


def _text(line: Mapping[str, object]) -> str:
    return "\n\n".join(str(line[key]) for key in ("title", "text") if line.get(key))


def _cut(text: str, embedder: Embedder) -> list[str]:
    pages = (PageText(1, text),)
    return [chunk.text for chunk in chunking.split(pages, embedder.token_spans, embedder.max_passage_tokens)]


def grades(file: Path) -> dict[str, dict[str, float]]:
    """The grades of a set, by query and by what was judged for it."""
    found: dict[str, dict[str, float]] = {}
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            found.setdefault(row["query-id"], {})[row["corpus-id"]] = float(row["score"])
    return found


def _lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
