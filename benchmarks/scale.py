"""How the index of vectors grows: what a search takes and finds, and what is kept, of 10,000 to a million passages.

The stores are synthetic (synthetic_store.py), the questions real. Recall is the share of the ten nearest passages, by
brute force over the codes in SQLite, among the first ten that are found. Whole queries are measured elsewhere.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks import measure, product, scale_process, synthetic_store
from benchmarks.measure import Conditions, tell
from benchmarks.process_tree import await_quiet
from pipeline.datatypes import Vectors
from pipeline.storage import vector_codes, vector_sets
from pipeline.storage.database import Database
from pipeline.storage.vector_sets import Role

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 5  # of starting a process
PATIENCE_S = 60.0
_TEN = 10
_READ_ROWS = 20_000

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Searches:
    """Searches of one kind: milliseconds, catching up with the store included, and recall of the ten nearest."""

    limit: int
    filtered: bool  # by what half of the documents pass
    p50_ms: float
    p95_ms: float
    recall: float


@dataclass(frozen=True, slots=True)
class Bytes:
    """On disk, per passage: `rest` is what SQLite takes beyond the text of passages and pages, and the codes."""

    text: float
    codes: float
    index: float
    rest: float


@dataclass(frozen=True, slots=True)
class Size:
    """One store. Memory is that of a process with the index alone; `before_mb` is what it has without one.

    `first_answer_ms`: from the start of a process to its first answer, one entry per round.
    """

    chunks: int
    documents: int
    bytes: Bytes
    build_s: float
    build_peak_mb: float
    first_answer_ms: list[float]
    before_mb: float
    resident_mb: float
    peak_mb: float
    searches: list[Searches]


@dataclass(frozen=True, slots=True)
class Scale:
    """The result."""

    conditions: Conditions
    questions: int
    sizes: list[Size]


def measure_scale(
    sizes: Sequence[int], kept: Path | None = None, stores: Path | None = None, patience_s: float = PATIENCE_S
) -> Scale:
    """Make the stores and measure each; `kept` and `stores` are where embeddings and stores are kept for next time."""
    conditions = Conditions.now()
    tell("scale: the shared corpora")
    of = synthetic_store.material(kept)
    with TemporaryDirectory(prefix="sealed-inbox-scale-") as temporary:
        questions = Path(temporary) / "questions.npy"
        np.save(questions, of.questions)
        measured = []
        for size in sizes:
            folder = (stores or Path(temporary)) / f"{size}"
            if not folder.is_dir():
                tell(f"scale: a store of {size} passages")
                synthetic_store.make(folder, size, of)
            measured.append(_size(folder, questions, patience_s))
    return Scale(conditions.ended(), len(of.questions), measured)


def _size(folder: Path, questions: Path, patience_s: float) -> Size:
    for file in folder.glob("vectors-*"):
        file.unlink()
    await_quiet(patience_s)
    tell(f"scale: making the index of {folder.name} passages")
    built = json.loads(_run("build", folder, questions)[1])
    await_quiet(patience_s)
    tell("scale: searching it")
    runs = [_run("search", folder, questions) for _ in range(ROUNDS)]
    told = json.loads(runs[0][1])
    asked: Vectors = np.load(questions)
    database = Database(folder)
    try:
        truth = _truth(database, asked)
        chunks, documents = database.rows("SELECT (SELECT count(*) FROM chunks), (SELECT count(*) FROM documents)")[0]
        kept = _bytes(database, folder, chunks)
    finally:
        database.close()
    return Size(
        chunks=chunks,
        documents=documents,
        bytes=kept,
        build_s=built["build_s"],
        build_peak_mb=built["build_peak_mb"],
        first_answer_ms=[ms for ms, _ in runs],
        before_mb=told["before_mb"],
        resident_mb=told["resident_mb"],
        peak_mb=told["peak_mb"],
        searches=[_searches(one, truth[one["filtered"]]) for one in told["searches"]],
    )


def _run(what: str, folder: Path, questions: Path) -> tuple[float, str]:
    """Milliseconds to the first answer, and all that the process tells at its end."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", scale_process.__name__, what, str(folder), str(questions), synthetic_store.LABELS[0]],
        stdout=subprocess.PIPE, text=True, cwd=measure.ROOT, env=product.environment(),
    )  # fmt: skip
    assert process.stdout is not None
    first = process.stdout.readline()
    first_ms = (time.perf_counter() - started) * 1e3
    rest = process.stdout.read()
    if process.wait(product.TIMEOUT_S):
        raise RuntimeError(f"`{scale_process.__name__} {what}` ended with {process.returncode}")
    return first_ms, rest if first.strip() == scale_process.ANSWERED else first


def _truth(database: Database, asked: Vectors) -> dict[bool, Ids]:
    """The ids of the ten nearest passages of each question, of all (False) and of those that pass the filter (True)."""
    model = vector_sets.current(database, Role.ACTIVE)
    assert model is not None
    rows = database.rows(
        "SELECT chunks.id FROM chunks JOIN documents ON documents.id = document_id WHERE label = ?",
        (synthetic_store.LABELS[0],),
    )
    half = np.array([row[0] for row in rows], np.int64)
    near = {filtered: np.full((len(asked), _TEN), -2.0, np.float32) for filtered in (False, True)}
    ids = {filtered: np.zeros((len(asked), _TEN), np.int64) for filtered in (False, True)}
    last = 0
    while part := vector_codes.after(database, model, last, _READ_ROWS):
        last = int(part.ids[-1])
        cosines = asked @ vector_codes.unit(part.codes).T
        passes = np.isin(part.ids, half)
        for filtered, columns in ((False, np.arange(len(part))), (True, np.flatnonzero(passes))):
            both = np.concatenate([near[filtered], cosines[:, columns]], axis=1)
            whose = np.concatenate([ids[filtered], np.broadcast_to(part.ids[columns], (len(asked), len(columns)))], 1)
            best = np.argsort(-both, axis=1, kind="stable")[:, :_TEN]
            near[filtered] = np.take_along_axis(both, best, axis=1)
            ids[filtered] = np.take_along_axis(whose, best, axis=1)
    return ids


def _searches(told: Mapping[str, object], truth: Ids) -> Searches:
    one = msgspec.convert(told, _Told)
    hits = [len(set(found) & set(true)) for found, true in zip(one.found, truth.tolist(), strict=True)]
    return Searches(
        one.limit,
        one.filtered,
        measure.percentile(one.ms, 50),
        measure.percentile(one.ms, 95),
        sum(hits) / (_TEN * len(hits)),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    limit: int
    filtered: bool
    ms: list[float]
    found: list[list[int]]


def _bytes(database: Database, folder: Path, chunks: int) -> Bytes:
    """SQLite's own count of its pages (dbstat), and the sizes of files."""
    database.run("PRAGMA wal_checkpoint(TRUNCATE)")
    (codes,) = database.rows("SELECT pgsize FROM dbstat WHERE name = 'vectors' AND aggregate = TRUE")[0]
    (text,) = database.rows(
        "SELECT (SELECT sum(length(CAST(text AS BLOB))) FROM chunks) + "
        "(SELECT sum(length(CAST(text AS BLOB))) FROM pages)"
    )[0]
    whole = database.path.stat().st_size
    index = sum(file.stat().st_size for file in folder.glob("vectors-*"))
    return Bytes(text / chunks, codes / chunks, index / chunks, (whole - text - codes) / chunks)


def main() -> None:
    options = measure.parser(__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options.add_argument("--embeddings", type=Path, metavar="FILE", help="keep the corpora's embeddings here (.npz)")
    options.add_argument("--stores", type=Path, metavar="DIR", help="keep the stores here")
    options.add_argument("--patience", type=float, default=PATIENCE_S, help="seconds to wait for quiet cores")
    chosen = options.parse_args()
    measure.write(measure_scale(chosen.sizes, chosen.embeddings, chosen.stores, chosen.patience), chosen.json)


if __name__ == "__main__":
    main()
