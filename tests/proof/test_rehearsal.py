"""The product at work under its own lock, on invented documents."""

import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from pipeline.config import Config, ModelConfig
from pipeline.proof import rehearsal
from tests.isolation.conftest import LOCKABLE
from tests.proof.conftest import GOOD_REHEARSAL

pytestmark = [pytest.mark.skipif(sys.platform != "linux", reason="the lock is one of Linux's kernel"), LOCKABLE]


def test_samples_of_every_format_are_indexed_and_found_and_nothing_is_sent(config: Config, tmp_path: Path) -> None:
    folder = tmp_path / "rehearsal"
    folder.mkdir()
    done = rehearsal.rehearse(config, folder)
    assert (done.documents, done.indexed, done.found) == (4, 4, 4)
    assert done.packets in (0, None)
    assert done.succeeded
    assert {Path(name).suffix for name, _, _ in rehearsal.SAMPLES} == {".txt", ".md", ".html", ".pdf"}
    assert not (tmp_path / "store").exists(), "the user's own store is no part of it"


def test_a_product_that_cannot_work_does_not_succeed(config: Config, tmp_path: Path) -> None:
    folder = tmp_path / "rehearsal"
    folder.mkdir()
    without = msgspec.structs.replace(config, model=ModelConfig(name="none", path=str(tmp_path / "nowhere")))
    done = rehearsal.rehearse(without, folder)
    assert (done.indexed, done.found, done.succeeded) == (0, 0, False)


@pytest.mark.parametrize(
    ("change", "succeeded"),
    [
        ({}, True),
        ({"packets": None}, True),
        ({"packets": 1}, False),
        ({"indexed": 3}, False),
        ({"found": 3}, False),
    ],
)
def test_all_must_be_indexed_and_found_and_no_packet_sent(change: dict[str, int], succeeded: bool) -> None:
    assert replace(GOOD_REHEARSAL, **change).succeeded is succeeded
