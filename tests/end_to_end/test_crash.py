"""kill -9 at random moments of a run: every document is indexed once, and FAISS and SQLite agree."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline import Pipeline
from pipeline.outcomes import State
from tests.conftest import Configure, write

SENTENCES = (
    "The tenant shall pay the monthly rent in advance.",
    "Payment is due within thirty days of the invoice.",
    "The patient was discharged with antibiotics for ten days.",
    "The board approved the budget for the coming year.",
    "Either party may terminate this agreement for convenience.",
)


def documents(inbox: Path, count: int, seed: int) -> None:
    """Different texts, some long, a few of them the same bytes under another name."""
    choose = random.Random(seed)
    for number in range(count):
        twin = number >= 10 and number % 10 == 0
        body = "\n\n".join(choose.choices(SENTENCES, k=choose.randint(1, 60)))
        text = (inbox / f"{number - 5:03}.txt").read_text(encoding="utf-8") if twin else f"Document {number}.\n\n{body}"
        write(inbox, f"{number:03}.txt", text)


def assert_survives_kills(configure: Configure, inbox: Path, count: int, kills: int, seed: int) -> None:
    documents(inbox, count, seed)
    config = configure()
    choose = random.Random(seed)
    for _ in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "watch", "--config", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(0.4 + choose.random() * 1.6)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with Pipeline.open(config) as pipeline:
        report = pipeline.drain()
        assert report.files == count
        assert report.states[State.INDEXED] == count
        contents = {file.read_bytes() for file in inbox.iterdir()}
        assert pipeline.totals()["documents"] == len(contents)
        events = pipeline.database.rows("SELECT document, count(*) AS times FROM audit GROUP BY document")
        assert {row["times"] for row in events} == {1}, "some document was committed twice"
        chunks = [row[0] for row in pipeline.database.rows("SELECT id FROM chunks ORDER BY id")]
        assert pipeline.vector_ids() == chunks
        assert pipeline.totals()["vectors"] == len(chunks)
        assert pipeline.database.problems() == []


def test_a_run_killed_three_times_ends_as_if_it_never_was(configure: Configure, inbox: Path) -> None:
    assert_survives_kills(configure, inbox, count=60, kills=3, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", [2, 3])
def test_a_run_of_200_files_killed_ten_times_ends_as_if_it_never_was(
    configure: Configure, inbox: Path, seed: int
) -> None:
    assert_survives_kills(configure, inbox, count=200, kills=10, seed=seed)
