"""Ways to files that are not the program's, and to its neighbours by ordinary means."""

import os
from pathlib import Path

from pipeline.isolation.attempts.aim import Attempt, Sink


def read_outside(sink: Sink) -> None:
    """Reading a file that is nobody's document and no library."""
    Path(sink.outside_file).read_bytes()


def list_outside(sink: Sink) -> None:
    """Listing a folder that is not the program's."""
    os.listdir(sink.folder)  # noqa: PTH208 - one system call, as an attacker would


def write_outside(sink: Sink) -> None:
    """Writing a file outside the store, such as into a folder that is synchronised with a cloud."""
    Path(sink.folder, "write_outside").write_bytes(b"")


ALL: tuple[Attempt, ...] = (read_outside, list_outside, write_outside)
