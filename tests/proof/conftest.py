"""What the tests of the proof share: one real run of all attempts, and invented results."""

from pathlib import Path

import pytest

from pipeline.isolation.lockdown import Lock
from pipeline.isolation.probe import Outcome
from pipeline.proof import matrix
from pipeline.proof.matrix import Matrix, Row
from pipeline.proof.rehearsal import Rehearsal

LOCK = Lock(system_calls=True, landlock=7, own_network=True)
OUT, REFUSED = Outcome("out"), Outcome("refused", "EACCES")
GOOD_REHEARSAL = Rehearsal(documents=4, indexed=4, found=4, packets=0, seconds=2.5)


def config_file(folder: Path) -> Path:
    """A configuration whose inbox and store lie in this folder."""
    file = folder / "config.yaml"
    file.write_text("inbox: {path: inbox, settle_s: 0}\nstore: {path: store}\n", encoding="utf-8")
    (folder / "inbox").mkdir()
    (folder / "store").mkdir()
    return file


@pytest.fixture(scope="session")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    """Every attempt in every role, on this machine."""
    folder = tmp_path_factory.mktemp("attempts")
    return matrix.measure(config_file(tmp_path_factory.mktemp("configured")), folder)


def row(
    name: str = "tcp4",
    *,
    unlocked: Outcome = OUT,
    service: Outcome = REFUSED,
    watcher: Outcome = REFUSED,
    reader: Outcome = REFUSED,
    must: bool = True,
    arrived: bool = True,
) -> Row:
    """An invented result."""
    return Row(name, "A way", unlocked, service, watcher, reader, must, must, must, arrived)


def invented(
    *rows: Row, leaked: tuple[str, ...] = (), service: Lock = LOCK, watcher: Lock = LOCK, reader: Lock = LOCK
) -> Matrix:
    """Invented results; both controls arrived unless rows are given."""
    return Matrix(rows or (row("tcp4"), row("udp")), service, watcher, reader, leaked)
