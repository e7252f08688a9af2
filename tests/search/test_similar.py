"""Documents and passages like one another, by the real model: as a plain comparison of all with all ranks them."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline import Pipeline
from pipeline.errors import UsageError
from pipeline.search.findings import SimilarHit
from tests.conftest import write

LEASE = (
    "The tenant shall pay the monthly rent in advance to the landlord. The deposit is three monthly rents. "
    "The landlord maintains the heating and the roof of the rented house."
)
TEXTS = {
    "lease.txt": LEASE,
    "lease-two.txt": "The tenant pays the landlord rent for the flat each month, and a deposit before moving in.",
    "recipe.txt": "Whisk the eggs with sugar, fold in the flour and bake the cake until it is golden.",
    "cake.txt": "For this cake, beat butter and sugar, add eggs and flour, and bake it for an hour.",
    "sailing.txt": "The crew hoisted the spinnaker as soon as the yacht had rounded the buoy in a fresh wind.",
    "miete.txt": "Der Mieter zahlt die Miete im Voraus. Der Vermieter unterhält die Heizung und das Dach des Hauses.",
    "bundle.txt": "\f".join(
        [
            "The orchestra rehearses the second symphony on Tuesday evening in the old town hall.",
            "Bees leave the hive when the temperature rises above twelve degrees in early spring.",
            LEASE,
            "The glacier has lost a third of its length since it was first measured by geographers.",
        ]
    ),
    "empty.txt": " \n",
}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("similar")
    (folder / "config.yaml").write_text("inbox: {path: inbox, settle_s: 0.0}\nstore: {path: store}\n", encoding="utf-8")
    for name, text in TEXTS.items():
        write(folder / "inbox", name, text)
    with Pipeline.open(folder / "config.yaml") as opened:
        opened.drain()
        yield opened


def path(pipeline: Pipeline, name: str) -> str:
    return str(pipeline.config.inbox_path / name)


def names(hits: tuple[SimilarHit, ...]) -> list[str]:
    return [hit.path.name for hit in hits]


def vectors(pipeline: Pipeline) -> dict[str, np.ndarray]:
    """The unit vectors of all passages of each document, read from the file itself."""
    found: dict[str, list[np.ndarray]] = {}
    with sqlite3.connect(pipeline.database.path) as connection:
        for name, codes in connection.execute(
            "SELECT path, codes FROM vectors JOIN chunks ON chunks.id = chunk_id "
            "JOIN paths ON paths.document_id = chunks.document_id ORDER BY chunks.id"
        ):
            row = np.frombuffer(codes, np.int8).astype(np.float64)
            found.setdefault(Path(name.decode()).name, []).append(row / np.linalg.norm(row))
    return {name: np.array(rows) for name, rows in found.items()}


def plainly(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """How alike two documents are as a whole and in part, pair by pair."""
    first, second = one.mean(axis=0), other.mean(axis=0)
    whole = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    there = [max(a @ b for b in other) for a in one]
    back = [max(a @ b for a in one) for b in other]
    return float(whole), float(max(np.mean(there), np.mean(back)))


@pytest.mark.parametrize("name", [name for name in TEXTS if name != "empty.txt"])
def test_documents_come_in_the_order_of_a_plain_comparison(pipeline: Pipeline, name: str) -> None:
    rows = vectors(pipeline)
    likeness = {other: plainly(rows[name], rows[other]) for other in rows if other != name}
    hits = pipeline.similar(path(pipeline, name))
    assert names(hits) == sorted(likeness, key=lambda other: -sum(likeness[other]))
    for hit in hits:
        whole, part = likeness[hit.path.name]
        assert hit.whole == pytest.approx(whole, abs=1e-5)
        assert hit.part == pytest.approx(part, abs=1e-5)
        assert hit.score == pytest.approx((whole + part) / 2, abs=1e-5)


def test_what_is_like_it_as_a_whole_and_what_holds_it_both_come_first(pipeline: Pipeline) -> None:
    first, second, third, *_ = pipeline.similar(path(pipeline, "lease.txt"))
    assert {first.path.name, second.path.name} == {"bundle.txt", "lease-two.txt"}
    assert third.score < min(first.score, second.score)
    assert names(pipeline.similar(path(pipeline, "recipe.txt"), limit=1)) == ["cake.txt"]


def test_the_nearest_passage_of_each_document_is_told(pipeline: Pipeline) -> None:
    hits = {hit.path.name: hit for hit in pipeline.similar(path(pipeline, "lease.txt"))}
    assert (hits["bundle.txt"].page, hits["bundle.txt"].start, hits["bundle.txt"].end) == (3, 0, len(LEASE))
    assert hits["bundle.txt"].snippet == LEASE
    assert hits["bundle.txt"].part == pytest.approx(1.0, abs=1e-3)


def test_a_document_is_named_by_path_or_id(pipeline: Pipeline) -> None:
    row = pipeline.documents(path="lease.txt")[0]
    assert row.document is not None
    assert pipeline.similar(row.document[:12]) == pipeline.similar(path(pipeline, "lease.txt"))


def test_passages_like_those_of_a_page_come_from_other_documents_once_each(pipeline: Pipeline) -> None:
    hits = pipeline.similar(path(pipeline, "bundle.txt"), page=3)
    assert names(hits)[0] == "lease.txt"
    assert hits[0].score == pytest.approx(1.0, abs=1e-3)
    assert (hits[0].whole, hits[0].part) == (None, None)
    assert len(hits) == len(set(names(hits))) == len(TEXTS) - 2
    rows = vectors(pipeline)
    best = {name: max(rows["bundle.txt"][2] @ one for one in rows[name]) for name in rows if name != "bundle.txt"}
    assert names(hits) == sorted(best, key=lambda name: -best[name])


def test_a_start_names_one_passage_of_a_page(pipeline: Pipeline, tmp_path: Path) -> None:
    long = write(tmp_path, "long.txt", " ".join([TEXTS["recipe.txt"]] * 12 + [LEASE] * 6))
    pipeline.ingest(long)
    chunks = pipeline.database.rows(
        "SELECT start, end FROM chunks WHERE document_id = (SELECT document_id FROM paths WHERE path = ?) ORDER BY id",
        (str(long).encode(),),
    )
    assert len(chunks) > 1
    first, last = chunks[0], chunks[-1]
    assert names(pipeline.similar(str(long), page=1, start=first["start"], limit=1)) == ["recipe.txt"]
    for start in (last["start"], last["end"] - 1):  # where it begins, or anywhere in it
        assert set(names(pipeline.similar(str(long), page=1, start=start, limit=2))) == {"lease.txt", "bundle.txt"}
    long.unlink()
    pipeline.ingest(tmp_path)


def test_filters_come_before_the_ranking(pipeline: Pipeline) -> None:
    assert names(pipeline.similar(path(pipeline, "lease.txt"), limit=1, language="de")) == ["miete.txt"]
    assert names(pipeline.similar(path(pipeline, "lease.txt"), limit=1, path="cake.*")) == ["cake.txt"]
    assert names(pipeline.similar(path(pipeline, "lease.txt"), page=1, language="de")) == ["miete.txt"]
    assert pipeline.similar(path(pipeline, "lease.txt"), format="pdf") == ()
    assert pipeline.similar(path(pipeline, "lease.txt"), path="lease.txt") == ()


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("lease.txt", {"limit": 0}, "limit_bound"),
        ("lease.txt", {"limit": 1001}, "limit_bound"),
        ("lease.txt", {"page": 2}, "passage_unknown"),
        ("lease.txt", {"page": -1}, "passage_unknown"),
        ("lease.txt", {"page": 1, "start": 10_000}, "passage_unknown"),
        ("lease.txt", {"page": 1, "start": -1}, "passage_unknown"),
        ("lease.txt", {"page": 1 << 80}, "passage_unknown"),
        ("lease.txt", {"start": 0}, "page_missing"),
        ("lease.txt", {"language": "klingon"}, "language_unknown"),
        ("empty.txt", {}, "document_without_text"),
        ("nothing.txt", {}, "document_unknown"),
    ],
)
def test_wrong_use_is_refused_with_a_code(pipeline: Pipeline, name: str, options: dict[str, int], code: str) -> None:
    with pytest.raises(UsageError) as refused:
        pipeline.similar(path(pipeline, name), **options)  # type: ignore[arg-type]
    assert refused.value.code == code
