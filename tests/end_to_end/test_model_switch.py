"""kill -9 at random moments of a change of model, while others search: one complete set in the end, nothing mixed."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import Pipeline, SearchHit
from pipeline.registry.runtime import Embedder
from pipeline.storage import vector_sets
from pipeline.storage.texts import StoredTexts
from pipeline.storage.vector_sets import Role
from tests.conftest import Configure
from tests.end_to_end.test_crash import documents

INT8, FLOAT = "all-minilm-l6-v2-int8", "all-minilm-l6-v2-fp32"
QUERY = "How does a tenant end the agreement?"
COMMAND = [sys.executable, "-m", "pipeline", "models", "activate", FLOAT, "--without-gate", "--config"]


def answer(hits: tuple[SearchHit, ...]) -> list[tuple[str, int, float | None]]:
    return [(hit.document, hit.start, hit.cosine) for hit in hits]


def assert_survives_kills(configure: Configure, inbox: Path, files: int, kills: int, seed: int) -> None:
    documents(inbox, files, seed)
    config = configure()
    choose = random.Random(seed)
    with Pipeline.open(config) as pipeline:
        pipeline.drain()
        total = pipeline.totals()["chunks"]
        old = answer(pipeline.search(QUERY, mode="semantic"))
        seen: list[list[tuple[str, int, float | None]]] = []

        def search_until(ended: Callable[[], bool]) -> None:
            """As other people do: in a process that lives through all of it."""
            while not ended():
                seen.append(answer(pipeline.search(QUERY, mode="semantic")))
                time.sleep(0.02)

        left = [total]
        for _ in range(kills):
            process = subprocess.Popen([*COMMAND, str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            enough = int(left[-1] * choose.uniform(0.8, 0.97))

            def has_come_so_far(process: "subprocess.Popen[bytes]" = process, enough: int = enough) -> bool:
                status = pipeline.model_status()
                return process.poll() is not None or (status.activation is not None and status.passages_left <= enough)

            search_until(has_come_so_far)
            time.sleep(choose.random() * 0.1)
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert pipeline.model_status().active == INT8, "it was faster than the kill"
            left.append(pipeline.model_status().passages_left)
        process = subprocess.Popen([*COMMAND, str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        search_until(lambda: process.poll() is not None)
        assert process.returncode == 0
        new = answer(pipeline.search(QUERY, mode="semantic"))
        assert all(some < total for some in left[1:]), "no kill came in the middle"
        assert left == sorted(left, reverse=True), "a restart lost what was embedded before"
        assert new != old
        assert all(found in (old, new) for found in seen), "an answer was of neither model"
        assert seen[0] == old
        active, previous = (vector_sets.current(pipeline.database, role) for role in (Role.ACTIVE, Role.PREVIOUS))
        assert active is not None and previous is not None
        assert (active.name, previous.name) == (FLOAT, INT8)
        for model in (active, previous):
            assert vector_sets.count_missing(pipeline.database, model) == 0
        assert len(pipeline.database.rows("SELECT DISTINCT model_id FROM vectors")) == 2
        assert pipeline.vector_ids() == [row[0] for row in pipeline.database.rows("SELECT id FROM chunks ORDER BY id")]
        events = [row[0] for row in pipeline.database.rows("SELECT event FROM audit WHERE model IS NOT NULL")]
        assert events == ["model_activated"]
        assert_vectors_are_the_models(pipeline)
        assert pipeline.database.problems() == []


def assert_vectors_are_the_models(pipeline: Pipeline) -> None:
    """Of every seventh passage, in both sets, bit by bit."""
    for role in (Role.ACTIVE, Role.PREVIOUS):
        model = vector_sets.current(pipeline.database, role)
        assert model is not None
        rows = pipeline.database.rows(
            "SELECT chunk_id, codes FROM vectors WHERE model_id = ? AND chunk_id % 7 = 0",
            (model.id,),
        )
        embedder = Embedder(pipeline.config.models_path / model.name)
        texts = StoredTexts(pipeline.database).of_chunks([row["chunk_id"] for row in rows])
        codes = vector_sets.encode(embedder.encode([texts[row["chunk_id"]] for row in rows]), model.scale)
        embedder.close()
        assert [row["codes"] for row in rows] == [row.tobytes() for row in codes]


def test_a_change_of_model_that_is_killed_twice_ends_whole(
    configure: Configure, inbox: Path, float_model: Path
) -> None:
    assert_survives_kills(configure, inbox, files=60, kills=2, seed=5)


@pytest.mark.long
def test_a_change_of_model_that_is_killed_ten_times_ends_whole(
    configure: Configure, inbox: Path, float_model: Path
) -> None:
    assert_survives_kills(configure, inbox, files=300, kills=10, seed=6)
