"""How an index grows: what a question takes, what is found, and what is kept, of 10,000 to a million passages.

The stores are synthetic (synthetic_store.py), the questions real. Whole ones are asked by meaning and by word, as a
running watcher answers them (scale_serving.py), and by `pipeline search` with none. The index of vectors is measured by
itself, too (scale_process.py): recall is the share of the ten nearest passages, by brute force over the codes in
SQLite, among the first ten that are found.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks import measure, product, scale_process, scale_serving, synthetic_store
from benchmarks.measure import Conditions, tell
from benchmarks.passages import MODELS
from benchmarks.process_tree import await_quiet
from benchmarks.scale_figures import Bytes, Scale, Searches, Serving, Size, Whole
from pipeline.datatypes import Vectors
from pipeline.storage import texts, vector_codes, vector_sets
from pipeline.storage.database import Database
from pipeline.storage.vector_sets import Role

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 5  # of starting a process with the index of vectors alone
SERVED = 3  # of one that answers whole questions
COLD = 7  # of `pipeline search`
PATIENCE_S = 60.0
_TEN = 10
_READ_ROWS = 20_000

Ids = npt.NDArray[np.int64]


def measure_scale(
    sizes: Sequence[int], kept: Path | None = None, stores: Path | None = None, patience_s: float = PATIENCE_S
) -> Scale:
    """Make the stores and measure each; `kept` and `stores` are where embeddings and stores are kept for next time."""
    conditions = Conditions.now()
    tell("scale: the shared corpora")
    of = synthetic_store.material(kept)
    with TemporaryDirectory(prefix="sealed-inbox-scale-") as temporary:
        vectors, asked = Path(temporary) / "questions.npy", Path(temporary) / "questions.json"
        np.save(vectors, of.questions)
        asked.write_text(json.dumps(list(of.asked)), encoding="utf-8")
        measured = []
        for size in sizes:
            folder = (stores or Path(temporary)) / f"{size}"
            if not folder.is_dir():
                tell(f"scale: a store of {size} passages")
                synthetic_store.make(folder, size, of)
            measured.append(_size(folder, vectors, asked, patience_s))
    return Scale(conditions.ended(), len(of.questions), measured)


def _size(folder: Path, questions: Path, asked: Path, patience_s: float) -> Size:
    for file in (*folder.glob("vectors-*"), *folder.glob("words*")):
        file.unlink()
    await_quiet(patience_s)
    tell(f"scale: making the index of {folder.name} passages")
    built = json.loads(_run(scale_process, "build", folder, questions)[1])
    await_quiet(patience_s)
    tell("scale: searching it")
    runs = [_run(scale_process, "search", folder, questions) for _ in range(ROUNDS)]
    told = json.loads(runs[0][1])
    serving = _serving(folder, asked, patience_s)
    vectors: Vectors = np.load(questions)
    database = Database(folder)
    try:
        truth = _truth(database, vectors)
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
        serving=serving,
    )


def _serving(folder: Path, asked: Path, patience_s: float) -> Serving:
    """Whole questions of a store, whose index of words is made first."""
    config = asked.with_name(f"{folder.name}.yaml")
    paths = {"inbox": str(asked.with_name("inbox")), "store": str(folder), "model": str(MODELS)}
    config.write_text(
        "".join(f"{key}: {{path: {json.dumps(path)}}}\n" for key, path in paths.items()), encoding="utf-8"
    )
    await_quiet(patience_s)
    tell("scale: making its index of words")
    built = json.loads(_run(scale_serving, "words", config, asked)[1])
    await_quiet(patience_s)
    tell("scale: asking whole questions")
    runs = [_run(scale_serving, "serve", config, asked) for _ in range(SERVED)]
    told = [json.loads(run) for _, run in runs]
    question = json.loads(asked.read_text(encoding="utf-8"))[0]
    command = [*product.COMMAND, "--config", str(config), "search", "--json", question]
    for _ in range(2):
        _process_ms(command)
    return Serving(
        words_s=built["build_s"],
        words_peak_mb=built["build_peak_mb"],
        first_answer_ms=[ms for ms, _ in runs],
        resident_mb=measure.median([one["resident_mb"] for one in told]),
        mapped_mb=measure.median([one["mapped_mb"] for one in told]),
        whole=[
            Whole(
                filtered,
                measure.median([measure.percentile(one["asked"][filtered]["ms"], 50) for one in told]),
                measure.median([measure.percentile(one["asked"][filtered]["ms"], 95) for one in told]),
            )
            for filtered in (False, True)
        ],
        cold_ms=[_process_ms(command) for _ in range(COLD)],
    )


def _process_ms(command: Sequence[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, env=product.environment(), stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - started) * 1e3


def _run(module: ModuleType, what: str, of: Path, questions: Path) -> tuple[float, str]:
    """Milliseconds to the first answer, and all that the process tells at its end."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", module.__name__, what, str(of), str(questions), synthetic_store.LABELS[0]],
        stdout=subprocess.PIPE, text=True, cwd=measure.ROOT, env=product.environment(),
    )  # fmt: skip
    assert process.stdout is not None
    first = process.stdout.readline()
    first_ms = (time.perf_counter() - started) * 1e3
    rest = process.stdout.read()
    if process.wait(product.TIMEOUT_S):
        raise RuntimeError(f"`{module.__name__} {what}` ended with {process.returncode}")
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
    sizes = dict(map(tuple, database.rows("SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE")))
    documents = [int(row[0]) for row in database.rows("SELECT id FROM documents")]
    text = sum(len(page.encode()) for one in documents for page in texts.of_pages(database, one).values())
    packed, codes = sizes["texts"], sizes["vectors"]
    vectors, words = (sum(file.stat().st_size for file in folder.glob(name)) for name in ("vectors-*", "words*"))
    rest = database.path.stat().st_size - packed - codes
    return Bytes(*(size / chunks for size in (text, packed, codes, vectors, words, rest)))


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
