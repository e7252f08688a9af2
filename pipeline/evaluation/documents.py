"""Passages of the user's index, as texts to evaluate with: a random sample, in memory only. Changes nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from pipeline.errors import UsageError
from pipeline.evaluation.judgements import JudgedQuery, resolved
from pipeline.evaluation.texts import NAMES, Query, Texts
from pipeline.registry import catalogue
from pipeline.storage.database import Database
from pipeline.storage.texts import StoredTexts

SAMPLE = 3000  # passages: a minute or so with an INT8 and a float32 model on two cores
WHOLE_SHARE = 0.25  # of the sample, which may come on top as whole documents, whose labels can be compared
QUERIES = 500  # made from passages, when none are given
QUERY_WORDS, QUERY_CHARACTERS = 20, 200

_SENTENCE_END = re.compile(r"[.!?…](?=\s)|[。！？]|\n")


@dataclass(frozen=True, slots=True)
class _Row:
    """A passage by its number and its document's sha256."""

    id: int
    document: str


def sample(
    database: Database, root: Path, judged: Sequence[JudgedQuery], size: int, random: np.random.Generator
) -> Texts:
    """At most `size` passages of the index, all when it has no more, and whole documents for their labels on top.

    All passages of judged documents are there, too. Lists of names are those that come with the models at `root`.
    Raises UsageError when nothing is indexed or a query judges what is not there.
    """
    names = catalogue.texts(root, NAMES)
    with database.snapshot():
        rows = [_Row(int(row["id"]), str(row["sha256"])) for row in database.rows(_PASSAGES)]
        documents = [str(row["sha256"]) for row in database.rows("SELECT sha256 FROM documents ORDER BY sha256")]
        if not rows:
            raise UsageError(
                "nothing_indexed", "The index holds no passage to evaluate with.", "Run `pipeline watch --once` first."
            )
        grades = [resolved(query, documents) for query in judged]
        drawn = _drawn(rows, size, random)
        further = _documents_of(rows, {sha256 for one in grades for sha256 in one})
        chosen = [*drawn, *_others(drawn, [*further, *_whole(rows, size, random)])]
        passages = _texts(database, chosen)
    corpus = range(len(chosen))
    queries = [Query(query.text, None, grade or None) for query, grade in zip(judged, grades, strict=True)]
    made = _questions(passages[: len(drawn)])
    return Texts(
        description=_description(rows, drawn, chosen, len(judged), len(made)),
        passages=(*passages, *names),
        ids=(*(str(row.id) for row in chosen), *(f"{NAMES} {number}" for number in range(1, len(names) + 1))),
        measured=range(len(drawn)),
        names=range(len(chosen), len(chosen) + len(names)),
        corpus=corpus,
        queries=tuple(queries or made),
        documents=tuple(row.document for row in chosen),
        whole=_complete(rows, chosen),
    )


_PASSAGES = (
    "SELECT chunks.id, sha256 FROM chunks JOIN documents ON documents.id = document_id ORDER BY document_id, chunks.id"
)


def _drawn(rows: Sequence[_Row], size: int, random: np.random.Generator) -> list[_Row]:
    """At most `size` passages, each as likely as the other, in random order."""
    return [rows[int(place)] for place in random.permutation(len(rows))[:size]]


def _documents_of(rows: Sequence[_Row], documents: set[str]) -> list[_Row]:
    return [row for row in rows if row.document in documents]


def _whole(rows: Sequence[_Row], size: int, random: np.random.Generator) -> list[_Row]:
    """The passages of documents in random order, those that fit into their share; none when all rows are drawn."""
    if len(rows) <= size:
        return []
    documents = [list(group) for _, group in groupby(rows, key=lambda row: row.document)]
    room = int(size * WHOLE_SHARE)
    found: list[_Row] = []
    for place in random.permutation(len(documents)):
        if len(found) + len(documents[int(place)]) <= room:
            found.extend(documents[int(place)])
    return found


def _others(drawn: Sequence[_Row], further: Sequence[_Row]) -> list[_Row]:
    """Those of the further rows that are not drawn yet, each once."""
    known = {row.id for row in drawn}
    return list({row.id: row for row in further if row.id not in known}.values())


def _texts(database: Database, rows: Sequence[_Row]) -> list[str]:
    found = StoredTexts(database).of_chunks([row.id for row in rows])
    return [found[row.id] for row in rows]


def _questions(passages: Sequence[str]) -> list[Query]:
    """The beginnings of passages as queries, which must find other passages than their own."""
    beginnings = ((place, _beginning(passage)) for place, passage in enumerate(passages[:QUERIES]))
    return [Query(text, place) for place, text in beginnings if text]


def _beginning(passage: str) -> str:
    """The first sentence, or so many of its words and characters as people ask."""
    end = _SENTENCE_END.search(passage.strip())
    sentence = passage.strip()[: end.end() if end else None]
    return " ".join(sentence.split()[:QUERY_WORDS])[:QUERY_CHARACTERS]


def _complete(rows: Sequence[_Row], chosen: Sequence[_Row]) -> tuple[tuple[int, ...], ...]:
    """For each document all of whose passages were chosen, their places, in reading order."""
    place = {row.id: number for number, row in enumerate(chosen)}
    documents = ([row.id for row in group] for _, group in groupby(rows, key=lambda row: row.document))
    return tuple(tuple(place[one] for one in ids) for ids in documents if all(one in place for one in ids))


def _description(rows: Sequence[_Row], drawn: Sequence[_Row], chosen: Sequence[_Row], judged: int, made: int) -> str:
    documents = len({row.document for row in rows})
    whole = "all" if len(drawn) == len(rows) else f"{len(drawn)} passages drawn at random from"
    further = len(chosen) - len(drawn)
    more = f", and {further} more of whole documents for labels and judgements" if further else ""
    asked = (
        f"the {judged} queries of a file" if judged
        else f"{made} beginnings of passages as queries, which do not count as finding their own passage"
    )  # fmt: skip
    return f"Your index: {whole} {len(rows)} passages of {documents} documents{more}; {asked}."
